"""Sets of products for the stand-in web canvas: laid into a folder as a person would, with rules made to measure; their documents; and what
our own ledger says of the site's credits. Only the standard library."""
import json
import os
import shutil

from harness import SAMPLES

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
