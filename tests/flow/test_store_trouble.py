#!/usr/bin/env python3
"""A store that refuses one kind of step for a while, as a full disk does: what was begun goes on when it takes steps again, or the daemon stops and
the next start goes on; nothing is stuck, and nobody is told what did not happen."""
# SPDX-License-Identifier: ISC
import sqlite3
import time

from harness import main, products, wait, Root
from test_notify import NotifyRoot, Receiver


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


def said(r):
    return open(r.log, errors="replace").read()


def test_a_drop_that_cannot_be_stored_as_taken_goes_on_by_itself():
    with Root() as r:
        r.start()
        with Refused(r, "UPDATE ON drops WHEN NEW.state = 'running'"):
            r.drop("products.json", products(1))
            wait(lambda: "no room in the test" in said(r), what="word of the trouble")
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
            wait(lambda: "no room in the test" in said(r), what="word of the trouble")
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


if __name__ == "__main__":
    main([test for name, test in list(globals().items()) if name.startswith("test_") and callable(test) and test.__module__ == "__main__"])
