/* What became of a paid act whose answer was lost: the site's own trace of it, looked for by acts
 * that cost nothing. Never presses anything that costs. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"

/* site.json: "trace": {"acts": [...]}; those with "as" "signed_in", "under_way", "now" and
 * "balance_now" are read here. */
cJSON *sop_trace_acts(const struct rules *rules, const cJSON *state)
{
    const cJSON *site = sop_site(rules, json_str(state, "site", ""));
    return sop_resolve(rules, state, json_get(json_get(site, "trace"), "acts"));
}

static const cJSON *answer_as(const struct rules *rules, const cJSON *state, const cJSON *results,
                              const char *as)
{
    const cJSON *site = sop_site(rules, json_str(state, "site", "")), *act;
    int i = 0;
    cJSON_ArrayForEach(act, json_get(json_get(site, "trace"), "acts"))
    {
        const cJSON *result = cJSON_GetArrayItem(results, i++);
        if (str_eq(json_str(act, "as", ""), as) && json_bool(result, "ok", false))
            return json_get(result, "value");
    }
    return NULL;
}

static bool in_list(const cJSON *list, const cJSON *text)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_Compare(one, text, true))
            return true;
    }
    return false;
}

static int fresh(const cJSON *now, const cJSON *before)
{
    const cJSON *one;
    int n = 0;
    cJSON_ArrayForEach(one, now) n += !in_list(before, one);
    return n;
}

/* Goes on behind the act: as if its answer had come. */
static void settle(cJSON *state)
{
    cJSON *frame = sop_top(state);
    json_set_bool(state, "moved", true);
    if (!json_get(state, "pending") || !frame)
        return;
    sop_taken(state);
    json_set_num(frame, "i", json_num(frame, "i", 0) + 1);
    json_set_str(frame, "phase", "start");
}

/* What a page says of a click that nobody saw the answer of. Results that were there before may
 * have been shown late: one that is new is believed unless the balance says that nothing was spent,
 * or was itself not there when the results were remembered. While something is being made nothing
 * says that the click was not taken; a result of its own earlier click does. */
static enum sop_trace judge(const cJSON *state, const cJSON *now, const cJSON *balance,
                            bool under_way)
{
    const cJSON *vars = json_get(state, "vars"), *was = json_get(vars, "balance");
    bool counted = cJSON_IsNumber(balance) && cJSON_IsNumber(was);
    bool less = counted && balance->valuedouble < was->valuedouble;
    bool late = cJSON_IsNumber(balance) && !cJSON_IsNumber(was);
    bool free_of_charge = json_num(state, "pending", 0) <= 0;
    bool earlier = json_num(state, "wasted", 0) > 0;
    if (less && json_bool(state, "alone", true))
        return TRACE_FOUND;
    bool unspent = counted && !less;
    if (fresh(now, json_get(vars, "before")) > 0 && unspent && !free_of_charge)
        return earlier && !under_way ? TRACE_NONE : TRACE_UNCLEAR;
    if (fresh(now, json_get(vars, "before")) > 0)
        return late ? TRACE_UNCLEAR : TRACE_FOUND;
    return unspent && !under_way ? TRACE_NONE : TRACE_UNCLEAR;
}

enum sop_trace sop_trace_read(const struct rules *rules, cJSON *state, const cJSON *results)
{
    const cJSON *now = answer_as(rules, state, results, "now");
    const cJSON *balance = answer_as(rules, state, results, "balance_now");
    const cJSON *was = json_get(json_get(state, "vars"), "balance");
    bool under_way = cJSON_IsTrue(answer_as(rules, state, results, "under_way"));
    bool paid_before =
        !json_get(state, "pending"); /* the answer came: only its result is missing */
    if (cJSON_IsFalse(answer_as(rules, state, results, "signed_in")))
        return TRACE_SIGNED_OUT;
    enum sop_trace trace = !now          ? TRACE_UNCLEAR
                           : paid_before ? TRACE_FOUND
                                         : judge(state, now, balance, under_way);
    if (trace == TRACE_FOUND) {
        bool counted = cJSON_IsNumber(balance) && cJSON_IsNumber(was);
        settle(state);
        if (counted && !paid_before && balance->valuedouble < was->valuedouble)
            sop_page_says(state, was->valuedouble - balance->valuedouble);
    } else if (trace == TRACE_NONE) {
        sop_not_taken(state);
        sop_restart(state);
    }
    return trace;
}
