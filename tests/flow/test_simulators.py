#!/usr/bin/env python3
"""The simulators of providers are proven by the providers' own clients, by recorded exchanges, by every fault and under load; see tests/simulators/prove.mjs.
SLATED_NO_NPM=1 leaves out what needs packages from the network, and says so."""
import os
import subprocess
import sys

from harness import BUILD, TOP

FOLDER = os.path.join(TOP, "tests", "simulators")
CLIENTS = os.path.join(BUILD, "node")
LIMIT_S = 300


def installed():
    """Whether the clients are there, installing them first when they are missing."""
    return subprocess.run(["sh", os.path.join(FOLDER, "install.sh"), CLIENTS], stdout=sys.stdout, stderr=sys.stdout, timeout=LIMIT_S).returncode == 0


def main():
    without = os.environ.get("SLATED_NO_NPM") == "1"
    ready = without or installed()
    args = ["--clients", CLIENTS] if ready and not without else ["--without-clients"]
    try:
        proof = subprocess.run(["node", os.path.join(FOLDER, "prove.mjs"), *args], stdout=subprocess.PIPE, text=True, timeout=LIMIT_S)
    except FileNotFoundError:
        print("FAIL node is not installed: make deps installs it\n0 passed, 1 failed")
        return 1
    lines = proof.stdout.rstrip().split("\n")
    if not ready:
        passed, _, failed, _ = lines[-1].split()
        print("\n".join(lines[:-1]))
        print("FAIL the official clients are not installed: run `make deps` with a network, or set SLATED_NO_NPM=1")
        print("%s passed, %d failed" % (passed, int(failed) + 1))
        return 1
    print("\n".join(lines))
    return proof.returncode


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main())
