#!/bin/sh
# install.sh FOLDER: installs the providers' own clients, at the versions package.json names, into the folder, unless they are there. Nothing is written beside the sources, no
# script of a package is run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=$1
[ -f "$to/load.mjs" ] && cmp -s "$here/package.json" "$to/package.json" && exit 0
command -v npm >/dev/null || { echo "npm is not installed: make deps installs it" >&2; exit 1; }
mkdir -p "$to"
rm -f "$to/load.mjs"
cp "$here/package.json" "$to/package.json"
(cd "$to" && npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error --prefix . >npm.log 2>&1) ||
    { tail -5 "$to/npm.log" >&2; rm -f "$to/package.json"; echo "the clients could not be installed into $to: is there a network? SLATED_NO_NPM=1 leaves them out" >&2; exit 1; }
# Imports are looked for from the importing file: this one stands beside the packages.
echo 'export const load = (name) => import(name);' >"$to/load.mjs"
