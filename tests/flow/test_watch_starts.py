#!/usr/bin/env python3
"""Drops over starts, stops and kills of the daemon (W37-W39)."""
import json
import os
import subprocess
import time

from harness import products
from watched import SLOW, Watched, main


def w37_killed_at_any_state_each_drop_is_done_once(mode):
    with Watched(mode, paused=False) as r:
        r.start()
        fd = os.open(r.path("inbox", "slow.json"), os.O_WRONLY | os.O_CREAT)
        data = r.bytes_of(video_id="slow")
        os.write(fd, data[:20])
        r.waits("slow.json", "arriving")
        r.move_in("a.json", r.bytes_of(2))
        for pause in (0.0, 0.05, 0.3, 0.6):
            time.sleep(pause)
            r.kill()
            r.start()
        os.write(fd, data[20:])
        os.close(fd)
        r.ended(2)
        for d in r.status():
            assert set(d["jobs"]) == {"done", "total"}, d
        assert not r.temporary()
        r.closing(drops=2, receipts=2)


def w38_what_came_while_it_was_away_passes_the_same_gate(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        r.stop()
        for i in range(3):
            r.write_in("f%d.json" % i, r.bytes_of())
        data = json.dumps(products(1, video_id="slow")).encode()
        fd = os.open(r.path("inbox", "slow.json"), os.O_WRONLY | os.O_CREAT)
        os.write(fd, data[:1])
        r.start()
        while len(r.drop_names()) < 3:
            os.write(fd, b" ")
            time.sleep(0.08)
            assert "slow.json" in os.listdir(r.path("inbox"))
        os.write(fd, data[1:])
        os.close(fd)
        r.taken(4)
        r.closing(drops=4, receipts=4)


def w39_a_second_daemon_is_refused_and_a_left_lock_is_not(mode):
    with Watched(mode) as r:
        r.start()
        second = subprocess.run(r.args("run", "--plain", "--watch", mode), capture_output=True, text=True, timeout=20)
        assert second.returncode != 0
        assert str(r.daemon.pid) in second.stderr + second.stdout, second.stderr
        r.kill()
        r.start()
        r.move_in("a.json", r.bytes_of())
        r.taken(1)
        r.closing(drops=1, receipts=1)


if __name__ == "__main__":
    main(globals())
