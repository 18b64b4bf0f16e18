/* Any lines as what a page tells a procedure: the value of each act's result in turn, "!" and words
 * for an act that failed, "?" for a look whether a lost click left a trace. The first byte chooses
 * the procedure. Whatever a page says, each turn is whole, what it costs is a sum, and where the
 * procedure stands can be stored. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "sop/sop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SITE     "dzine"
#define TURNS    3000
#define NOW_MS   1760000000000
#define STEPS_MS 1500 /* that pass with each turn */

static struct rules *rules;

static void open_once(void)
{
    struct faults faults = {0};
    if (!rules && rules_load("rules", &rules, &faults))
        abort(); /* started in the checkout */
}

/* The at-th procedure: a file of the site that makes something. */
static const cJSON *procedure_at(size_t at)
{
    const cJSON *tree, *found = NULL;
    size_t n = 0;
    while (!found) {
        cJSON_ArrayForEach(tree, rules_kind(rules, "sops"))
        {
            if (!found && str_starts(tree->string, SITE "/") && json_get(tree, "ops") && n++ == at)
                found = tree;
        }
        at = n ? at % n : 0;
        n = 0;
    }
    return found;
}

static cJSON *wishes_of(const cJSON *tree)
{
    cJSON *wishes = cJSON_CreateObject();
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(tree, "takes")) json_set_str(wishes, one->string, "a wish");
    return wishes;
}

/* What the page tells next; NULL after its last word. Owned. */
static cJSON *told(const char *line)
{
    cJSON *result = cJSON_CreateObject();
    cJSON *value = *line == '!' ? NULL : cJSON_Parse(line);
    json_set_bool(result, "ok", *line != '!');
    if (*line == '!')
        json_set_str(result, "error", line + 1);
    else
        json_set(result, "value", value ? value : cJSON_CreateString(line));
    return result;
}

static void look_for_trace(cJSON *state, const char *line)
{
    cJSON *acts = sop_trace_acts(rules, state), *results = cJSON_CreateArray();
    for (int i = 0; i < cJSON_GetArraySize(acts); i++)
        cJSON_AddItemToArray(results, told(line));
    enum sop_trace trace = sop_trace_read(rules, state, results);
    if (trace < TRACE_FOUND || trace > TRACE_SIGNED_OUT)
        abort();
    cJSON_Delete(acts);
    cJSON_Delete(results);
}

static bool check_turn(const struct sop_turn *t, const cJSON *state)
{
    bool goes_on = t->move == SOP_ACT || t->move == SOP_WAIT;
    if ((t->move == SOP_ACT && (!cJSON_IsObject(t->act) || sop_act_ms(t->act) < 0)) ||
        (t->move == SOP_FAILED && (!t->error || !t->class)) || (goes_on && !t->step) ||
        !isfinite(t->credits) || t->credits < 0 || !isfinite(t->settles) ||
        !isfinite(sop_spent(state)) || !isfinite(sop_owed(state)))
        abort();
    return goes_on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct err e = {0};
    cJSON *state = NULL, *result = NULL;
    open_once();
    if (len < 1)
        return 0;
    const cJSON *tree = procedure_at(data[0]);
    char *lines = mem_dup_n((const char *)data + 1, len - 1), *rest = lines;
    if (sop_begin(rules, SITE, tree->string + strlen(SITE "/"), wishes_of(tree), &state, &e))
        abort();
    for (int i = 0; i < TURNS; i++) {
        struct sop_turn turn;
        sop_next(rules, state, result, NOW_MS + (int64_t)i * STEPS_MS, &turn);
        cJSON_Delete(result);
        result = NULL;
        bool goes_on = check_turn(&turn, state);
        const char *line = turn.move == SOP_ACT ? strsep(&rest, "\n") : "";
        sop_turn_finish(&turn);
        if (!goes_on || !line)
            break;
        if (*line == '?')
            look_for_trace(state, line + 1);
        else if (turn.move == SOP_ACT)
            result = told(line);
        char *text = json_compact(state);
        cJSON *again = cJSON_Parse(text);
        if (!again)
            abort();
        cJSON_Delete(state);
        state = again;
        free(text);
    }
    cJSON_Delete(result);
    cJSON_Delete(state);
    free(lines);
    return 0;
}
