/* What somebody wants who does a procedure by hand or looks at what it left: to begin at a named
 * step, to see the step that is on, to survey the site, to describe the page. Does no step. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define OFFERED  3
#define NEAR     6 /* changed letters; what merely contains the words is nearer */
#define DEEP_MAX 8 /* lists in lists that names are looked for in */

const cJSON *sop_step_now(const struct rules *rules, const cJSON *state)
{
    const cJSON *frame = sop_top(state);
    return frame ? cJSON_GetArrayItem(sop_steps(rules, state, frame), (int)json_num(frame, "i", 0))
                 : NULL;
}

static int distance(const char *wanted, const char *name)
{
    return strcasestr(name, wanted) || strcasestr(wanted, name) ? 0 : str_distance(wanted, name);
}

/* "press Generate" of "generate / press Generate". */
static const char *last_of(const char *name)
{
    for (const char *between; (between = strstr(name, " / "));)
        name = between + 3;
    return name;
}

/* The nearest names, else all of the outermost. */
static void offer(const cJSON *names, const char *wanted, struct buf *out)
{
    const cJSON *name;
    int n = 0, near = (int)strlen(wanted) / 2;
    for (int most = 0; most <= (near < NEAR ? near : NEAR) && n < OFFERED; most++)
        cJSON_ArrayForEach(name, names)
        {
            if (n < OFFERED && distance(wanted, last_of(name->valuestring)) == most)
                buf_printf(out, "%s\"%s\"", n++ ? ", " : "did you mean ", name->valuestring);
        }
    if (n)
        return;
    cJSON_ArrayForEach(name, names) if (!strstr(name->valuestring, " / "))
        buf_printf(out, "%s\"%s\"", n++ ? ", " : "its steps are ", name->valuestring);
}

/* The list of steps that a step has or calls, where it lies; NULL none. Owned. */
static char *list_of(const struct rules *rules, const cJSON *state, const char *at, int i,
                     const cJSON *step)
{
    if (str_eq(json_str(step, "act", ""), "call"))
        return sop_procedure(rules, json_str(state, "site", ""), json_str(state, "sop", ""),
                             json_str(step, "procedure", ""));
    return json_get(step, "steps") ? mem_printf("%s/%d/steps", at, i) : NULL;
}

/* Names of all steps below a list, "generate / press Generate". */
static void all_names(const struct rules *rules, const cJSON *state, const char *at,
                      const char *before, int deep, cJSON *names)
{
    const cJSON *step;
    int i = 0;
    cJSON_ArrayForEach(step, sop_at(rules, json_str(state, "site", ""), at))
    {
        char *name = mem_printf("%s%s%s", before, *before ? " / " : "", json_str(step, "name", ""));
        char *inside = deep < DEEP_MAX ? list_of(rules, state, at, i, step) : NULL;
        cJSON_AddItemToArray(names, cJSON_CreateString(name));
        if (inside)
            all_names(rules, state, inside, name, deep + 1, names);
        free(inside);
        free(name);
        i++;
    }
}

/* From "generate/press generate", or from the last of it: the whole name, NULL when there is none
 * or several have it. Borrowed from names. */
static const char *whole_name(const cJSON *names, const char *wanted)
{
    const cJSON *name;
    const char *found = NULL;
    cJSON_ArrayForEach(name, names)
    {
        const char *tail = name->valuestring;
        if (str_eq_nocase(tail, wanted))
            return tail;
        while ((tail = strstr(tail, " / ")) && !str_eq_nocase(tail += 3, wanted))
            ;
        if (tail && found)
            return NULL;
        if (tail)
            found = name->valuestring;
    }
    return found;
}

/* Puts the lists on top that lead to a whole name, each at its step. */
static void walk_to(const struct rules *rules, cJSON *state, const char *whole)
{
    for (const char *part = whole, *next; part; part = next) {
        const char *end = strstr(part, " / ");
        char *name = end ? mem_dup_n(part, (size_t)(end - part)) : mem_dup(part);
        cJSON *frame = sop_top(state);
        int i = sop_step_index(sop_steps(rules, state, frame), name);
        const cJSON *step = cJSON_GetArrayItem(sop_steps(rules, state, frame), i);
        json_set_num(frame, "i", i);
        next = end ? end + 3 : NULL;
        if (next) {
            const cJSON *with = json_get(step, "with");
            char *at = list_of(rules, state, json_str(frame, "at", ""), i, step);
            json_set_str(frame, "phase", "inside");
            json_set_num(frame, "n", 1);
            sop_push(state, at, json_str(step, "act", "do"),
                     with ? sop_resolve(rules, state, with) : NULL);
            free(at);
        }
        free(name);
    }
}

/* "a/b" as the names are written: "a / b". Owned. */
static char *spaced(const char *name)
{
    struct buf out;
    buf_init(&out, 8192);
    while (*name) {
        size_t len = strcspn(name, "/");
        char *part = mem_dup_n(name, len);
        buf_printf(&out, "%s%s", out.len ? " / " : "", str_trim(part));
        free(part);
        name += len + (name[len] == '/');
    }
    return buf_take(&out);
}

int sop_start_at(const struct rules *rules, cJSON *state, const char *step_name, struct err *e)
{
    cJSON *names = cJSON_CreateArray();
    char *wanted = spaced(step_name);
    all_names(rules, state, json_str(sop_top(state), "at", ""), "", 0, names);
    const char *whole = whole_name(names, wanted);
    if (whole) {
        walk_to(rules, state, whole);
    } else {
        struct buf offers;
        buf_init(&offers, 65536);
        offer(names, last_of(wanted), &offers);
        (void)err_set(e, ERR_MISSING, "%s has no step \"%s\", or several; %s",
                      json_str(state, "sop", ""), wanted, offers.data ? offers.data : "");
        buf_finish(&offers);
    }
    free(wanted);
    cJSON_Delete(names);
    return whole ? 0 : ERR_MISSING;
}

cJSON *sop_site_acts(const struct rules *rules, const char *site, const char *member)
{
    cJSON *state = cJSON_CreateObject();
    json_set_str(state, "site", site);
    json_set(state, "vars", cJSON_CreateObject());
    cJSON *acts =
        sop_resolve(rules, state, json_get(json_get(sop_site(rules, site), member), "acts"));
    cJSON_Delete(state);
    if (cJSON_IsArray(acts))
        return acts;
    cJSON_Delete(acts);
    return NULL;
}

cJSON *sop_page_acts(void)
{
    return cJSON_Parse(
        "[{\"act\": \"console\"},"
        "{\"act\": \"html\", \"to\": \"page.html\", \"within_ms\": 5000},"
        "{\"act\": \"screenshot\", \"to\": \"screenshot.png\", \"within_ms\": 10000}]");
}
