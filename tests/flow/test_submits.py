#!/usr/bin/env python3
"""Thousands of paid submits under faults of every kind, with the daemon killed again and again: the simulated provider's own count is what
was made, what was paid for and no good, and what is in doubt; nothing is bought twice, every answered id is followed to its end, every
finished result is fetched, and money never passes its cap.

SUBMITS (300): pictures wanted. SUBMITS_KILLS (6): so many kills, at random instants. SUBMITS_RATE (0.1): of requests that meet a fault.
`make crash` asks for 100,000 with 200 kills."""
import collections
import glob
import json
import os
import random
import time

from harness import Root, main
from simulator import Simulator

SUBMITS = int(os.environ.get("SUBMITS", "300"))
KILLS = int(os.environ.get("SUBMITS_KILLS", "6"))
RATE = float(os.environ.get("SUBMITS_RATE", "0.1"))
SEED = int(os.environ.get("SUBMITS_SEED", "11"))
A_DROP = 100
FAULTS = ["reset_before_accept", "reset_after_accept", "5xx", "html_error", "error_in_200", "duplicate_answer",
          "failed_job", "nsfw", "truncated", "wrong_type", "redirect"]
RARE = ["429", "429_wait"]  # each stops the whole engine for a second or more
PRICE = 0.005  # of a Z-Image Turbo picture below a megapixel


class ManyRoot(Root):
    """Drops of products of which one picture each is made, by the simulated fal; the cap is what the sum of all may cost at worst."""

    def __init__(self, sim, cap):
        money = {"cap_drop": cap, "cap_day": cap, "approve_above": 1000000, "paid_retries": 9}
        super().__init__(policy={"money": money, "engine": {"failures": 0, "equal_errors": 0}}, env={"FAL_KEY": "sim-key-0123456789", "no_proxy": "*"})
        provider = json.dumps({"limits": {"at_once": 64, "gap_ms": 0, "account": "fal"}})[1:-1]
        path = os.path.join(self.rules, "providers", "fal.json")
        text = open(path).read().replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest")
        text = text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        text = text.replace('"limits": {"at_once": 8, "gap_ms": 100, "account": "fal"}', provider).replace('"attempts": 2', '"attempts": 20')
        assert provider in text
        open(path, "w").write(text)
        self.one_picture_a_product("fal", "Z-Image Turbo", 20)
        self.cap = cap

    def under_cap(self):
        rows = self.rows("SELECT scope, name, settled_u + reserved_u FROM purses WHERE scope = 'all'") if os.path.exists(
            self.path(".slated", "slated.db")) else []
        for scope, name, sum_u in rows:
            assert sum_u <= self.cap * 1e6 + 1, "%s %s: %d of %d" % (scope, name, sum_u, self.cap * 1e6)


def drop_all(r):
    for at in range(0, SUBMITS, A_DROP):
        n = min(A_DROP, SUBMITS - at)
        r.drop("p%06d.json" % at, {"video_id": "v%06d" % at, "niche": "desk lamps", "products": [
            {"rank": i + 1, "name": "Lamp %d of %d" % (i + 1, at)} for i in range(n)]})


def kill_again_and_again(r, rng, pause):
    for _ in range(KILLS):
        r.start()
        until = time.monotonic() + rng.uniform(0.1, 2 * pause)
        while time.monotonic() < until and r.daemon.poll() is None:
            time.sleep(0.05)
        r.kill()
        r.under_cap()


def go_on_to_the_end(r):
    """What waits for its time has its time; an engine that rests is asked again."""
    for _ in range(20):
        done = r.once(max(3000, SUBMITS // 10))
        assert done.returncode in (0, 2), done.stdout[-2000:] + done.stderr[-2000:]
        r.under_cap()
        left = r.rows("SELECT COUNT(*) FROM jobs WHERE state NOT IN ('done', 'failed') AND id NOT IN (SELECT job_id FROM attempts WHERE state = 'doubt')")
        if left == [(0,)]:
            return done
        for name in {n for (n,) in r.rows("SELECT DISTINCT name FROM drops WHERE state != 'ended'")}:
            r.cli("retry", name)
    raise AssertionError("jobs are left: %s\n%s" % (r.rows("SELECT state, error, COUNT(*) FROM jobs GROUP BY 1, 2"), done.stdout[-2000:]))


def add_up(r, accepted):
    """The provider's list against ours, job by job."""
    attempts = r.rows("SELECT id, job_id, state, remote, reserved_u, settled_u FROM attempts")
    state = collections.Counter(a[2] for a in attempts)
    assert set(state) <= {"settled", "refunded", "doubt"}, state
    by_remote = {a[3]: a for a in attempts if a[3]}
    known = [entry for entry in accepted if entry["id"] in by_remote]
    lost = len(accepted) - len(known)
    assert len(by_remote) == sum(1 for a in attempts if a[3]), "two attempts share an id"
    assert len(known) == len(by_remote), "an id is known here that the provider never gave"
    unanswered = [a for a in attempts if not a[3] and a[2] != "refunded" and a[2] != "doubt" and a[5]]
    assert lost <= state["doubt"] + len(unanswered), (lost, state, len(unanswered))
    for entry in known:
        ended = by_remote[entry["id"]][2]
        assert ended in ("settled", "doubt") or ended == "refunded" and entry["cost"] == 0, (entry, by_remote[entry["id"]])
        assert entry["state"] != "running", "never followed to its end: %s" % entry
        if entry["state"] == "done" and not entry["fault"] and by_remote[entry["id"]][2] == "settled":
            assert entry["downloads"] >= 1, "finished and never fetched: %s" % entry
    bill, spent = sum(e["cost"] for e in accepted), sum(a[5] for a in attempts) / 1e6
    open_ = sum(a[4] for a in attempts if a[2] == "doubt") / 1e6
    assert bill <= spent + open_ + 1e-6, "the bill is %.3f, we know of %.3f and hold %.3f in doubt" % (bill, spent, open_)
    made = r.rows("SELECT COUNT(*) FROM jobs WHERE state = 'done'")[0][0]
    good = collections.Counter(a[1] for a in attempts if a[2] == "settled" and a[3])
    assert made <= len(good), (made, len(good))
    return made, lost, state


def test_what_was_taken_on_is_what_was_made_or_asked_about():
    rng = random.Random(SEED)
    with Simulator("fal") as sim:
        sim.latency(queue=5, run=20)
        sim.faults({"random": {"seed": SEED, "rate": RATE, "kinds": FAULTS}}, {"random": {"seed": SEED, "rate": RATE / 50, "kinds": RARE}})
        with ManyRoot(sim, SUBMITS * PRICE * 1.6 + 1) as r:
            drop_all(r)
            began = time.monotonic()
            kill_again_and_again(r, rng, max(0.8, SUBMITS / 150 / max(1, KILLS)))
            go_on_to_the_end(r)
            took = time.monotonic() - began
            accepted = sim.accepted()
            made, lost, state = add_up(r, accepted)
            doubt = state["doubt"]
            jobs = r.rows("SELECT COUNT(*) FROM jobs")[0][0]
            failed = r.rows("SELECT COUNT(*) FROM jobs WHERE state = 'failed'")[0][0]
            assert jobs == SUBMITS and made + failed + doubt == jobs, (jobs, made, failed, doubt)
            assert made > SUBMITS * 0.5, made
            assert len(glob.glob(r.path("approve", "in doubt*.md"))) == doubt
            assert r.cli("spend", "--check").returncode == 0
            print("%d wanted, %d taken on, %d made, %d failed, %d in doubt (%d answers lost), %d kills, %.0f s"
                  % (SUBMITS, len(accepted), made, failed, doubt, lost, KILLS, took))


if __name__ == "__main__":
    main([test_what_was_taken_on_is_what_was_made_or_asked_about])
