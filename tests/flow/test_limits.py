#!/usr/bin/env python3
"""Limits of engines as a simulated provider sees them: how many at once, how close together, how long after a refusal; what is stopped by
a key, by a row of equal failures; and a single retake that overtakes a batch."""
import json
import os
import signal
import sqlite3
import time

from harness import Root, main, products, wait
from simulator import Simulator

LATE_MS = 450  # a request may leave on time and be seen late, or the other way round, on a busy machine
BASES = {"fal": {"https://queue.fal.run": "/queue", "https://rest.fal.ai": "/rest"}, "gemini": {"https://generativelanguage.googleapis.com": ""}}
KEYS = {"fal": "FAL_KEY", "gemini": "GEMINI_API_KEY"}
MODELS = {"fal": "Z-Image Turbo", "gemini": "Nano Banana Pro 2"}


class LimitRoot(Root):
    """Product pictures, one of each product, are made by one simulated engine under its own limits."""

    def __init__(self, engine, sim, policy=None):
        super().__init__(policy=policy, env={KEYS[engine]: "sim-key-0123456789", "no_proxy": "*"})
        path = os.path.join(self.rules, "providers", engine + ".json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        for real, simulated in BASES[engine].items():
            text = text.replace(real, sim.url + simulated)
        with open(path, "w") as f:
            f.write(text)
        self.one_picture_a_product(engine, MODELS[engine])

    def states(self):
        return dict(self.rows("SELECT state, COUNT(*) FROM jobs WHERE op = 'product.scene' GROUP BY state"))


def gaps(sim):
    """ms between one submit and the next, as they arrived."""
    at = sim.ledger()["arrivals_ms"]
    return [b - a for a, b in zip(at, at[1:])]


def apart(sim, gap_ms):
    """No stretch of submits is shorter than their gaps allow."""
    at = sim.ledger()["arrivals_ms"]
    return all(at[j] - at[i] >= (j - i) * gap_ms - LATE_MS for i in range(len(at)) for j in range(i + 1, len(at)))


def test_fal_gets_eight_at_once_and_ten_a_second():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        sim.latency(queue=100, run=1400)
        r.drop("products.json", products(40))
        done = r.once(120)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert sim.ledger(brief=True)["all"]["max_in_flight"] == 8, sim.ledger(brief=True)["all"]
        assert apart(sim, 100), gaps(sim)


def test_gemini_gets_three_at_once_and_a_second_between():
    with Simulator("gemini") as sim, LimitRoot("gemini", sim) as r:
        sim.latency(run=3500)
        r.drop("products.json", products(8))
        done = r.once(120)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        seen = sim.ledger(brief=True)["all"]
        assert seen["max_in_flight"] == 3, seen  # no more, and no fewer: what the account may is used
        assert len(gaps(sim)) == 7 and apart(sim, 1000), gaps(sim)


def test_too_many_is_answered_with_the_waits_of_the_rules():
    with Simulator("fal") as sim, LimitRoot("fal", sim, {"engine": {"retry_waits_s": [5, 15, 30]}}) as r:
        sim.latency(queue=5, run=10)
        sim.faults({"kind": "429", "count": 2, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        done = r.once(120)
        assert done.returncode == 0 and len(sim.accepted()) == 1, done.stdout[-2000:] + done.stderr
        first, second = gaps(sim)
        assert 5000 - LATE_MS <= first < 15000 and 15000 - LATE_MS <= second < 30000, gaps(sim)


def test_a_wait_that_is_asked_for_is_kept():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        sim.latency(queue=5, run=10)
        sim.faults({"kind": "429_wait", "seconds": 7, "match": {"role": "submit"}})
        r.drop("products.json", products(12))
        done = r.once(120)
        assert done.returncode == 0 and len(sim.accepted()) == 12, done.stdout[-2000:] + done.stderr
        longest = max(gaps(sim))
        assert 7000 - LATE_MS - 1000 <= longest < 14000, gaps(sim)  # what left before the refusal was heard arrives later
        assert gaps(sim).index(longest) < 8, gaps(sim)


def test_a_forbidden_key_stops_the_engine_at_once_and_keeps_the_jobs():
    with Simulator("gemini") as sim, LimitRoot("gemini", sim) as r:
        sim.faults({"kind": "auth", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(12))
        done = r.once(120)
        assert done.returncode == 2, done.stdout[-2000:] + done.stderr
        assert 1 <= len(sim.ledger()["arrivals_ms"]) <= 3, gaps(sim)
        assert r.states() == {"ready": 12}, r.states()
        assert "slated resume gemini" in open(r.path("NEEDS-YOU.md")).read()


def test_a_hundred_equal_failures_stop_after_the_fifth():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(100))
        assert r.once(120).returncode == 2
        sent = len(sim.ledger()["arrivals_ms"])
        assert 5 <= sent <= 5 + 8, sent  # eight are under way at once
        assert r.states() == {"failed": sent, "held": 100 - sent}, (sent, r.states())
        assert len(sim.accepted()) == sent and not r.rows("SELECT 1 FROM attempts WHERE state NOT IN ('settled', 'refunded')")


def test_a_single_retake_overtakes_a_batch_of_five_hundred():
    with Simulator("fal") as sim, LimitRoot("fal", sim, {"money": {"approve_above": 1000}}) as r:
        sim.latency(queue=20, run=400)
        r.one_picture_a_product("fal", MODELS["fal"], variants=("hero", "usage1", "usage2", "detail", "mood"))
        r.drop("one.json", products(1, "single"))
        r.start()
        r.ended(1, 60)
        single = os.listdir(r.path("taken"))[0]
        r.drop("many.json", products(100, "batch"))
        wait(lambda: len(sim.accepted()) > 20, 90, "the batch to be under way")
        last = r.rows("SELECT MAX(id) FROM attempts")[0][0]
        said = r.cli("retry", single, "--job", "01_hero")
        assert said.returncode == 0, said.stderr
        mine = "SELECT MAX(a.id) FROM attempts a JOIN drops d ON d.id = a.drop_id WHERE d.name = '%s'" % single
        wait(lambda: r.rows(mine)[0][0] > last, 60, "the retake")
        before = r.rows(mine)[0][0] - last - 1
        left = r.states()["ready"]
        assert before <= 25 and left > 300, (before, left)


def route(r, variant, model, limits=None):
    """That variant is made by that model of fal, which has these limits of its own."""
    path = os.path.join(r.rules, "models", "routing.json")
    routing = json.load(open(path))
    routing["profiles"]["standard"]["types"]["product"][variant] = [{"engine": "fal", "model": model}]
    json.dump(routing, open(path, "w"))
    if limits:
        path = os.path.join(r.rules, "providers", "fal.json")
        text = open(path).read().replace('"%s": {' % model, '"%s": {"limits": %s,' % (model, json.dumps(limits)), 1)
        open(path, "w").write(text)


def most_in(arrivals, window_ms):
    return max(sum(1 for b in arrivals if a <= b < a + window_ms) for a in arrivals)


def test_a_model_at_its_limit_is_not_chosen_and_holds_no_other_up():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        sim.latency(queue=20, run=600)
        r.one_picture_a_product("fal", MODELS["fal"], variants=("hero", "usage1"))
        route(r, "hero", "Z-Image Turbo", {"at_once": 2, "per_window": 4, "window_s": 5})
        route(r, "usage1", "Flux 2 LoRA")
        r.drop("products.json", products(14))
        done = r.once(120)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        jobs = sim.accepted()
        slow, quick = ([j["accepted_at_ms"] for j in jobs if part in j["model"]] for part in ("z-image", "flux-2"))
        assert len(slow) == len(quick) == 14, jobs
        windows = {j["model"]: sim.ledger()["windows"][j["window"]] for j in jobs}
        assert windows["fal-ai/z-image/turbo"]["max_in_flight"] == 2, windows
        assert most_in(slow, 5000 - LATE_MS) <= 4, slow
        assert slow[-1] - slow[0] >= 15000 - LATE_MS, slow  # 4 + 4 + 4 + 2
        assert quick[-1] < slow[4], (quick, slow)  # none of the others waited behind the ninth of the full model


def test_a_rest_goes_on_after_a_kill_and_ends_with_a_persons_word():
    policy = {"engine": {"failures": 3, "rest_s": 12, "rest_most_s": 60, "equal_errors": 0, "retry_waits_s": [0]}}
    with Simulator("fal") as sim, LimitRoot("fal", sim, policy) as r:
        sim.faults({"kind": "5xx", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(12))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM rests"), what="the rest")
        time.sleep(1)
        seen, began = len(sim.ledger()["arrivals_ms"]), r.rows("SELECT at_s, until_s FROM rests")[0]
        assert began[1] - began[0] in (12, 13), began
        r.kill()
        said = r.cli("providers").stdout
        assert "left alone since" in said and "slated resume fal" in said, said
        r.start()
        time.sleep(3)
        assert len(sim.ledger()["arrivals_ms"]) == seen, gaps(sim)
        assert r.rows("SELECT at_s, until_s FROM rests")[0] == began
        wait(lambda: len(sim.ledger()["arrivals_ms"]) == seen + 1, 20, "the one probe, when the rest is over")
        again = wait(lambda: r.rows("SELECT at_s, until_s, pause_s FROM rests WHERE pause_s = 24"), what="a rest twice as long")[0]
        assert again[0] == began[0] and again[1] - began[1] >= 23, (began, again)
        r.kill()
        r.start()
        sim.clear_faults()
        assert r.cli("resume", "fal").returncode == 0
        wait(lambda: r.ended(1, 60) and r.states() == {"done": 12}, 60, "everything to be made")
        assert not r.rows("SELECT 1 FROM rests") and len(sim.accepted()) == 12
        r.stop()


def test_a_drop_that_equal_errors_stopped_is_stopped_after_a_kill():
    with Simulator("fal") as sim, LimitRoot("fal", sim, {"money": {"approve_above": 1000}}) as r:
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit"}})
        r.one_picture_a_product("fal", MODELS["fal"], variants=("hero", "usage1", "usage2"))
        r.drop("products.json", products(100))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM rests WHERE drop_id > 0"), 30, "the stop")
        assert r.cli("pause").returncode == 0
        wait(lambda: not r.rows("SELECT 1 FROM jobs WHERE state = 'running'"), 30, "what is under way to end")
        r.kill()
        assert r.states()["ready"] > 20, r.states()  # they know nothing of it yet
        seen = len(sim.accepted())
        said = r.cli("providers").stdout
        assert "left out by" in said and "slated retry" in said, said
        r.start()
        assert r.cli("resume").returncode == 0
        wait(lambda: r.states().get("held", 0) + r.states().get("failed", 0) == 300, 60, lambda: "every job to wait: %s" % r.states())
        assert len(sim.accepted()) == seen <= 5 + 8, (seen, len(sim.accepted()))
        sim.clear_faults()
        drop = os.listdir(r.path("taken"))[0]
        assert r.cli("retry", drop).returncode == 0
        assert not r.rows("SELECT 1 FROM rests")
        wait(lambda: r.states().get("done", 0) > 10, 60, lambda: "work to go on: %s" % r.states())


def test_what_was_under_way_before_a_kill_keeps_its_places_and_goes_on_at_once():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        sim.latency(queue=10, run=9000)
        r.drop("one.json", products(1, "first"))
        r.drop("products.json", products(24))
        r.start()
        wait(lambda: len(sim.accepted()) == 8 and not r.rows("SELECT 1 FROM attempts WHERE state = 'submitting'"), 30, "eight to be accepted")
        r.kill()
        path = os.path.join(r.rules, "providers", "fal.json")
        text = open(path).read().replace('"gap_ms": 100', '"gap_ms": 5000', 1)
        open(path, "w").write(text)
        before = {a["id"]: a["polls"] for a in sim.accepted()}
        r.start()
        wait(lambda: all(a["polls"] > before[a["id"]] for a in sim.accepted()), 4, lambda: "each to be asked for: %s" % [a["polls"] for a in sim.accepted()])
        assert len(sim.accepted()) == 8, "nothing new while all places are taken"
        open(path, "w").write(text.replace('"gap_ms": 5000', '"gap_ms": 100', 1))
        os.kill(r.daemon.pid, signal.SIGHUP)
        sim.latency(run=300)
        wait(lambda: r.states() == {"done": 25}, 60, lambda: "everything to be made: %s" % r.states())
        assert sim.ledger(brief=True)["all"]["max_in_flight"] == 8 and len(sim.accepted()) == 24, sim.ledger(brief=True)["all"]
        r.stop()


def test_a_payment_stop_holds_after_a_kill_and_ends_at_its_time():
    with Simulator("fal") as sim, LimitRoot("fal", sim) as r:
        path = os.path.join(r.rules, "providers", "fal.json")
        text = open(path).read().replace('"class": "quota_exhausted", "wait": 900', '"class": "quota_exhausted", "wait": 301', 1)
        open(path, "w").write(text)
        sim.faults({"kind": "quota", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(3))
        done = r.once(60)
        assert done.returncode == 2, done.stdout[-2000:] + done.stderr  # and does not wait for the five minutes
        seen, stop = len(sim.ledger()["arrivals_ms"]), r.rows("SELECT class, at_s, until_s FROM stops")[0]
        assert stop[0] == "quota_exhausted" and stop[2] - stop[1] == 301, stop
        assert "It is tried again at" in r.cli("providers").stdout and "It is tried again at" in open(r.path("NEEDS-YOU.md")).read()
        sim.clear_faults()
        r.start()
        time.sleep(1.5)
        assert len(sim.ledger()["arrivals_ms"]) == seen and r.states() == {"ready": 3}, r.states()
        r.kill()
        with sqlite3.connect(r.path(".slated", "slated.db")) as db:
            db.execute("UPDATE stops SET until_s = %d" % (time.time() + 3))
        r.start()
        wait(lambda: r.states() == {"done": 3}, 30, lambda: "the stop to be over: %s" % r.states())
        assert not r.rows("SELECT 1 FROM stops")
        r.stop()


if __name__ == "__main__":
    main([test_fal_gets_eight_at_once_and_ten_a_second, test_gemini_gets_three_at_once_and_a_second_between, test_too_many_is_answered_with_the_waits_of_the_rules,
          test_a_wait_that_is_asked_for_is_kept, test_a_forbidden_key_stops_the_engine_at_once_and_keeps_the_jobs,
          test_a_hundred_equal_failures_stop_after_the_fifth, test_a_single_retake_overtakes_a_batch_of_five_hundred,
          test_a_model_at_its_limit_is_not_chosen_and_holds_no_other_up, test_a_rest_goes_on_after_a_kill_and_ends_with_a_persons_word,
          test_a_drop_that_equal_errors_stopped_is_stopped_after_a_kill,
          test_what_was_under_way_before_a_kill_keeps_its_places_and_goes_on_at_once, test_a_payment_stop_holds_after_a_kill_and_ends_at_its_time])
