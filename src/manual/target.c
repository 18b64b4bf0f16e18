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

int words_count(const char *text)
{
    int n = 0;
    for (const char *c = text ? text : ""; *c;) {
        c += strspn(c, " \t\r\n");
        size_t len = strcspn(c, " \t\r\n");
        n += len > 0;
        c += len;
    }
    return n;
}

/* --- the prompt --- */

static const char *part_of(const struct wording *w, const char *name)
{
    return str_eq(name, "environment")  ? w->environment
           : str_eq(name, "characters") ? w->characters
           : str_eq(name, "action")     ? w->action
           : str_eq(name, "camera")     ? w->camera
                                        : w->light;
}

/* A part as a sentence: capital at its start, a full stop at its end. */
static void add_sentence(struct buf *out, const char *text)
{
    char *part = mem_dup(text), *from = str_trim(part);
    size_t len = strlen(from);
    if (len) {
        from[0] = (char)toupper((unsigned char)from[0]);
        buf_printf(out, "%s%s%s", out->len ? " " : "", from,
                   strchr(".!?", from[len - 1]) ? "" : ".");
    }
    free(part);
}

/* Cuts behind the last whole clause that fits; a single long clause is cut behind a word. */
static void cut_words(char *text, int most)
{
    char *stop = NULL;
    int n = 0;
    for (char *c = text; *c;) {
        c += strspn(c, " ");
        size_t len = strcspn(c, " ");
        if (len && ++n > most)
            break;
        c += len;
        if (len && strchr(".,;:", c[-1]))
            stop = c;
        if (n == most && !stop)
            stop = c;
    }
    if (n <= most || !stop)
        return;
    *stop = 0;
    if (stop > text && strchr(",;:", stop[-1]))
        stop[-1] = '.';
}

static bool word_at(const char *text, const char *at, size_t len)
{
    bool before = at == text || !isalpha((unsigned char)at[-1]);
    return before && !isalpha((unsigned char)at[len]);
}

/* Each whole word replaced, whatever its case. Owned. */
static char *replace_word(const char *text, const char *word, const char *by)
{
    struct buf out;
    size_t len = strlen(word);
    buf_init(&out, 1 << 20);
    for (const char *c = text; *c;) {
        if (strncasecmp(c, word, len) == 0 && word_at(text, c, len)) {
            buf_text(&out, by);
            c += len;
        } else {
            buf_add(&out, c++, 1);
        }
    }
    return buf_take(&out);
}

static bool has_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strcasestr(at, word)); at++)
        if (word_at(text, at, strlen(word)))
            return true;
    return false;
}

static void warn(cJSON *warnings, char *takes_text)
{
    cJSON_AddItemToArray(warnings, cJSON_CreateString(takes_text));
    free(takes_text);
}

static char *soften(const cJSON *target, char *takes_text, cJSON *warnings)
{
    const cJSON *one;
    char *text = takes_text;
    cJSON_ArrayForEach(one, json_get(target, "synonyms"))
    {
        char *next = replace_word(text, one->string, one->valuestring);
        free(text);
        text = next;
    }
    cJSON_ArrayForEach(one, json_get(target, "avoid"))
    {
        if (has_word(text, one->valuestring))
            warn(warnings, mem_printf("%s may be refused for the word \"%s\"",
                                      json_str(target, "label", target->string), one->valuestring));
    }
    return text;
}

char *target_prompt(const cJSON *target, const struct wording *w, cJSON **ret_warnings)
{
    const cJSON *order = json_get(target, "order"), *range = json_get(target, "words"), *name;
    cJSON *warnings = cJSON_CreateArray();
    struct buf out;
    buf_init(&out, 1 << 20);
    if (!w->edited) {
        cJSON_ArrayForEach(name, order)
        {
            const char *part = part_of(w, name->valuestring);
            if (part)
                add_sentence(&out, part);
        }
    }
    if (cJSON_GetArraySize(range) == 2 && w->whole &&
        words_count(out.data) < cJSON_GetArrayItem(range, 0)->valueint) {
        char *parts =
            buf_take(&out); /* the parts alone say too little: what was written, then they */
        buf_init(&out, 1 << 20);
        add_sentence(&out, w->whole);
        add_sentence(&out, parts);
        free(parts);
    }
    if (out.len == 0)
        buf_text(&out, w->whole ? w->whole : "");
    char *text = soften(target, buf_take(&out), warnings);
    if (cJSON_GetArraySize(range) == 2) {
        int least = cJSON_GetArrayItem(range, 0)->valueint;
        int most = cJSON_GetArrayItem(range, 1)->valueint, n = words_count(text);
        if (!w->edited)
            cut_words(text, most);
        if (n < least || (w->edited && n > most))
            warn(warnings, mem_printf("%d words, where %s wants %d to %d", n,
                                      json_str(target, "label", ""), least, most));
    }
    *ret_warnings = warnings;
    return text;
}

/* --- the steps --- */

/* Whether a step is there, and where its text begins. */
static const char *step_text(const cJSON *target, const struct target_facts *f, const char *step)
{
    if (str_starts(step, "{end_frame}"))
        return f->end_frame ? step + 11 : NULL;
    if (str_starts(step, "{negative}"))
        return json_str(target, "negative", NULL) ? step + 10 : NULL;
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
    } values[] = {{"{unit}", f->unit},
                  {"{seconds}", seconds},
                  {"{ratio}", f->ratio},
                  {"{size}", f->size},
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

/* Lines of at most COLUMNS, the further ones under the text of the first. */
static void add_wrapped(struct buf *out, int number, const char *text)
{
    char head[16];
    snprintf(head, sizeof head, "%2d. ", number);
    buf_text(out, head);
    int column = 4;
    for (const char *c = text; *c;) {
        c += strspn(c, " \n");
        int len = (int)strcspn(c, " \n");
        if (!len)
            break;
        if (column + 1 + len > COLUMNS && column > 4) {
            buf_text(out, "\n    ");
            column = 4;
        }
        buf_printf(out, "%s%.*s", column > 4 ? " " : "", len, c);
        column += len + (column > 4);
        c += len;
    }
    buf_text(out, "\n");
}

void target_steps(const cJSON *target, const struct target_facts *facts, struct buf *out)
{
    const cJSON *step;
    int n = 0;
    buf_printf(out, "%s for %s\n\n", facts->unit, json_str(target, "label", target->string));
    cJSON_ArrayForEach(step, json_get(target, "steps"))
    {
        const char *text = step_text(target, facts, step->valuestring);
        if (!text)
            continue;
        char *filled = fill(target, facts, text);
        add_wrapped(out, ++n, filled);
        free(filled);
    }
    buf_text(out, "\nWhatever lies in return/ finds this shot by itself, under any name.\n");
}
