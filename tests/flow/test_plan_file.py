#!/usr/bin/env python3
"""An intake rule names the plan that its drops are made by."""
# SPDX-License-Identifier: ISC
import json
import os
import shutil

import harness


def jobs_of(root, path):
    answer = root.cli("plan", path, "--json")
    assert answer.returncode == 0, answer.stderr
    return [job["key"] for job in json.loads(answer.stdout)["jobs"]]


def test_a_plan_under_another_name_is_the_one_that_is_used():
    with harness.Root() as root:
        path = root.write("products.json", harness.products(3))
        before = jobs_of(root, path)
        root.one_picture_a_product("local", "embedded")
        few = jobs_of(root, path)
        plans = os.path.join(root.rules, "plans")
        os.rename(os.path.join(plans, "products.json"), os.path.join(plans, "mine.json"))
        shutil.copy(os.path.join(harness.TOP, "rules", "plans", "products.json"), plans)
        rule = os.path.join(root.rules, "intake", "products.json")
        text = open(rule).read()
        assert '"plan": "products"' in text
        with open(rule, "w") as f:
            f.write(text.replace('"plan": "products"', '"plan": "mine"'))
        assert len(few) < len(before) and jobs_of(root, path) == few


if __name__ == "__main__":
    harness.main([test_a_plan_under_another_name_is_the_one_that_is_used])
