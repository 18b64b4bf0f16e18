#!/usr/bin/env python3
"""A real daemon tells people: each event once, at every service in its own dialect, also over a restart and a net that is away; keys lie nowhere."""
import http.server
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

from harness import Root, main, products, wait
from simulator import Simulator

TOKEN = "123456:notify-token-abcdef"
CHAT = "777001"


class NotifyRoot(Root):
    """Its notifiers lead to this machine, and keep no distance unless a test asks for it."""

    def __init__(self, env, bases=None, distance=False, policy=None, tries=None):
        super().__init__(policy=policy, env=dict({"no_proxy": "*"}, **env))
        folder = os.path.join(self.rules, "notify")
        for name in ("telegram", "slack", "discord", "ntfy"):
            path = os.path.join(folder, name + ".json")
            text = open(path).read().replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
            text = re.sub(r'"base": "[^"]*"', '"base": "%s"' % (bases or {}).get(name, "http://127.0.0.1:9"), text)
            open(path, "w").write(text if distance else re.sub(r'"gap_s": \d+', '"gap_s": 0', text))
        path = os.path.join(folder, "events.json")
        text = open(path).read()
        if not distance:
            text = re.sub(r'"least_s": \d+', '"least_s": 0', text)
        if tries:
            text = re.sub(r'"tries_s": \[[^\]]*\]', '"tries_s": %s' % json.dumps(tries), text)
        open(path, "w").write(text)

    def no_key_anywhere(self, *keys):
        for folder, _, names in os.walk(self.root):
            for name in names:
                data = open(os.path.join(folder, name), "rb").read()
                for key in keys:
                    assert key.encode() not in data, os.path.join(folder, name)
        log = open(self.log, "rb").read() if os.path.exists(self.log) else b""
        for key in keys:
            assert key.encode() not in log


def telegram_env():
    return {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": CHAT}


def telegram_root(sim, **more):
    return NotifyRoot(telegram_env(), {"telegram": sim.url}, **more)


class Receiver:
    """A small server that keeps what was posted; answers as told, in turn, then 200."""

    def __init__(self, held=None):
        self.seen, self.answers, outer = [], [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append((time.monotonic(), self.path, dict(self.headers), body))
                status, headers, text = outer.answers.pop(0) if outer.answers else (200, {}, "ok")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=not held)
        if held:
            self.server.socket.close()
            self.server.socket = held
            self.server.server_address = held.getsockname()
            self.server.server_activate()
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def bodies(self):
        return [body.decode() for _, _, _, body in self.seen]


def test_a_drop_is_told_from_its_start_to_its_end():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/services/T0/B0/secret-path-xyz"}) as r:
        r.drop("products.json", products(5))
        done = r.once(240)
        assert done.returncode == 0, done.stdout + done.stderr
        said = [json.loads(b)["text"] for b in at.bodies()]
        assert "started" in said[0] and "products.json" in said[0], said
        assert "done" in said[-1], said
        total = int(re.search(r"Progress: (\d+)/(\d+)", said[-1]).group(2))
        told = [int(re.search(r"(\d+)/%d" % total, s).group(1)) for s in said[1:-1]]
        fives = [n // 5 for n in told]  # each five once; one that has not left is overtaken by the next, or by the end
        assert fives and fives == sorted(set(fives)) and set(fives) <= set(range(1, (total - 1) // 5 + 1)), (told, total)
        assert len(said) == len(set(said)), said
        r.no_key_anywhere("secret-path-xyz")
        before = len(at.seen)
        again = r.once(60)
        assert again.returncode == 0 and len(at.seen) == before, at.bodies()[before:]


def test_telegram_gets_its_own_dialect():
    with Simulator("telegram") as sim, telegram_root(sim) as r:
        r.drop("a <b>&.json", products(1))
        r.start()
        r.ended()
        wait(lambda: len(sim.accepted()) >= 2, what="two messages")
        assert all(a["model"] == CHAT for a in sim.accepted()), sim.accepted()
        r.stop()
        r.no_key_anywhere(TOKEN)


def test_telegram_shows_a_picture_of_what_was_made():
    with Simulator("telegram") as sim, telegram_root(sim) as r:
        r.drop("p.json", products(1))
        r.start()
        r.ended()
        sent = wait(lambda: [a for a in sim.accepted() if a["path"].endswith("/sendPhoto")], what="the picture")
        assert len(sent) == 1 and sim.accepted()[-1] == sent[0] and 2000 < sent[0]["body_bytes"] < 10 << 20, sim.accepted()
        wait(lambda: not os.path.exists(r.path(".slated", "news-telegram.jpg")), what="the passing file to go")
        r.stop()
        r.no_key_anywhere(TOKEN)


def test_a_picture_that_is_not_taken_goes_as_text():
    with Simulator("telegram") as sim, telegram_root(sim) as r:
        sim.faults({"kind": "refused", "count": 1, "match": {"path": "sendPhoto"}})
        r.drop("p.json", products(1))
        r.start()
        r.ended()
        wait(lambda: sim.ledger()["totals"]["faults"].get("refused"), what="the refusal")
        n = len(sim.accepted())
        wait(lambda: len(sim.accepted()) > n or "done" in str(r.rows("SELECT event FROM news WHERE state = 'sent'")), what="the text")
        assert not [a for a in sim.accepted() if a["path"].endswith("/sendPhoto")], sim.accepted()
        wait(lambda: r.rows("SELECT 1 FROM news WHERE event = 'done' AND state = 'sent'"), what="its end on record")


DESK = """
import os, subprocess, sys, time
shown = open(sys.argv[1], "wb")
shower = subprocess.Popen(["dunst", "-print"], stdout=shown, stderr=subprocess.STDOUT)
try:
    for _ in range(200):  # until somebody shows what is sent
        if b"org.freedesktop.Notifications" in subprocess.run(["dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply", "/",
                "org.freedesktop.DBus.ListNames"], stdout=subprocess.PIPE).stdout:
            break
        time.sleep(0.05)
    code = subprocess.run(sys.argv[2:]).returncode
    time.sleep(0.5)
finally:
    shower.kill()
sys.exit(code)
"""
DESK_NEEDS = ("dbus-run-session", "dbus-send", "notify-send", "dunst", "xvfb-run")


def test_this_machines_desktop_shows_it():
    missing = [name for name in DESK_NEEDS if not shutil.which(name)]
    if missing:
        print("skipped: the desktop's own notifications, for want of %s" % ", ".join(missing))
        return
    with NotifyRoot({}, policy={"notify": {"to": ["desktop"]}}) as r:
        r.one_picture_a_product("local", "embedded")
        r.drop("a <b> & c.json", products(1))
        shown = os.path.join(r.dir, "shown")
        done = subprocess.run(["xvfb-run", "-a", "dbus-run-session", "--", sys.executable, "-c", DESK, shown, *r.args("once", "--plain")],
                              env=r.env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        text = open(shown, errors="replace").read()
        assert "appname: 'slated'" in text and "a <b> & c.json" in text and "out/videos/v1" in text, text + done.stdout
        assert r.rows("SELECT event, state FROM news") == [("done", "sent")], r.rows("SELECT * FROM news")


def test_a_net_that_is_away_loses_nothing_and_a_restart_repeats_nothing():
    held = socket.socket()  # bound, and nobody listens yet: connections are refused, and the port stays ours
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]
    env = {"DISCORD_WEBHOOK_URL": "http://127.0.0.1:%d/api/webhooks/1/abc-secret-abc" % port}
    with NotifyRoot(env, tries=[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) as r:
        r.drop("products.json", products(1))
        r.start()
        r.ended()
        wait(lambda: "is not told" in open(r.log).read() or "notify" in open(r.log).read() or r.cli("notify").stdout.count("waiting"), what="a first try")
        r.kill()
        r.start()
        with Receiver(held) as at:
            wait(lambda: any("done" in b for b in at.bodies()), 20, "the end to be told")
            time.sleep(0.5)
            said = [json.loads(b)["content"] for b in at.bodies()]
            assert len([s for s in said if "done" in s]) == 1, said
            assert len([s for s in said if "started" in s]) <= 1, said
            assert all("parse" in b for b in at.bodies())
            assert at.seen[0][1].endswith("?wait=true")
            r.kill()
            r.start()
            time.sleep(1)
            assert len(at.seen) == len(said), at.bodies()
        r.no_key_anywhere("abc-secret-abc")


def test_a_service_that_asks_for_time_gets_it():
    with Receiver() as at, NotifyRoot({"NTFY_TOPIC": "topic-secret-1"}, {"ntfy": at.url}) as r:
        at.answers = [(429, {"Retry-After": "2"}, '{"code":42901,"http":429,"error":"limit reached"}'), (503, {}, "")]
        r.drop("products.json", products(1))
        r.start()
        r.ended()
        wait(lambda: any("Look into" in b for b in at.bodies()), 30, "the end to be told")
        assert at.seen[1][0] - at.seen[0][0] >= 1.9, "it was asked to wait 2 s"
        assert at.seen[0][1].startswith("/topic-secret-1?title=") and "priority=" in at.seen[0][1]
        r.no_key_anywhere("topic-secret-1")


def test_a_key_that_is_not_accepted_is_said_once_and_holds_no_job():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/services/gone-secret"}) as r:
        at.answers = [(410, {}, "channel_is_archived")] * 50
        r.drop("products.json", products(2))
        r.start()
        r.ended()
        time.sleep(0.6)
        log = open(r.log).read()
        assert log.count("slack is not told") == 1 and "Make a new one" in log, log
        assert len(at.seen) == 1, len(at.seen)
        assert all(d["failed"] == 0 for d in r.status() if "failed" in d)


def test_distances_are_kept():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/x"}, distance=True) as r:
        r.drop("products.json", products(5))
        r.start()
        r.ended()
        wait(lambda: any("done" in b for b in at.bodies()), 20, "the end to be told")
        said = at.bodies()
        assert len(said) == 2 and "started" in said[0] and "done" in said[1], said


def test_what_waits_for_a_person_is_told_once():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/x"}) as r:
        r.start()
        r.drop("broken.json", "{\"video_id\": ")
        wait(lambda: any("waiting for you" in b for b in at.bodies()), 20, "word of the refusal")
        assert "broken.json" in at.bodies()[-1]
        r.drop("products.json", products(1))
        r.ended()
        wait(lambda: any("done" in b for b in at.bodies()), 20, "the end to be told")
        assert len([b for b in at.bodies() if "waiting for you" in b]) == 1, at.bodies()


def test_a_hook_gets_a_document_and_is_ended_with_all_it_started():
    with NotifyRoot({}) as r:
        out = os.path.join(r.dir, "told.jsonl")
        hook = r.write("hook.sh", "#!/bin/sh\ncat >>%s\necho >>%s\n" % (out, out))
        os.chmod(hook, 0o755)
        r.set_policy({"notify": {"hook": [hook]}, "watch": {"settle_ms": 200}})
        r.drop("$(touch x) products.json", products(1))
        done = r.once(120)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = [json.loads(line) for line in open(out) if line.strip()]
        assert lines[0]["event"] == "started" and lines[-1]["event"] == "done", lines
        assert lines[-1]["events"][0]["drop"] == "$(touch x) products.json"
        slow = r.write("slow.sh", "#!/bin/sh\nsleep 600 &\necho $! >%s/pid\nsleep 600\n" % r.dir)
        os.chmod(slow, 0o755)
        path = os.path.join(r.rules, "notify", "hook.json")
        text = open(path).read().replace('"timeout_s": 10', '"timeout_s": 1')
        open(path, "w").write(text)
        r.set_policy({"notify": {"hook": [slow]}})
        said = r.cli("notify", "test", "hook")
        assert said.returncode == 1 and "did not end in time" in said.stderr, said
        pid = int(open(os.path.join(r.dir, "pid")).read())
        wait(lambda: not os.path.exists("/proc/%d" % pid) or "Z" in open("/proc/%d/stat" % pid).read(), 5, "the child to be gone")


def test_a_hook_that_is_at_work_when_slated_ends_leaves_nothing_behind():
    with NotifyRoot({}) as r:
        slow = r.write("slow.sh", "#!/bin/sh\nsleep 600 &\necho $! >%s/pid\nsleep 600\n" % r.dir)
        os.chmod(slow, 0o755)
        r.set_policy({"notify": {"hook": [slow]}, "watch": {"settle_ms": 200}})
        r.start()
        r.drop("products.json", products(1))
        pid = int(wait(lambda: os.path.exists(r.dir + "/pid") and open(r.dir + "/pid").read().strip(), what="the hook"))
        code, seconds = r.stop()
        assert code == 0 and seconds < 3, (code, seconds)
        wait(lambda: not os.path.exists("/proc/%d" % pid) or "Z" in open("/proc/%d/stat" % pid).read(), 5, "the hook to be gone")


def test_notify_test_says_what_came_of_it():
    with Simulator("telegram") as sim, telegram_root(sim) as r:
        listed = r.cli("notify").stdout
        assert "telegram   is told" in listed and "without SLACK_WEBHOOK_URL" in listed, listed
        said = r.cli("notify", "test")
        assert said.returncode == 0 and said.stdout == "telegram: sent\n", said
        assert len(sim.accepted()) == 1
        r.env["TELEGRAM_CHAT_ID"] = "404"
        said = r.cli("notify", "test", "telegram")
        assert said.returncode == 1 and "there is no such chat" in said.stderr and "TELEGRAM_CHAT_ID" in said.stderr, said
        r.env["TELEGRAM_BOT_TOKEN"] = "1:bad-token-for-a-test"
        said = r.cli("notify", "test", "telegram")
        assert said.returncode == 1 and "token is not accepted" in said.stderr and "bad-token" not in said.stderr, said


class PaidNotifyRoot(NotifyRoot):
    """Product pictures are made by the simulated fal."""

    def __init__(self, at, sim, policy):
        super().__init__({"SLACK_WEBHOOK_URL": at.url + "/x", "FAL_KEY": "sim-key-0123456789"}, policy=policy)
        path = os.path.join(self.rules, "providers", "fal.json")
        text = open(path).read().replace("https://queue.fal.run", sim.url + "/queue").replace("https://rest.fal.ai", sim.url + "/rest")
        open(path, "w").write(text.replace('"carrier": "http",', '"carrier": "http", "private": true,', 1))
        path = os.path.join(self.rules, "models", "routing.json")
        types = {"product": {"*": [{"engine": "fal", "model": "Z-Image Turbo"}]}, "*": {"*": [{"engine": "local", "model": "embedded"}]}}
        json.dump({"about": "simulated", "use": "standard", "profiles": {"standard": {"about": "simulated", "types": types}}}, open(path, "w"))


def test_a_go_that_is_wanted_and_an_engine_that_stopped_are_told():
    with Receiver() as at, Simulator("fal") as sim, PaidNotifyRoot(at, sim, {"money": {"approve_above": 0.001}}) as r:
        sim.faults({"kind": "auth", "count": -1, "match": {"role": "submit"}})
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: any("your go is wanted" in b for b in at.bodies()), 20, "the card")
        assert not any("started" in b for b in at.bodies()), at.bodies()
        card = [n for n in os.listdir(r.path("approve")) if n.endswith(".md")][0]
        assert card in [b for b in at.bodies() if "your go" in b][0]
        assert r.cli("approve", card).returncode == 0
        wait(lambda: any("fal gets no more work (auth)" in b and "slated resume fal" in b for b in at.bodies()), 20, "the stop")
        assert any("started" in b for b in at.bodies())
        time.sleep(0.6)
        assert len([b for b in at.bodies() if "no more work" in b]) == 1 and len([b for b in at.bodies() if "your go" in b]) == 1, at.bodies()
        r.no_key_anywhere("sim-key-0123456789")


def test_a_cap_that_is_reached_is_told_once():
    with Receiver() as at, Simulator("fal") as sim, PaidNotifyRoot(at, sim, {"money": {"cap_drop": 0.006}}) as r:
        sim.latency(queue=20, run=40)
        r.drop("products.json", products(1))
        r.start()
        wait(lambda: any("held by a cap" in b for b in at.bodies()), 20, "the cap")
        wait(lambda: open(r.log).read().count("would pass the cap") >= 3, 20, "all of them to be held")
        time.sleep(1)
        r.kill()
        said = [b for b in at.bodies() if "held by a cap" in b]
        n = len(at.seen)
        r.start()
        time.sleep(1.5)
        assert len(at.seen) == n, at.bodies()[n:]
        assert not any("waiting for you" in b for b in at.bodies()), at.bodies()
        assert "cap" in said[0] and "money" in said[0]


def test_a_long_pause_is_told_and_a_short_one_is_not():
    for seconds, told in ((1, False), (120, True)):
        with Receiver() as at, Simulator("fal") as sim, PaidNotifyRoot(at, sim, {}) as r:
            sim.latency(queue=20, run=40)
            sim.faults({"kind": "429_wait", "count": 1, "seconds": seconds, "match": {"role": "submit"}})
            r.drop("products.json", products(1))
            r.start()
            wait(lambda: sim.ledger(brief=True)["totals"]["accepted"] >= (0 if told else 4), 20, "work")
            time.sleep(1.5)
            assert any("asks for a pause of 2 min" in b for b in at.bodies()) == told, at.bodies()


def test_kills_repeat_no_message():
    random.seed(8)
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/x"}) as r:
        for i in range(3):
            r.drop("p%d.json" % i, products(2, "v%d" % i))
        for _ in range(8):
            r.start()
            time.sleep(random.uniform(0.1, 1.2))
            r.kill()
        r.start()
        r.ended(3)
        time.sleep(1)
        said = [json.loads(b)["text"] for b in at.bodies()]
        for i in range(3):
            of = [s for s in said if "p%d.json" % i in s]
            assert len([s for s in of if "started" in s]) <= 1 and len([s for s in of if "done" in s]) <= 1, of
        assert len([s for s in said if "messages" not in s]) == len(set(s for s in said if "messages" not in s)), said
        assert len([s for s in said if "done" in s]) >= 2, said


def test_what_a_person_makes_by_hand_is_no_failure():
    with Receiver() as at, NotifyRoot({"SLACK_WEBHOOK_URL": at.url + "/services/T0/B0/secret-path-xyz"}) as r:
        r.one_picture_a_product("manual", "a person")
        r.drop("products.json", products(2))
        assert r.once(120).returncode == 2
        said = [json.loads(b)["text"] for b in at.bodies()]
        end = [text for text in said if "products.json" in text and "done" in text]
        assert len(end) == 1 and "By hand: 2" in end[0], said
        assert not [text for text in said if "failed" in text.lower() or "retry" in text], said


if __name__ == "__main__":
    main([value for name, value in sorted(globals().items()) if name.startswith("test_")])
