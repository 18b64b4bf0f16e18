#!/usr/bin/env python3
"""Procedures of the web canvas with more than one paid click, and what stands in for those that fail: through the daemon, in a real browser
on the stand-in pages, and with kills between the clicks."""
import os
import random
import subprocess
import time

from dzine_set import MARA, OSKAR, check_money, document, edit, entries, folder, only
from harness import Root, main, wait
from stand_in import BROWSER, OPS, Site, jobs_of, use


# The sheets' own jobs' results are not found again: each scene makes what it needs.
GONE = ('"near": "Add To Prompt", "beside": "$shown.beside", "text": "$shown.n"', '"near": "Gone Now", "beside": "$shown.beside", "text": "$shown.n"')


def test_a_sheet_that_the_page_shows_still_is_added_from_there():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r)
        site.post("trouble", [{"kind": "no_slot", "page": True, "count": 50000}])
        folder(r, "lamps", characters=[MARA, OSKAR], scenes=[{"scene": "talking on a terrace", "characters": ["Mara", "Oskar"]}])
        done = r.once(90)
        assert done.returncode == 0, done.stdout + done.stderr
        ledger, (by, _) = site.ledger(), entries(r)
        scene = jobs_of(ledger, "txt2img")
        assert len(jobs_of(ledger, "sheet")) == 2 and len(scene) == 1 and by["scene_01"]["credits"] == 4, ledger["jobs"]
        shown = {by["sheet_mara"]["image_url"], by["sheet_oskar"]["image_url"]}
        assert {site.base + one.lstrip("/") for one in scene[0]["wish"]["ingredients"]} == shown, (scene, shown)
        check_money(r, site)


def test_sheets_are_made_on_the_page_where_it_takes_no_file():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r)
        edit(r, "sops/dzine/scene.json", ('"file": "$file", "within_ms": 4000', '"file": "$file", "within_ms": 300'), GONE)
        site.post("trouble", [{"kind": "no_slot", "page": True, "count": 50000}])
        folder(r, "lamps", characters=[MARA, OSKAR], scenes=[{"scene": "talking on a terrace", "characters": ["Mara", "Oskar"]}])
        done = r.once(90)
        assert done.returncode == 0, done.stdout + done.stderr
        ledger = site.ledger()
        assert len(jobs_of(ledger, "sheet")) == 4 and len(jobs_of(ledger, "txt2img")) == 1, ledger["jobs"]
        assert len(jobs_of(ledger, "txt2img")[0]["wish"]["ingredients"]) == 2
        assert entries(r)[0]["scene_01"]["credits"] == 44
        check_money(r, site)


def test_another_procedure_stands_in_for_one_that_cannot():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "product_faithful")
        edit(r, "sops/dzine/faithful.json", ('"text": "BG Remove"}, "within_ms": 5000', '"text": "Gone Now"}, "within_ms": 300'),
             ('"css": "[class*=\'bg-remove\']", "nth": 0}, "within_ms": 3000', '"css": ".gone-now"}, "within_ms": 300'))
        edit(r, "sops/dzine/sheet.json", ('"text": "2 outputs", "exact": true}, "within_ms": 4000', '"text": "9 outputs"}, "within_ms": 300'))
        folder(r, "lamps", photos=1, face=True, characters=[MARA], scenes=[{"scene": "walking through a kitchen", "characters": ["Mara"]}])
        done = r.once(120)
        ledger, (by, doc) = site.ledger(), entries(r)
        faithful, scene = by["01_faithful"], by["scene_01"]
        assert faithful["status"] == "done" and faithful["procedure"] == "product", (faithful, done.stdout[-3000:])
        assert any("faithful" in n and "product makes it" in n for n in faithful["notes"]), faithful["notes"]
        assert scene["status"] == "done" and scene["procedure"] == "avatar" and any("avatar makes it" in n for n in scene["notes"]), scene
        assert by["sheet_mara"]["status"] == "failed" and [f["variant"] for f in document(r, "result.json")["failed"]] == ["mara"]
        assert len(jobs_of(ledger, "txt2img")) == 1 and len(jobs_of(ledger, "character")) == 1 and ledger["spent"] == 8
        check_money(r, site)


def test_kills_between_several_clicks_buy_nothing_twice():
    dice = random.Random(11)
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r)
        edit(r, "sops/dzine/scene.json", ('"file": "$file", "within_ms": 4000', '"file": "$file", "within_ms": 300'), GONE)
        site.post("trouble", [{"kind": "no_slot", "page": True, "count": 50000}])
        folder(r, "lamps", characters=[MARA, OSKAR], scenes=[{"scene": "talking on a terrace", "characters": ["Mara", "Oskar"]}])
        for _ in range(7):
            r.start()
            time.sleep(dice.uniform(1.0, 4.0))
            r.kill()
            subprocess.run(["pkill", "-9", "-f", os.path.join(r.root, ".slated", "browser")])
        r.start()
        rows = lambda: r.jobs(r.status()[0]["drop"])["list"]
        wait(lambda: r.status() and not [j for j in rows() if j["state"] in ("ready", "running", "waiting", "made")], 100, rows)
        paid, doubts = site.ledger(), [j for j in rows() if j["state"] == "held"]
        print("sheets %d, scenes %d, in doubt %d" % (len(jobs_of(paid, "sheet")), len(jobs_of(paid, "txt2img")), len(doubts)))
        assert len(jobs_of(paid, "sheet")) == 4 and len(jobs_of(paid, "txt2img")) == 1 and not doubts, (paid["jobs"], rows())
        check_money(r, site)


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
