#!/usr/bin/env python3
"""What rules/README.md shows of step files is true: every example of it is put into a site and read by `slated sop check`, there is one for every act,
condition and member of a target that the machine knows, and a slip in any of them is found."""
import json
import os
import re

from harness import TOP, Root, main

README = open(os.path.join(TOP, "rules", "README.md")).read()
PART = README[README.index("## Write your own site"):README.index("## Write your own provider")]
SHAPE = open(os.path.join(TOP, "src", "sop", "sop_shape.c")).read()


def blocks():
    """The whole files, by name."""
    found = re.findall(r"```jsonc\n// sops/acme/(\w+)\.json[^\n]*\n(.*?)```", PART, re.S)
    return {name: json.loads(re.sub(r"(?m)\s// .*$", "", text)) for name, text in found}


def table(head):
    """The examples of one table's rows, under what its first column says."""
    rows = PART[PART.index("| %s |" % head):].split("\n\n")[0].splitlines()[2:]
    return [(row.split("|")[1], [json.loads(one) for one in re.findall(r"`(\{.*?\})`", row)]) for row in rows]


def acts():
    return [(re.findall(r"`(\w+)`", names), examples) for names, examples in table("act")]


def conditions():
    return [one for _, examples in table("condition") for one in examples]


def targets():
    return [one for _, examples in table("target") for one in examples]


def known(name):
    """First words of the rows of one table of the machine."""
    rows = SHAPE[:SHAPE.index("} %s[]" % name)], SHAPE[SHAPE.index("} %s[]" % name):]
    return re.findall(r'\{"(\w+)"', rows[1][:rows[1].index("};")])


def write(r, more_steps=()):
    """The site of the README, whole: what its files call and name is there."""
    folder = os.path.join(r.rules, "sops", "acme")
    os.makedirs(folder, exist_ok=True)
    files = blocks()
    files["site"]["pages"]["home"] = "https://acme.example/home"
    plain = [{"name": "nothing", "act": "pause", "ms": 1}]
    files["procedures"] = {"about": "a", "procedures": {
        "close_dialogs": {"about": "a", "steps": plain}, "start_over": {"about": "a", "steps": plain},
        "generate": {"about": "a", "takes": ["credits"], "steps": plain}, "fill_prompt": {"about": "a", "takes": ["text"], "steps": plain}}}
    files["scene"] = {"about": "a", "title": "what stands in", "ops": [files["poster"]["otherwise"]], "credits": 1, "seconds": 1, "steps": plain}
    files["poster"]["takes"].update(variant="one of several")
    files["poster"]["steps"] += more_steps
    for name, tree in files.items():
        json.dump(tree, open(os.path.join(folder, name + ".json"), "w"))
    return r.cli("sop", "check")


def steps():
    some = [dict(one, name="act %d" % n) for n, one in enumerate(o for _, examples in acts() for o in examples)]
    some += [{"name": "condition %d" % n, "act": "wait", "for": one} for n, one in enumerate(conditions())]
    return some + [{"name": "target %d" % n, "act": "click", "on": one} for n, one in enumerate(targets())]


def test_every_example_is_good():
    with Root() as r:
        said = write(r, steps())
        assert said.returncode == 0, said.stdout + said.stderr
        assert len(steps()) >= 40, len(steps())
        listed = r.cli("sop", "list")
        assert "Poster: text to image" in listed.stdout, listed.stdout + listed.stderr


def test_every_act_condition_and_member_has_an_example():
    shown = {one["act"] for _, examples in acts() for one in examples}
    assert shown == set(known("acts")), shown ^ set(known("acts"))
    for names, examples in acts():
        assert examples and {one["act"] for one in examples} == set(names), names
    kinds = set(re.findall(r'"(\w+)": ', json.dumps(conditions())))
    assert set(known("conditions")) <= kinds, set(known("conditions")) - kinds
    members = set(re.search(r'known\[\] =\s*"([^"]*)"', SHAPE).group(1).split())
    assert members <= {key for one in targets() for key in one}, members - {key for one in targets() for key in one}


def test_a_slip_in_any_example_is_found():
    wrong = []
    for step in steps():
        broken = dict(step, act=step["act"] + "s") if step["name"].startswith("act") else json.loads(json.dumps(step).replace('"for": {"', '"for": {"x', 1).replace('"on": {"', '"on": {"x', 1))
        wrong.append(broken)
    with Root() as r:
        said = write(r, wrong)
        text = said.stdout + said.stderr
        assert said.returncode == 1, text
        for step in wrong:
            assert step["name"] in text, (step, text[-3000:])


if __name__ == "__main__":
    main([v for k, v in sorted(globals().items()) if k.startswith("test_")])
