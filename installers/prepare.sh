# Prepares a machine for the program: Python, the system libraries of the window, and `.venv`.
#
# Sourced by run.sh and test.sh, which set `root` to the project's folder. Whatever is there already is left as it is.
# shellcheck shell=sh
: "${root:?}"

# What the window toolkit links to, as the system's linker names it.
needed_libraries="libEGL.so.1 libGL.so.1 libdbus-1.so.3 libfontconfig.so.1 libfreetype.so.6 libglib-2.0.so.0
libgssapi_krb5.so.2 libX11-xcb.so.1 libxkbcommon.so.0 libxkbcommon-x11.so.0 libxcb-cursor.so.0 libxcb-icccm.so.4
libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-randr.so.0 libxcb-render-util.so.0 libxcb-shape.so.0 libxcb-sync.so.1
libxcb-xfixes.so.0 libxcb-xkb.so.1 libwayland-client.so.0 libwayland-cursor.so.0 libwayland-egl.so.1"

apt_packages="libegl1 libgl1 libdbus-1-3 libfontconfig1 libfreetype6 libglib2.0-0 libgssapi-krb5-2 libx11-xcb1
libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libwayland-client0 libwayland-cursor0
libwayland-egl1"
dnf_packages="mesa-libEGL mesa-libGL dbus-libs fontconfig freetype glib2 krb5-libs libX11-xcb libxkbcommon
libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil libwayland-client
libwayland-cursor libwayland-egl"
pacman_packages="libglvnd dbus fontconfig freetype2 glib2 krb5 libx11 libxkbcommon libxkbcommon-x11 xcb-util-cursor
xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil wayland"

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        fail "This needs administrator rights, and there is no sudo. Run as root: $*"
    fi
}

# install_packages APT DNF PACMAN BREW: each a list for that package manager; "" where it has nothing to add
install_packages() {
    # shellcheck disable=SC2086  # the lists are meant to be split
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf install -y -q $2
    elif command -v pacman >/dev/null 2>&1; then
        as_root pacman -S --needed --noconfirm $3
    elif command -v brew >/dev/null 2>&1 && [ -n "$4" ]; then
        brew install $4
    else
        return 1
    fi
}

is_good_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Prints the first Python that will do: those on the path, then those of pyenv.
find_python() {
    for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do
        if is_good_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    for candidate in "${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}"/versions/*/bin/python3; do
        if is_good_python "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

ensure_python() {
    python=$(find_python) && return
    say "Installing Python..."
    install_packages "python3 python3-venv" "python3.11" "python" "python@3.12" || true
    python=$(find_python) || fail "Python 3.11 or newer, with venv, is needed. Install it, then start this again."
}

missing_libraries() {
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    [ -n "$known" ] || return 0 # a system that keeps no list: then Qt itself will tell
    for library in $needed_libraries; do
        case "$known" in
        *"$library "*) ;;
        *) printf '%s ' "$library" ;;
        esac
    done
}

ensure_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    missing=$(missing_libraries)
    [ -n "$missing" ] || return 0
    say "Installing system libraries (missing: $missing)..."
    install_packages "$apt_packages" "$dnf_packages" "$pacman_packages" "" || true
    missing=$(missing_libraries)
    [ -z "$missing" ] || fail "These libraries are still missing; install them with your package manager: $missing"
}

# ensure_environment [test]: `.venv` with the program, and with what its tests need if asked for. A stamp tells what is
# installed, so that the next start has nothing to do.
ensure_environment() {
    wanted=${1:-run}
    stamp_file="$root/.venv/alchemist-stamp"
    stamp="$(cksum <"$root/pyproject.toml") $root"
    if [ -x "$root/.venv/bin/python" ] && [ -f "$stamp_file" ]; then
        installed=$(cat "$stamp_file")
        if [ "$installed" = "test $stamp" ] || [ "$installed" = "$wanted $stamp" ]; then
            return 0
        fi
        # what was installed for the tests stays installed
        case "$installed" in "test "*) wanted="test" ;; esac
    fi
    ensure_python
    if ! "$root/.venv/bin/python" -c 'import pip' >/dev/null 2>&1 || ! grep -qsF "$root" "$root/.venv/bin/activate"; then
        say "Making .venv with $python..."
        "$python" -m venv --clear "$root/.venv"
    fi
    what=$root
    [ "$wanted" = run ] || what="${root}[$wanted]"
    say "Installing the program and what it needs..."
    "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$what" >&2
    printf '%s %s' "$wanted" "$stamp" >"$stamp_file"
}
