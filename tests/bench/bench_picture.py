#!/usr/bin/env python3
"""What pictures cost, beside the programs people use for them: the same inputs, the same minutes, whole processes, medians. A program
that is not installed is left out and said so. One row a figure: name, value, goal."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

OURS = os.path.join(os.environ.get("BUILD", "build"), "bench", "bench_picture")
RUNS = int(os.environ.get("RUNS", "5"))


def row(name, value, goal=""):
    print("%-62s %14s   %s" % (name, value, goal), flush=True)


def wall_ms(argv):
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def first(*names):
    return next((shutil.which(n) for n in names if shutil.which(n)), None)


def peer(title, program, argv, outputs):
    """One row of a program, or the reason why there is none. argv is one command, or a list of commands that do it together."""
    if not program:
        row("  " + title, "not installed")
        return
    for name in outputs:
        if os.path.exists(name):
            os.remove(name)
    try:
        ms = sum(wall_ms(one) for one in (argv if isinstance(argv[0], list) else [argv]))
    except (subprocess.CalledProcessError, OSError) as why:
        row("  " + title, "failed", str(why)[:60])
        return
    size = sum(os.path.getsize(n) for n in outputs if os.path.exists(n))
    row("  " + title, "%.0f ms" % ms, "%.2f MB" % (size / 1e6))


def in_process(d):
    lines = subprocess.run([OURS, "time", d], check=True, capture_output=True, text=True).stdout.split("\n")
    facts = {k: float(v) for k, v in (line.split() for line in lines if line)}
    row("strip 1536x912 read, split, three PNGs written, in process", "%.0f ms" % facts["panels_ms"], "< 80 ms")
    more = facts["panels_bytes"] / facts["panels_bytes_libpng6"] * 100 - 100
    row("  its bytes beside libpng's level 6", "%+.1f %%" % more, "< +10 %")
    row("panel 488x892 to 768x1344 (Lanczos), PNG, in process", "%.0f ms" % facts["upscale_ms"], "< 45 ms")
    row("contact sheet of 100 (512x896 to 256x448), in process", "%.0f ms" % facts["sheet_ms"], "< 1000 ms")


def panels(d):
    i, o = os.path.join(d, "strip.png"), os.path.join(d, "p")
    outs = [o + "%d.png" % k for k in (1, 2, 3)]
    from_zero = [o + "%d.png" % k for k in (0, 1, 2)]
    row("split a strip, whole programs:", "")
    peer("slated", OURS, [OURS, "panels", i, o], outs)
    im, gm, vips, ff = first("magick", "convert-im6.q16", "convert"), first("gm"), first("vips"), first("ffmpeg")
    peer("ImageMagick", im, [im, i, "-crop", "512x912", "+repage", o + "%d.png"], from_zero)
    peer("GraphicsMagick", gm, [gm, "convert", i, "-crop", "512x912", "+adjoin", o + "%d.png"], from_zero)
    peer("vips (three times)", vips, [[vips, "crop", i, outs[k], str(k * 512), "0", "512", "912"] for k in range(3)], outs)
    cut = "split=3[a][b][c];" + ";".join("[%s]crop=512:912:%d:0[%s]" % (a, x, z) for a, x, z in (("a", 0, "x"), ("b", 512, "y"), ("c", 1024, "z")))
    maps = [w for z, name in zip("xyz", outs) for w in ("-map", "[%s]" % z, name)]
    peer("ffmpeg", ff, [ff, "-nostdin", "-loglevel", "error", "-y", "-i", i, "-filter_complex", cut, *maps], outs)


def upscale(d):
    i, o = os.path.join(d, "panel.png"), os.path.join(d, "u.png")
    row("scale a panel up, whole programs:", "")
    peer("slated", OURS, [OURS, "upscale", i, o], [o])
    im, gm, vips, ff = first("magick", "convert-im6.q16", "convert"), first("gm"), first("vips"), first("ffmpeg")
    lanczos = ["-filter", "Lanczos", "-resize", "768x1344!", o]
    peer("ImageMagick", im, [im, i, *lanczos], [o])
    peer("GraphicsMagick", gm, [gm, "convert", i, *lanczos], [o])
    peer("vips", vips, [vips, "resize", i, o, str(768 / 488), "--vscale", str(1344 / 892), "--kernel", "lanczos3"], [o])
    peer("ffmpeg", ff, [ff, "-nostdin", "-loglevel", "error", "-y", "-i", i, "-vf", "scale=768:1344:flags=lanczos", o], [o])


def sheet(d):
    tiles = [os.path.join(d, "tiles", "%02d.png" % k) for k in range(100)]
    o = os.path.join(d, "s.png")
    row("contact sheet of 100, whole programs:", "")
    peer("slated", OURS, [OURS, "sheet", o, *tiles], [o])
    im, gm, ff = first("montage-im6.q16", "montage"), first("gm"), first("ffmpeg")
    fit = ["-tile", "10x", "-geometry", "256x448!+0+0"]
    peer("ImageMagick montage", im, [im, *tiles, *fit, o], [o])
    peer("GraphicsMagick montage", gm, [gm, "montage", *fit, *tiles, o], [o])
    peer("ffmpeg", ff, [ff, "-nostdin", "-loglevel", "error", "-y", "-start_number", "0", "-i", os.path.join(d, "tiles", "%02d.png"), "-vf",
                            "scale=256:448:flags=lanczos,tile=10x10", "-frames:v", "1", o], [o])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([OURS, "make", folder], check=True)
        for part in (in_process, panels, upscale, sheet):
            if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
                part(folder)
