/* A target's rules and a shot's facts come in; its prompt and its instructions go out as text.
 * Calls no model: what a person or a plan wrote is put in order and cut, never invented. */
/* SPDX-License-Identifier: ISC */
#include "manual/target.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define COLUMNS 72

const char *const manual_tags[] = {"composition",   "artifacts", "motion",
                                   "safety_filter", "character", NULL};

int manual_tag_read(const char *text, const char **ret_tag, struct err *e)
{
    char *word = mem_dup(text);
    int rc = ERR_INPUT;
    str_lower(word);
    for (char *c = word; *c; c++)
        if (*c == '-' || *c == ' ')
            *c = '_';
    for (int i = 0; manual_tags[i] && rc; i++)
        if (str_eq(manual_tags[i], word) || (str_eq(word, "safety") && i == 3)) {
            *ret_tag = manual_tags[i];
            rc = 0;
        }
    free(word);
    if (rc)
        return err_set(
            e, rc,
            "%s is no failure type; use composition, artifacts, motion, safety_filter or "
            "character",
            text);
    return 0;
}

int target_find(const struct rules *rules, const char *name, const char *kind,
                const cJSON **ret_target, struct err *e)
{
    const cJSON *file = rules_get(rules, "models/targets"), *target, *near = NULL;
    const char *key = name ? name : json_str(json_get(file, "default"), kind, "text");
    int least = 99;
    cJSON_ArrayForEach(target, json_get(file, "targets"))
    {
        int far = str_distance(target->string, key);
        if (str_eq_nocase(target->string, key) ||
            str_eq_nocase(json_str(target, "slug", ""), key) ||
            str_eq_nocase(json_str(target, "label", ""), key)) {
            *ret_target = target;
            return 0;
        }
        if (far < least) {
            least = far;
            near = target;
        }
    }
    return err_set(e, ERR_MISSING, "no target is called %s%s%s; see rules/models/targets.json", key,
                   near ? "; did you mean " : "", near ? near->string : "");
}

/* --- the steps --- */

/* Whether a step is there, and where its text begins. */
static const char *step_text(const struct target_facts *f, const char *step)
{
    if (str_starts(step, "{start_frame}"))
        return f->start ? step + 13 : NULL;
    if (str_starts(step, "{end_frame}"))
        return f->end ? step + 11 : NULL;
    if (str_starts(step, "{schema}"))
        return f->schema ? step + 8 : NULL;
    if (str_starts(step, "{negative}"))
        return f->negative ? step + 10 : NULL;
    if (str_starts(step, "{refs}"))
        return f->refs ? step + 6 : NULL;
    if (str_starts(step, "{note}"))
        return f->note && *f->note ? step + 6 : NULL;
    if (str_starts(step, "{tag:")) {
        const char *end = strchr(step, '}');
        size_t len = end ? (size_t)(end - step) - 5 : 0;
        return end && f->tag && strlen(f->tag) == len && strncmp(f->tag, step + 5, len) == 0
                   ? end + 1
                   : NULL;
    }
    return step;
}

/* A length the target offers that is not shorter than the shot. */
static double fit_seconds(const cJSON *target, double wanted)
{
    const cJSON *list = json_get(target, "seconds"), *one;
    double best = 0, last = 0;
    bool choices = str_eq(json_str(target, "seconds_are", "range"), "choices");
    if (!list)
        return wanted;
    cJSON_ArrayForEach(one, list)
    {
        last = one->valuedouble;
        if (choices && !best && last >= wanted)
            best = last;
    }
    double least = cJSON_GetArrayItem(list, 0)->valuedouble;
    return choices ? (best ? best : last) : fmin(fmax(wanted, least), last);
}

static char *fill(const cJSON *target, const struct target_facts *f, const char *text)
{
    char seconds[32];
    struct buf out;
    buf_init(&out, 65536);
    snprintf(seconds, sizeof seconds, "%.4g", fit_seconds(target, f->seconds));
    const struct {
        const char *name, *value;
    } values[] = {{"{unit}", f->unit}, {"{seconds}", seconds}, {"{ratio}", f->ratio},
                  {"{size}", f->size}, {"{start}", f->start},  {"{end}", f->end},
                  {"{note}", f->note}};
    for (const char *c = text; *c;) {
        bool found = false;
        for (size_t i = 0; i < sizeof(values) / sizeof(*values) && !found; i++)
            if (str_starts(c, values[i].name)) {
                buf_text(&out, values[i].value ? values[i].value : "-");
                c += strlen(values[i].name);
                found = true;
            }
        if (!found)
            buf_add(&out, c++, 1);
    }
    return buf_take(&out);
}

static int columns_of(const char *text, int len)
{
    int n = 0;
    for (int i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Lines of at most COLUMNS, the further ones under the text of the first. */
static void add_wrapped(struct buf *out, const char *lead, const char *text)
{
    int indent = (int)strlen(lead), column = indent;
    buf_text(out, lead);
    for (const char *c = text; *c;) {
        c += strspn(c, " \t\r\n");
        int len = (int)strcspn(c, " \t\r\n"), wide = columns_of(c, len);
        if (!len)
            break;
        if (column + 1 + wide > COLUMNS && column > indent) {
            buf_printf(out, "\n%*s", indent, "");
            column = indent;
        }
        buf_printf(out, "%s%.*s", column > indent ? " " : "", len, c);
        column += wide + (column > indent);
        c += len;
    }
    buf_text(out, "\n");
}

void target_steps(const cJSON *target, const struct target_facts *facts, struct buf *out)
{
    const cJSON *step, *warning;
    int n = 0;
    buf_printf(out, "%s for %s\n\n", facts->unit, json_str(target, "label", target->string));
    cJSON_ArrayForEach(step, json_get(target, "steps"))
    {
        const char *text = step_text(facts, step->valuestring);
        if (!text)
            continue;
        char *filled = fill(target, facts, text), lead[16];
        snprintf(lead, sizeof lead, "%2d. ", ++n);
        add_wrapped(out, lead, filled);
        free(filled);
    }
    buf_text(out, "\n");
    if (facts->tag)
        add_wrapped(out, "What was wrong: ", facts->tag);
    if (facts->note && *facts->note)
        add_wrapped(out, "The wish: ", facts->note);
    cJSON_ArrayForEach(warning, facts->warnings)
        add_wrapped(out, "The prompt: ", warning->valuestring);
    add_wrapped(out, "", "Whatever lies in return/ finds this shot by itself, under any name.");
}
