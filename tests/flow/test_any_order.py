#!/usr/bin/env python3
"""Everything a person can say about paid work, in any order and at any instant, beside kills and an engine that stumbles: the daemon lives, what
is counted is what is there, nothing is left open, and the bill is what was booked."""
# SPDX-License-Identifier: ISC
import hashlib
import os
import random
import time

from harness import main, products, wait
from simulator import Simulator
from test_withdraw import PictureRoot

SEED = int(os.environ.get("SEED", "0"))
SECONDS = float(os.environ.get("ORDER_SECONDS", "8"))


class Person:
    """Says one thing after the other; what it is about is chosen by lot."""

    def __init__(self, root, dice):
        self.root, self.dice, self.dropped = root, dice, 0
        self.words = {self.drop: 2, self.cancel: 3, self.retry: 3, self.retry_one: 2, self.redo: 3, self.note: 2, self.pause: 1, self.go_on: 2,
                      self.kill: 1, self.rest: 4}

    def say(self, *words):
        """Refused or not is the daemon's to decide; that it answers is not."""
        said = self.root.cli(*words)
        assert said.returncode in (0, 1, 2) and "no answer" not in said.stderr, (words, said)

    def chosen(self):
        drops = self.root.status()
        return self.dice.choice(drops)["drop"] if drops else None

    def unit(self, drop):
        units = self.root.rows("SELECT unit FROM jobs WHERE drop_id = (SELECT id FROM drops WHERE name = '%s') AND engine = 'fal'" % drop)
        return self.dice.choice(units)[0] if units else "nothing"

    def drop(self):
        self.dropped += 1
        self.root.drop("more%d.json" % self.dropped, products(self.dice.randint(1, 3), "v%d" % self.dropped))

    def cancel(self):
        self.say("cancel", self.chosen() or "nothing")

    def retry(self):
        self.say("retry", self.chosen() or "nothing")

    def retry_one(self):
        drop = self.chosen() or "nothing"
        self.say("retry", drop, "--job", self.unit(drop))

    def redo(self):
        drop = self.chosen() or "nothing"
        self.say("redo", self.unit(drop), "--drop", drop, "--whole")

    def note(self):
        drop = self.chosen() or "nothing"
        self.say("redo", self.unit(drop), "--drop", drop, "--note", "word %d" % self.dice.randint(1, 99))

    def pause(self):
        self.say("pause", *([self.chosen()] if self.dice.random() < 0.7 and self.chosen() else []))

    def go_on(self):
        self.say("resume", *([self.chosen()] if self.dice.random() < 0.7 and self.chosen() else []))

    def kill(self):
        self.root.kill()
        self.root.start()

    def rest(self):
        time.sleep(self.dice.uniform(0, 0.4))

    def speak(self):
        self.dice.choices(list(self.words), list(self.words.values()))[0]()
        assert self.root.daemon.poll() is None, "the daemon has ended by itself"


def counted(r):
    """The sums that are kept are what is there."""
    kept = r.rows("SELECT drop_id, state, n FROM tallies WHERE n <> 0 AND drop_id <> 0 ORDER BY 1, 2")
    there = r.rows("SELECT drop_id, state, COUNT(*) FROM jobs GROUP BY 1, 2 ORDER BY 1, 2")
    assert kept == there, (kept, there)
    kept = r.rows("SELECT state, n FROM tallies WHERE n <> 0 AND drop_id = 0 ORDER BY 1")
    there = r.rows("SELECT j.state, COUNT(*) FROM jobs j JOIN drops d ON d.id = j.drop_id WHERE d.state IN ('taking', 'running') GROUP BY 1 ORDER BY 1")
    assert kept == there, (kept, there)


def answered(r):
    """What a kill left in doubt is let go by its card; it may not have been charged."""
    for (card,) in r.rows("SELECT file FROM cards WHERE state = 'asked' AND kind = 'doubt'"):
        said = r.cli("refuse", card)
        assert said.returncode == 0, said
    return not r.rows("SELECT 1 FROM attempts WHERE state = 'doubt'")


def comes_to_rest(r, sim):
    for drop in r.status():
        r.cli("resume", drop["drop"])
    r.cli("resume")
    wait(lambda: not r.rows("SELECT 1 FROM jobs WHERE state IN ('waiting', 'ready', 'running', 'made')") and answered(r) and r.nothing_is_open(), 60,
         lambda: "all to end: %s %s" % (r.rows("SELECT key, drop_id, state, next_at_s, error, memo FROM jobs WHERE state NOT IN ('done', 'kept', 'cancelled')"),
                                        r.rows("SELECT id, job_id, state, why FROM attempts WHERE state NOT IN ('settled', 'refunded')")))
    wait(lambda: all(d["state"] in ("ended", "cancelled") for d in r.status()), 20, lambda: "the drops to end: %s" % r.status())
    lost = r.rows("SELECT COUNT(*), COALESCE(SUM(settled_u), 0) / 1e6 FROM attempts WHERE why = 'in doubt, left' OR why = 'cancelled while it was under way'")[0]
    assert r.rows("SELECT COUNT(*) FROM jobs WHERE state NOT IN ('done', 'kept', 'cancelled', 'skipped')")[0][0] <= lost[0], r.rows("SELECT key, state, error FROM jobs")
    assert r.rows("SELECT reserved_u FROM purses WHERE scope = 'all'")[0][0] == 0
    assert r.cli("spend", "--check").returncode == 0
    assert not r.rows("SELECT 1 FROM cards WHERE state = 'asked' AND kind = 'doubt'")
    counted(r)
    spent = r.settled()
    assert abs(r.rows("SELECT SUM(cost) FROM jobs")[0][0] - spent) < 1e-6, (r.rows("SELECT id, cost FROM jobs WHERE cost > 0"), spent)
    bill = sum(a["cost"] for a in sim.accepted())
    assert -0.12 * bill - 1e-6 <= spent - bill <= 0.12 * bill + lost[1] + 1e-6, (spent, bill, sim.accepted(), r.rows("SELECT state, settled_u, why FROM attempts"))
    wait(lambda: not os.listdir(r.path(".slated", "work")), 10, lambda: "work folders to go: %s of %s" % (os.listdir(r.path(".slated", "work")), r.rows("SELECT id, state, error FROM jobs")))


def shown(r):
    """Each current file lies under its name, with the bytes that its row says."""
    for path, sha in r.rows("SELECT path, sha256 FROM assets WHERE current = 1"):
        with open(r.path("out", path), "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == sha, path


def order(seed, **latency):
    dice = random.Random(seed)
    with Simulator("fal") as sim, PictureRoot(sim, 3) as r:
        sim.latency(**latency)
        sim.faults({"random": {"seed": seed, "rate": 0.05, "kinds": ["5xx"]}, "match": {"role": "cancel"}})
        r.start()
        person, ends = Person(r, dice), time.monotonic() + SECONDS
        try:
            while time.monotonic() < ends:
                person.speak()
            sim.clear_faults()
            sim.latency(queue=20, run=50, cancel=0)
            comes_to_rest(r, sim)
            shown(r)
            code, _ = r.stop(20)
            assert code == 0, "the daemon's end: %d" % code
        except Exception:
            print("SEED=%d" % seed)
            raise


def test_any_order_while_work_waits():
    order(SEED or 1, queue=1500, run=200, cancel=300)


def test_any_order_while_work_is_done():
    order(SEED or 2, queue=20, run=1500, cancel=100)


def test_any_order_of_quick_work():
    order(SEED or 3, queue=10, run=40)


if __name__ == "__main__":
    main([test for name, test in list(globals().items()) if name.startswith("test_")])
