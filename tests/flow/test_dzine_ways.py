#!/usr/bin/env python3
"""Second and third ways of the web canvas' procedures: what the page calls otherwise, or does not give in the usual way, is had all the same, for
the same credits; through the daemon, in a real browser on the stand-in pages."""
from dzine_set import check_money, edit, entries, folder, only
from harness import Root, main
from stand_in import BROWSER, OPS, Site, jobs_of, use

SITE = "sops/dzine/site.json"


def made(r, seconds=90):
    done = r.once(seconds)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return entries(r)[0]


def test_what_the_page_calls_otherwise_is_found_by_its_place():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "thumbnail", "product_faithful", "avatar_base")
        edit(r, SITE, ('"ratio_item": {"css": ".c-aspect-ratio .item"}', '"ratio_item": {"css": ".c-aspect-ratio .shape"}'),
             ('"style_button": {"css": "button.style"}', '"style_button": {"css": "button.style, button.look"}'))
        edit(r, "sops/dzine/faithful.json", ('"words": ["start from an image", "Start from an image"]}, "file": "$ref", "within_ms": 8000', '"text": "from a photo"}, "file": "$ref", "within_ms": 500'),
             ('"text": "BG Remove"}, "within_ms": 5000', '"text": "Cut Out"}, "within_ms": 300'))
        edit(r, "sops/dzine/avatar.json", ('"act": "click", "on": {"css": "button", "text": "$character", "exact": true}, "within_ms": 1500', '"act": "click", "on": {"css": "button", "text": "$character", "exact": true}, "within_ms": 200'))
        edit(r, SITE, ('"character_card": {"css": "*", "text": "Generate Images", "exact": true, "within": {"x": [60, 1440], "y": [80, 300]', '"character_card": {"css": "*", "text": "Generate Images", "exact": true, "within": {"x": [60, 1440], "y": [600, 700]'))
        folder(r, "lamps", photos=1, face=True)
        by, ledger = made(r), site.ledger()
        assert all(by[k]["status"] == "done" and by[k]["engine"] == "dzine" for k in ("thumbnail", "01_faithful", "avatar_frame")), by
        assert by["01_faithful"]["procedure"] == "faithful" and by["avatar_frame"]["procedure"] == "avatar", by
        assert jobs_of(ledger, "txt2img")[0]["wish"]["ratio"] == "canvas" and len(jobs_of(ledger, "bgremove")) == 1
        assert jobs_of(ledger, "character")[0]["wish"]["character"] == "Host" and ledger["spent"] == 16
        check_money(r, site)


def test_a_result_of_another_word_is_taken_and_told():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS, poll_for_ms=2500)
        only(r, "thumbnail")
        site.trouble({"kind": "other_word"})
        folder(r, "lamps")
        thumbnail = made(r)["thumbnail"]
        assert "newmodel2image" in thumbnail["image_url"] and site.ledger()["spent"] == 4, thumbnail
        assert any("none of the words" in note for note in thumbnail["notes"]), thumbnail["notes"]
        check_money(r, site)


def test_what_its_address_does_not_give_is_had_by_the_page_s_own_buttons():
    for broken, how in ((["address"], "preview"), (["address", "preview"], "export")):
        with Site(100) as site, Root(BROWSER) as r:
            use(r, site, OPS, load_ms=6000)
            only(r, "thumbnail")
            edit(r, "sops/dzine/procedures.json", ('"within_ms": 6000, "as": "fetched",\n            "why"', '"within_ms": 1500, "as": "fetched",\n            "why"'))
            site.trouble({"kind": "small_result", "only": broken})
            folder(r, "lamps")
            thumbnail, ledger = made(r)["thumbnail"], site.ledger()
            assert thumbnail["status"] == "done" and thumbnail["engine"] == "dzine" and ledger["spent"] == 4, (thumbnail, ledger["downloads"])
            assert [d["how"] for d in ledger["downloads"] if d["whole"]] == [how], ledger["downloads"]
            check_money(r, site)


def test_of_four_the_one_with_the_calmest_backdrop_is_taken():
    for calm in (1, 2):
        with Site(100) as site, Root(BROWSER) as r:
            use(r, site, OPS)
            only(r, "product_faithful")
            site.trouble({"kind": "calm", "n": calm})
            folder(r, "lamps", photos=1)
            faithful, ledger = made(r)["01_faithful"], site.ledger()
            assert faithful["engine"] == "dzine" and "_%d_" % calm in faithful["image_url"], (calm, faithful["image_url"])
            assert len(ledger["downloads"]) == 4 and ledger["spent"] == 8, ledger["downloads"]
            check_money(r, site)


def test_a_shape_that_is_not_offered_buys_nothing():
    with Site(100) as site, Root(BROWSER) as r:
        use(r, site, OPS)
        only(r, "product")
        edit(r, "plans/products.json", ('"1": ["hero", "usage1", "detail", "usage2", "mood"]', '"1": ["detail"]'))
        edit(r, "sops/dzine/product.json", ('"ratio": "1:1"', '"ratio": "5:7"'))
        folder(r, "lamps")
        done = r.once(90)
        assert site.ledger()["spent"] == 0 and "shape cannot be chosen" in done.stdout + done.stderr + str(entries(r)), done.stdout


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
