#!/usr/bin/env python3
"""The worst moment for the way to a browser to fail: the click that costs. It does not arrive, or its answer does not; the machine sleeps, or the
daemon alone; the browser is gone for longer than any wait and comes back elsewhere. One click is paid for, and its picture is made."""
import concurrent.futures
import json
import os
import signal
import threading
import time

from harness import Root, main, merge, products, wait
from stand_in import Chromium, Site, free_port, only, use
from wire import Wire

SLEEP_S = 8  # longer than the click's own time and its grace


class Night:
    """Site, root and a person's browser behind a wire; a context manager."""

    def __init__(self, start=True):
        self.site, self.root = Site().__enter__(), Root()
        self.browser = Chromium(self.root.dir)
        self.wire = Wire(self.browser.port)
        policy = json.load(open(os.path.join(self.root.rules, "policy.json")))
        self.root.set_policy(merge(policy, {"browser": {"urls": [self.wire.url]}}))
        use(self.root, self.site, ("thumbnail",))
        only(self.root, "thumbnail")
        if start:
            self.browser.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for one in (self.root, self.wire, self.browser, self.site):
            one.__exit__(kind, value, trace)

    def begin(self):
        self.root.start("--verbose")
        self.root.drop("p.json", products(1))

    def job(self):
        jobs = [j for d in self.root.status() for j in self.root.jobs(d["drop"])["list"]]
        return jobs[0] if jobs else {"state": "not there", "error": ""}

    def settled(self, seconds=100):
        """Made by the site, one click, no tab left."""
        wait(lambda: self.job()["state"] == "done", seconds, lambda: "the picture: %s\n%s" % (self.job(), open(self.root.log).read()[-3000:]))
        assert self.job()["engine"] == "dzine", self.job()
        ledger = self.site.ledger()
        assert ledger["spent"] == 4 and len(ledger["jobs"]) == 1, ledger["jobs"]
        wait(lambda: not self.browser.pages(self.site.base), 40, lambda: "own tabs to be closed: %s" % self.browser.pages())


def later(seconds, *calls):
    """Does what calls say, after a while, beside the test."""
    def run():
        for call in calls:
            call()
    threading.Timer(seconds, run).start()


def test_a_click_that_does_not_arrive_is_made_once():
    with Night() as n:
        stalled = []
        n.wire.at_press("Generate", before=lambda: (n.wire.stall(), stalled.append(len(n.site.ledger()["jobs"])), later(2, lambda: n.wire.stall(False))))
        n.begin()
        n.settled()
        assert stalled == [0]
        assert sum("unknown_submit" in line for line in open(n.root.log)) >= 1, "nobody was in doubt"


def test_a_click_whose_answer_does_not_come_is_not_made_again():
    with Night() as n:
        n.wire.at_press("Generate", after=lambda: (n.wire.stall(), later(2, lambda: n.wire.stall(False))))
        n.begin()
        n.settled()
        assert sum("unknown_submit" in line for line in open(n.root.log)) >= 1, "nobody was in doubt"


def asleep(n, browser, when):
    """At the press the daemon, and with it the browser, sleep and wake again."""
    slept = []

    def wake():
        if browser:
            n.browser.signal(signal.SIGCONT)
        os.kill(n.root.daemon.pid, signal.SIGCONT)

    def sleep():
        os.kill(n.root.daemon.pid, signal.SIGSTOP)
        if browser:
            n.browser.signal(signal.SIGSTOP)
        slept.append(time.monotonic())
        later(SLEEP_S, wake)
    n.wire.at_press("Generate", **{when: sleep})
    n.begin()
    n.settled()
    assert len(slept) == 1


def test_a_machine_that_sleeps_as_it_presses_pays_once():
    with Night() as n:
        asleep(n, True, "before")


def test_a_machine_that_sleeps_after_it_has_pressed_pays_once():
    with Night() as n:
        asleep(n, True, "after")


def test_a_daemon_that_sleeps_alone_hears_the_answer_when_it_wakes():
    with Night() as n:
        asleep(n, False, "after")


def test_a_browser_that_comes_half_a_minute_late_is_told_of_and_waited_for():
    with Night(start=False) as n:
        n.begin()
        wait(lambda: n.job()["state"] == "held" and "no browser answers" in n.job()["error"], 20, lambda: "the job to wait: %s" % n.job())
        time.sleep(21)
        assert n.job()["state"] == "held" and not n.site.ledger()["jobs"], n.job()
        n.browser.start()
        n.settled()


def test_a_browser_that_comes_back_elsewhere_shows_what_was_paid_for():
    """Killed after the click, it is started 21 s later with the same profile, whose lock it left behind, at another port."""
    with Night() as n:
        n.site.trouble({"kind": "slow_job", "seconds": 200})
        n.begin()
        wait(lambda: n.site.ledger()["jobs"], 40, "the click")
        profile = n.browser.profile
        n.browser.kill()
        assert os.path.lexists(os.path.join(profile, "SingletonLock")), os.listdir(profile)
        time.sleep(21)
        n.browser.port = n.wire.target = free_port()
        n.browser.url = "http://127.0.0.1:%d" % n.browser.port
        n.browser.start()
        n.settled()


def beside_each_other(tests):
    """Nearly all their time is waiting: all at once."""
    with concurrent.futures.ThreadPoolExecutor(len(tests)) as pool:
        runs = {test.__name__: pool.submit(test) for test in tests}

    def named(name):
        def run():
            runs[name].result()
        run.__name__ = name
        return run
    return [named(name) for name in runs]


if __name__ == "__main__":
    import sys
    wanted = [v for k, v in list(globals().items()) if k.startswith("test_") and (not sys.argv[1:] or k in sys.argv[1:])]
    main(beside_each_other(wanted))
