#!/bin/sh
# deps.sh DEBIAN-PACKAGES BREW-PACKAGES: installs those that are missing, and says which before it does. Of a word package:program
# the package is installed only where the program is not found.
set -eu
# The package a word asks for, nothing when its program is there.
wanted() {
    case $1 in
    *:*) command -v "${1#*:}" >/dev/null || echo "${1%%:*}" ;;
    *) echo "$1" ;;
    esac
}
if command -v dpkg-query >/dev/null; then
    missing=
    for word in $1; do
        p=$(wanted "$word")
        [ -n "$p" ] || continue
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    [ -n "$missing" ] || { echo "deps: everything needed is installed"; exit 0; }
    echo "deps: installing with apt:$missing"
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif command -v brew >/dev/null; then
    missing=
    for word in $2; do
        p=$(wanted "$word")
        [ -n "$p" ] || continue
        brew list --formula "$p" >/dev/null 2>&1 || missing="$missing $p"
    done
    [ -n "$missing" ] || { echo "deps: everything needed is installed"; exit 0; }
    echo "deps: installing with brew:$missing"
    # shellcheck disable=SC2086
    brew install $missing
else
    echo "deps: neither apt nor brew is here; install by hand: $1" >&2
    exit 1
fi
