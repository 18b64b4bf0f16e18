#!/usr/bin/env python3
"""The daemon is killed at every step of one paid job: at each sync, send, receive, rename and link, in turn. Whatever the instant, the
engine took the work on at most once, what it took on is made or in doubt, and the ledger is sound. An engine that can be asked leaves
no doubt at all.

PAID_STEP (24): a kill at every so manieth step, each in a root of its own. `make crash` asks for every single one.
PAID_FROM (1): the first of them.
PAID_DEEP (0): 1 counts reads, writes, opens and waits as steps, too.
PAID_AT_ONCE (2): so many roots side by side."""
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess

from harness import Root, main, products
from simulator import Simulator
from test_lookup import PROVIDER, Desk

STEP = int(os.environ.get("PAID_STEP", "24"))
FROM = int(os.environ.get("PAID_FROM", "1"))
AT_ONCE = int(os.environ.get("PAID_AT_ONCE", "2"))
DEEP = int(os.environ.get("PAID_DEEP", "0"))
STEPS = "fdatasync,fsync,sendto,recvfrom,connect,rename,renameat2,link,linkat,unlink,rmdir,mkdir" + (",pwrite64,write,read,openat,close,poll" if DEEP else "")


class OneJob(Root):
    """A list of one product of which one picture is made, by the engine given."""

    def __init__(self, engine, model, provider, key=None):
        super().__init__(env={key: "sim-key-0123456789", "no_proxy": "*"} if key else None)
        if engine == "desk":  # draws 64 x 64, whatever is asked
            self.leave_ungated(engine)
        with open(os.path.join(self.rules, "providers", engine + ".json"), "w") as f:
            f.write(provider)
        self.one_picture_a_product(engine, model)
        self.drop("p.json", products(1))

    def traced(self, *options):
        return subprocess.run(["strace", "-qq", "-e", "trace=" + STEPS, *options] + self.args("once", "--plain"), env=self.env, capture_output=True,
                              timeout=120)


def steps_of_a_run(make):
    with make() as r:
        trace = os.path.join(r.dir, "trace")
        done = r.traced("-o", trace)
        assert done.returncode == 0, done.stderr
        return sum(1 for line in open(trace) if "(" in line)


def one_kill(make, accepted, n, sure):
    """A kill at step n, one undisturbed run after it, and what must hold then. -> whether it is in doubt"""
    with make() as r:
        before = accepted()
        r.traced("-o", "/dev/null", "-e", "inject=%s:signal=KILL:when=%d" % (STEPS, n))
        done = r.once(120)
        jobs = r.rows("SELECT state, error FROM jobs WHERE op = 'product.scene'")
        doubt = r.rows("SELECT COUNT(*) FROM attempts WHERE state = 'doubt'")[0][0]
        taken = accepted() - before
        said = "killed at step %d: %s, %d in doubt, %d taken on\n%s" % (n, jobs, doubt, taken, done.stdout[-1500:] + done.stderr[-500:])
        assert len(jobs) == 1, said
        made = jobs[0][0] == "done"
        assert made != bool(doubt), said
        assert taken == 1 if made else taken <= 1, said
        assert not (sure and doubt), said
        assert len(glob.glob(r.path("approve", "in doubt*.md"))) == doubt, said
        assert not r.rows("SELECT 1 FROM attempts WHERE state IN ('submitting', 'submitted')"), said
        assert r.cli("spend", "--check").returncode == 0, said
        assert doubt or not r.temporary(), said  # what waits for an answer keeps its folder
        return bool(doubt)


def sweep(name, makers, sure):
    """makers: (make a root, count what the engine took on) for each that runs side by side, each with an engine of its own."""
    if not shutil.which("strace"):
        raise AssertionError("strace is not installed; make deps installs it")
    last = steps_of_a_run(makers[0][0])
    wanted = list(range(FROM, last + 1, STEP))
    with concurrent.futures.ThreadPoolExecutor(len(makers)) as pool:
        turns = [pool.submit(lambda at=at, make=make, accepted=accepted: [one_kill(make, accepted, n, sure) for n in wanted[at::len(makers)]])
                 for at, (make, accepted) in enumerate(makers)]
        doubts = [doubt for turn in turns for doubt in turn.result()]
    print("%s: %d kills at %d steps, %d in doubt" % (name, len(doubts), last, sum(doubts)))
    assert len(doubts) == len(wanted)


def with_base(engine, bases):
    text = open(os.path.join(os.path.dirname(__file__), "..", "..", "rules", "providers", engine + ".json")).read()
    for real, simulated in bases.items():
        text = text.replace(real, simulated)
    return text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)


def at_simulators(engine, model, key, bases):
    sims = [Simulator(engine) for _ in range(AT_ONCE)]

    def maker(sim):
        if engine == "fal":
            sim.latency(queue=5, run=10)
        provider = with_base(engine, {real: sim.url + path for real, path in bases.items()})
        return lambda: OneJob(engine, model, provider, key), lambda: sim.ledger(brief=True)["totals"]["accepted"]
    try:
        sweep(engine, [maker(sim) for sim in sims], False)
    finally:
        for sim in sims:
            sim.stop()


def test_a_queue_that_cannot_be_asked():
    at_simulators("fal", "Z-Image Turbo", "FAL_KEY", {"https://queue.fal.run": "/queue", "https://rest.fal.ai": "/rest"})


def test_an_answer_that_is_the_picture():
    at_simulators("gemini", "Nano Banana Pro 2", "GEMINI_API_KEY", {"https://generativelanguage.googleapis.com": ""})


def test_an_engine_that_can_be_asked_leaves_nothing_in_doubt():
    desks = [Desk() for _ in range(AT_ONCE)]

    def maker(desk):
        provider = json.dumps(dict(PROVIDER, base=desk.url))
        return lambda: OneJob("desk", "desk", provider), lambda: len(desk.jobs)
    try:
        sweep("desk", [maker(desk) for desk in desks], True)
    finally:
        for desk in desks:
            desk.shutdown()


if __name__ == "__main__":
    main([test_a_queue_that_cannot_be_asked, test_an_answer_that_is_the_picture, test_an_engine_that_can_be_asked_leaves_nothing_in_doubt])
