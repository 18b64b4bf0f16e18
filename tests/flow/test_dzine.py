#!/usr/bin/env python3
"""Every procedure of the web canvas through the daemon, in a real browser on the stand-in pages: a whole set with host, characters and
scenes, and credits that agree with the site's, with their caps."""
import json
import os

from dzine_set import CREDIT, MARA, OSKAR, check_money, document, edit, entries, folder, only
from harness import Root, main, merge, wait
from stand_in import BROWSER, OPS, Site, jobs_of, use


def test_a_whole_set_is_made_and_its_credits_are_the_site_s():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        edit(r, "plans/products.json", ('"enhance": false', '"enhance": true'), ('"*": ["hero", "usage1", "detail"]', '"*": ["hero"]'),
             ('"2": ["hero", "usage1", "detail", "mood"]', '"2": ["hero", "mood"]'))
        folder(r, "lamps", 5, photos=1, face=True, characters=[MARA, OSKAR],
               scenes=[{"scene": "walking through a modern kitchen", "characters": ["Mara"]},
                       {"scene": "talking on a terrace at dusk", "characters": ["Mara", "Oskar"], "wardrobe": {"Oskar": "a grey suit"}}])
        done = r.once(150)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        ledger = site.ledger()
        kinds = {k: len(jobs_of(ledger, k)) for k in ("txt2img", "character", "expand", "upscale", "sheet", "bgremove")}
        assert kinds == {"txt2img": 14, "character": 1, "expand": 1, "upscale": 1, "sheet": 3, "bgremove": 1}, kinds
        assert ledger["spent"] == 14 * 4 + 4 + 8 + 4 + 60
        check_money(r, site)
        by, doc = entries(r)
        assert doc["credits"] == ledger["spent"] and abs(doc["cost"] - ledger["spent"] * CREDIT) < 1e-6 and doc["seconds"] > 5
        assert all(e["status"] == "done" and e["engine"] == "dzine" and len(e["sha256"]) == 64 and e["seconds"] > 0 for e in by.values()), by
        assert by["05_hero"]["image_url"].startswith(site.base), by["05_hero"]
        told = [n for n in by["01_faithful"]["notes"] if "the page took" in n]  # a slow machine has other things to tell
        assert by["01_faithful"]["credits"] == 12 and not told, by["01_faithful"]
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
        assert done.returncode == 0, done.stdout + done.stderr
        plan = open(r.path("taken", os.listdir(r.path("taken"))[0], "plan.txt")).read()
        assert "needs face" in plan and "face.png beside the list" in plan, plan
        assert entries(r)[0]["avatar_frame"]["preview"] and site.ledger()["spent"] == 0


def test_a_result_that_never_comes_is_bought_once_more_and_told():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS, poll_for_ms=2500)
        only(r, "thumbnail")
        site.post("trouble", [{"kind": "charge_without_result"}])
        folder(r, "lamps")
        done = r.once(90)
        assert done.returncode == 0, done.stdout + done.stderr
        thumbnail = entries(r)[0]["thumbnail"]
        assert site.ledger()["spent"] == 8 and thumbnail["credits"] == 8 and "once more" in thumbnail["notes"][0], thumbnail
        check_money(r, site)


def test_results_that_never_come_are_not_bought_of_another_model():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS, poll_for_ms=1500)
        only(r, "thumbnail")
        site.post("trouble", [{"kind": "charge_without_result", "count": 9}])
        folder(r, "lamps")
        done = r.once(90)
        thumbnail, jobs = entries(r)[0]["thumbnail"], site.ledger()["jobs"]
        assert [j["wish"]["model"] for j in jobs] == ["Seedream 4.5"] * 2, jobs
        assert thumbnail["engine"] == "local" and thumbnail["preview"] and thumbnail["credits"] == 8, (thumbnail, done.stdout)
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


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
