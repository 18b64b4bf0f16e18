#!/usr/bin/env python3
"""One stored zip of many pictures: ours (written, synced and digested) beside zip -0 and Python's zipfile. One row a figure."""
import json
import os
import shutil
import subprocess
import tempfile
import time
import zipfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(TOP, "build")
FILES = int(os.environ.get("FILES", "60"))
ROUNDS = 3


def row(name, value, goal=""):
    print("%-62s %14s   %s" % (name, value, goal), flush=True)


def median(act):
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return sorted(took)[ROUNDS // 2]


def main():
    work = tempfile.mkdtemp(prefix="slated-bench-")
    source = os.path.join(work, "pictures")
    os.mkdir(source)
    paths = []
    for i in range(FILES):
        paths.append(os.path.join(source, "%03d.png" % i))
        with open(paths[-1], "wb") as f:
            f.write(os.urandom(6 * 1000 * 1000))

    def ours():
        request = {"id": 1, "op": "bundle", "params": {"top": "pictures"}, "out": [{"role": "bundle", "path": work + "/ours.zip"}],
                   "in": [{"name": os.path.basename(p), "path": p} for p in paths]}
        with open(work + "/request.json", "w") as f:
            json.dump(request, f)
        subprocess.run([os.path.join(BUILD, "slated-worker"), "--once", work + "/request.json"], check=True, capture_output=True)

    def peer_zip():
        if os.path.exists(work + "/peer.zip"):
            os.remove(work + "/peer.zip")
        subprocess.run(["zip", "-0", "-q", "-r", work + "/peer.zip", "pictures"], cwd=work, check=True)

    def peer_zip_safe():
        peer_zip()
        subprocess.run(["sync", work + "/peer.zip"], check=True)
        subprocess.run(["sha256sum", work + "/peer.zip"], check=True, capture_output=True)

    def peer_python():
        with zipfile.ZipFile(work + "/python.zip", "w") as z:
            for p in paths:
                z.write(p)

    ours()
    mine = median(ours)
    row("one zip of %d MB of pictures, synced and digested" % (6 * FILES), "%.0f ms" % (mine * 1000))
    if shutil.which("zip"):
        peer = median(peer_zip)
        row("  peer zip -0", "%.0f ms" % (peer * 1000))
        safe = median(peer_zip_safe)
        row("  peer zip -0, then sync and sha256sum", "%.0f ms" % (safe * 1000))
        row("  times as fast as zip -0 to the same state", "%.1f" % (safe / mine), ">= 2")
    else:
        row("  peer zip -0", "not installed")
    row("  peer python zipfile", "%.0f ms" % (median(peer_python) * 1000))
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
