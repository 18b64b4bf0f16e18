#!/usr/bin/env python3
"""Five hundred returned files at once, loose and under foreign names, against a running daemon: how long until every one of them has its
answer. Prints the figure and its goal."""
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from harness import SAMPLES, Root, wait  # noqa: E402

FILES = 500
FRAMES = "projects/bellwater/storyboards/assets/ep_001"


def main():
    with Root() as r:
        r.drop("board.json", open(os.path.join(SAMPLES, "harbor_ep_001.json")).read())
        r.start()
        r.ended(1, 300)
        top = r.path("out", FRAMES)
        frames = sorted(os.path.join(top, n) for n in os.listdir(top) if n.endswith("_first.png"))
        folder = os.path.join(r.stage, "fixes")
        os.makedirs(folder)
        for n in range(FILES):
            name = "download (%d).jpg" % n if n % 2 else "EP001_SH%02d take %d.jpg" % (n // 2 % len(frames) + 1, n)
            source = frames[n % len(frames)] if n % 2 else frames[n // 2 % len(frames)]
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, "-vf",
                            "drawbox=x=%d:y=%d:w=120:h=120:color=%s:t=fill" % (n * 7 % 600, n * 13 % 1100, ("red", "green", "blue")[n % 3]),
                            "-frames:v", "1", "-update", "1", os.path.join(folder, name)], check=True)
        began = time.monotonic()
        for name in os.listdir(folder):
            os.rename(os.path.join(folder, name), r.path("return", name))
        log = r.path("return", "RETURNS.txt")
        wait(lambda: not [n for n in os.listdir(r.path("return")) if n.endswith(".jpg")] and os.path.exists(log), 600, "the last of them")
        took = time.monotonic() - began
        text = open(log).read()
        print("500 returned files, all settled: %.1f s (goal 60), %d placed, %d asked, %d other"
              % (took, text.count(" placed "), text.count(" asked "), FILES - text.count(" placed ") - text.count(" asked ")))


if __name__ == "__main__":
    main()
