#!/bin/sh
# run.sh TEST...: runs each test program, one more side by side than there are processors, for many of them wait (AT_ONCE says otherwise), prints a
# program's output only when it fails (what it skipped always), and closes with the sums. A program's own count is read from cmocka's "[  PASSED  ] N test(s)." or
# from a line "N passed, M failed". Flow tests live in real time, and a machine that is busy elsewhere may stretch it: up to five that failed beside
# others are run once more, alone, and their failure stands in the output all the same. AGAIN=0 forbids it.
if [ "$1" = --one ]; then
    dir=$2 t=$3 out=$(mktemp "$2/out.XXXXXX") began=$(date +%s)
    if ${WITH:-} "$t" >"$out" 2>&1; then rc=0; else rc=$?; fi
    p=$(sed -n -e 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' -e 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$out" | tail -1)
    f=$(sed -n -e 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' -e 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$out" | tail -1)
    [ "$rc" = 0 ] || [ "${f:-0}" != 0 ] || f=1
    [ "${p:-0}${f:-0}" != 00 ] || grep -q '^skipped: ' "$out" || { f=1; echo "no test ran" >>"$out"; }
    echo "${p:-0} ${f:-0}" >"$out.sum"
    until mkdir "$dir/printing" 2>/dev/null; do sleep 0.1; done
    if [ "${f:-0}" = 0 ]; then
        echo "ok   ${t#"$PWD"/} (${p}), $(($(date +%s) - began)) s"
        sed -n 's/^skipped: /     skipped: /p' "$out"
    else
        echo "FAIL ${t#"$PWD"/}"
        sed 's/^/     /' "$out"
        case $t in *tests/flow/*) echo "$out.sum $t" >>"$dir/failed" ;; esac
    fi
    rmdir "$dir/printing"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for t; do printf '%s\n' "$t"; done | xargs -P "${AT_ONCE:-$(($(nproc 2>/dev/null || echo 2) + 1))}" -n 1 sh "$0" --one "$dir"
if [ "${AGAIN:-1}" = 1 ] && [ -s "$dir/failed" ] && [ "$(wc -l <"$dir/failed")" -le 5 ]; then
    mv "$dir/failed" "$dir/again"
    while read -r sum t; do
        echo "once more, alone: ${t#"$PWD"/}"
        rm "$sum"
        sh "$0" --one "$dir" "$t" </dev/null
    done <"$dir/again"
fi
cat "$dir"/*.sum 2>/dev/null | {
    passed=0 failed=0
    while read -r p f; do passed=$((passed + p)) failed=$((failed + f)); done
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ] && [ "$passed" != 0 ]
}
