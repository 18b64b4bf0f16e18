#!/usr/bin/env python3
"""A drop is cancelled while engines are at work for it: what was not begun costs nothing, what was begun is fetched and kept, whatever is
killed meanwhile; and the bill of the simulated provider is what the ledger says."""
import json
import os
import re
import signal
import subprocess
import time

from harness import Root, main, products, wait
from simulator import Simulator
from test_film_engines import FilmRoot

KEY = "sim-key-0123456789"
ENGINES = {
    "fal": {"env": "FAL_KEY", "model": "Z-Image Turbo", "bases": {"https://queue.fal.run": "/queue", "https://rest.fal.ai": "/rest"}},
    "runpod": {"env": "RUNPOD_API_KEY", "model": "ep1", "bases": {"https://api.runpod.ai": ""}},
    "gemini": {"env": "GEMINI_API_KEY", "model": "Nano Banana Pro 2", "bases": {"https://generativelanguage.googleapis.com": ""}},
}


class Booked:
    """What a root of either kind says about its money."""

    def attempts(self):
        return dict(self.rows("SELECT state, COUNT(*) FROM attempts GROUP BY state"))

    def settled(self):
        return self.rows("SELECT COALESCE(SUM(amount_u), 0) FROM ledger WHERE what = 'settle'")[0][0] / 1e6

    def nothing_is_open(self):
        return not self.rows("SELECT 1 FROM attempts WHERE state IN ('submitting', 'submitted', 'doubt')")

    def cancel(self):
        said = self.cli("cancel", self.status()[0]["drop"])
        assert said.returncode == 0, said.stderr

    def comes_to_rest(self, sim, seconds=40):
        """Every attempt ends, what is set aside is given back by rows of its own, and the bill is what was booked."""
        wait(self.nothing_is_open, seconds, lambda: "every attempt to end: %s" % self.rows("SELECT state, why FROM attempts"))
        assert self.rows("SELECT reserved_u FROM purses WHERE scope = 'all'")[0][0] == 0
        kinds = dict(self.rows("SELECT what, COUNT(*) FROM ledger GROUP BY what"))
        assert kinds["reserve"] == kinds["release"] == len(self.rows("SELECT 1 FROM attempts")), kinds
        assert abs(self.settled() - sim.cost()) <= 0.12 * sim.cost() + 1e-6, (self.settled(), sim.cost(), sim.accepted())
        paid = sum(1 for a in sim.accepted() if a["cost"] > 0)
        assert self.attempts().get("settled", 0) == paid, (self.attempts(), sim.accepted())
        assert self.cli("spend", "--check").returncode == 0
        assert set(s for (s,) in self.rows("SELECT DISTINCT state FROM jobs WHERE engine = '%s'" % sim.provider)) <= {"cancelled", "done"}
        theirs = {str(i) for (i,) in self.rows("SELECT id FROM jobs WHERE engine = '%s'" % sim.provider)}
        assert not theirs & set(os.listdir(self.path(".slated", "work"))), os.listdir(self.path(".slated", "work"))


    def comes_to_rest_given_up(self, sim):
        """The same of a job that gave up by itself, and that a person hears of."""
        assert self.nothing_is_open(), self.rows("SELECT state, why FROM attempts")
        assert self.rows("SELECT reserved_u FROM purses WHERE scope = 'all'")[0][0] == 0
        assert abs(self.settled() - sim.cost()) < 1e-6 and self.cli("spend", "--check").returncode == 0


class PictureRoot(Booked, Root):
    """One picture of each product is made by the simulated engine."""

    def __init__(self, sim, count=6):
        engine = ENGINES[sim.provider]
        super().__init__({"money": {"approve_above": 100}}, env={engine["env"]: KEY, "no_proxy": "*"})
        path = os.path.join(self.rules, "providers", sim.provider + ".json")
        text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        for real, at in engine["bases"].items():
            text = text.replace(real, sim.url + at)
        text = text.replace('"gap_ms": 1000', '"gap_ms": 50').replace('"first_ms": 2000', '"first_ms": 300')
        # what this test's endpoint costs, as a person would write it
        text = text.replace('"*": {\n      "limits": {"per_window"', '"ep1": {"price": {"per": "call", "usd": 0.0012}, "body": {"like": "/models/*/body"}},\n    "*": {\n      "limits": {"per_window"', 1)
        open(path, "w").write(text)
        self.leave_ungated(sim.provider)
        self.one_picture_a_product(sim.provider, engine["model"])
        self.drop("products.json", products(count))


class ClipRoot(Booked, FilmRoot):
    """Two clips are made by the simulated engine."""


def at_work(r, sim, count):
    r.start()
    wait(lambda: len(sim.accepted()) >= count and not r.rows("SELECT 1 FROM attempts WHERE state = 'submitting'"), 40,
         lambda: "%d to be accepted: %s" % (count, sim.accepted()))


def not_begun_costs_nothing(name, root, count):
    with Simulator(name) as sim, root(sim) as r:
        sim.latency(queue=60000, run=60000)
        at_work(r, sim, count)
        r.cancel()
        r.comes_to_rest(sim)
        assert r.attempts() == {"refunded": count} and sim.cost() == 0, (r.attempts(), sim.accepted())
        assert all(a["state"] == "cancelled" for a in sim.accepted()), sim.accepted()


def begun_is_kept(name, root, count, run=4000):
    with Simulator(name) as sim, root(sim) as r:
        sim.latency(queue=10, run=run, film=run)
        at_work(r, sim, count)
        time.sleep(0.3)
        r.cancel()
        r.comes_to_rest(sim)
        assert r.attempts() == {"settled": count} and sim.cost() > 0, (r.attempts(), sim.accepted())
        assert len(r.rows("SELECT 1 FROM results")) == count, "what was paid for is kept"
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        wait(lambda: len(r.rows("SELECT 1 FROM jobs WHERE engine = '%s' AND state IN ('done', 'kept')" % name)) >= count, 60, "what was kept to be served")
        assert r.attempts()["settled"] == count or len(sim.accepted()) > count
        first = [a["id"] for a in sim.accepted()][:count]
        assert all(a["downloads"] <= 1 for a in sim.accepted() if a["id"] in first), sim.accepted()
        return len(sim.accepted())


def test_fal_takes_back_what_waits():
    not_begun_costs_nothing("fal", PictureRoot, 6)


def test_fal_ends_what_it_has_begun_and_it_is_kept():
    assert begun_is_kept("fal", PictureRoot, 6) == 6, "the same was bought twice"


def test_runpod_takes_back_what_waits():
    not_begun_costs_nothing("runpod", PictureRoot, 6)


def test_runpod_ends_what_it_has_begun_and_it_is_kept():
    assert begun_is_kept("runpod", PictureRoot, 6) == 6, "the same was bought twice"


def test_runway_takes_back_what_waits_and_throws_no_film_away():
    not_begun_costs_nothing("runway", ClipRoot, 2)
    assert begun_is_kept("runway", ClipRoot, 2) == 2, "the same was bought twice"


def test_seedance_takes_back_what_waits_and_throws_no_film_away():
    not_begun_costs_nothing("seedance", ClipRoot, 2)
    assert begun_is_kept("seedance", ClipRoot, 2) == 2, "the same was bought twice"


def test_kling_cannot_take_back_and_its_film_is_kept():
    assert begun_is_kept("kling", ClipRoot, 2) == 2, "the same was bought twice"


def test_an_answer_that_is_under_way_is_waited_for_and_kept():
    with Simulator("gemini") as sim, PictureRoot(sim, 2) as r:
        sim.latency(run=2500)
        r.start()
        wait(lambda: len(sim.accepted()) == 2, 20, "two under way")
        r.cancel()
        r.comes_to_rest(sim)
        assert r.attempts() == {"settled": 2} and len(r.rows("SELECT 1 FROM results")) == 2, r.attempts()


def test_a_kill_in_the_middle_loses_no_word_of_it():
    with Simulator("fal") as sim, PictureRoot(sim, 8) as r:
        sim.latency(queue=60000, run=60000, cancel=2000)
        at_work(r, sim, 8)
        r.cancel()
        assert r.attempts() == {"submitted": 8}, r.attempts()
        r.kill()
        sim.latency(cancel=0)
        r.start()
        r.comes_to_rest(sim)
        assert r.attempts() == {"refunded": 8}, r.attempts()


def test_what_nobody_can_follow_any_more_costs_its_job_what_it_may_have_cost():
    with Simulator("gemini") as sim, PictureRoot(sim, 2) as r:
        sim.latency(run=20000)
        r.start()
        wait(lambda: len(sim.accepted()) == 2, 20, "two under way")
        r.cancel()
        r.kill()
        r.start()
        wait(r.nothing_is_open, 20, "both attempts to end")
        assert r.attempts() == {"settled": 2}, r.attempts()
        assert abs(r.rows("SELECT SUM(cost) FROM jobs")[0][0] - r.settled()) < 1e-9 < r.settled(), r.rows("SELECT key, cost FROM jobs")


def test_what_ends_without_a_picture_leaves_no_folder_behind():
    """Cancelled between two tries; refused for good."""
    with Simulator("fal") as sim, PictureRoot(sim, 2) as r:
        sim.faults({"kind": "5xx", "count": -1, "match": {"role": "submit"}})
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM jobs WHERE state = 'held'") and os.listdir(r.path(".slated", "work")), what="a try in vain")
        r.cancel()
        wait(lambda: not os.listdir(r.path(".slated", "work")), 5, "the cancelled folders to go")
        sim.clear_faults()
        sim.faults({"kind": "refused", "count": -1, "match": {"role": "submit"}})
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        wait(lambda: dict(r.rows("SELECT state, COUNT(*) FROM jobs GROUP BY state")) == {"failed": 2}, 30,
             lambda: "both to fail: %s" % r.rows("SELECT state, error FROM jobs"))
        wait(lambda: not os.listdir(r.path(".slated", "work")), 5, "the folders of what failed to go")


def test_a_cancel_that_meets_trouble_is_asked_again():
    with Simulator("fal") as sim, PictureRoot(sim, 4) as r:
        sim.latency(queue=60000, run=60000)
        sim.faults({"kind": "5xx", "count": 4, "match": {"role": "cancel"}})
        at_work(r, sim, 4)
        r.cancel()
        r.comes_to_rest(sim)
        assert r.attempts() == {"refunded": 4}, r.attempts()


def test_what_is_asked_for_again_at_once_waits_for_the_word():
    with Simulator("fal") as sim, PictureRoot(sim, 3) as r:
        sim.latency(queue=60000, run=60000, cancel=1500)
        at_work(r, sim, 3)
        r.cancel()
        sim.latency(queue=20, run=50)
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        wait(lambda: dict(r.rows("SELECT state, COUNT(*) FROM jobs WHERE engine = 'fal' GROUP BY state")) == {"done": 3}, 60,
             lambda: "them to be made: %s" % r.rows("SELECT state, error FROM jobs"))
        r.comes_to_rest(sim)
        assert r.attempts() == {"refunded": 3, "settled": 3} and len(sim.accepted()) == 6, (r.attempts(), len(sim.accepted()))


def test_what_is_being_taken_back_is_not_asked_for_in_other_words():
    """Its answer, to the words before, would be filed as an answer to the new ones."""
    with Simulator("fal") as sim, PictureRoot(sim, 2) as r:
        sim.latency(queue=60000, run=60000, cancel=4000)
        at_work(r, sim, 2)
        drop = r.status()[0]["drop"]
        (first, _), (second, unit) = r.rows("SELECT key, unit FROM jobs WHERE engine = 'fal' ORDER BY seq")
        r.cancel()
        assert r.cli("retry", drop, "--job", first).returncode == 0
        said = r.cli("redo", unit, "--note", "in other words", "--drop", drop)
        assert said.returncode != 0 and "taken back" in said.stdout + said.stderr, said
        assert r.rows("SELECT state, prompt LIKE '%%other words%%' FROM jobs WHERE key = '%s'" % second) == [("cancelled", 0)]
        wait(lambda: r.rows("SELECT state FROM attempts WHERE job_id = (SELECT id FROM jobs WHERE key = '%s')" % second) == [("refunded",)], 20, "its end")
        sim.latency(queue=20, run=50)
        assert r.cli("redo", unit, "--note", "in other words", "--drop", drop).returncode == 0
        wait(lambda: dict(r.rows("SELECT state, COUNT(*) FROM jobs WHERE engine = 'fal' GROUP BY state")) == {"done": 2}, 60, "both to be made")
        r.comes_to_rest(sim)


# --- a job that gives up ---

def impatient(r, engine):
    """What is accepted has a second."""
    path = os.path.join(r.rules, "providers", engine + ".json")
    text, n = re.subn(r'"give_up_s": [0-9]+', '"give_up_s": 1', open(path).read())
    assert n, "the file says how long accepted work is waited for"
    open(path, "w").write(text)


def jobs_of(r, engine):
    return r.rows("SELECT state, error FROM jobs WHERE engine = '%s'" % engine)


def test_what_is_given_up_before_it_began_is_given_back():
    with Simulator("fal") as sim, PictureRoot(sim, 2) as r:
        sim.latency(queue=60000, run=60000)
        impatient(r, "fal")
        r.start()
        wait(r.status, 20, "the drop")
        r.ended(seconds=40)
        r.comes_to_rest_given_up(sim)
        assert r.attempts() == {"refunded": 2} and sim.cost() == 0, (r.attempts(), sim.accepted())
        assert all(a["state"] == "cancelled" for a in sim.accepted()) and len(sim.accepted()) == 2, sim.accepted()
        assert all(s == "failed" and "has given no result" in e and "taken back, and nothing is charged" in e for s, e in jobs_of(r, "fal")), jobs_of(r, "fal")
        assert "nothing is charged" in r.needs() and not [n for n in os.listdir(r.path("approve")) if "doubt" in n], r.needs()
        sim.latency(queue=20, run=50)
        assert r.cli("retry", r.status()[0]["drop"]).returncode == 0
        r.ended(seconds=40)
        assert r.attempts() == {"refunded": 2, "settled": 2}, r.attempts()


def test_what_is_given_up_after_it_began_asks_a_person():
    with Simulator("fal") as sim, PictureRoot(sim, 1) as r:
        sim.latency(queue=10, run=60000)
        impatient(r, "fal")
        r.start()
        wait(lambda: r.attempts() == {"doubt": 1}, 30, lambda: "a person to be asked: %s" % r.attempts())
        wait(lambda: "has given no result" in r.needs(), what="the question")
        assert len(sim.accepted()) == 1 and r.rows("SELECT reserved_u > 0 FROM purses WHERE scope = 'all'") == [(1,)]
        card = wait(lambda: [n for n in os.listdir(r.path("approve")) if n.startswith("in doubt")], what="its card")[0]
        os.rename(r.path("approve", card), r.path("approve", "no", card))
        drop = r.ended(seconds=20)[0]  # what is left as it is was the last one
        assert r.attempts() == {"settled": 1} and drop["cost"] == r.settled() > 0, (r.attempts(), drop, r.settled())


def test_what_is_made_just_when_it_is_given_up_is_kept():
    with Simulator("fal") as sim, PictureRoot(sim, 1) as r:
        sim.latency(queue=10, run=2600, cancel=2500)
        impatient(r, "fal")
        r.start()
        wait(r.status, 20, "the drop")
        r.ended(seconds=40)
        assert "is asked to take it back" in open(r.log).read()
        assert r.attempts() == {"settled": 1} and len(sim.accepted()) == 1, (r.attempts(), sim.accepted())
        assert [s for s, _ in jobs_of(r, "fal")] == ["done"], jobs_of(r, "fal")


def test_a_film_that_has_begun_is_not_thrown_away_by_giving_up():
    with Simulator("runway") as sim, ClipRoot(sim) as r:
        sim.latency(queue=10, run=60000, film=60000)
        impatient(r, "runway")
        r.start()
        wait(lambda: r.attempts() == {"doubt": 2}, 60, lambda: "a person to be asked: %s" % r.attempts())
        assert all(a["state"] != "cancelled" for a in sim.accepted()), sim.accepted()


def test_a_cancel_that_meets_trouble_while_giving_up_is_asked_again():
    with Simulator("fal") as sim, PictureRoot(sim, 1) as r:
        sim.latency(queue=60000, run=60000)
        sim.faults({"kind": "5xx", "count": 2, "match": {"role": "cancel"}})
        impatient(r, "fal")
        r.start()
        wait(r.status, 20, "the drop")
        r.ended(seconds=40)
        assert r.attempts() == {"refunded": 1}, r.attempts()


def test_a_kill_while_giving_up_loses_no_word_of_it():
    with Simulator("fal") as sim, PictureRoot(sim, 2) as r:
        sim.latency(queue=60000, run=60000, cancel=1500)
        impatient(r, "fal")
        r.start()
        wait(lambda: "is asked to take it back" in open(r.log).read(), 30, "it to give up")
        r.kill()
        sim.latency(cancel=0)
        r.start()
        r.ended(seconds=40)
        assert r.attempts() == {"refunded": 2}, (r.attempts(), sim.accepted())


# --- what has not left yet ---

SLOW_SYNC = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static int slow(const char *name, int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *when = getenv("SLOW_SYNC");
    if (when && access(when, F_OK) == 0)
        usleep(1500000);
    return real(fd);
}
int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
"""


def slow_syncs(r):
    """The daemon's syncs take their time while the file that is answered is there."""
    library, slow = os.path.join(r.dir, "slow_sync.so"), os.path.join(r.dir, "slow")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, "-x", "c", "-", "-ldl"], input=SLOW_SYNC.encode(), check=True)
    r.env.update(LD_PRELOAD=library, SLOW_SYNC=slow, ASAN_OPTIONS="verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))
    os.remove(r.path("inbox", "products.json"))
    r.start()
    r.cli("pause")
    r.drop("products.json", products(1))
    r.taken()
    return slow


def tell(r, name, **command):
    """A command as the command line leaves it, without its way there; returns where the answer will be."""
    path = r.path(".slated", "commands", name)
    with open(path + ".tmp", "w") as f:
        json.dump(command, f)
    os.rename(path + ".tmp", path + ".json")
    os.kill(r.daemon.pid, signal.SIGUSR1)
    return path + ".answer"


def test_a_cancel_stops_what_waits_for_its_commit():
    with Simulator("fal") as sim, PictureRoot(sim, 1) as r:
        slow = slow_syncs(r)
        drop = r.status()[0]["drop"]
        open(slow, "w").close()
        wait(lambda answer=tell(r, "1", verb="resume"): os.path.exists(answer), 30, "work to go on")
        answer = tell(r, "2", verb="cancel", drop=drop)  # while the intent is being stored
        time.sleep(0.3)
        os.remove(slow)
        wait(lambda: os.path.exists(answer), 30, "the cancel")
        wait(lambda: r.attempts().get("refunded") == 1, 20, lambda: "it to be given back: %s" % r.rows("SELECT state, why FROM attempts"))
        assert r.rows("SELECT DISTINCT why FROM attempts") == [("cancelled before it left",)], r.rows("SELECT why FROM attempts")
        time.sleep(1)
        assert not sim.accepted(), sim.accepted()
        assert r.cli("spend", "--check").returncode == 0
        assert r.cli("retry", drop).returncode == 0
        wait(lambda: len(sim.accepted()) == 1, 20, "it to leave when it is wanted again")


def test_what_is_left_of_a_turn_leaves_after_a_command():
    with Simulator("fal") as sim, PictureRoot(sim, 1) as r:
        sim.latency(queue=20, run=50)
        slow = slow_syncs(r)
        open(slow, "w").close()
        wait(lambda answer=tell(r, "1", verb="resume"): os.path.exists(answer), 30, "work to go on")
        tell(r, "2", verb="resume")
        time.sleep(0.3)
        os.remove(slow)
        r.ended(seconds=40)
        assert len(sim.accepted()) == 1 and r.attempts() == {"settled": 1}, (sim.accepted(), r.attempts())


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
