#!/usr/bin/env python3
"""Machines by the hour: begun for the first job that waits, stopped when nobody needs them, never left running; what the simulated host would
charge is what the ledger says."""
# SPDX-License-Identifier: ISC
import json
import os
import re
import subprocess
import time
import urllib.request

from harness import Root, main, products, wait
from simulator import Simulator

RATE = 3600  # an hour costs so much, so a second costs 1
SLACK = 3    # dollars that whole seconds may differ in, for each pod


class PodRoot(Root):
    """Product pictures are made by a ComfyUI on a pod of the simulated host."""

    def __init__(self, sim, pod=None, policy=None, existing=False):
        caps = {"money": {"cap_drop": 2000, "cap_day": 5000, "approve_above": 100000}}
        super().__init__(policy=dict(caps, **(policy or {})), env={"RUNPOD_API_KEY": "rp-sim-0123456789", "no_proxy": "*"})
        self.edit("runpod_pods", [("https://rest.runpod.io/v1", sim.url + "/v1"), ('"carrier": "http",', '"carrier": "http", "private": true,')])
        text = open(os.path.join(self.rules, "providers", "comfyui_pod.json")).read()
        sim.ask("/_sim/pods", {"price": RATE})
        own = {"usd_hour": RATE, "idle_s": 1, "ahead_s": 60, "up_s": 20, "poll_ms": 50, "service": sim.url + "/proxy/{reply.id}"}
        own.update(pod or {})
        for name, value in own.items():
            text, n = re.subn(r'"%s": ("[^"]*"|[0-9.]+)' % name, lambda _: '"%s": %s' % (name, json.dumps(value)), text, count=1)
            if not n:
                text = text.replace('"at": "runpod_pods",', '"at": "runpod_pods", "%s": %s,' % (name, json.dumps(value)), 1)
        if existing:
            text = re.sub(r'"body": \{.*?\n    \},', '"id": "kept",', text, count=1, flags=re.S)
        text = text.replace('"first_ms": 1000', '"first_ms": 50').replace('"carrier": "http",', '"carrier": "http", "private": true,', 1)
        open(os.path.join(self.rules, "providers", "comfyui_pod.json"), "w").write(text)
        self.one_picture_a_product("comfyui_pod", "SDXL", attempts=3)

    def edit(self, name, changes):
        path = os.path.join(self.rules, "providers", name + ".json")
        text = open(path).read()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        open(path, "w").write(text)

    def spent(self):
        rows = json.loads(self.cli("spend", "--by", "engine", "--json").stdout)["rows"]
        return sum(row["spent"] for row in rows)

    def sound(self, sim, pods=1):
        """Nothing runs, the ledger adds up, holds nothing back, and says what the host says."""
        host = sim.ask("/_sim/pods")
        assert host["running"] == 0, host
        assert not self.rows("SELECT 1 FROM pods WHERE state <> 'gone'")
        assert not self.rows("SELECT 1 FROM attempts WHERE state NOT IN ('settled', 'refunded')")
        check = self.cli("spend", "--check")
        assert check.returncode == 0, check.stderr
        assert abs(self.spent() - host["cost"]) <= SLACK * pods, (self.spent(), host)


def test_a_pod_runs_for_a_batch_and_no_longer():
    with Simulator("runpod-pods", boot=400) as sim, PodRoot(sim) as r:
        plan = json.loads(r.cli("plan", r.write("p.json", products(3)), "--json").stdout)
        notes = [n for n in plan["notes"] if n["code"] == "POD_HOURS"]
        assert len(notes) == 1 and plan["price"] > 0, plan["notes"]
        r.drop("p.json", products(3))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["running"] == 1, what="a pod")
        name = sim.ask("/_sim/pods")["runs"][0]["name"]
        assert re.fullmatch(r"slated-[0-9a-f]{8}-comfyui_pod-[0-9a-f]{8}", name), name
        held = r.rows("SELECT reserved_u FROM attempts WHERE pod IS NOT NULL")
        assert held == [(60 * 1000000,)], held
        shown = r.cli("providers").stdout
        assert name in shown and "an hour" in shown, shown
        r.ended()
        assert r.rows("SELECT COUNT(*) FROM jobs WHERE state = 'done' AND engine = 'comfyui_pod'") == [(3,)]
        wait(lambda: sim.ask("/_sim/pods")["running"] == 0, 15, "the pod's end")
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), what="the pod's end on record")
        assert len(sim.ask("/_sim/pods")["runs"]) == 1 and name not in sim.ask("/_sim/pods")["names"]
        r.sound(sim)
        r.drop("again.json", products(3))
        r.ended(2)
        assert len(sim.ask("/_sim/pods")["runs"]) == 1, "a pod was begun for what is made already"


def test_a_pod_tells_how_far_it_is():
    with Simulator("runpod-pods", run=3000) as sim, PodRoot(sim) as r:
        r.drop("p.json", products(2))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["listening"] == 1, 20, "a socket to what the pod serves")
        r.ended()
        wait(lambda: sim.ask("/_sim/pods")["listening"] == 0, 10, "its end")
        wait(lambda: sim.ask("/_sim/pods")["running"] == 0, 15, "the pod's end")


def own_watch(r, minutes, queue):
    """What the pod runs beside its service, with a clock that has so many minutes, and a queue that answers so: what it did to itself."""
    text = open(os.path.join(r.rules, "providers", "comfyui_pod.json")).read()
    shell, flag, script = json.loads(re.search(r'"dockerEntrypoint": (\[.*?\])\n', text, re.S).group(1))
    tools = os.path.join(r.dir, "tools-%d-%d" % (minutes, len(queue)))
    os.makedirs(tools)
    programs = {"sleep": 'n=$(cat {0}/n 2>/dev/null || echo 0); echo $((n + 1)) > {0}/n; [ $n -lt %d ]' % minutes, "curl": queue,
                "runpodctl": 'echo "$@" >> {0}/told; exit 1', "start": "echo begun > {0}/began"}
    for name, lines in programs.items():
        path = os.path.join(tools, name)
        open(path, "w").write("#!/bin/sh\n" + lines.replace("{0}", tools) + "\n")
        os.chmod(path, 0o755)
    env = {"PATH": tools + ":" + os.environ["PATH"], "RUNPOD_POD_ID": "pod7", "RUNPOD_API_KEY": "its-own"}
    subprocess.run([shell, flag, script.replace("/start.sh", os.path.join(tools, "start")).replace(") &", "); ")], env=env, timeout=60)
    assert os.path.exists(os.path.join(tools, "began"))
    told = os.path.join(tools, "told")
    return open(told).read().splitlines() if os.path.exists(told) else []


def test_a_pod_that_nobody_asks_for_anything_ends_itself():
    with Simulator("runpod-pods") as sim, PodRoot(sim) as r:
        idle, busy = """echo '{"queue_running": [], "queue_pending": []}'""", """echo '{"queue_running": [[3, "a", {}]], "queue_pending": []}'"""
        assert own_watch(r, 29, idle) == [] and own_watch(r, 90, busy) == []
        assert own_watch(r, 30, idle) == ["remove pod pod7", "stop pod pod7"]
        assert own_watch(r, 30, "exit 7")[0] == "remove pod pod7", "what it serves never came up"
        assert own_watch(r, 45, '[ $(cat {0}/n) -lt 20 ] && %s || %s' % (busy, idle)) == []
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["runs"], 20, "a pod")
        assert sim.ask("/_sim/pods")["entrypoints"][0][2].endswith("& exec /start.sh")


def test_once_stops_the_pod_before_it_ends():
    with Simulator("runpod-pods", boot=300) as sim, PodRoot(sim, {"idle_s": 300}) as r:
        r.drop("p.json", products(2))
        done = r.once(60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(sim.ask("/_sim/pods")["runs"]) == 1
        r.sound(sim)


def test_a_pod_that_is_there_is_started_and_stopped():
    with Simulator("runpod-pods") as sim, PodRoot(sim, existing=True) as r:
        r.drop("p.json", products(2))
        done = r.once(60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [run["id"] for run in sim.ask("/_sim/pods")["runs"]] == ["kept"]
        r.sound(sim)


def test_stopping_the_daemon_stops_its_pods():
    with Simulator("runpod-pods", boot=60000) as sim, PodRoot(sim, {"up_s": 600}) as r:
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["running"] == 1, what="a pod")
        code, _ = r.stop(20)
        assert code == 0
        r.sound(sim)


def test_time_is_bought_stretch_by_stretch_and_ends_at_a_cap():
    with Simulator("runpod-pods", boot=60000) as sim, PodRoot(sim, {"ahead_s": 4, "up_s": 600, "idle_s": 600}, {"money": {"cap_drop": 10, "approve_above": 100000}}) as r:
        r.drop("p.json", products(2))
        r.start()
        wait(lambda: r.rows("SELECT COUNT(*) FROM attempts WHERE pod IS NOT NULL") == [(2,)], 15, "the second stretch")
        wait(lambda: sim.ask("/_sim/pods")["running"] == 0 and sim.ask("/_sim/pods")["runs"], 20, "its end at the cap")
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), what="its end on record")
        assert sim.ask("/_sim/pods")["cost"] < 10, "more was spent than the cap allows"
        wait(lambda: "the cap for the drop" in r.needs() and "asks you" in r.needs(), what="the jobs that wait for a person")
        r.sound(sim)


def test_what_is_not_affordable_is_not_begun():
    with Simulator("runpod-pods") as sim, PodRoot(sim, policy={"money": {"cap_drop": 10, "approve_above": 100000}}) as r:
        r.drop("p.json", products(2))
        r.start()
        wait(lambda: r.needs().count("the cap for the drop") == 2, what="both jobs to ask")
        assert not sim.ask("/_sim/pods")["runs"] and r.spent() == 0


def test_a_pod_that_is_dearer_than_said_is_stopped():
    with Simulator("runpod-pods") as sim, PodRoot(sim) as r:
        sim.ask("/_sim/pods", {"price": RATE * 2})
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: "costs 7200" in r.needs(), what="word of the price")
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), what="its end")
        r.sound(sim, 2)
        assert len(sim.ask("/_sim/pods")["runs"]) == 1


def test_lost_answers_of_its_host():
    """Cut off before and after it was heard; a host that has none free; an end that is not heard."""
    for role, kind, runs in (("submit", "reset_after_accept", 1), ("submit", "reset_before_accept", 1), ("submit", "5xx", 1),
                             ("cancel", "reset_before_accept", 1), ("poll", "html_error", 1)):  # a start, an end, a look
        with Simulator("runpod-pods") as sim, PodRoot(sim, {"idle_s": 0}) as r:
            sim.faults({"kind": kind, "count": 2 if role == "poll" else 1, "match": {"role": role}})
            r.drop("p.json", products(1))
            done = r.once(60)
            assert done.returncode == 0, (role, kind, done.stdout[-2000:])
            host = sim.ask("/_sim/pods")
            assert len(host["runs"]) == runs, (role, kind, host)
            r.sound(sim)


def test_a_key_that_is_not_accepted_stops_the_engine():
    with Simulator("runpod-pods") as sim, PodRoot(sim) as r:
        r.env["RUNPOD_API_KEY"] = "bad-key-0123456789"
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: "stopped: the engine comfyui_pod" in r.needs(), what="the stop")
        assert "RUNPOD_API_KEY" in r.needs() and not sim.ask("/_sim/pods")["runs"]
        assert "bad-key-0123456789" not in r.logged()
        r.sound(sim, 0)


def test_a_pod_whose_service_never_answers_is_given_up():
    with Simulator("runpod-pods", boot=60000) as sim, PodRoot(sim, {"up_s": 2}) as r:
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: "did not answer in time" in r.needs(), what="word of it")
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), what="its end")
        r.sound(sim)


def test_a_pod_that_its_host_ends_gives_its_work_to_another():
    # all that were under way fail alike at that moment, which says nothing of the next pod
    strict = {"engine": {"equal_errors": 2, "failures": 2}}
    with Simulator("runpod-pods") as sim, PodRoot(sim, {"poll_ms": 20, "idle_s": 7}, strict) as r:
        r.drop("p.json", products(24))
        r.start()
        wait(lambda: r.rows("SELECT COUNT(*) FROM jobs WHERE state = 'done'")[0][0] > 3, 30, "the first pictures")
        sim.ask("/_sim/pods", {"end": True})
        r.ended(seconds=120)
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), 20, "its end")
        assert len(sim.ask("/_sim/pods")["runs"]) == 2, sim.ask("/_sim/pods")
        r.sound(sim, 2)


def test_a_person_stops_a_pod():
    with Simulator("runpod-pods", boot=60000) as sim, PodRoot(sim, {"up_s": 600}) as r:
        r.drop("p.json", products(1))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["running"] == 1, what="a pod")
        done = r.cli("providers", "stop", "comfyui_pod")
        assert done.returncode == 0, done
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), what="its end")
        assert "slated resume comfyui_pod" in r.needs(), r.needs()
        time.sleep(1)
        assert len(sim.ask("/_sim/pods")["runs"]) == 1
        r.sound(sim)


def test_cancelling_a_drop_ends_its_pod_and_pays_for_its_seconds():
    with Simulator("runpod-pods", boot=60000) as sim, PodRoot(sim, {"up_s": 600}) as r:
        r.drop("p.json", products(2))
        r.start()
        wait(lambda: sim.ask("/_sim/pods")["running"] == 1, what="a pod")
        wait(lambda: r.rows("SELECT 1 FROM pods WHERE state = 'running'"), what="word of it")
        assert r.cli("cancel", r.status()[0]["drop"]).returncode == 0
        assert r.rows("SELECT state FROM attempts") == [("submitting",)], "a pod that runs is paid for when it ends"
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), 15, "its end: nobody waits for it")
        r.sound(sim)
        assert not r.rows("SELECT 1 FROM stops"), "nothing is wrong with its engine"


def test_kills_at_every_step_leave_no_pod_running():
    """Killed after so many steps of its host's dialect; the next daemon ends what it finds, and is killed one step later the next time."""
    for kill_at in range(1, 7):
        with Simulator("runpod-pods", boot=150) as sim, PodRoot(sim, {"idle_s": 0, "poll_ms": 100}) as r:
            r.drop("p.json", products(1))
            r.start()
            began = time.monotonic()
            while sim.ledger(brief=True)["totals"]["requests"] < kill_at * 2 - 1 and time.monotonic() - began < 10:
                time.sleep(0.001)
            r.kill()
            done = r.once(60)
            assert done.returncode == 0, (kill_at, done.stdout[-2000:])
            r.sound(sim, max(1, len(sim.ask("/_sim/pods")["runs"])))


def test_a_pod_that_begins_late_is_found_and_stopped():
    """Its host takes the wish on after slated has given it up."""
    with Simulator("runpod-pods") as sim, PodRoot(sim) as r:
        sim.faults({"kind": "reset_before_accept", "count": -1, "match": {"role": "submit"}})
        r.drop("p.json", products(1))
        r.start()
        name = wait(lambda: r.rows("SELECT name FROM pods WHERE state = 'gone'"), 30, "the first to be given up")[0][0]
        r.kill()
        sim.clear_faults()
        body = json.dumps({"name": name, "imageName": "x"}).encode()
        urllib.request.urlopen(urllib.request.Request(sim.url + "/v1/pods", body, {"Authorization": "Bearer x"})).read()
        assert sim.ask("/_sim/pods")["running"] == 1
        done = r.once(60)
        assert done.returncode == 0, done.stdout[-2000:]
        assert name not in sim.ask("/_sim/pods")["names"], sim.ask("/_sim/pods")
        host = sim.ask("/_sim/pods")
        assert host["running"] == 0 and r.spent() >= host["cost"] - SLACK * 2, (r.spent(), host)


def test_a_pod_that_begins_late_disturbs_none_that_serves():
    with Simulator("runpod-pods", boot=100) as sim, PodRoot(sim, {"poll_ms": 200, "idle_s": 3}) as r:
        sim.faults({"kind": "reset_before_accept", "count": 1, "match": {"role": "submit"}})
        sim.latency(queue=5000, cancel=3000)
        r.drop("p.json", products(2))
        r.start()
        name = wait(lambda: r.rows("SELECT name FROM pods WHERE state = 'gone'"), 30, "the first to be given up")[0][0]
        body = json.dumps({"name": name, "imageName": "x"}).encode()
        urllib.request.urlopen(urllib.request.Request(sim.url + "/v1/pods", body, {"Authorization": "Bearer x"})).read()
        wait(lambda: "begun after all" in r.logged(), 30, "the late one to be found")
        r.ended()
        wait(lambda: not r.rows("SELECT 1 FROM pods WHERE state <> 'gone'"), 20, "both ends")
        asked = [a for a in sim.accepted() if a["model"] != "pod"]
        assert len(asked) == 2, "what was at work on the other pod was sent anew: %s" % asked
        assert sim.ask("/_sim/pods")["running"] == 0 and len(sim.ask("/_sim/pods")["runs"]) == 2


if __name__ == "__main__":
    main([test for name, test in list(globals().items()) if name.startswith("test_")])
