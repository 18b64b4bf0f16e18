#!/usr/bin/env python3
"""Files that arrive, as a person meets it: copied, written slowly, cut, renamed, replaced, touched (W01-W14)."""
import contextlib
import io
import json
import os
import subprocess
import time
import zipfile

from harness import products, wait
from watched import QUIET, SLOW, Watched, main, png


def w01_a_copied_file_has_a_receipt_in_two_seconds(mode):
    with Watched(mode, paused=False) as r:
        r.start()
        began = time.monotonic()
        r.write_in("a.json", r.bytes_of())
        wait(lambda: r.receipt("a.json"), 2, "a receipt")
        assert time.monotonic() - began < 2
        r.ended(1)
        assert set(r.status()[0]["jobs"]) == {"done", "total"}
        r.closing(drops=1, receipts=1)


def pieces(data, n):
    """[(offset, bytes)] of n parts."""
    at = [i * len(data) // n for i in range(n + 1)]
    return [(a, data[a:b]) for a, b in zip(at, at[1:])]


def w02_a_slow_writer_is_read_once_it_has_closed(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        with open(r.path("inbox", "slow.json"), "wb", buffering=0) as f:
            for _, piece in pieces(r.bytes_of(), 40):
                f.write(piece)
                r.stays_untaken(0.05)
            assert "arriving" in r.receipt("slow.json")
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w03_a_file_that_grows_is_not_read_whatever_the_events_say(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        data = r.bytes_of(3)
        fd = os.open(r.path("inbox", "big.json"), os.O_WRONLY | os.O_CREAT)
        for size in range(1, 11):
            os.ftruncate(fd, size * 65536)
            r.stays_untaken(0.25)
        assert not r.why("big.json")
        os.ftruncate(fd, 0)
        os.pwrite(fd, data, 0)
        os.close(fd)
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w04_a_second_part_after_a_close_belongs_to_it(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        data = r.bytes_of()
        for gap in (0.1, 0.4, 0.7):
            at = {0.1: 0, 0.4: 10, 0.7: 20}[gap]
            end = {0.1: 10, 0.4: 20, 0.7: len(data)}[gap]
            r.write_in("scan.json", data[at:end], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            if end < len(data):
                r.stays_untaken(gap)
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w05_a_preallocated_file_is_not_read_before_it_is_filled(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        data = r.bytes_of(2)
        fd = os.open(r.path("inbox", "pre.json"), os.O_WRONLY | os.O_CREAT)
        os.posix_fallocate(fd, 0, len(data))
        for at, piece in pieces(data, 20):
            os.pwrite(fd, piece, at)
            r.stays_untaken(0.08)
        os.close(fd)
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w06_a_cut_file_waits_and_the_whole_one_is_taken(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 30}}) as r:
        r.start()
        data = r.bytes_of()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as z:
            z.writestr("products.json", json.dumps(products(1, video_id="zipped")))
        whole = {"a.json": data, "z.zip": packed.getvalue(), "p.png": png(200, 200)}
        for name, content in whole.items():
            r.write_in(name, content[:len(content) * 6 // 10])
        for name in whole:
            r.waits(name, "waiting")
        assert not r.drop_names()
        for name in ("a.json", "z.zip"):
            r.write_in(name, whole[name])
        r.taken(2)
        assert r.inbox() == ["p.png"]
        r.given.append(whole["z.zip"])
        r.closing(drops=2, receipts=3)


def w07_names_in_flight_are_no_drops(mode):
    with Watched(mode) as r:
        r.start()
        flying = ["x.json.part", "x.crdownload", "x.filepart", "x.tmp", ".goutputstream-A1", ".syncthing.x.tmp", "~$x"]
        for name in flying:
            r.write_in(name, r.bytes_of(video_id="x"))
        r.stays_untaken(QUIET)
        assert not r.receipts()
        os.rename(r.path("inbox", "x.json.part"), r.path("inbox", "x.json"))
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w08_renamed_away_and_back_is_one_drop(mode):
    with Watched(mode) as r:
        r.start()
        r.write_in("x.json", r.bytes_of())
        os.rename(r.path("inbox", "x.json"), r.path("inbox", "x.json.tmp"))
        time.sleep(0.05)
        os.rename(r.path("inbox", "x.json.tmp"), r.path("inbox", "x.json"))
        r.taken(1)
        r.stays_untaken(QUIET, 1)
        r.closing(drops=1, receipts=1)


def w09_a_replaced_file_is_one_revision_with_the_new_bytes(mode):
    with Watched(mode) as r:
        r.start()
        r.move_in("a.json", r.bytes_of(video_id="same"))
        r.taken(1)
        r.move_in("a.json", r.bytes_of(2, video_id="same"))
        r.taken(2)
        half = b'{"products": ['
        r.write_in("g.json", half)
        r.waits("g.json", "waiting")
        held = os.open(r.path("inbox", "g.json"), os.O_WRONLY)
        r.write_in(".goutputstream-B2", r.bytes_of(3, video_id="gnome"))
        os.close(os.open(r.path("inbox", "g.json"), os.O_WRONLY))
        os.rename(r.path("inbox", ".goutputstream-B2"), r.path("inbox", "g.json"))
        os.close(held)
        r.taken(3)
        r.stays_untaken(QUIET, 3)
        r.closing(drops=3, receipts=2)


def w10_moves_links_and_copies_are_all_found(mode):
    with Watched(mode) as r:
        r.start()
        r.move_in("moved.json", r.bytes_of())
        source = r.write("copied", r.bytes_of())
        subprocess.run(["cp", "--reflink=auto", source, r.path("inbox", "copied.json")], check=True)
        linked = r.write("linked", r.bytes_of())
        os.link(linked, r.path("inbox", "linked.json"))
        os.unlink(linked)
        r.taken(3)
        r.closing(drops=3, receipts=3)


def w11_an_empty_file_waits_for_its_bytes(mode):
    with Watched(mode, policy={"intake": {"wait_empty_s": 4}}) as r:
        r.start()
        for name in ("later.json", "never.json"):
            r.write_in(name, b"")
        r.waits("later.json", "waiting")
        r.waits("never.json", "waiting")
        r.write_in("later.json", r.bytes_of())
        r.taken(1)
        wait(lambda: r.why("never.json"), 20, "the empty one to be refused")
        assert "empty" in r.why("never.json").lower(), r.why("never.json")
        r.closing(drops=1, receipts=2)


def w12_touching_is_no_change(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 60}}) as r:
        r.start()
        r.move_in("a.json", r.bytes_of())
        r.taken(1)
        kept = r.path("taken", r.drop_names()[0], "input", "a.json")
        r.write_in("w.json", b'{"products": [')
        r.waits("w.json", "waiting")
        for path in (kept, r.path("inbox", "w.json")):
            os.utime(path)
            os.chmod(path, 0o600)
            with contextlib.suppress(OSError):
                os.setxattr(path, "user.xdg.tags", b"green")
            open(path, "rb").read()
            subprocess.run(["touch", path], check=True)
        r.stays_untaken(QUIET, 1)
        assert r.inbox() == ["w.json"] and not r.why("w.json")
        r.closing(drops=1, receipts=2)


def w13_odd_times_neither_skip_nor_delay(mode):
    with Watched(mode) as r:
        r.start()
        for name, when in (("old.json", 441763200), ("future.json", 3786912000)):
            path = r.write("drop", r.bytes_of())
            os.utime(path, (when, when))
            os.rename(path, r.path("inbox", name))
        r.taken(2, 5)
        r.closing(drops=2, receipts=2)


def w14_what_lies_there_at_the_end_decides(mode):
    with Watched(mode) as r:
        r.start()
        r.write_in("brief.json", b"{}")
        os.unlink(r.path("inbox", "brief.json"))
        r.write_in("turn", b"x")
        os.unlink(r.path("inbox", "turn"))
        r.write_in("turn/products.json", r.bytes_of())
        r.write_in("a.json", r.bytes_of())
        names = ["a.json", "b.json"]
        try:
            for _ in range(40):
                os.rename(r.path("inbox", names[0]), r.path("inbox", names[1]))
                names.reverse()
        except FileNotFoundError:  # taken in a pause, under the name it had just then
            pass
        r.taken(2)
        r.stays_untaken(QUIET, 2)
        assert r.entries() in (["a.json", "turn"], ["b.json", "turn"]) and not r.inbox()
        r.closing(drops=2, receipts=2)


if __name__ == "__main__":
    main(globals())
