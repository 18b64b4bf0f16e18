#!/usr/bin/env python3
"""A root over months with a real daemon: what is over goes when its time has come, and nothing sooner."""
import glob
import io
import json
import os
import shutil
import signal
import time
import zipfile

from harness import FAST, Root, main, merge, products, wait
from simulator import Simulator


def age(path, hours):
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_receipts_go_when_their_time_is_over_and_no_sooner():
    with Root() as r:
        r.drop("old.json", products(1, "old"))
        r.drop("again.json", products(1, "first"))
        r.drop("bad.json", "{}")
        r.start()
        r.ended(2)
        wait(lambda: "refused" in r.receipt("bad.json"), what="the refusal")
        r.stop()
        held = int(time.time()) + 3 * 86400
        r.env["SLATED_CLOCK"] = "@%d" % held  # three days later the same name is dropped again
        r.drop("again.json", products(1, "second"))
        r.cli("pause")
        r.drop("waits.json", products(1, "third"))
        r.start()
        wait(lambda: "planned" in r.receipt("waits.json") or "running" in r.receipt("waits.json"), what="the third drop")
        r.stop()
        names = {"old.json": False, "bad.json": False, "again.json": True, "waits.json": True}
        for name in names:
            assert r.receipt(name) or not names[name], name
        for name in ("again.json", "waits.json"):
            then = held - 3600 * (25 if name == "waits.json" else 1)
            os.utime(r.path("inbox", name + ".slated.txt"), (then, then))
        r.start()
        for name, stays in names.items():
            if not stays:
                wait(lambda: not r.receipt(name), what="the receipt of %s to go" % name)
        for name, stays in names.items():
            assert bool(r.receipt(name)) == stays, (name, stays)


def failing(sim):
    """One picture a product, from an engine that will not make it."""
    r = Root(env={"FAL_KEY": "sim-key-0123456789", "no_proxy": "*"})
    path = os.path.join(r.rules, "providers", "fal.json")
    text = open(path).read().replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest")
    open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))
    r.leave_ungated("fal")
    r.one_picture_a_product("fal", "Z-Image Turbo", attempts=1)
    sim.latency(queue=10, run=10)
    sim.faults({"kind": "refused", "count": -1})
    return r


def test_what_could_not_be_made_is_let_go_and_taken_up_again():
    with Simulator("fal") as sim, failing(sim) as r:
        r.drop("p.json", products(2))
        r.start()
        drop = r.ended(1)[0]["drop"]
        needs = r.path("NEEDS-YOU.md")
        wait(lambda: os.path.exists(needs) and "Lamp 1" in open(needs).read(), what="the failure in NEEDS-YOU.md")
        said = r.cli("cancel", drop)
        assert said.returncode == 0 and "2 jobs" in said.stdout, said
        wait(lambda: not os.path.exists(needs), what="NEEDS-YOU.md to go")
        again = r.cli("cancel", drop)
        assert again.returncode == 1 and "nothing to cancel" in again.stderr, again
        sim.clear_faults()
        assert r.cli("retry", drop).returncode == 0
        r.ended(1)
        assert r.rows("SELECT DISTINCT state FROM jobs") == [("done",)]


def retouched_and_retaken(r, drop, times):
    """So often somebody writes into the one picture and has it made anew; its rows then: version, current, path."""
    for version in range(1, times + 1):
        with open(r.path("out", r.rows("SELECT path FROM assets WHERE current = 1")[0][0]), "ab") as f:
            f.write(b"retouched by hand")
        r.cli("retry", drop, "--job", "1")
        wait(lambda: r.rows("SELECT 1 FROM assets WHERE current = 1 AND version = %d" % (version + 1)), what="version %d" % (version + 1))
    return r.rows("SELECT version, current, path FROM assets ORDER BY version")


def test_every_version_that_lay_in_place_stays_known():
    with Root() as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("p.json", products(1))
        r.start()
        drop = r.ended(1)[0]["drop"]
        rows = retouched_and_retaken(r, drop, 3)
        assert [(v, c) for v, c, _ in rows] == [(1, 0), (2, 0), (3, 0), (4, 1)], rows
        assert all(os.path.exists(r.path("out", path)) for _, _, path in rows), rows


def test_what_an_earlier_drop_made_is_made_anew_more_than_once():
    """The second drop keeps the first one's picture, and then makes it anew twice."""
    with Root() as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("p.json", products(1))
        r.start()
        r.ended(1)
        r.drop("q.json", products(1))
        r.ended(2)
        assert r.rows("SELECT state FROM jobs ORDER BY id") == [("done",), ("kept",)]
        drop = r.rows("SELECT name FROM drops ORDER BY id DESC")[0][0]
        rows = retouched_and_retaken(r, drop, 2)
        assert [(v, c) for v, c, _ in rows] == [(1, 0), (2, 0), (3, 1)], rows
        assert all(os.path.exists(r.path("out", path)) for _, _, path in rows), rows


def test_two_plans_of_one_name_have_a_card_each():
    with Simulator("fal") as sim, failing(sim) as r:
        sim.clear_faults()
        r.set_policy(merge(json.loads(json.dumps(FAST)), {"money": {"approve_above": 0.0001}}))
        long = "a list whose name is as long as a name may be " * 5
        r.start()
        for i in (1, 2):
            r.drop("p.json", products(1, "v%d" % i))
            wait(lambda: len(glob.glob(r.path("approve", "*.md"))) == i, what="card %d" % i)
        r.drop(long + "x.json", products(1, "v3"))
        cards = wait(lambda: len(glob.glob(r.path("approve", "*.md"))) == 3 and sorted(glob.glob(r.path("approve", "*.md"))), what="the third card")
        first = next(c for c in cards if c.endswith("- p.json.md"))
        os.rename(first, r.path("approve", "go", os.path.basename(first)))
        wait(lambda: r.rows("SELECT state FROM drops ORDER BY id")[0] == ("ended",), what="the first drop")
        assert len(glob.glob(r.path("approve", "*.md"))) == 2
        assert r.rows("SELECT name, paused FROM drops WHERE state = 'running' AND paused = 1")[1:], "the second began too"


def test_a_copy_taken_while_it_works_brings_a_root_back():
    with Root() as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("p.json", products(1))
        r.start()
        r.ended(1)
        made = json.loads(r.cli("backup", "--json").stdout)
        assert made["bytes"] == os.path.getsize(made["backup"]) > 4096 and os.path.dirname(made["backup"]) == r.path("backups"), made
        again = r.cli("backup", "--to", made["backup"])
        assert again.returncode == 1 and "never overwritten" in again.stderr, again
        r.drop("late.json", products(1, "v2"))
        r.ended(2)
        r.kill()
        for name in ("slated.db", "slated.db-wal", "slated.db-shm"):
            if os.path.exists(r.path(".slated", name)):
                os.remove(r.path(".slated", name))
        shutil.copy(made["backup"], r.path(".slated", "slated.db"))
        r.start()
        assert [d["entry"] for d in r.status()] == ["p.json"]
        r.drop("q.json", products(1))
        r.ended(2)
        assert r.rows("SELECT state FROM jobs ORDER BY id DESC LIMIT 1") == [("kept",)], "what the copy knows was made again"
        assert r.cli("spend", "--check").returncode == 0


def test_what_an_archive_was_unpacked_into_goes_when_it_is_taken_or_refused():
    with Root() as r:
        r.one_picture_a_product("local", "embedded")
        r.start()
        for name, inside, list_ in (("a.zip", "products.json", products(1)), ("b.zip", "top/products.json", products(1, "v2")),
                                    ("c.zip", "products.json", dict(products(1), products=[]))):
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as z:
                z.writestr(inside, json.dumps(list_))
            r.drop(name, data.getvalue())
        r.ended(2)
        wait(lambda: r.why("c.zip"), what="the refusal")
        assert os.path.exists(r.path("taken", r.status()[0]["drop"], "input", "archive"))
        wait(lambda: not os.listdir(r.path(".slated", "staging")), 5, lambda: "staging to be empty: %s" % os.listdir(r.path(".slated", "staging")))


def test_history_goes_after_its_days_and_what_was_made_stays():
    with Root(policy={"history": {"keep_days": 2}}) as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("p.json", products(1))
        r.start()
        r.ended(1)
        before = r.rows("SELECT id FROM events")
        assert before
        r.stop()
        r.env["SLATED_CLOCK"] = "@%d" % (int(time.time()) + 86400)
        r.start()
        time.sleep(0.5)
        assert r.rows("SELECT id FROM events") == before, "it went too soon"
        r.stop()
        r.env["SLATED_CLOCK"] = "@%d" % (int(time.time()) + 3 * 86400)
        r.start()
        wait(lambda: not r.rows("SELECT id FROM events"), what="the events to go")
        assert r.rows("SELECT state FROM jobs") == [("done",)] and r.rows("SELECT current FROM assets") == [(1,)]


def test_new_watch_rules_reach_every_folder_that_is_watched():
    slow = {"watch": {"mode": "scan", "scan_ms": 60000}}
    with Root(policy=slow) as r:
        r.start()
        wait(lambda: os.path.isdir(r.path("return", "motion")), what="the start")
        time.sleep(0.5)
        r.set_policy(merge(merge(json.loads(json.dumps(FAST)), slow), {"watch": {"scan_ms": 100}}))
        r.daemon.send_signal(signal.SIGHUP)
        wait(lambda: "loaded again" in open(r.log).read(), what="the rules")
        time.sleep(1.5)  # what is scanned because of the reload itself is over
        r.write("late.txt", "no picture", "return")
        wait(lambda: os.path.isdir(r.path("return", "_refused", "late.txt")), what="the return to be looked at")


def test_a_command_that_means_nothing_changes_nothing_and_is_said():
    with Root() as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("p.json", products(1))
        r.start()
        r.ended(1)
        for name, text in (("a.json", json.dumps({"verb": "verdict", "unit": "01_hero", "verdict": "splendid"})), ("b.json", "{no json")):
            r.write(name, text, ".slated/commands")
        r.daemon.send_signal(signal.SIGUSR1)
        answer = wait(lambda: os.path.exists(r.path(".slated", "commands", "a.answer")) and json.load(open(r.path(".slated", "commands", "a.answer"))), what="an answer")
        assert not answer["ok"] and "no verdict splendid" in answer["said"], answer
        wait(lambda: "b.json" in open(r.log).read() and not os.path.exists(r.path(".slated", "commands", "b.json")), what="word of the other")
        assert not r.rows("SELECT 1 FROM verdicts")


if __name__ == "__main__":
    main([f for name, f in sorted(globals().items()) if name.startswith("test_")])
