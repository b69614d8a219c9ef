#!/bin/sh
# Starts the program on any machine; the first start installs what is missing.
#
#   sh installers/run.sh                 the window, or the server where there is no display
#   sh installers/run.sh FOLDER          the same, with FOLDER as one of its libraries
#   sh installers/run.sh --demo [FOLDER] makes a small sample library (in FOLDER) and processes it, then the window
#
# Without a display the work runs in the terminal, prints its progress, and ends.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# shellcheck source=installers/prepare.sh
. "$root/installers/prepare.sh"

usage() {
    sed -n 's/^#   //p' "$0"
}

is_demo=no
folder=
for argument in "$@"; do
    case "$argument" in
    --demo) is_demo=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*) usage >&2 && fail "Unknown option: $argument" ;;
    *)
        [ -z "$folder" ] || fail "Give one folder only."
        folder=$argument
        ;;
    esac
done
if [ "$is_demo" = no ] && [ -n "$folder" ] && [ ! -d "$folder" ]; then
    [ ! -e "$folder" ] || fail "$folder is not a folder."
    fail "There is no folder $folder."
fi

ensure_libraries
ensure_environment run

program=$root/.venv/bin/alchemist-desktop
has_display=no
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" = Darwin ]; then
    has_display=yes
fi

case "$is_demo $has_display" in
"yes no") exec "$program" demo ${folder:+"$folder"} ;;
"yes yes")
    "$program" demo ${folder:+"$folder"}
    exec "$program"
    ;;
esac
if [ "$has_display" = no ]; then
    [ -z "$folder" ] && exec "$program" serve
    exec "$program" run "$folder"
fi
exec "$program" ${folder:+--library "$folder"}
