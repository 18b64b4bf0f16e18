#!/bin/sh
# run.sh TEST...: runs each test program, prints its output only when it fails (what it skipped always), and closes with the sums.
# A program's own count is read from cmocka's "[  PASSED  ] N test(s)." or from a line "N passed, M failed".
passed=0 failed=0 out=$(mktemp)
trap 'rm -f "$out"' EXIT
for t; do
    if ${WITH:-} "$t" >"$out" 2>&1; then rc=0; else rc=$?; fi
    p=$(sed -n -e 's/^\[  PASSED  \] \([0-9]*\) test(s)\.$/\1/p' -e 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$out" | tail -1)
    f=$(sed -n -e 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' -e 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$out" | tail -1)
    [ "$rc" = 0 ] || [ "${f:-0}" != 0 ] || f=1
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
    if [ "${f:-0}" = 0 ] && [ "${p:-0}" != 0 ]; then
        echo "ok   ${t#"$PWD"/} (${p})"
        sed -n 's/^skipped: /     skipped: /p' "$out"
    else
        [ "${p:-0}${f:-0}" != 00 ] || { failed=$((failed + 1)); echo "no test ran"; } >>"$out"
        echo "FAIL ${t#"$PWD"/}"
        sed 's/^/     /' "$out"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
