#!/usr/bin/env python3
"""Names that a file system allows, junk and what is no file (W25-W30)."""
import contextlib
import os
import shutil
import socket
import time
import unicodedata

from harness import wait
from watched import Watched, main, png, with_pictures


def w25_both_spellings_of_an_accent_are_one_name(mode):
    nfc, nfd = (unicodedata.normalize(form, "résumé_01.png") for form in ("NFC", "NFD"))
    with Watched(mode, policy={"intake": {"wait_missing_s": 2}}) as r:
        r.start()
        r.write_in("one/products.json", with_pictures(1, folder="", video_id="one", names=[nfc]))
        r.write_in("one/" + nfd, png())
        r.write_in("both/products.json", with_pictures(1, folder="", video_id="both", names=["RÉSUMÉ_01.png"]))
        r.write_in("both/" + nfd, png())
        r.write_in("both/" + nfc, png(tint=5))
        r.taken(1)
        assert r.entries() == ["one"]
        wait(lambda: r.why("both"), 20, "the conflict")
        r.closing(drops=1, receipts=2)


def w26_case_is_no_difference_until_both_are_there(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 2}}) as r:
        r.start()
        r.write_in("one/products.json", with_pictures(1, folder="", video_id="one", names=["Shot01.PNG"]))
        r.write_in("one/shot01.png", png())
        r.write_in("both/products.json", with_pictures(1, folder="", video_id="both", names=["Shot01.PNG"]))
        r.write_in("both/shot01.png", png())
        r.write_in("both/SHOT01.png", png(tint=5))
        r.taken(1)
        assert r.entries() == ["one"]
        wait(lambda: r.why("both"), 20, "the conflict")
        r.closing(drops=1, receipts=2)


def w27_names_are_bytes(mode):
    with Watched(mode) as r:
        r.start()
        names = [b"a b.json", "\U0001f3ac.json".encode(), b"new\nline.json", b"-rf.json", b"it's \"q\".json", b"$(touch x).json",
                 b"n" * 250 + b".json", b"\xff\xfe.json", b"CON.json", b"back\\slash.json", b"*?.json"]
        for name in names:
            r.move_in(name, r.bytes_of())
        wait(lambda: not [n for n in os.listdir(os.fsencode(r.path("inbox"))) if n in names], 30,
             lambda: "all to leave the inbox: %r" % os.listdir(os.fsencode(r.path("inbox"))))
        refused = [n for n in os.listdir(r.path("refused")) if not n.startswith(".")] if os.path.isdir(r.path("refused")) else []
        r.taken(len(names) - len(refused))
        assert len(r.drop_names()) + len(refused) == len(names), (r.drop_names(), refused)
        assert len(r.drop_names()) >= len(names) - 1, refused
        assert not os.path.exists("x") and not os.path.exists(r.path("inbox", "x"))
        assert "\nline" not in r.log_text()
        r.closing(drops=len(names) - len(refused))


def w28_junk_neither_counts_nor_postpones(mode):
    with Watched(mode) as r:
        r.start()
        r.write_in("set/products.json", r.bytes_of())
        r.write_in("set/stfolder.png", png())
        began = time.monotonic()
        for i in range(400):
            if r.drop_names():
                break
            for name in (".DS_Store", "Thumbs.db", "desktop.ini", "set/.DS_Store", "set/._products.json", "set/@eaDir/x", "set/__MACOSX/y"):
                with contextlib.suppress(OSError):  # the folder may have been taken meanwhile
                    if os.path.isdir(r.path("inbox", "set")):
                        r.write_in(name, b"%d" % i)
            time.sleep(0.02)
        r.taken(1)
        assert time.monotonic() - began < 3
        shutil.rmtree(r.path("inbox", "set"), ignore_errors=True)  # junk written while it was taken
        assert not [n for n in r.receipts() if n.startswith((b".", b"Thumbs", b"desktop"))], r.receipts()
        assert os.path.exists(r.path("taken", r.drop_names()[0], "input", "set", "stfolder.png"))
        r.closing(drops=1, receipts=1)


def w29_what_is_no_file_is_left_alone_and_said(mode):
    with Watched(mode) as r:
        r.start()
        os.mkfifo(r.path("inbox", "fifo"))
        os.symlink("/etc/passwd", r.path("inbox", "out.json"))
        os.symlink("nowhere", r.path("inbox", "dangling"))
        os.symlink("loop", r.path("inbox", "loop"))
        s = socket.socket(socket.AF_UNIX)
        s.bind(r.path("inbox", "socket"))
        r.write_in("set/products.json", r.bytes_of())
        os.symlink("..", r.path("inbox", "set", "up"))
        os.mkfifo(r.path("inbox", "set", "pipe"))
        r.move_in("good.json", r.bytes_of())
        for name in ("fifo", "out.json", "dangling", "loop", "socket"):
            r.waits(name, "left alone", 2.5)
        wait(lambda: "good.json" in r.entries(), 5, "the good one")
        wait(lambda: "set" in r.entries() or r.why("set"), 10, "the folder")
        s.close()
        r.closing(receipts=7)


def w30_what_slated_writes_is_no_drop(mode):
    with Watched(mode, paused=False) as r:
        r.start()
        r.move_in("a.json", r.bytes_of())
        r.write_in("mine.slated.txt", b"not a drop")
        r.ended(1)
        r.stays_untaken(2, 1)
        assert not r.inbox() and not os.path.isdir(r.path("refused")) or not os.listdir(r.path("refused"))
        r.closing(drops=1, receipts=2)


if __name__ == "__main__":
    main(globals())
