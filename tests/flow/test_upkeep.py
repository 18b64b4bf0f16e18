#!/usr/bin/env python3
"""A root over months with a real daemon: what is over goes when its time has come, and nothing sooner."""
import os
import time

from harness import Root, main, products, wait


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


if __name__ == "__main__":
    main([f for name, f in sorted(globals().items()) if name.startswith("test_")])
