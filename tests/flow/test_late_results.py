#!/usr/bin/env python3
"""Results that come after they were given up, on the canvas where the next picture is made: each picture is that of its own click, whatever comes
late and whenever the daemon is killed; through the daemon, in a real browser on the stand-in pages."""
import json
import os

from dzine_set import edit
from harness import Root, main, merge, products, wait
from stand_in import Chromium, Site, only, use

POLL_MS = 2500
OTHERS = """,
          {"engine": "dzine", "model": "Nano Banana Pro"},
          {"engine": "gemini", "model": "Nano Banana Pro"},
          {"engine": "openrouter", "model": "Gemini 3 Pro Image"},
          {"engine": "local", "model": "embedded"}
        ]},
        "product": {
          "hero": ["""


class Studio:
    """A site, a browser that outlives the daemon, and a daemon that buys nothing twice unless it is told; a context manager."""

    def __init__(self, paid_retries=0, starts_over=False):
        self.paid_retries, self.starts_over = paid_retries, starts_over

    def __enter__(self):
        self.site, self.root = Site(40).__enter__(), Root()
        self.browser = Chromium(self.root.dir).start()
        policy = json.load(open(os.path.join(self.root.rules, "policy.json")))
        self.root.set_policy(merge(policy, {"browser": {"urls": [self.browser.url]}, "money": {"paid_retries": self.paid_retries}}))
        use(self.root, self.site, ("thumbnail",), poll_for_ms=POLL_MS)
        only(self.root, "thumbnail")
        edit(self.root, "models/routing.json", (OTHERS, OTHERS[OTHERS.index("\n        ]}"):]))  # nobody else makes it
        if self.starts_over:
            edit(self.root, "sops/dzine/thumbnail.json", ('"retry": [{"from": "generate"}, {"do": "clear_the_way", "from": "open text to image"}, ', '"retry": ['))
        self.root.start("--verbose")
        return self

    def __exit__(self, kind, value, trace):
        self.root.__exit__(kind, value, trace)
        self.browser.__exit__(kind, value, trace)
        self.site.__exit__(kind, value, trace)

    def drop(self, name):
        self.root.drop("%s.json" % name, products(1, name, niche="lamps for %s" % name))

    def job(self, name):
        for drop in self.root.status():
            if drop["drop"].endswith("-" + name):
                return self.root.jobs(drop["drop"])["list"][0]
        return {"state": "not there"}

    def reaches(self, name, state, seconds=90):
        return wait(lambda: self.job(name)["state"] == state and self.job(name), seconds, lambda: (name, self.job(name), self.log()[-3000:]))

    def clicks(self, name):
        """What was bought with this one's prompt."""
        return [j for j in self.site.ledger()["jobs"] if name in j["wish"]["prompt"]]

    def taken(self):
        """The numbers of the site's jobs whose results were downloaded."""
        return [int(d["path"].split("/")[2].split("_")[0]) for d in self.site.ledger()["downloads"]]

    def needs(self):
        return self.root.needs()

    def log(self):
        return self.root.logged()


def late(seconds):
    """The next one takes so long, in real seconds."""
    return {"kind": "slow_job", "seconds": seconds * 40}


def test_a_late_result_is_never_the_next_one_s(kill=False):
    with Studio() as s:
        s.site.trouble(late(9))
        s.drop("given-up")
        s.reaches("given-up", "failed")
        assert len(s.clicks("given-up")) == 1
        s.drop("next")
        wait(lambda: "let others be made first" in s.log(), 20, s.log)
        assert not s.clicks("next"), "the next one was begun beside what was still being made"
        if kill:
            s.root.kill()
            s.root.start("--verbose")
        s.reaches("next", "done")
        assert len(s.clicks("next")) == 1 and s.taken() == [s.clicks("next")[0]["id"]], (s.taken(), s.site.ledger()["jobs"])
        assert s.root.cli("spend", "--check").returncode == 0 and s.site.ledger()["spent"] == 8


def test_a_late_result_is_never_the_next_one_s_after_a_kill():
    test_a_late_result_is_never_the_next_one_s(kill=True)


def test_a_click_after_a_kill_is_told_from_the_one_before():
    """The daemon dies over the click of the second; what it finds is that click's, and not the late one of the first."""
    with Studio() as s:
        s.site.trouble(late(6), late(3))
        s.drop("given-up")
        s.reaches("given-up", "failed")
        s.drop("next")
        wait(lambda: s.clicks("next"), 90, s.log)
        s.root.kill()
        s.root.start("--verbose")
        s.reaches("next", "done")
        assert s.taken() == [s.clicks("next")[0]["id"]] and len(s.clicks("next")) == 1, (s.taken(), s.site.ledger()["jobs"])
        assert s.site.ledger()["spent"] == 8


def test_what_its_own_click_brings_late_is_not_bought_again():
    with Studio(paid_retries=1, starts_over=True) as s:
        s.site.trouble(late(5))
        s.drop("patient")  # the page is loaded again before the second try, and shows it then
        s.reaches("patient", "done")
        assert len(s.clicks("patient")) == 1 and s.taken() == [s.clicks("patient")[0]["id"]] and s.site.ledger()["spent"] == 4


def test_what_never_ends_there_rests_the_engine_and_is_said_with_its_cure():
    with Studio() as s:
        s.site.trouble({"kind": "stall"})
        s.drop("stuck")
        s.reaches("stuck", "failed")
        s.drop("queued")
        wait(lambda: "still being made on the canvas" in s.needs() and "deleted by hand" in s.needs(), 30, s.needs)
        doctor = s.root.cli("browser", "doctor").stdout
        assert "something is being made; a procedure waits" in doctor, doctor
        assert not s.clicks("queued") and s.job("queued")["state"] in ("ready", "held"), s.job("queued")
        s.site.trouble()  # somebody has deleted it there
        assert s.root.cli("resume", "dzine").returncode == 0
        s.reaches("queued", "done")
        assert s.site.ledger()["spent"] == 8 and s.taken() == [s.clicks("queued")[0]["id"]]


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
