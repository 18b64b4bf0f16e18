/* What an engine answered comes in; what it means goes out: one of the classes, how long to wait,
 * and a sentence. The table in the rules file is asked first, in its order, then what HTTP itself
 * says. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#define QUOTE_MOST 300

/* --- does a row fit --- */

static bool status_fits(const cJSON *wanted, long status)
{
    const cJSON *one;
    if (!wanted)
        return true;
    if (cJSON_IsNumber(wanted))
        return wanted->valuedouble == (double)status;
    if (cJSON_IsString(wanted)) /* "5xx" */
        return wanted->valuestring[0] == (char)('0' + status / 100);
    cJSON_ArrayForEach(one, wanted)
    {
        if (status_fits(one, status))
            return true;
    }
    return false;
}

static bool word_is(const cJSON *wanted, const char *text)
{
    const cJSON *one;
    char *word = value_text(wanted);
    bool same = word && text && str_eq(word, text);
    free(word);
    cJSON_ArrayForEach(one, wanted) same = same || word_is(one, text);
    return same;
}

static bool word_in(const cJSON *wanted, const char *text)
{
    const cJSON *one;
    bool in = cJSON_IsString(wanted) && text && strcasestr(text, wanted->valuestring);
    cJSON_ArrayForEach(one, wanted) in = in || word_in(one, text);
    return in;
}

static bool text_fits(const cJSON *row, const char *text)
{
    const cJSON *is = json_get(row, "is"), *has = json_get(row, "has");
    return (!is || word_is(is, text)) && (!has || word_in(has, text));
}

static bool visit_fits(void *ctx, const cJSON *value)
{
    const cJSON *const *row = ctx;
    char *text = value_text(value);
    bool fits = text ? text_fits(*row, text) : !json_get(*row, "is") && !json_get(*row, "has");
    free(text);
    if (fits)
        *(const cJSON **)ctx = NULL;
    return fits;
}

/* "there": false asks for the opposite. */
static bool place_fits(const cJSON *row, const struct talk *t, const cJSON *body)
{
    const char *at = json_str(row, "at", NULL);
    const cJSON *seeker = row;
    char *filled = NULL;
    if (!at)
        return true;
    if (strchr(at, '{') && text_fill((struct talk *)t, at, &filled, NULL) == 0)
        at = filled;
    (void)pointer_each(body, at, visit_fits, &seeker); /* seeker says it */
    free(filled);
    return (seeker == NULL) == json_bool(row, "there", true);
}

static bool step_fits(const cJSON *steps, const char *name)
{
    return !steps || word_is(steps, name);
}

bool answers_row_fits(const struct talk *t, const cJSON *row, const char *step_name,
                      const struct response *response, const cJSON *body)
{
    const char *header = json_str(row, "header", NULL);
    const cJSON *raw = json_get(row, "text");
    if (!status_fits(json_get(row, "status"), response->status) ||
        !step_fits(json_get(row, "step"), step_name))
        return false;
    if (header && !response_header(response, header))
        return false;
    if (header && !json_get(row, "at") && !text_fits(row, response_header(response, header)))
        return false;
    if (raw && !word_in(raw, response->text))
        return false;
    return place_fits(row, t, body);
}

/* --- what to say --- */

/* The engine's own words, short and on one line, or NULL. Owned. */
static char *own_words(const struct talk *t, const struct response *response, const cJSON *body)
{
    char *text = value_text(pointer_any(body, json_get(t->file, "error")));
    if (!text && !body && response->text)
        text = mem_dup(response->text);
    if (!text || !*text) {
        free(text);
        return NULL;
    }
    text[utf8_cut(text, QUOTE_MOST)] = '\0';
    char *label = utf8_label(text);
    free(text);
    return label;
}

static char *sentence(const struct talk *t, const struct response *response, const cJSON *body,
                      const char *say)
{
    const char *title = json_str(t->file, "title", t->ask->job->engine);
    char *words = own_words(t, response, body), *text;
    if (say)
        text =
            words ? mem_printf("%s: %s (%s)", title, say, words) : mem_printf("%s: %s", title, say);
    else if (words)
        text = mem_printf("%s answered %ld: %s", title, response->status, words);
    else
        text = mem_printf("%s answered %ld", title, response->status);
    free(words);
    return text;
}

static enum outcome_class class_of_status(long status)
{
    if (status >= 200 && status < 300)
        return CLASS_OK;
    if (status == 401 || status == 403)
        return CLASS_AUTH;
    if (status == 402)
        return CLASS_QUOTA;
    if (status == 429)
        return CLASS_RATE_LIMITED;
    return status == 408 || status >= 500 ? CLASS_TRANSIENT : CLASS_BAD_REQUEST;
}

static const cJSON *find_row(const cJSON *rows, const struct talk *t, const char *step_name,
                             const struct response *response, const cJSON *body)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, rows)
    {
        if (answers_row_fits(t, row, step_name, response, body))
            return row;
    }
    return NULL;
}

void answers_judge(const struct talk *t, const char *step_name, const struct response *response,
                   const cJSON *body, struct verdict *ret_verdict)
{
    const cJSON *row =
        find_row(json_get(talk_step(t, step_name), "answers"), t, step_name, response, body);
    struct verdict v = {.class = class_of_status(response->status), .told = row};
    if (!row)
        row = find_row(json_get(t->file, "answers"), t, step_name, response, body);
    if (row)
        v.class = outcome_class_of_word(json_str(row, "class", "bad_request"));
    if (v.class != CLASS_OK && v.class != CLASS_PENDING) {
        v.wait_s = wait_judge(t, json_get(row, "wait"), response, body);
        v.say = sentence(t, response, body, json_str(row, "say", NULL));
    }
    v.cure = mem_dup(json_str(row, "cure", NULL));
    v.over = json_bool(row, "over", false);
    v.free = json_bool(row, "free", false);
    *ret_verdict = v;
}

void verdict_finish(struct verdict *v)
{
    free(v->say);
    free(v->cure);
}

/* --- what follows --- */

enum outcome_kind outcome_kind_of(enum outcome_class class)
{
    static const enum outcome_kind kinds[OUTCOME_CLASSES_N] = {
        [CLASS_OK] = OUTCOME_RETRY,
        [CLASS_PENDING] = OUTCOME_RETRY,
        [CLASS_RATE_LIMITED] = OUTCOME_HOLD,
        [CLASS_QUOTA] = OUTCOME_HOLD,
        [CLASS_AUTH] = OUTCOME_HOLD,
        [CLASS_REFUSED_INPUT] = OUTCOME_REFUSED,
        [CLASS_REFUSED_OUTPUT] = OUTCOME_RETRY,
        [CLASS_BAD_REQUEST] = OUTCOME_REFUSED,
        [CLASS_TRANSIENT] = OUTCOME_RETRY,
        [CLASS_UNKNOWN_SUBMIT] = OUTCOME_DOUBT,
    };
    return kinds[class];
}

cJSON *answer_body(const struct response *response)
{
    static const struct json_limits limits = {128u << 20, 64, 500000, 10000, 120u << 20, false};
    struct json_fault fault;
    cJSON *body = NULL;
    if (!response->text ||
        json_parse(response->text, strlen(response->text), &limits, &body, &fault))
        return NULL;
    return body;
}
