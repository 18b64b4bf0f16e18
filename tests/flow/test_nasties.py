#!/usr/bin/env python3
"""The worst days of a web site, one after another, before one daemon and a browser that a person has running: each picture is made after all,
or what keeps it from being made is said with its cure, and the site's own ledger shows that nothing was paid for twice."""
import collections
import functools
import json
import os
import time

from harness import Root, main, merge, products, wait
from stand_in import Chromium, Site, only, use
from wire import Wire, strangers

DIALOGS = ("Not now", "Close", "Got it", "Skip", "Later")


class Day:
    """Site, browser and daemon that stay while cases come and go; a context manager."""

    def __enter__(self):
        self.site = Site().__enter__()
        self.root = Root()
        self.browser = Chromium(self.root.dir, self.site.base + "login").start()
        self.wire = Wire(self.browser.port)
        policy = json.load(open(os.path.join(self.root.rules, "policy.json")))
        self.root.set_policy(merge(policy, {"browser": {"urls": [self.wire.url]}}))
        use(self.root, self.site, ("thumbnail",), poll_for_ms=6000, load_ms=8000)
        only(self.root, "thumbnail")
        self.root.start("--verbose")
        return self

    def __exit__(self, kind, value, trace):
        self.root.__exit__(kind, value, trace)
        self.wire.__exit__(kind, value, trace)
        self.browser.__exit__(kind, value, trace)
        self.site.__exit__(kind, value, trace)

    def drop(self, name, *list_):
        """One picture is asked for, under trouble of its own."""
        if not self.browser.there():  # a browser that fell with its page is a failure of one case, not of all that follow
            self.browser.kill()
            self.browser.start()
        self.site.trouble()
        if list_:
            self.site.trouble(*list_)
        self.before, self.paid_before, self.mark = self.site.ledger(), self.spent(), len(self.log())
        self.passed = len(self.wire.commands)
        self.root.drop("%s.json" % name, products(1, name, niche="lamps for %s" % name))

    def job(self, name):
        for drop in self.root.status():
            if drop["drop"].endswith("-" + name):
                return self.root.jobs(drop["drop"])["list"][0]
        return {"state": "not there"}

    def reaches(self, name, state, seconds=40):
        told = lambda: "%s to be %s: %s\n%s" % (name, state, self.job(name), self.log()[-3000:])

        def there():
            job = self.job(name)
            assert job["state"] in (state, "ready", "running", "waiting", "made", "held", "not there"), told()
            return job["state"] == state and job
        return wait(there, seconds, told)

    def tries(self):
        """How often the procedure was begun, or gone back to after a step that failed."""
        log = self.log()[self.mark:]
        return max(log.count('at="%s"' % step) for step in ("open text to image / open the neighbour", "generate / remember the balance"))

    def same_attempt(self, name):
        """It went on by itself: neither was it put back in line, nor did another model make it."""
        job = self.job(name)
        assert job["attempts"] == 1 and job["model"] == "Seedream 4.5", job

    def since(self):
        """What the site saw and took since drop()."""
        now = self.site.ledger()
        more = {key: now[key][len(self.before[key]):] for key in ("jobs", "downloads", "events")}
        return dict(more, spent=now["spent"] - self.before["spent"])

    def tabs(self):
        """How many pages of our own were opened since drop()."""
        return sum(c["method"] == "Target.createTarget" for c in self.wire.commands[self.passed:])

    def made(self, name, *list_, credits=4, seconds=40, tries=1, tabs=1):
        """A picture is made through this trouble, for so many credits, in so many tries (None: any number) and pages."""
        self.drop(name, *list_)
        self.reaches(name, "done", seconds)
        what = self.since()
        assert tries in (self.tries(), None) and self.tabs() == tabs, (self.tries(), self.tabs(), self.log()[self.mark:])
        assert what["spent"] == credits and all(j["kind"] == "txt2img" for j in what["jobs"]), what["jobs"]
        assert name in what["jobs"][-1]["wish"]["prompt"], what["jobs"]
        return what

    def spent(self):
        """Dollars that slated takes for spent or set aside."""
        return json.loads(self.root.cli("spend", "--json").stdout).get("total", 0)

    def log(self):
        return self.root.logged()

    def needs(self):
        return self.root.needs()


def trouble(kind, **more):
    return dict({"kind": kind, "page": True}, **more)


def at_site(kind, **more):
    return dict({"kind": kind}, **more)


# --- as a person would ---


def check_hand(events):
    """Every press was trusted, came after a move to the same place, and lay inside its element; keys went into a field that had the cursor."""
    last = {}
    for e in events:
        assert e.get("trusted"), e
        if e["type"] == "mousemove":
            last[e["page"]] = (e["x"], e["y"])
        if e["type"] in ("mousedown", "click"):
            left, top, width, height = e["box"]
            assert last.get(e["page"]) == (e["x"], e["y"]), ("pressed without a move there", e, last)
            assert left <= e["x"] <= left + width and top <= e["y"] <= top + height, e
        if e["type"] == "keydown" and len(e["key"]) == 1:
            assert e["field"], ("a key that no field had", e)
        if e["type"] != "fill":
            assert e["visible"] and e["focused"] and e["size"] == [1440, 900], e
    order = [e["type"] for e in events if e["type"] in ("mousedown", "mouseup", "click")]
    assert order and all(order[i:i + 3] == ["mousedown", "mouseup", "click"] for i in range(0, len(order), 3)), order


def test_a_plain_day_is_driven_as_by_hand(day):
    what = day.made("plain")
    check_hand(what["events"])
    types = {e["type"] for e in what["events"]}
    assert {"mousemove", "mousedown", "click", "focusin", "keydown", "input"} <= types, types


# --- what gets in the way ---


def test_dialogs_of_all_five_wordings_are_answered(day):
    what = day.made("dialogs", *[trouble("dialog", button=b) for b in DIALOGS])
    check_hand(what["events"])


def test_dialogs_that_come_with_the_click_are_answered_too(day):
    day.made("latecomers", *[trouble("dialog_after", button=b, holds=True) for b in DIALOGS])


def test_a_disabled_generate_is_waited_for(day):
    what = day.made("disabled", trouble("generate_disabled", ms=2500))
    check_hand(what["events"])


def test_a_covered_generate_is_uncovered(day):
    day.made("covered", trouble("generate_covered"))
    day.made("banner", trouble("generate_banner", ms=2500))


def test_buttons_that_move_are_caught_where_they_stop(day):
    check_hand(day.made("moving", trouble("generate_moves", ms=1500))["events"])
    day.made("dodging", trouble("generate_dodges"))


def test_hidden_and_double_buttons_are_told_apart(day):
    day.made("twins", trouble("duplicate_buttons"))


def test_panels_may_be_slow_or_need_a_second_click(day):
    day.made("slowly", trouble("slow_panel", ms=1000, count=8))
    day.made("second", trouble("panel_needs_two", count=3))
    day.made("tooled", trouble("tool_mode"), trouble("layout_shift"))


def test_dialogs_of_the_browser_itself_buy_nothing(day):
    what = day.made("boxes", trouble("alert"), trouble("confirm"), trouble("prompt"), trouble("leave"))
    assert not [e for e in what["events"] if e["type"] == "bought"]


def test_a_hidden_tab_works_on(day):
    """The person opens a page in front of it, and looks at that."""
    day.drop("hidden", trouble("dialog", button="Skip"), trouble("slow_panel", ms=1000, count=8))
    wait(lambda: day.browser.pages(day.site.base + "canvas"), 20, "the canvas")
    tab = day.browser.ask("new?about:blank", "PUT")
    day.browser.ask("activate/" + tab["id"])
    day.reaches("hidden", "done")
    day.browser.ask("close/" + tab["id"])
    what = day.since()
    assert what["spent"] == 4 and day.tries() == 1, (what["jobs"], day.tries())
    check_hand(what["events"])


# --- what comes out ---


def test_a_download_of_900_bytes_is_downloaded_again(day):
    what = day.made("small", at_site("small_result", downloads=1))
    assert [d["whole"] for d in what["downloads"]] == [False, True], what["downloads"]


def test_a_download_that_stays_small_is_bought_once_more_and_no_oftener(day):
    what = day.made("tiny", at_site("small_result"), credits=8, tries=2)
    assert len(what["jobs"]) == 2 and what["downloads"][-1]["whole"] and not what["downloads"][0]["whole"], what


def test_a_picture_of_another_kind_that_comes_first_is_left_alone(day):
    what = day.made("wrong", at_site("wrong_first"), at_site("slow_job", seconds=60))
    assert ["faltxt2img" in d["path"] for d in what["downloads"]] == [True], what["downloads"]


def test_a_result_that_never_comes_is_bought_once_more_and_no_oftener(day):
    day.made("stalling", at_site("stall"), credits=8, seconds=60, tries=2)
    day.made("swallowed", at_site("charge_without_result"), credits=8, seconds=60, tries=2)
    day.drop("never", at_site("stall", count=9))
    wait(lambda: day.job("never")["state"] in ("done", "failed"), 90, lambda: day.job("never"))
    bought = collections.Counter(j["wish"]["model"] for j in day.since()["jobs"])
    assert bought and set(bought.values()) == {2}, bought


def test_an_empty_account_stops_the_engine_and_says_what_to_do(day):
    day.site.post("set", {"credits": 3})
    day.drop("empty", trouble("dialog_before", button="Later"))  # while it is pressed away, the page says that credits are lacking
    wait(lambda: "buy credits" in day.needs() and "slated resume dzine" in day.needs(), 30, day.needs)
    what = day.since()
    assert what["spent"] == 0 and not what["jobs"]
    assert len([e for e in what["events"] if e["type"] == "click" and e["on"] == "generate"]) == 1, "it was pressed again in vain"
    assert abs(day.spent() - day.paid_before) < 1e-6, (day.spent(), day.paid_before)
    day.site.post("set", {"credits": 9000})
    assert day.root.cli("resume", "dzine").returncode == 0
    day.reaches("empty", "done")
    assert day.since()["spent"] == 4


# --- a login that goes ---


def test_a_login_lost_before_the_click_stops_the_engine_and_goes_on_after(day):
    for name, kind in (("out", None), ("outclick", "login_lost_at_click")):
        if kind:
            day.drop(name, at_site(kind))
        else:
            day.site.post("set", {"loggedIn": False})
            day.drop(name)
        wait(lambda: "nobody is signed in" in day.needs() and "slated resume dzine" in day.needs(), 60, day.needs)
        assert day.since()["spent"] == 0
        day.site.post("set", {"loggedIn": True})
        assert day.root.cli("resume", "dzine").returncode == 0
        day.reaches(name, "done")
        assert day.since()["spent"] == 4, day.since()["jobs"]


def test_a_login_lost_after_the_click_keeps_what_was_paid_for(day):
    day.drop("outpaid", at_site("login_lost_after_click"))
    wait(lambda: "signed in" in day.needs(), 60, day.needs)
    day.site.post("set", {"loggedIn": True})
    day.root.cli("resume", "dzine")
    day.reaches("outpaid", "done", 60)
    assert day.since()["spent"] == 4, day.since()["jobs"]


# --- pages that end ---


def at_its_panel(day):
    """The canvas is loaded and its panel asked for: what ends the page before that ends the attempt, which has done nothing yet."""
    return "at=\"open text to image / open text to image\"" in day.log()[day.mark:]


def test_a_page_that_crashes_is_begun_anew(day):
    day.drop("crashing", trouble("slow_panel", ms=1500))
    wait(lambda: at_its_panel(day), 60, "the panel")
    assert day.browser.crash_pages()
    day.reaches("crashing", "done")
    day.same_attempt("crashing")
    assert day.since()["spent"] == 4


def test_a_page_that_crashes_after_the_click_shows_its_result_again(day):
    day.drop("crashpaid", at_site("slow_job", seconds=120))
    wait(lambda: day.since()["jobs"], 60, "the click")
    time.sleep(0.5)
    assert day.browser.crash_pages()
    day.reaches("crashpaid", "done", 60)
    day.same_attempt("crashpaid")
    assert day.since()["spent"] == 4, day.since()["jobs"]


def test_a_tab_that_is_closed_is_opened_again(day):
    for name, when in (("closed", None), ("closedpaid", "jobs")):
        day.drop(name, trouble("slow_panel", ms=1500), at_site("slow_job", seconds=120))
        tabs = wait(lambda: (day.since()[when] if when else at_its_panel(day)) and day.browser.pages(day.site.base + "canvas"), 60, "the moment to close it")
        day.browser.ask("close/" + tabs[0]["id"])
        day.reaches(name, "done", 60)
        day.same_attempt(name)
        assert day.since()["spent"] == 4, day.since()["jobs"]


def test_a_page_that_hangs_is_left_for_a_new_one(day):
    day.made("hanging", trouble("hang"), seconds=150, tries=None, tabs=2)  # wherever it hangs, it begins anew


def test_pages_of_others_are_never_touched(day):
    """Last: of all that went over the wire until here, nothing meant a tab that slated had not made, and those it made are closed."""
    assert len(day.wire.commands) > 50, len(day.wire.commands)
    assert not strangers(day.wire), strangers(day.wire)[:5]
    wait(lambda: not day.browser.pages(day.site.base + "canvas"), 20, lambda: "own tabs to be closed: %s" % day.browser.pages())
    assert [p["url"] for p in day.browser.pages()] == [day.site.base + "login"], day.browser.pages()


def bound(test, day):
    def run():
        began = time.monotonic()
        test(day)
        if os.environ.get("SHOW_TIMES"):
            print("%5.1f s  %s" % (time.monotonic() - began, test.__name__), flush=True)
    return functools.update_wrapper(run, test)


if __name__ == "__main__":
    with Day() as today:
        main([bound(v, today) for k, v in list(globals().items()) if k.startswith("test_")])
