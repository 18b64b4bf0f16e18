/* What somebody wants who does a procedure by hand or looks at what it left: to begin at a named
 * step, to see the step that is on, to survey the site, to describe the page. Does no step. */
/* SPDX-License-Identifier: ISC */
#include "sop/sop_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define OFFERED 3
#define NEAR    6 /* changed letters; what merely contains the words is nearer */

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

/* The nearest names, else all of them. */
static void offer(const cJSON *steps, const char *wanted, struct buf *out)
{
    const cJSON *step;
    int n = 0;
    for (int most = 0; most <= NEAR && n < OFFERED; most++)
        cJSON_ArrayForEach(step, steps)
        {
            const char *name = json_str(step, "name", "");
            if (n < OFFERED && distance(wanted, name) == most)
                buf_printf(out, "%s\"%s\"", n++ ? ", " : "did you mean ", name);
        }
    if (n)
        return;
    cJSON_ArrayForEach(step, steps)
        buf_printf(out, "%s\"%s\"", n++ ? ", " : "its steps are ", json_str(step, "name", ""));
}

int sop_start_at(const struct rules *rules, cJSON *state, const char *step_name, struct err *e)
{
    const cJSON *steps = sop_steps(rules, state, sop_top(state)), *step;
    struct buf names;
    int i = 0;
    cJSON_ArrayForEach(step, steps)
    {
        if (str_eq_nocase(json_str(step, "name", ""), step_name)) {
            json_set_num(sop_top(state), "i", i);
            return 0;
        }
        i++;
    }
    buf_init(&names, 8192);
    offer(steps, step_name, &names);
    (void)err_set(e, ERR_MISSING, "%s has no step \"%s\"; %s", json_str(state, "sop", ""),
                  step_name, names.data);
    buf_finish(&names);
    return ERR_MISSING;
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
