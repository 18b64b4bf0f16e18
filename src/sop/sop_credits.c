/* What paid acts do to a procedure's state: given, taken or not, booked by the page's own number,
 * given up. Says nothing to anybody; who pays reads it here.
 *
 *   click -> pending --taken--> owed, open --its result is kept--> owed --next click--> settled
 *               `--not taken--> nothing               `--given up: wasted
 *
 * owed: credits that are spent and not told yet; open: their result has not been kept. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

#define NOTES_MAX 20

void sop_note(cJSON *state, const char *fmt, ...)
{
    cJSON *notes = cJSON_GetObjectItemCaseSensitive(state, "notes");
    va_list args;
    va_start(args, fmt);
    char *text = mem_vprintf(fmt, args);
    va_end(args);
    if (!notes)
        json_set(state, "notes", notes = cJSON_CreateArray());
    if (cJSON_GetArraySize(notes) < NOTES_MAX)
        cJSON_AddItemToArray(notes, cJSON_CreateString(text));
    free(text);
}

const cJSON *sop_notes(const cJSON *state)
{
    return json_get(state, "notes");
}

double sop_owed(const cJSON *state)
{
    return json_num(state, "owed", 0);
}

double sop_spent(const cJSON *state)
{
    return json_num(state, "spent", 0);
}

double sop_click(cJSON *state, double credits)
{
    double before = sop_owed(state);
    json_set_num(state, "owed", 0);
    json_set_num(state, "pending", credits);
    return before;
}

void sop_taken(cJSON *state)
{
    double credits = json_num(state, "pending", -1);
    if (credits < 0)
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(state, "pending");
    json_set_num(state, "spent", sop_spent(state) + credits);
    json_set_num(state, "owed", credits);
    json_set_bool(state, "open", true);
}

void sop_not_taken(cJSON *state)
{
    cJSON_DeleteItemFromObjectCaseSensitive(state, "pending");
}

void sop_page_says(cJSON *state, double credits)
{
    double owed = sop_owed(state);
    if (credits < 0 || credits == owed || !json_bool(state, "alone", true) ||
        !json_bool(state, "open", false))
        return;
    sop_note(state, "the page took %g credits where the step says %g; the page's number counts",
             credits, owed);
    json_set_num(state, "spent", sop_spent(state) - owed + credits);
    json_set_num(state, "owed", credits);
    if (credits == 0)
        sop_kept(state); /* nothing was bought: another click is the first one */
}

void sop_kept(cJSON *state)
{
    json_set_bool(state, "open", false);
}

bool sop_give_up(const struct rules *rules, cJSON *state)
{
    int wasted = (int)json_num(state, "wasted", 0);
    if (!json_bool(state, "open", false))
        return true;
    if (wasted >= (int)rules_policy_num(rules, "/money/paid_retries"))
        return false;
    json_set_num(state, "wasted", wasted + 1);
    json_set_bool(state, "open", false);
    return true;
}

void sop_shared(cJSON *state)
{
    json_set_bool(state, "alone", false);
}

void sop_carry(cJSON *state, const cJSON *from)
{
    static const char *const members[] = {"spent", "owed", "wasted", "notes", "alone"};
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        const cJSON *value = json_get(from, members[i]);
        if (value)
            json_set(state, members[i], cJSON_Duplicate(value, true));
    }
    json_set_str(state, "instead_of", json_str(from, "sop", ""));
}

/* The result of a paid act is not had when its procedure is given up for another one: what is open
 * stays spent. */
const char *sop_otherwise(const struct rules *rules, const cJSON *state)
{
    const char *site = json_str(state, "site", ""), *sop = json_str(state, "sop", "");
    const char *op = json_str(sop_file(rules, site, sop), "otherwise", NULL);
    return op && !json_get(state, "instead_of") ? sop_for_op(rules, site, op) : NULL;
}
