#!/usr/bin/env python3
"""Sees each nasty of test_nasties.py fail: in a copy of the sources and rules the recovery that a test stands for is taken out, and the test
must then fail; one that still passes proves nothing. Slow: make nasties-negative, or with names of tests."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NASTIES = "tests/flow/test_nasties.py"
PROCEDURES = "rules/sops/dzine/procedures.json"
THUMBNAIL = "rules/sops/dzine/thumbnail.json"
SITE = "rules/sops/dzine/site.json"
ENGINE = "rules/providers/dzine.json"
SOP, MACHINE, PAGE, LOOK = "src/providers/sop*.c", "src/sop/*.c", "src/browser/page*.c", "src/browser/look.js"

NO_RETRY = (MACHINE, "if (!try || final(m->turn->class)", "if (true || final(m->turn->class)")
NO_RESTART = (SOP, "#define RESTARTS_MAX   5", "#define RESTARTS_MAX   0")
ONE_ATTEMPT = (ENGINE, '"attempts": 2', '"attempts": 1')
NOTHING_IN_THE_WAY = (SITE, '"in_the_way": {"if": {"seen": {"css": "button, [role=button]", "words": "@dialog_words", "exact": true}}, "do": "close_dialogs"}',
                      '"in_the_way": {"if": {"seen": {"css": ".nothing-at-all"}}, "do": "close_dialogs"}')
SIGNED_IN = ('{"name": "see that somebody is signed in", "act": "wait", "for": "@signed_in", "within_ms": 5000, "class": "auth",',
             '{"name": "see that somebody is signed in", "act": "wait", "for": {"count": {"css": "body"}}, "within_ms": 5000, "class": "auth",')

# (tests to run; what is taken out; in which of these files, what stands there, what stands there instead)
WITHOUT = [
    (["test_a_plain_day_is_driven_as_by_hand"], "the hand: Generate is pressed by a script",
     [(PROCEDURES, '"on": "$button", "within_ms": 5000, "once": true', '"on": "$button", "hidden": true, "within_ms": 5000, "once": true')]),
    (["test_dialogs_of_all_five_wordings_are_answered"], "one of the words",
     [(SITE, '["Not now", "Close", "Got it", "Skip", "Later"]', '["Not now", "Close", "Got it", "Skip"]')]),
    (["test_dialogs_that_come_with_the_click_are_answered_too"], "looking for dialogs while a result is waited for",
     [(PROCEDURES, '{"name": "answer a dialog", "act": "call", "procedure": "close_dialogs", "if": {"seen": {"css": "button, [role=button]", "words": "@dialog_words", "exact": true}}},', ''),
      NOTHING_IN_THE_WAY]),
    (["test_a_disabled_generate_is_waited_for"], "waiting for a button",
     [(PROCEDURES, '"for": {"ready": "$button"}, "within_ms": 5000', '"for": {"ready": "$button"}, "within_ms": 100'),
      (PROCEDURES, '"on": "$button", "within_ms": 5000, "once": true', '"on": "$button", "within_ms": 100, "once": true')]),
    (["test_a_covered_generate_is_uncovered"], "answering what covers it",
     [(PROCEDURES, '{"name": "close what is in the way", "act": "call", "procedure": "close_dialogs"},', ''), NOTHING_IN_THE_WAY]),
    (["test_a_covered_generate_is_uncovered"], "waiting until a banner has gone: a press is not kept from landing elsewhere",
     [(LOOK, "return hit && (holds(el, hit) || labels(hit) === el) ? null : hit ? name(hit) : \"nothing\";", "return null;"),
      (LOOK, "if (aim.landed !== true) {", "if ((aim.landed = true) !== true) {")]),
    (["test_buttons_that_move_are_caught_where_they_stop"], "seeing where a press lands",
     [(LOOK, "if ([\"x\", \"y\", \"width\", \"height\"].some(side => before[side] !== after[side]))", "if (false)"),
      (LOOK, "return hit && (holds(el, hit) || labels(hit) === el) ? null : hit ? name(hit) : \"nothing\";", "return null;"),
      (LOOK, "if (aim.landed !== true) {", "if ((aim.landed = true) !== true) {")]),
    (["test_hidden_and_double_buttons_are_told_apart"], "where the button stands",
     [(THUMBNAIL, '"text": "Generate", "within": "@panel_left"', '"text": "Generate"')]),
    (["test_panels_may_be_slow_or_need_a_second_click"], "waiting for a panel",
     [(PROCEDURES, '"text": "@header_text"}}, "within_ms": 1500', '"text": "@header_text"}}, "within_ms": 20'),
      (PROCEDURES, '"text": "@header_text"}}, "within_ms": 4000', '"text": "@header_text"}}, "within_ms": 20')]),
    (["test_panels_may_be_slow_or_need_a_second_click"], "the second click",
     [(PROCEDURES, '{"name": "open it with two clicks", "act": "double_click", "at": "@sidebar_text"}', '{"name": "open it with two clicks", "act": "pause", "ms": 100}')]),
    (["test_panels_may_be_slow_or_need_a_second_click"], "the way out of a tool",
     [(PROCEDURES, '{"name": "leave tool modes", "act": "call", "procedure": "leave_tools"}', '{"name": "leave tool modes", "act": "pause", "ms": 1}')]),
    (["test_dialogs_of_the_browser_itself_buy_nothing"], "answering them", [(PAGE, 'if (str_eq(method, "Page.javascriptDialogOpening"))', 'if (str_eq(method, "Page.never"))')]),
    (["test_dialogs_of_the_browser_itself_buy_nothing"], "saying no",
     [(PAGE, 'bool accept = str_eq(type, "alert") || str_eq(type, "beforeunload");', 'bool accept = true;')]),
    (["test_a_hidden_tab_works_on"], "the focus that a page is given", [(PAGE, '    setup(p, "Emulation.setFocusEmulationEnabled", focus);', '    cJSON_Delete(focus);')]),
    (["test_a_download_of_900_bytes_is_downloaded_again"], "looking at how long it is",
     [(SITE, '"least_bytes": 1024', '"least_bytes": 1'), (SITE, '"good_bytes": 51200', '"good_bytes": 1')]),
    (["test_a_download_that_stays_small_is_bought_once_more_and_no_oftener"], "the second try", [NO_RETRY, ONE_ATTEMPT]),
    (["test_a_picture_of_another_kind_that_comes_first_is_left_alone"], "the word in a result's address",
     [(THUMBNAIL, '"with": {"results": "@results_text", "button"', '"with": {"results": "@results", "button"'),
      (THUMBNAIL, '"with": {"results": "@results_text", "role"', '"with": {"results": "@results", "role"')]),
    (["test_a_result_that_never_comes_is_bought_once_more_and_no_oftener"], "the second try", [NO_RETRY, ONE_ATTEMPT]),
    (["test_a_result_that_never_comes_is_bought_once_more_and_no_oftener"], "an end of trying",
     [(SOP, """bool tried = json_num(state, "tries", 0) > 0 || json_get(state, "instead_of");""", "bool tried = false;")]),
    (["test_an_empty_account_stops_the_engine_and_says_what_to_do"], "reading it between two dialogs",
     [(PROCEDURES, '{"name": "see that it is not about credits", "act": "call", "procedure": "credits_left"', '{"name": "rest", "act": "pause", "ms": 1')]),
    (["test_an_empty_account_stops_the_engine_and_says_what_to_do"], "reading that there are too few credits",
     [(SITE, '["Not enough credits", "Insufficient credits"]', '["No words at all"]')]),
    (["test_a_login_lost_before_the_click_stops_the_engine_and_goes_on_after"], "looking whether somebody is signed in", [(PROCEDURES,) + SIGNED_IN]),
    (["test_a_login_lost_after_the_click_keeps_what_was_paid_for"], "keeping what is known of a result",
     [(SOP, 'if (turn.move == SOP_FAILED && before && str_eq(turn.class, "auth")) {', 'if (before == memo) {')]),
    (["test_a_page_that_crashes_is_begun_anew"], "beginning anew", [NO_RESTART]),
    (["test_a_page_that_crashes_after_the_click_shows_its_result_again"], "looking for a result on a new page",
     [(SOP, 'bool silent = owed && json_bool(result, "silent", false);', 'bool silent = owed && false;'),
      (SOP, 'begun && json_bool(r->body, "fresh", false)', 'begun && json_bool(r->body, "never", false)')]),
    (["test_a_tab_that_is_closed_is_opened_again"], "beginning anew", [NO_RESTART]),
    (["test_a_page_that_hangs_is_left_for_a_new_one"], "giving up a page that is silent", [(PAGE, "if (p->silent >= SILENT_MAX)", "if (p->silent < 0)")]),
    (["test_a_plain_day_is_driven_as_by_hand", "test_pages_of_others_are_never_touched"], "closing its own tab",
     [(PAGE, "if (alive && p->target) {", "if (alive && p->target && !p->frame) {")]),
    (["test_a_plain_day_is_driven_as_by_hand", "test_pages_of_others_are_never_touched"], "asking only for its own tab",
     [(PAGE, 'cdp_send(c, NULL, "Target.createTarget", params, SETUP_MS, now_ms, on_created, p);',
       'cdp_send(c, NULL, "Target.setDiscoverTargets", cJSON_Parse("{\\"discover\\": true}"), SETUP_MS, now_ms, NULL, NULL);\n'
       '    cdp_send(c, NULL, "Target.createTarget", params, SETUP_MS, now_ms, on_created, p);')]),
]


def copy(into):
    """Sources, rules, tests and what was built of them, as they are."""
    for name in ("Makefile", "src", "rules", "tests", "watchdirs", "build"):
        source, target = os.path.join(TOP, name), os.path.join(into, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("node_modules", "bench", "asan", "clang", "*.gcda"))
        else:
            shutil.copy2(source, target)


def take_out(folder, edits):
    """Returns the files as they were."""
    before = {}
    for name, old, new in edits:
        paths = [path for path in glob.glob(os.path.join(folder, name)) if old in open(path).read()]
        assert len(paths) == 1, "%d of %s hold: %s" % (len(paths), name, old)
        text = open(paths[0]).read()
        before.setdefault(paths[0], text)
        open(paths[0], "w").write(text.replace(old, new))
    return before


def build(folder):
    done = subprocess.run(["make", "-s", "-j2", "all"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def run(folder, tests):
    done = subprocess.run([sys.executable, os.path.join(folder, NASTIES)] + tests, env=dict(os.environ, BUILD=os.path.join(folder, "build")),
                          capture_output=True, text=True, timeout=300)
    said = [line for line in done.stdout.splitlines() if line.startswith(("AssertionError", "FAILED"))]
    return done.returncode == 0, " ".join(said)[:150]


def main(wanted):
    proved = nothing = 0
    with tempfile.TemporaryDirectory(prefix="slated-without-") as folder:
        copy(folder)
        for tests, what, edits in WITHOUT:
            if wanted and not set(wanted) & set(tests):
                continue
            before = take_out(folder, edits)
            build(folder)
            passed, said = run(folder, tests)
            for path, text in before.items():
                open(path, "w").write(text)
            proved, nothing = proved + (not passed), nothing + passed
            print("%s  %s, without %s%s" % ("PASSES" if passed else "fails ", tests[-1], what, "" if passed else ": " + said), flush=True)
    print("%d fail as they should, %d pass without what they test" % (proved, nothing))
    sys.exit(1 if nothing else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
