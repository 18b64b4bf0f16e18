#!/usr/bin/env python3
"""Folders, archives and the same drop again, as a person meets them (W15-W24)."""
import io
import json
import os
import subprocess
import time
import zipfile

from harness import products, wait
from watched import QUIET, Watched, fill, main, png, with_pictures


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


if __name__ == "__main__":
    main(globals())
