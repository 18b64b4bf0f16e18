"""A provider's simulator for a flow test: starts it, orders faults, reads its ledger, ends it. Only the standard library."""
import json
import os
import subprocess
import urllib.error
import urllib.request

from harness import TOP

MAIN = os.path.join(TOP, "tests", "simulators", "sim.mjs")


class Simulator:
    """with Simulator("fal") as fal: fal.url; fal.faults({"kind": "429"}); fal.ledger()["totals"]["accepted"]"""

    def __init__(self, provider, port=0, **latency):
        self.provider = provider
        self.process = subprocess.Popen(["node", MAIN, "--provider", provider, "--port", str(port), "--until-eof"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the simulator of %s did not start: is node installed?" % provider)
        self.port = json.loads(line)[provider]
        self.url = "http://127.0.0.1:%d" % self.port
        if latency:
            self.latency(**latency)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def stop(self):
        """Ends it as a server ends that is switched off: connections break."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            raise AssertionError("the simulator answers %d: %s" % (e.code, e.read().decode())) from None

    def faults(self, *orders):
        """{"kind": ..., "count": 1 (-1 for ever), "after": 0, "match": {"role", "path", "window", "body"}} or {"random": {"seed", "rate", "kinds"}}."""
        return self.ask("/_sim/faults", list(orders))

    def clear_faults(self):
        return self.ask("/_sim/faults", {"clear": True})

    def latency(self, **ms):
        """By role (submit, poll, result, download, upload), all=, and how long a job takes: queue=, run=, film=."""
        return self.ask("/_sim/latency", ms)

    def reset(self):
        return self.ask("/_sim/reset", {})

    def ledger(self, brief=False):
        return self.ask("/_sim/ledger" + ("?brief=1" if brief else ""))

    def accepted(self):
        return self.ledger()["accepted"]

    def cost(self):
        return self.ledger(brief=True)["totals"]["cost"]
