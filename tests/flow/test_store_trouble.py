#!/usr/bin/env python3
"""A store that refuses one kind of step for a while, as a full disk does: what was begun goes on when it takes steps again, or the daemon stops and
the next start goes on; nothing is stuck, and nobody is told what did not happen."""
# SPDX-License-Identifier: ISC
import sqlite3
import time

from harness import main, products, wait, Root
from test_notify import NotifyRoot, Receiver
from test_paid import PaidRoot, change_store, doubts, quick


class Refused:
    """While it holds, the store refuses what the trigger's words are about."""

    def __init__(self, root, when):
        self.root, self.when = root, when

    def run(self, text):
        db = sqlite3.connect(self.root.path(".slated", "slated.db"), timeout=20)
        db.execute(text)
        db.commit()
        db.close()

    def __enter__(self):
        self.run("CREATE TRIGGER trouble BEFORE %s BEGIN SELECT RAISE(ABORT, 'no room in the test'); END" % self.when)

    def __exit__(self, *_):
        self.run("DROP TRIGGER trouble")


def test_a_drop_that_cannot_be_stored_as_taken_goes_on_by_itself():
    with Root() as r:
        r.start()
        with Refused(r, "UPDATE ON drops WHEN NEW.state = 'running'"):
            r.drop("products.json", products(1))
            wait(lambda: "no room in the test" in r.logged(), what="word of the trouble")
            assert r.rows("SELECT state FROM drops") == [("taking",)]
        r.ended()
        assert r.daemon.poll() is None and not r.inbox()
        assert r.rows("SELECT DISTINCT state FROM jobs") == [("done",)] and len(r.status()) == 1


def test_what_waits_for_a_person_is_told_once_the_outbox_takes_it():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/services/T0/B0/secret-path-xyz"}) as r:
        r.one_picture_a_product("manual", "a person")
        r.start()
        with Refused(r, "INSERT ON news WHEN NEW.event = 'needs_you'"):
            r.drop("products.json", products(1))
            r.ended()
            wait(lambda: "no room in the test" in r.logged(), what="word of the trouble")
        r.drop("more.json", products(1, "v2"))
        r.ended(2)
        wait(lambda: [b for b in at.bodies() if "by hand: Lamp 1, hero (products.json)" in b], 20, lambda: "both to be told: %s" % at.bodies())


def test_a_cancel_that_cannot_be_stored_leaves_nothing_stuck():
    with Root() as r:
        r.drop("products.json", products(2))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM jobs WHERE state = 'running'"), what="work")
        with Refused(r, "UPDATE ON drops WHEN NEW.state = 'cancelled'"):
            assert r.cli("cancel", r.status()[0]["drop"]).returncode != 0
        wait(lambda: r.daemon.poll() is not None, what="the daemon to stop")
        r.start()
        r.ended()
        assert r.rows("SELECT DISTINCT state FROM jobs") == [("done",)], r.rows("SELECT state, error FROM jobs")


class Unread:
    """While it holds, a table cannot be read."""

    def __init__(self, root, table):
        self.root, self.table = root, table

    def __enter__(self):
        change_store(self.root, "ALTER TABLE %s RENAME TO away" % self.table)

    def __exit__(self, *_):
        change_store(self.root, "ALTER TABLE away RENAME TO %s" % self.table)


def test_an_engine_stays_stopped_while_nobody_can_read_who_is():
    with quick() as sim, PaidRoot(sim, key="bad-0123456789") as r:
        r.one_picture_a_product("fal", "Z-Image Turbo")
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: r.rows("SELECT 1 FROM stops"), what="the stop")
        asked = len(sim.ledger()["arrivals_ms"])
        with Unread(r, "stops"):
            r.drop("more.json", products(3, "v2"))
            wait(lambda: len(r.status()) == 2, what="the second list")
            time.sleep(3)
            assert len(sim.ledger()["arrivals_ms"]) == asked, "work left for a stopped engine"
        r.env["FAL_KEY"] = "good-0123456789"
        r.kill()
        r.start()
        assert r.cli("resume", "fal").returncode == 0
        r.ended(2)
        assert r.rows("SELECT DISTINCT state FROM jobs") == [("done",)], r.rows("SELECT state, error FROM jobs")


def test_what_may_have_been_paid_for_is_not_bought_while_that_cannot_be_read():
    with quick() as sim, PaidRoot(sim) as r:
        r.one_picture_a_product("fal", "Z-Image Turbo")
        sim.faults({"kind": "reset_after_accept", "count": 1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: doubts(r) == 1, what="the doubt")
        with Unread(r, "attempts"):
            said = r.cli("retry", r.status()[0]["drop"])
            assert said.returncode != 0 and "cannot be read" in said.stdout + said.stderr, said
            time.sleep(2)
        assert doubts(r) == 1 and len(sim.accepted()) == 1, (r.rows("SELECT state, error FROM jobs"), sim.accepted())


if __name__ == "__main__":
    main([test for name, test in list(globals().items()) if name.startswith("test_") and callable(test) and test.__module__ == "__main__"])
