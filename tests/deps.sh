#!/bin/sh
# deps.sh DEBIAN-PACKAGES BREW-PACKAGES: installs those that are missing, and says which before it does.
set -eu
if command -v dpkg-query >/dev/null; then
    missing=
    for p in $1; do
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
    for p in $2; do
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
