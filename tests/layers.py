"""Checks that a room includes only what the table below allows, and that its objects link with the objects of those rooms
alone. Usage: layers.py OBJECT_FOLDER "COMPILER" "LIBRARIES". Prints one line per finding; answers 1 when there is any."""
# SPDX-License-Identifier: ISC
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

# room: the rooms it may include. "store/rows" is the header of plain rows alone.
MAY_USE = {
    "base": "",
    "loop": "base",
    "rules": "base",
    "secrets": "base",
    "store": "base",
    "watch": "base",
    "intake": "base rules",
    "money": "base rules",
    "plan": "base rules intake money secrets",
    "ops": "base",
    "carriers": "base loop ops",
    "limits": "base rules",
    "sop": "base rules",
    "gates": "base rules",
    "providers": "base rules store/rows money plan carriers ops secrets limits sop gates",
    "browser": "base loop rules carriers",
    "assets": "base store/rows",
    "manual": "base rules intake store/rows assets",
    "words": "base rules manual",
    "news": "base",
    "report": "base money store/rows assets plan intake",
    "engine": "base loop rules secrets store watch intake money plan ops carriers limits sop gates providers browser assets manual words news report",
    "cli": "base loop rules secrets store watch intake money plan ops carriers limits sop gates providers browser assets manual words news report engine",
    "picture": "base ops",
    "draw": "base ops picture",
    "film": "base ops picture",
    "likeness": "base ops picture film",
    "unpack": "base ops intake",
    "worker": "base ops intake picture draw film likeness unpack",
}

found = 0


def say(text):
    global found
    found += 1
    print(text)


def allowed(room, other, header):
    uses = MAY_USE[room].split()
    return other == room or other in uses or f"{other}/{header}" in uses


def check_includes(path):
    room = path.split("/")[1]
    if room not in MAY_USE:
        say(f"{path}: the room {room} is not in the table of tests/layers.py")
        return
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        match = re.match(r'\s*#\s*include\s+"([a-z_]+)/([a-z0-9_]+)\.h"', line)
        if match and match[1] in MAY_USE and not allowed(room, match[1], match[2]):
            say(f"{path}:{number}: {room} may not use {match[1]}/{match[2]}.h")


def needed(room):
    """The rooms that room's own rooms stand on, too."""
    todo, all_of = [room], set()
    while todo:
        one = todo.pop()
        if one not in all_of:
            all_of.add(one)
            todo += MAY_USE.get(one, "").split()
    return all_of


def objects(folder, name):
    if "/" in name:
        return glob.glob(f"{folder}/{name}.o")
    return [o for o in sorted(glob.glob(f"{folder}/{name}/*.o")) if not o.endswith("worker/main.o") and
            os.path.exists("src/" + o[len(folder) + 1:-2] + ".c")]


def check_link(room, folder, compiler, libraries):
    parts = sorted(o for name in needed(room) for o in objects(folder, name))
    if not objects(folder, room):
        return
    with tempfile.TemporaryDirectory() as work:
        main = os.path.join(work, "main.c")
        with open(main, "w", encoding="utf-8") as f:
            f.write("int main(void) { return 0; }\n")
        run = subprocess.run(shlex.split(compiler) + ["-o", os.path.join(work, "room"), main, *dict.fromkeys(parts),
                                                      *shlex.split(libraries)], capture_output=True, text=True)
    if run.returncode:
        missing = sorted(set(re.findall(r"undefined reference to [`'](\w+)'", run.stderr)))
        say(f"{room} does not link alone: " + (", ".join(missing) or run.stderr.strip()))


files = sorted(glob.glob("src/*/*.[ch]"))
for name in files:
    check_includes(name)
for name in MAY_USE:
    check_link(name, *sys.argv[1:4])
print(f"layers: {len(files)} files of {len(MAY_USE)} rooms, {found} to mend")
sys.exit(found > 0)
