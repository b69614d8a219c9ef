# Starts the program on Windows; the first start installs what is missing.
#
#   powershell -ExecutionPolicy Bypass -File installers\run.ps1 [-Demo] [FOLDER]
param(
    [switch]$Demo,
    [Parameter(Position = 0)][string]$Folder = ""
)
$ErrorActionPreference = "Stop"
$root = Split-Path -Parent (Split-Path -Parent $MyInvocation.MyCommand.Path)
$python = Join-Path $root ".venv\Scripts\python.exe"
$program = Join-Path $root ".venv\Scripts\alchemist-desktop.exe"
$stampFile = Join-Path $root ".venv\alchemist-stamp"
$isGood = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"

function Test-Python([string[]]$Command) {
    if (-not (Get-Command $Command[0] -ErrorAction SilentlyContinue)) { return $false }
    $rest = @($Command | Select-Object -Skip 1)
    & $Command[0] @rest -c $isGood 2>$null
    return $LASTEXITCODE -eq 0
}

function Find-Python {
    foreach ($candidate in @(@("py", "-3.13"), @("py", "-3.12"), @("py", "-3.11"), @("python3"), @("python"))) {
        if (Test-Python $candidate) { return , $candidate }
    }
    return $null
}

if ($Folder -and -not $Demo -and -not (Test-Path -LiteralPath $Folder -PathType Container)) {
    Write-Error "There is no folder $Folder."
}

$stamp = (Get-FileHash (Join-Path $root "pyproject.toml")).Hash + " " + $root
if (-not (Test-Path $program) -or -not (Test-Path $stampFile) -or (Get-Content $stampFile -Raw).Trim() -ne $stamp) {
    $found = Find-Python
    if (-not $found) {
        if (-not (Get-Command winget -ErrorAction SilentlyContinue)) {
            Write-Error "Python 3.11 or newer is needed. Install it from the Microsoft Store, then start this again."
        }
        Write-Host "Installing Python..."
        winget install --exact --id Python.Python.3.12 --silent --accept-package-agreements --accept-source-agreements
        $env:Path = [Environment]::GetEnvironmentVariable("Path", "User") + ";" + $env:Path
        $found = Find-Python
        if (-not $found) { Write-Error "Python was installed, but is not found yet. Open a new terminal and start this again." }
    }
    $rest = @($found | Select-Object -Skip 1)
    if (-not (Test-Path $python)) {
        Write-Host "Making .venv..."
        & $found[0] @rest -m venv (Join-Path $root ".venv")
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    }
    Write-Host "Installing the program and what it needs..."
    & $python -m pip install --quiet --disable-pip-version-check --editable $root
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    Set-Content -Path $stampFile -Value $stamp
}

if ($Demo) {
    if ($Folder) { & $program demo $Folder } else { & $program demo }
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
} elseif ($Folder) {
    & $program scan $Folder
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
& $program
exit $LASTEXITCODE
