#!/usr/bin/env python3
"""What a drop costs in the real daemon: time to taken, a burst of ten thousand, an idle minute, and the set of five products. Peers run in
the same minutes where they are installed. One row a figure: name, value, goal."""
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
from harness import Root, products, wait  # noqa: E402

N = int(os.environ.get("N", "200"))
BURST = int(os.environ.get("BURST", "10000"))
IDLE_S = float(os.environ.get("IDLE_S", "20"))


def row(name, value, goal=""):
    print("%-62s %14s   %s" % (name, value, goal), flush=True)


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))]


def vanished(path, seconds=10):
    until = time.monotonic() + seconds
    while os.path.lexists(path):
        if time.monotonic() > until:
            raise AssertionError("%s was not taken" % path)
        time.sleep(0.00005)  # a spinning looker would take the daemon's core away
    return time.perf_counter()


def drop_latency():
    with Root(policy={"watch": {"settle_ms": 1000}}) as r:
        r.start()
        assert r.cli("pause").returncode == 0
        took = []
        for i in range(N):
            staged = r.write("d%d.json" % i, products(1, "bench-%d" % i))
            target = r.path("inbox", "d%d.json" % i)
            began = time.perf_counter()
            os.rename(staged, target)
            took.append((vanished(target) - began) * 1000)
            time.sleep(0.05)
        row("drop moved in -> plan durable and taken, median", "%.2f ms" % quantile(took, 0.5), "< 3 ms")
        row("drop moved in -> plan durable and taken, p99", "%.2f ms" % quantile(took, 0.99), "< 15 ms")


def peer_inotifywait():
    if not shutil.which("inotifywait"):
        row("  peer inotifywait + bash", "not installed")
        return
    work = tempfile.mkdtemp()
    inbox, done = os.path.join(work, "in"), os.path.join(work, "done")
    os.mkdir(inbox)
    os.mkdir(done)
    script = "inotifywait -m -q -e moved_to --format %%f %s | while read -r f; do mv %s/$f %s/; done" % (inbox, inbox, done)
    p = subprocess.Popen(["bash", "-c", script], start_new_session=True)
    time.sleep(0.5)
    took = []
    for i in range(N):
        staged = os.path.join(work, "s")
        open(staged, "w").write("{}")
        target = os.path.join(inbox, "d%d" % i)
        began = time.perf_counter()
        os.rename(staged, target)
        took.append((vanished(target) - began) * 1000)
        time.sleep(0.05)
    os.killpg(p.pid, 9)
    p.wait()
    shutil.rmtree(work)
    row("  peer inotifywait + bash + mv (reads, plans, stores nothing)", "%.2f ms" % quantile(took, 0.5))


def burst():
    with Root() as r:
        r.start()
        assert r.cli("pause").returncode == 0
        for i in range(BURST):
            r.write("b%05d.json" % i, products(1, "burst-%d" % i))
        began = time.perf_counter()
        for i in range(BURST):
            os.rename(os.path.join(r.stage, "b%05d.json" % i), r.path("inbox", "b%05d.json" % i))
        moved = time.perf_counter() - began
        wait(lambda: not r.inbox(), 300, "the burst to be taken")
        took = time.perf_counter() - began
        taken = len(os.listdir(r.path("taken")))
        assert taken == BURST, "%d of %d taken" % (taken, BURST)
        row("%d one-product drops planned and taken, none lost" % BURST, "%.1f s" % took, "< 20 s")
        row("  of it the renames themselves", "%.1f s" % moved)


def status_of(pid):
    lines = open("/proc/%d/status" % pid).read().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def idle():
    with Root(policy={"watch": {"settle_ms": 1000, "safety_scan_ms": 600000}}) as r:
        r.start()
        time.sleep(4)
        before = int(status_of(r.daemon.pid)["voluntary_ctxt_switches"])
        time.sleep(IDLE_S)
        after = status_of(r.daemon.pid)
        row("idle for %.0f s: wake-ups" % IDLE_S, str(int(after["voluntary_ctxt_switches"]) - before), "0")
        row("idle: resident", "%.1f MB" % (int(after["VmRSS"].split()[0]) / 1024), "< 12 MB")


def five_products():
    with Root() as r:
        r.drop("products.json", products(5, "five"))
        began = time.perf_counter()
        done = r.once()
        took = time.perf_counter() - began
        assert done.returncode == 0, done.stderr
        pictures = sum(n.endswith((".png", ".webp")) for _, _, names in os.walk(r.path("out")) for n in names)
        row("five products, %d pictures at full size, start to end" % pictures, "%.1f s" % took, "< 6 s")


def columns(db, table):
    return [r[1] for r in db.execute("PRAGMA table_info(%s)" % table)]


def add_history(path, jobs):
    """Ended drops with finished jobs, as copies of what is there."""
    db = sqlite3.connect(path)
    drop_cols = [c for c in columns(db, "drops") if c not in ("id", "name", "state", "digest")]
    job_cols = [c for c in columns(db, "jobs") if c not in ("id", "drop_id", "state")]
    first, per_drop = db.execute("SELECT drop_id, count(*) FROM jobs GROUP BY drop_id LIMIT 1").fetchone()
    start = db.execute("SELECT max(id) FROM drops").fetchone()[0]
    for i in range(1, jobs // per_drop + 1):
        db.execute("INSERT INTO drops (id, name, state, digest, %s) SELECT ?, ?, 'ended', ?, %s FROM drops WHERE id = ?"
                   % (",".join(drop_cols), ",".join(drop_cols)), (start + i, "old-%d" % i, "old-%d" % i, first))
        db.execute("INSERT INTO jobs (drop_id, state, %s) SELECT ?, 'done', %s FROM jobs WHERE drop_id = ?"
                   % (",".join(job_cols), ",".join(job_cols)), (start + i, first))
    db.commit()
    db.close()


def history():
    """A hundred thousand jobs of history and ten thousand pending: how long until the daemon is ready."""
    with Root() as r:
        r.start()
        assert r.cli("pause").returncode == 0
        drops = 10000 // 10 + 1
        for i in range(drops):
            r.drop("h%d.json" % i, products(1, "h-%d" % i))
        wait(lambda: not r.inbox(), 120, "the pending drops to be taken")
        r.stop()
        add_history(r.path(".slated", "slated.db"), 100000)
        address = os.path.join(r.dir, "ready")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(address)
        r.env["NOTIFY_SOCKET"] = address
        began = time.perf_counter()
        r.start()
        listener.recv(100)
        row("ready with 100,000 jobs of history and 10,000 pending", "%.2f s" % (time.perf_counter() - began), "< 1 s")


if __name__ == "__main__":
    for part in [drop_latency, peer_inotifywait, burst, idle, five_products, history]:
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part()
