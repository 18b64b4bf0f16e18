#!/usr/bin/env python3
"""Every procedure of the web canvas through the daemon, in a real browser on the stand-in pages: a whole set with host, characters and
scenes; several paid clicks for one picture; what stands in for what cannot be made; credits that agree with the site's, and their caps."""
import json
import os
import random
import shutil
import subprocess
import time

from harness import SAMPLES, Root, main, merge, wait
from stand_in import BROWSER, OPS, Site, jobs_of, use

CREDIT = 0.005
MARA = {"name": "Mara", "description": "a woman of forty, short grey hair, freckles", "wardrobe": "a green raincoat"}
OSKAR = {"name": "Oskar", "description": "a man of thirty, curly hair, glasses, slim"}


def edit(r, name, *pairs):
    path = os.path.join(r.rules, *name.split("/"))
    text = open(path).read()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    open(path, "w").write(text)


def only(r, *assets):
    """Leaves out what a test does not look at."""
    path = os.path.join(r.rules, "plans", "products.json")
    text = open(path).read()
    for asset in ("thumbnail", "product", "product_faithful", "background", "avatar_base"):
        if asset not in assets:
            text = text.replace('"%s": {"make": true' % asset, '"%s": {"make": false' % asset)
            text = text.replace('"%s": {\n      "make": true' % asset, '"%s": {\n      "make": false' % asset)
    open(path, "w").write(text)


def folder(r, name, products=1, photos=0, face=False, **more):
    """A set as a person lays it into a folder: the list, photos of the first products, a face beside it."""
    staged = os.path.join(r.stage, name)
    shutil.copytree(os.path.join(SAMPLES, "desk-lamps"), staged)
    photo = [os.path.join(d, n) for d, _, names in os.walk(staged) for n in sorted(names) if n.endswith((".jpg", ".png", ".webp"))][0]
    rows = [{"rank": i + 1, "name": "Lamp %d" % (i + 1)} for i in range(products)]
    for row in rows[:photos]:
        row["reference_image"] = os.path.relpath(photo, staged)
    json.dump(dict({"video_id": "v1", "niche": "desk lamps", "products": rows}, **more), open(os.path.join(staged, "products.json"), "w"))
    if face:
        shutil.copy(photo, os.path.join(staged, "face" + os.path.splitext(photo)[1]))
    os.rename(staged, r.path("inbox", name))


def ours(r):
    """Credits that our own ledger knows: settled, and set aside for what is in doubt."""
    rows = json.loads(r.cli("spend", "--by", "engine", "--json").stdout)
    rows = rows if isinstance(rows, list) else rows.get("rows", rows.get("spend", []))
    return round(sum(row["spent"] + row.get("reserved", row.get("set_aside", 0)) for row in rows if row["name"] == "dzine") / CREDIT)


def document(r, name):
    return json.load(open(r.path("out", "videos", "v1", "assets", "dzine", name)))


def entries(r):
    doc = document(r, "assets_manifest.json")
    return {e["label"]: e for e in doc["entries"] + doc["others"]}, doc


def check_money(r, site):
    assert r.cli("spend", "--check").returncode == 0
    assert ours(r) == site.ledger()["spent"], (ours(r), site.ledger()["spent"], [(j["kind"], j["credits"]) for j in site.ledger()["jobs"]])


def test_a_whole_set_is_made_and_its_credits_are_the_site_s():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        edit(r, "plans/products.json", ('"enhance": false', '"enhance": true'))
        folder(r, "lamps", 5, photos=1, face=True, characters=[MARA, OSKAR],
               scenes=[{"scene": "walking through a modern kitchen", "characters": ["Mara"]},
                       {"scene": "talking on a terrace at dusk", "characters": ["Mara", "Oskar"], "wardrobe": {"Oskar": "a grey suit"}}])
        done = r.once(150)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        ledger = site.ledger()
        kinds = {k: len(jobs_of(ledger, k)) for k in ("txt2img", "character", "expand", "upscale", "sheet", "bgremove")}
        assert kinds == {"txt2img": 22, "character": 1, "expand": 1, "upscale": 1, "sheet": 3, "bgremove": 1}, kinds
        assert ledger["spent"] == 22 * 4 + 4 + 8 + 4 + 60
        check_money(r, site)
        by, doc = entries(r)
        assert doc["credits"] == ledger["spent"] and abs(doc["cost"] - ledger["spent"] * CREDIT) < 1e-6 and doc["seconds"] > 5
        assert all(e["status"] == "done" and e["engine"] == "dzine" and len(e["sha256"]) == 64 and e["seconds"] > 0 for e in by.values()), by
        assert by["05_hero"]["image_url"].startswith(site.base) and by["01_faithful"]["credits"] == 12 and not by["01_faithful"]["notes"]
        assert by["avatar_frame"]["reference_image"].endswith("face.jpg") or by["avatar_frame"]["reference_image"]
        hosts = jobs_of(ledger, "character")[0]["wish"]
        assert hosts["character"] == "Host" and hosts["reference"]
        ingredients = [len(j["wish"]["ingredients"]) for j in jobs_of(ledger, "txt2img") if j["wish"]["ingredients"]]
        assert sorted(ingredients) == [1, 2], ingredients
        result = document(r, "result.json")
        assert result["failed"] == [] and len(result["character_sheets"]) == 3 and len(result["character_scenes"]) == 2
        assert all(e["trusted"] for e in ledger["events"] if e["type"] in ("mousedown", "keydown"))


def test_a_host_without_a_face_is_said_and_stood_in_for():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "avatar_base")
        folder(r, "lamps")
        done = r.once(60)
        assert done.returncode == 0, done.stdout
        plan = open(r.path("taken", os.listdir(r.path("taken"))[0], "plan.txt")).read()
        assert "needs face" in plan and "face.png beside the list" in plan, plan
        assert entries(r)[0]["avatar_frame"]["preview"] and site.ledger()["spent"] == 0


def test_sheets_are_made_on_the_page_where_it_takes_no_file():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r)
        edit(r, "sops/dzine/scene.json", ('"file": "$file", "within_ms": 4000', '"file": "$file", "within_ms": 300'))
        site.post("trouble", [{"kind": "no_slot", "page": True, "count": 50}])
        folder(r, "lamps", characters=[MARA, OSKAR], scenes=[{"scene": "talking on a terrace", "characters": ["Mara", "Oskar"]}])
        done = r.once(90)
        assert done.returncode == 0, done.stdout
        ledger = site.ledger()
        assert len(jobs_of(ledger, "sheet")) == 4 and len(jobs_of(ledger, "txt2img")) == 1, ledger["jobs"]
        assert len(jobs_of(ledger, "txt2img")[0]["wish"]["ingredients"]) == 2
        assert entries(r)[0]["scene_01"]["credits"] == 44
        check_money(r, site)


def test_another_procedure_stands_in_for_one_that_cannot():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "product_faithful")
        edit(r, "sops/dzine/faithful.json", ('"text": "BG Remove"}, "within_ms": 5000', '"text": "Gone Now"}, "within_ms": 300'))
        edit(r, "sops/dzine/sheet.json", ('"text": "2 outputs"', '"text": "9 outputs"'))
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


def test_a_result_that_never_comes_is_bought_once_more_and_told():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "thumbnail")
        edit(r, "sops/dzine/site.json", ('"poll_for_ms": 120000', '"poll_for_ms": 2500'))
        site.post("trouble", [{"kind": "charge_without_result"}])
        folder(r, "lamps")
        done = r.once(90)
        assert done.returncode == 0, done.stdout
        thumbnail = entries(r)[0]["thumbnail"]
        assert site.ledger()["spent"] == 8 and thumbnail["credits"] == 8 and "once more" in thumbnail["notes"][0], thumbnail
        check_money(r, site)


def test_the_page_s_price_goes_before_the_step_s():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "thumbnail")
        site.post("set", {"prices": {"txt2img": 6}})
        folder(r, "lamps")
        assert r.once(60).returncode == 0
        thumbnail = entries(r)[0]["thumbnail"]
        assert thumbnail["credits"] == 6 and "6 credits where the step says 4" in thumbnail["notes"][0], thumbnail
        check_money(r, site)


def test_a_cap_in_credits_holds_what_would_pass_it():
    with Site(100) as site, Root(merge(json.loads(json.dumps(BROWSER)), {"money": {"credits_drop": {"dzine": 9}}})) as r:
        use(r, site, OPS)
        only(r, "product")
        folder(r, "lamps")
        r.start()
        needs = lambda: open(r.path("NEEDS-YOU.md")).read() if os.path.exists(r.path("NEEDS-YOU.md")) else ""
        wait(lambda: needs().count("credits_drop") and site.ledger()["spent"] == 8, 60, needs)
        wait(lambda: len([j for j in r.jobs(r.status()[0]["drop"])["list"] if j["state"] == "held"]) == 3, 30)
        check_money(r, site)


def test_kills_between_several_clicks_buy_nothing_twice():
    dice = random.Random(11)
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r)
        edit(r, "sops/dzine/scene.json", ('"file": "$file", "within_ms": 4000', '"file": "$file", "within_ms": 300'))
        site.post("trouble", [{"kind": "no_slot", "page": True, "count": 500}])
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
