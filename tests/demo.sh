#!/bin/sh
# demo.sh: makes a fresh root in build/demo, drops the samples into its inbox, runs to the end, shows what came of it.
set -eu
root=$BUILD/demo
rm -rf "$root"
mkdir -p "$root/inbox"
for sample in watchdirs/samples/*; do
    cp -r "$sample" "$root/inbox/"
done
echo "dropped into $root/inbox/:"
ls -1 "$root/inbox" | sed 's/^/  /'
"$BUILD/slated" once --root "$root" --rules rules
echo
echo "made in $root/out/:"
(cd "$root/out" && find . -type f ! -path '*/prompts/*' | sort | sed 's#^\./#  #')
echo
"$BUILD/slated" status --root "$root" || true
echo
echo "open the reports:"
find "$root/taken" -name report.html | sort | sed 's/^/  /'
