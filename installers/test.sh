#!/bin/sh
# Runs every check of the project on any machine; the first time it installs what is missing.
#
#   sh installers/test.sh [ARGUMENTS OF PYTEST]
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=installers/prepare.sh
. "$root/installers/prepare.sh"

ensure_libraries
ensure_environment test

cd "$root"
export QT_QPA_PLATFORM=offscreen QT_API=pyside6
bin=$root/.venv/bin
"$bin/ruff" check --quiet
"$bin/ruff" format --check --quiet
"$bin/mypy"
"$bin/lint-imports" --no-cache
# One more than there are processors: many tests wait. In the order of the folders: files with many tests first would leave the
# long ones, with few, for a lonely end.
workers=$("$bin/python" -c 'import os; print(min(8, 1 + (os.cpu_count() or 1)))')
exec "$bin/pytest" --numprocesses "$workers" --dist loadfile --no-loadscope-reorder "$@"
