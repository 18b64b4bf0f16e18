#!/usr/bin/env python3
"""The watcher as a person meets it: scenarios W01-W39 against the real daemon, each with events and with scanning. Every
scenario ends with the same four checks (closing): one receipt a drop, work done once, input safe, nothing half made."""
import contextlib
import errno
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
import unicodedata
import zipfile
import zlib

from harness import SLATED, Root, products, wait

# For writers with pauses: wide enough that a busy machine does not stretch a pause beyond the rest.
SLOW = {"watch": {"settle_ms": 1200, "settle_unclosed_ms": 1500}}
QUIET = 1.2  # longer than any settle time of the harness's policy, in either mode


class Watched(Root):
    """A root on which nothing is made (paused) unless the scenario wants it; it remembers what was dropped."""

    def __init__(self, mode, paused=True, policy=None):
        super().__init__(policy=policy, mode=mode)
        self.given = []
        if paused:
            self.cli("pause")

    def bytes_of(self, n=1, video_id=None, **more):
        data = json.dumps(products(n, video_id=video_id or "v%d" % len(self.given), **more)).encode()
        self.given.append(data)
        return data

    def inbox_path(self, name):
        return os.path.join(os.fsencode(self.path("inbox")), name) if isinstance(name, bytes) else self.path("inbox", name)

    def write_in(self, name, data, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        """Written in place and closed, as cp does it."""
        path = self.inbox_path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        fd = os.open(path, flags, 0o644)
        os.write(fd, data)
        os.close(fd)
        return path

    def move_in(self, name, data):
        path = os.path.join(self.stage, "drop")
        with open(path, "wb") as f:
            f.write(data)
        os.rename(os.fsencode(path) if isinstance(name, bytes) else path, self.inbox_path(name))

    def stays_untaken(self, seconds, count=0):
        """For so long no further drop is taken."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert len(self.drop_names()) == count, self.drop_names()
            time.sleep(0.05)

    def drop_names(self):
        return sorted(os.listdir(self.path("taken"))) if os.path.isdir(self.path("taken")) else []

    def entries(self):
        return sorted(d["entry"] for d in self.status())

    def waits(self, name, state, seconds=10):
        """The receipt of name says state."""
        return wait(lambda: name + ": " + state in self.receipt(name) and self.receipt(name), seconds,
                    lambda: "%s: %s, found %r" % (name, state, self.receipt(name)))

    def log_text(self):
        return open(self.log, errors="replace").read()

    def files_below(self, *tops):
        for top in tops:
            for dir_, _, names in os.walk(os.fsencode(self.path(top))):
                for name in names:
                    path = os.path.join(dir_, name)
                    if os.path.isfile(path) and not os.path.islink(path):
                        yield path

    def receipts(self):
        return sorted(n for n in os.listdir(os.fsencode(self.path("inbox"))) if n.endswith(b".slated.txt"))

    def closing(self, drops=None, receipts=None, jobs=None):
        """(a) one receipt an entry, (b) so many drops and jobs, nothing paid, (c) all input kept, (d) nothing half made."""
        status = self.status()
        entries = [d["entry"] for d in status]
        if drops is not None:
            wait(lambda: len(self.drop_names()) >= drops, 10, "%d drops" % drops)
            status = self.status()
            assert len(self.drop_names()) == drops and len(status) <= drops, (status, self.drop_names())
            assert drops > 100 or len(status) == drops, status
        if receipts is not None:
            wait(lambda: len(self.receipts()) == receipts, 10, lambda: "%d receipts: %s" % (receipts, self.receipts()[:50]))
        plain = [n for n in set(entries) if n.isascii() and n.isprintable() and len(n) < 200]
        wait(lambda: all(self.receipt(n) for n in plain), 5, lambda: "a receipt of %s: %s" % (plain, self.receipts()[:50]))
        if jobs is not None:
            assert sum(d["jobs"]["total"] for d in status) == jobs, status
        assert all(d["cost"] == 0 for d in status), status
        have = {hashlib.sha256(open(p, "rb").read()).digest() for p in self.files_below("taken", "refused", "inbox")}
        for data in self.given:
            assert hashlib.sha256(data).digest() in have, "lost: %r" % data[:80]
        if self.daemon:
            assert self.daemon.poll() is None, "the daemon died"
        wait(lambda: not self.half_made(), 5, lambda: "%s to be whole" % self.half_made())

    def half_made(self):
        return [p for p in self.files_below("out", "taken", "refused") if p.endswith((b".slated-tmp", b".part"))]


def png(width=64, height=48, tint=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([tint & 255, x & 255, y & 255] * 1) * width for y in range(height) for x in [y])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def with_pictures(n, folder="refs/", video_id="pics", names=None):
    tree = products(n, video_id=video_id)
    for i, p in enumerate(tree["products"]):
        p["reference_image"] = folder + (names[i] if names else "p%02d.png" % i)
    return json.dumps(tree).encode()


def fill(folder, n, sub="refs"):
    os.makedirs(os.path.join(folder, sub))
    for i in range(n):
        with open(os.path.join(folder, sub, "p%02d.png" % i), "wb") as f:
            f.write(png(tint=i))
    with open(os.path.join(folder, "products.json"), "wb") as f:
        f.write(with_pictures(n, video_id=os.path.basename(folder)))


# --- arriving files ---

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


def w02_a_slow_writer_is_read_once_it_has_closed(mode):
    with Watched(mode, policy=SLOW) as r:
        r.start()
        data = r.bytes_of()
        with open(r.path("inbox", "slow.json"), "wb", buffering=0) as f:
            for i in range(40):
                f.write(data[i * len(data) // 40:(i + 1) * len(data) // 40])
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
        for i in range(20):
            os.pwrite(fd, data[i * len(data) // 20:(i + 1) * len(data) // 20], i * len(data) // 20)
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


# --- folders ---

def w15_a_folder_moved_in_is_one_drop(mode):
    with Watched(mode) as r:
        r.start()
        fill(os.path.join(r.stage, "thirty"), 30)
        os.rename(os.path.join(r.stage, "thirty"), r.path("inbox", "thirty"))
        r.taken(1)
        kept = r.path("taken", r.drop_names()[0], "input", "thirty", "refs")
        assert len(os.listdir(kept)) == 30
        r.closing(drops=1, receipts=1)


def w16_a_folder_waits_for_all_that_its_list_names(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 20}}) as r:
        r.start()
        r.write_in("set/products.json", with_pictures(8))
        for i in range(8):
            r.stays_untaken(0.6)
            if i == 5:
                assert "of 8 files" in r.receipt("set") or "of 9 files" in r.receipt("set"), r.receipt("set")
            r.write_in("set/refs/p%02d.png" % i, png(tint=i))
        r.taken(1)
        r.closing(drops=1, receipts=1)


def w17_a_deep_copy_is_taken_with_every_file(mode):
    with Watched(mode) as r:
        r.start()
        source = os.path.join(r.stage, "deep")
        os.makedirs(source)
        for d in range(40):
            os.makedirs(os.path.join(source, "refs", "a%d" % (d % 4), "d%02d" % d))
            for f in range(8):
                with open(os.path.join(source, "refs", "a%d" % (d % 4), "d%02d" % d, "f%d.txt" % f), "w") as out:
                    out.write("%d %d" % (d, f))
        for repeat in range(4):
            with open(os.path.join(source, "products.json"), "w") as f:
                json.dump(products(1, video_id="deep%d" % repeat), f)
            subprocess.run(["cp", "-r", source, r.path("inbox", "deep%d" % repeat)], check=True)
        r.taken(4)
        for drop in r.drop_names():
            top = r.path("taken", drop, "input")
            assert sum(len(files) for _, _, files in os.walk(top)) == 321, drop
        r.closing(drops=4, receipts=4)


def w18_a_list_and_its_pictures_come_in_any_order(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 4}}) as r:
        r.start()
        r.write_in("before/products.json", with_pictures(2, video_id="before"))
        r.write_in("after/refs/p00.png", png())
        r.write_in("never/products.json", with_pictures(2, video_id="never"))
        r.write_in("never/refs/p00.png", png())
        text = r.waits("before", "waiting")
        assert "p00.png" in text and "p01.png" in text, text
        r.write_in("before/refs/p00.png", png())
        r.write_in("before/refs/p01.png", png(tint=9))
        r.write_in("after/products.json", with_pictures(1, video_id="after"))
        r.taken(2)
        why = wait(lambda: r.why("never"), 20, "the one that never comes")
        assert "p01.png" in why and "p00.png" not in why, why
        r.closing(drops=2, receipts=3)


def w19_a_folder_exchanged_by_renames_is_one_drop(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 30}}) as r:
        r.start()
        r.write_in("combo/products.json", with_pictures(2, video_id="combo"))
        r.waits("combo", "waiting")
        fill(os.path.join(r.stage, "combo"), 2)
        os.rename(r.path("inbox", "combo"), os.path.join(r.stage, "combo.old"))
        os.rename(os.path.join(r.stage, "combo"), r.path("inbox", "combo"))
        r.taken(1)
        r.stays_untaken(QUIET, 1)
        r.closing(drops=1, receipts=1)


def w20_a_sub_folder_made_again_is_seen_again(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 30}}) as r:
        r.start()
        for way in ("delete", "move"):
            r.write_in(way + "/products.json", with_pictures(1, folder="sub/", video_id=way))
            os.mkdir(r.path("inbox", way, "sub"))
            r.waits(way, "waiting")
            if way == "delete":
                os.rmdir(r.path("inbox", way, "sub"))
            else:
                os.rename(r.path("inbox", way, "sub"), os.path.join(r.stage, "sub"))
            os.mkdir(r.path("inbox", way, "sub"))
            time.sleep(0.3)
            r.write_in(way + "/sub/p00.png", png())
        r.taken(2)
        r.closing(drops=2, receipts=2)


def w21_archives_good_cut_and_hostile(mode):
    def packed(*members):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in members:
                z.writestr(name, data)
        return out.getvalue()

    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    good = json.dumps(products(1, video_id="zip")).encode()
    with Watched(mode, policy={"intake": {"wait_missing_s": 60}}) as r:
        r.start()
        bad = {"up.zip": packed(("../evil.json", good)), "abs.zip": packed(("/tmp/evil.json", good)),
               "link.zip": packed((link, "/etc/passwd"), ("products.json", good)),
               "many.zip": packed(*[("f%d" % i, b"x") for i in range(10000)])}
        r.move_in("good.zip", packed(("set/products.json", good), ("__MACOSX/set/._products.json", b"\0\5\x16\7"),
                                     ("set/._products.json", b"\0\5\x16\7"), ("set/.DS_Store", b"x")))
        for name, data in bad.items():
            r.given.append(data)
            r.move_in(name, data)
        cut = packed(("products.json", json.dumps(products(1, video_id="cut"))))
        r.write_in("cut.zip", cut[:len(cut) // 2])
        r.taken(1)
        for name in bad:
            wait(lambda: r.why(name) or r.receipt(name), 30, "word about " + name)
            wait(lambda: r.why(name), 30, lambda: "%s: %s" % (name, r.receipt(name)))
        r.waits("cut.zip", "waiting")
        assert not os.path.exists("/tmp/evil.json")
        assert not [p for p in r.files_below(".") if b"evil" in os.path.basename(p)]
        r.write_in("cut.zip", cut)
        r.taken(2)
        r.closing(drops=2, receipts=6)


# --- the same again ---

def w22_the_same_bytes_under_two_names_are_made_once(mode):
    with Watched(mode, paused=False) as r:
        r.start()
        data = r.bytes_of()
        r.move_in("one.json", data)
        r.move_in("two.json", data)
        r.ended(2)
        r.move_in("later.json", data)
        r.ended(3)
        counts = {}
        for d in r.status():
            for state, n in d["jobs"].items():
                counts[state] = counts.get(state, 0) + n
        assert counts["kept"] == 2 * counts["done"], counts
        assert not r.inbox()
        r.closing(drops=3, receipts=3)


def w23_other_bytes_under_a_known_name_are_a_new_drop(mode):
    with Watched(mode) as r:
        r.start()
        for i in range(3):
            r.move_in("a.json", r.bytes_of(i + 1, video_id="v"))
            r.taken(i + 1)
        r.closing(drops=3, receipts=1)


def w24_a_refused_drop_may_come_again(mode):
    with Watched(mode, policy={"intake": {"wait_missing_s": 2}}) as r:
        r.start()
        data = with_pictures(1, video_id="again")
        r.write_in("set/products.json", data)
        wait(lambda: r.why("set") and not r.inbox(), 20, "the refusal")
        r.write_in("set/products.json", data)
        r.write_in("set/refs/p00.png", png())
        r.taken(1)
        r.given.append(data)
        r.closing(drops=1, receipts=1)


# --- names ---

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


# --- many, limits ---

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


# --- starts and stops ---

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


# --- running them, three at a time ---

SCENARIOS = [f for name, f in sorted(globals().items()) if name[0] == "w" and name[1:3].isdigit()]


def run_one(job):
    name, mode = job
    out, began = io.StringIO(), time.monotonic()
    with contextlib.redirect_stdout(out):
        try:
            globals()[name](mode)
            ok = True
        except Exception:
            traceback.print_exc(file=out)
            ok = False
    return name, mode, ok, out.getvalue(), time.monotonic() - began


def main():
    wanted = sys.argv[1:]
    jobs = [(f.__name__, mode) for f in SCENARIOS for mode in ("events", "scan")
            if not wanted or any(w in f.__name__ + " " + mode for w in wanted)]
    failed = 0
    with multiprocessing.Pool(3) as pool:
        for name, mode, ok, text, took in pool.imap_unordered(run_one, jobs):
            if wanted:
                print("%-4s %s [%s] %.1f s" % ("ok" if ok else "FAIL", name, mode, took))
            if not ok:
                failed += 1
                print("FAILED %s [%s]\n%s" % (name, mode, text))
            sys.stdout.flush()
    print("%d passed, %d failed" % (len(jobs) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
