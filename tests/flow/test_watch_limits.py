#!/usr/bin/env python3
"""Bursts, used-up limits, an inbox that goes and comes back, what may not be read, a full disk (W31-W36)."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

from harness import products, wait
from watched import QUIET, Watched, fill, main


def w31_a_burst_and_an_overflow_lose_nothing(mode):
    with Watched(mode) as r:
        r.start()
        for i in range(600):
            r.move_in("b%04d.json" % i, json.dumps(products(1, video_id="b%d" % i)).encode())
        r.taken(600, 60)
        r.daemon.send_signal(signal.SIGSTOP)
        for i in range(7000):
            with open(r.path("inbox", "f%d.part" % i), "wb") as f:
                f.write(b"x")
        for i in range(100):
            r.move_in("c%04d.json" % i, r.bytes_of(video_id="c%d" % i))
        r.daemon.send_signal(signal.SIGCONT)
        r.taken(700, 60)
        overflows = r.log_text().count("overflow:")
        assert overflows == (1 if mode == "events" else 0), overflows
        began = time.monotonic()
        r.move_in("after.json", r.bytes_of())
        r.taken(701, 5)
        assert time.monotonic() - began < 2
        r.closing(drops=701, receipts=701)


def w32_a_used_up_limit_is_named_and_scanned_around(mode):
    for name, limit, word in (("readers", "max_inotify_instances", "max_user_instances"),
                              ("watches", "max_inotify_watches", "max_user_watches")):
        with Watched(mode) as r:
            set_limit = "echo 0 >/proc/sys/user/%s && exec \"$@\"" % limit
            log = open(r.log, "ab")
            r.daemon = subprocess.Popen(["unshare", "-Ur", "sh", "-c", set_limit, "sh"] +
                                        r.args("run", "--plain", "--watch", mode), stdout=log, stderr=log, start_new_session=True)
            log.close()
            wait(lambda: r.daemon.poll() is not None or " start " in r.log_text(), what="the daemon's start")
            if r.daemon.poll() is not None and "unshare" in r.log_text():
                r.daemon = None
                return  # no user namespaces here
            r.write_in("a.json", r.bytes_of())
            r.write_in("set/products.json", r.bytes_of())
            r.taken(2)
            text = r.log_text()
            assert "no space left" not in text.lower()
            assert (word in text and "sysctl" in text) == (mode == "events"), text
            r.closing(drops=2, receipts=2)


def w33_without_events_drops_are_found_by_looking(mode):
    if os.geteuid() != 0:
        return  # mounting needs root
    with Watched(mode, policy={"watch": {"safety_scan_ms": 1000}}) as r:
        upper, work = os.path.join(r.dir, "upper"), os.path.join(r.dir, "work")
        os.makedirs(upper), os.makedirs(work)
        options = "lowerdir=%s,upperdir=%s,workdir=%s" % (r.path("inbox"), upper, work)
        if subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, r.path("inbox")], capture_output=True).returncode:
            return  # no overlay mounts here
        try:
            r.start()
            # written from the other side: the mount that slated watches hears nothing of it
            with open(os.path.join(upper, "a.json"), "wb") as f:
                f.write(r.bytes_of())
            r.taken(1, 10)
            r.closing(drops=1, receipts=1)
        finally:
            r.kill()
            subprocess.run(["umount", "-l", r.path("inbox")])


def w34_the_inbox_gone_and_back(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 120}}) as r:
        r.start()
        r.write_in("old.json", b'{"products": [')
        r.waits("old.json", "waiting")
        away = os.path.join(r.dir, "away")
        os.rename(r.path("inbox"), away)
        with open(os.path.join(away, "late.json"), "wb") as f:
            f.write(r.bytes_of())
        wait(lambda: "inbox missing" in r.log_text(), 10, "word of the missing inbox")
        r.stays_untaken(QUIET)
        os.rename(away, r.path("inbox"))
        wait(lambda: "inbox back" in r.log_text(), 10, "word that it is back")
        r.taken(1)
        assert r.entries() == ["late.json"] and r.log_text().count("inbox missing") == 1
        # deleted and made again: another folder, and no mass of old files in it counts as new work unasked
        os.rename(r.path("inbox"), away)
        os.mkdir(r.path("inbox"))
        for i in range(5):
            r.move_in("again%d.json" % i, json.dumps(products(1, video_id="again%d" % i)).encode())
        wait(lambda: "inbox replaced" in r.log_text(), 10, "word of another folder")
        r.stays_untaken(QUIET, 1)
        shutil.rmtree(r.path("inbox"))
        os.rename(away, r.path("inbox"))
        wait(lambda: r.log_text().count("inbox back") == 2, 10, "word that it is back")
        r.stays_untaken(QUIET, 1)
        r.closing(drops=1, receipts=2)


def w34_another_inbox_is_taken_once_it_is_confirmed(mode):
    with Watched(mode) as r:
        r.start()
        r.move_in("a.json", r.bytes_of())
        r.taken(1)
        wait(lambda: not r.inbox(), 10, "the file to go")
        away = os.path.join(r.dir, "away")
        os.rename(r.path("inbox"), away)
        again = os.path.join(r.stage, "inbox")
        os.mkdir(again)
        for i in range(5):
            with open(os.path.join(again, "n%d.json" % i), "wb") as f:
                f.write(r.bytes_of())
        os.rename(again, r.path("inbox"))
        wait(lambda: "slated resume" in r.log_text(), 10, "the fuse")
        r.stays_untaken(QUIET, 1)
        shutil.rmtree(away)
        assert r.cli("resume").returncode == 0
        r.taken(6)
        r.closing(drops=6)


def w35_what_may_not_be_read_is_said_once_and_taken_after_chmod(mode):
    if os.geteuid() != 0:
        return  # the daemon runs as somebody else, which only root can arrange
    with Watched(mode, policy={"intake": {"wait_missing_s": 60}}) as r:
        subprocess.run(["chmod", "-R", "a+rX", r.dir], check=True)
        subprocess.run(["chown", "-R", "65534:65534", r.dir], check=True)
        log = open(r.log, "ab")
        r.daemon = subprocess.Popen(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] +
                                    r.args("run", "--plain", "--watch", mode), stdout=log, stderr=log, start_new_session=True,
                                    cwd="/", env=dict(os.environ, HOME=r.dir))
        log.close()
        wait(lambda: r.daemon.poll() is not None or " start " in r.log_text(), what="the daemon's start")
        assert r.daemon.poll() is None, r.log_text()
        path = r.write("secret", r.bytes_of())
        os.chmod(path, 0)
        os.rename(path, r.path("inbox", "secret.json"))
        fill(os.path.join(r.stage, "set"), 2)
        subprocess.run(["chown", "-R", "65534:65534", os.path.join(r.stage, "set")], check=True)
        os.chmod(os.path.join(r.stage, "set", "refs"), 0)
        os.rename(os.path.join(r.stage, "set"), r.path("inbox", "set"))
        r.move_in("good.json", r.bytes_of())
        wait(lambda: "good.json" in r.entries(), 10, "the good one")
        wait(lambda: r.receipt("secret.json") and r.receipt("set"), 10, "word of the others")
        time.sleep(QUIET)
        lines = [line for line in r.log_text().splitlines() if "secret.json" in line]
        assert len(lines) <= 1, lines
        for name in ("secret.json", "set/refs"):
            for top in ("inbox", "refused"):
                if os.path.exists(r.path(top, name)):
                    os.chmod(r.path(top, name), 0o755)
        if "secret.json" in r.inbox():
            wait(lambda: "secret.json" in r.entries(), 60, "the one that may be read now")
        for dir_, dirs, files in os.walk(r.root):
            for name in dirs + files:
                with contextlib.suppress(FileNotFoundError):  # a page that was just being written
                    os.chmod(os.path.join(dir_, name), 0o755)
        r.closing()


def w36_a_full_disk_holds_work_and_goes_on_by_itself(mode):
    if os.geteuid() != 0:
        return  # mounting needs root
    with Watched(mode, paused=False, policy={"disk": {"reserve_mib": 30, "reserve_inodes": 1}}) as r:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", r.root], capture_output=True).returncode:
            return
        try:
            os.mkdir(r.path("inbox"))
            with open(r.path("ballast"), "wb") as f:
                f.write(b"x" * (40 << 20))
            r.start()
            data = r.bytes_of()
            with open(r.path("inbox", "a.json"), "wb") as f:
                f.write(data)
            r.taken(1)
            time.sleep(QUIET)
            jobs = r.status()[0]["jobs"]
            made = [p for p in r.files_below("out") if p.endswith(b".png")]
            assert "done" not in jobs and not made, (jobs, made)
            os.unlink(r.path("ballast"))
            r.ended(1, 60)
            assert set(r.status()[0]["jobs"]) == {"done", "total"}
            r.closing(drops=1, receipts=1)
        finally:
            r.kill()
            subprocess.run(["umount", "-l", r.root])


if __name__ == "__main__":
    main(globals())
