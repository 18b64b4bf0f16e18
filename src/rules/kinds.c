/* The folders of a rules folder, and the schemas that are built into the program (schemas/, one
 * file each). */
/* SPDX-License-Identifier: ISC */
#include "rules/kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "rules/expand.h"
#include "rules_schemas.h" /* made from schemas/ : schema_texts[] of {name, text} */

const char *const kinds_names[] = {"intake", "plans", "prompts", "models", "providers",
                                   "sops",   "gates", "naming",  "notify", NULL};

static const char *embedded_text(const char *name)
{
    for (size_t i = 0; i < sizeof schema_texts / sizeof *schema_texts; i++) {
        if (str_eq(schema_texts[i].name, name))
            return schema_texts[i].text;
    }
    return NULL;
}

bool kinds_in_folders(const char *kind)
{
    return str_eq(kind, "sops");
}

cJSON *kinds_schema(const char *kind, const char *whole_name)
{
    const char *slash = whole_name ? strrchr(whole_name, '/') : NULL;
    const char *name = slash ? slash + 1 : whole_name;
    char *own = name ? mem_printf("%s.%s", kind, name) : mem_dup(kind);
    const char *text = embedded_text(own);
    struct json_fault fault;
    struct faults faults = {0};
    cJSON *tree = NULL;
    char why[512];
    free(own);
    if (!text && name)
        text = embedded_text(kind);
    if (!text)
        return NULL;
    if (json_parse(text, strlen(text), &json_limits_rules, &tree, &fault) != 0) {
        json_fault_text(&fault, why, sizeof why);
        bug("the built-in schema of rules/%s is wrong: %s", kind, why);
    }
    if (rules_expand(tree, kind, &faults) > 0)
        bug("the built-in schema of rules/%s is wrong: %s", kind, faults.list[0].place);
    return tree;
}
