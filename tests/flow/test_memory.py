#!/usr/bin/env python3
"""What a daemon holds when its work is done: as much after many pictures as after few."""
import json
import os
import sys

from harness import SLATED, Root, main, wait

FEW, MANY, A_DROP = 40, 320, 20
SLACK_KB = 1024  # pages that are kept for the next question come to more, and so does a heap that nobody tidies


def one_small_picture_a_product(r):
    no = {"make": False, "attempts": 1}
    assets = {"thumbnail": dict(no, message="", message_one=""), "product": {"make": True, "attempts": 1}, "product_faithful": dict(no, backdrop="detail"),
              "background": no, "avatar_base": dict(no, label="Host"), "reference": dict(no, seconds=3, max_bytes=1000000)}
    with open(os.path.join(r.rules, "plans", "products.json"), "w") as f:
        json.dump({"about": "a test", "variants": {"*": ["hero"]}, "sizes": {"*": [256, 256]}, "assets": assets}, f)


def make(r, since, until):
    for at in range(since, until, A_DROP):
        rows = [{"rank": i + 1, "name": "Lamp model %d" % (at + i)} for i in range(A_DROP)]
        r.drop("p%d.json" % at, {"video_id": "v%d" % at, "niche": "desk lamps", "products": rows})
        done = "select count(*) from jobs where state = 'done'"
        wait(lambda: r.rows(done) and r.rows(done)[0][0] == at + A_DROP, 60, "the pictures of a drop")


def own_kb(pid):
    """Resident memory that is no file's."""
    return next(int(line.split()[1]) for line in open("/proc/%d/status" % pid) if line.startswith("RssAnon"))


def test_at_rest_a_daemon_holds_as_much_after_many_pictures_as_after_few():
    with Root() as r:
        one_small_picture_a_product(r)
        r.start()
        pid, held = r.daemon.pid, []
        for since, until in ((0, FEW), (FEW, MANY)):
            make(r, since, until)
            r.rest()
            held.append((own_kb(pid), len(os.listdir("/proc/%d/fd" % pid))))
        assert held[1][0] < held[0][0] + SLACK_KB, "%d KB after %d pictures, %d after %d" % (held[0][0], FEW, held[1][0], MANY)
        assert held[1][1] <= held[0][1], "descriptors: %d, then %d" % (held[0][1], held[1][1])


if not os.path.exists("/proc/self/status"):
    print("skipped: this system does not tell what a process holds")
    sys.exit(0)
if b"__asan_init" in open(SLATED, "rb").read():
    print("skipped: a sanitizer keeps what is freed")
    sys.exit(0)
main([test_at_rest_a_daemon_holds_as_much_after_many_pictures_as_after_few])
