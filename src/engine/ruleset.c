/* A rules folder comes in; a set that every room can work with goes out, or all its faults. */
/* SPDX-License-Identifier: ISC */
#include "engine/ruleset.h"

#include "providers/provider.h"
#include "sop/sop.h"
#include "words/check.h"

int ruleset_load(const char *dir, struct rules **ret_rules, struct faults *faults)
{
    struct rules *rules = NULL;
    int rc = rules_load(dir, &rules, faults);
    if (!rc && providers_check(rules, faults) > 0)
        rc = ERR_RULES;
    if (!rc && sop_check(rules, faults) > 0)
        rc = ERR_RULES;
    if (!rc && words_check(rules, faults) > 0)
        rc = ERR_RULES;
    if (rc)
        rules_release(rules);
    else
        *ret_rules = rules;
    return rc;
}
