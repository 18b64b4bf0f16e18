/* A shot's facts and a target come in, a question for a model goes out; its answer comes in, the
 * document of the rewritten prompt goes out. Asks nobody, writes nothing. */
/* SPDX-License-Identifier: ISC */
#include "words/enhance.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define TEXT_MAX         (64 * 1024)
#define LETTERS_A_TOKEN  2    /* at worst: no text has fewer */
#define TOKENS_A_PICTURE 4000 /* at worst, whatever its size */

static const cJSON *rules_of(const struct rules *rules)
{
    return rules_get(rules, "prompts/enhance");
}

static const cJSON *style_of(const struct rules *rules, const cJSON *target)
{
    const cJSON *doc = rules_of(rules);
    const char *name = json_str(json_get(doc, "targets"), target->string, NULL);
    return name ? json_get(json_get(doc, "styles"), name) : NULL;
}

void enhance_question_finish(struct enhance_question *q)
{
    cJSON_Delete(q->params);
    free(q->prompt);
    memset(q, 0, sizeof *q);
}

/* --- the system prompt --- */

/* "blood, fight, blade" or "wound -> injury, strike -> impact". Owned, NULL when empty. */
static char *list_text(const cJSON *list)
{
    const cJSON *one;
    struct buf out;
    buf_init(&out, TEXT_MAX);
    cJSON_ArrayForEach(one, list)
    {
        if (!cJSON_IsString(one))
            continue;
        buf_text(&out, out.len ? ", " : "");
        if (one->string)
            buf_printf(&out, "%s -> ", one->string);
        buf_text(&out, one->valuestring);
    }
    return out.len ? buf_take(&out) : NULL;
}

/* What {name} stands for in a line, NULL when the target has nothing of the kind. Owned. */
static char *value_of(const cJSON *style, const cJSON *target, const char *name)
{
    double least = json_num(target, "/words/0", 0), most = json_num(target, "/words/1", 0);
    if (str_eq(name, "label"))
        return mem_dup(json_str(target, "label", target->string));
    if (str_eq(name, "least") || str_eq(name, "most"))
        return most > 0 ? mem_printf("%.0f", str_eq(name, "least") ? least : most) : NULL;
    if (str_eq(name, "negative"))
        return mem_dup(json_str(target, "negative", NULL));
    if (str_eq(name, "never"))
        return list_text(json_get(style, "never"));
    return list_text(json_get(target, name)); /* order, avoid, synonyms */
}

/* A line with its {names} filled in; nothing when one of them has no value. */
static void add_line(struct buf *out, const cJSON *style, const cJSON *target, const char *line)
{
    struct buf one;
    bool whole = true;
    buf_init(&one, TEXT_MAX);
    for (const char *c = line; *c && whole;) {
        const char *end = *c == '{' ? strchr(c, '}') : NULL;
        if (!end) {
            buf_add(&one, c++, 1);
            continue;
        }
        char *name = mem_dup_n(c + 1, (size_t)(end - c - 1)),
             *value = value_of(style, target, name);
        whole = value != NULL;
        buf_text(&one, value ? value : "");
        free(name);
        free(value);
        c = end + 1;
    }
    if (whole && one.len)
        buf_printf(out, "%s%s", out->len ? "\n" : "", one.data);
    buf_finish(&one);
}

static char *system_text(const struct rules *rules, const cJSON *target)
{
    const cJSON *style = style_of(rules, target), *line;
    struct buf out;
    buf_init(&out, TEXT_MAX);
    cJSON_ArrayForEach(line, json_get(style, "lines"))
        add_line(&out, style, target, line->valuestring);
    cJSON_ArrayForEach(line, json_get(rules_of(rules), "lines"))
        add_line(&out, style, target, line->valuestring);
    return buf_take(&out);
}

/* --- what is known of the shot --- */

static void add_fact(struct buf *out, const cJSON *labels, const char *name, const char *text)
{
    if (text && *text)
        buf_printf(out, "%s%s: %s", out->len ? "\n" : "", json_str(labels, name, name), text);
}

static char *shot_text(const cJSON *labels, const struct enhance_shot *shot)
{
    const struct wording *w = shot->wording;
    struct buf out;
    char seconds[32] = "";
    if (shot->seconds > 0)
        str_format(seconds, sizeof seconds, "%g", shot->seconds);
    buf_init(&out, TEXT_MAX);
    add_fact(&out, labels, "environment", w->environment);
    add_fact(&out, labels, "characters", w->characters);
    add_fact(&out, labels, "action", w->action);
    add_fact(&out, labels, "camera", w->camera);
    add_fact(&out, labels, "light", w->light);
    add_fact(&out, labels, "whole", w->whole);
    add_fact(&out, labels, "seconds", seconds);
    add_fact(&out, labels, "ratio", shot->ratio);
    add_fact(&out, labels, "note", shot->note);
    add_fact(&out, labels, "tag", shot->tag);
    return buf_take(&out);
}

int enhance_ask(const struct rules *rules, const cJSON *target, const struct enhance_shot *shot,
                struct enhance_question *ret_question, struct err *e)
{
    const cJSON *doc = rules_of(rules);
    const cJSON *schema = json_get(json_get(rules_get(rules, "prompts/answers"), "answers"),
                                   json_str(doc, "answer", ""));
    if (!style_of(rules, target) || !schema)
        return err_set(e, ERR_INPUT,
                       "no way of writing is known for %s; rules/prompts/enhance.json has those "
                       "that are",
                       json_str(target, "label", target->string));
    struct enhance_question q = {.params = cJSON_CreateObject(),
                                 .prompt = shot_text(json_get(doc, "labels"), shot),
                                 .asks = (int)json_num(doc, "asks", 3),
                                 .frame = json_bool(doc, "frame", false)};
    char *system = system_text(rules, target);
    size_t letters =
        strlen(system) + strlen(q.prompt) + 1024; /* and what it is told when asked again */
    json_set_str(q.params, "system", system);
    json_set(q.params, "schema", cJSON_Duplicate(schema, true));
    json_set_num(q.params, "max_tokens", json_num(doc, "max_tokens", 4000));
    json_set_num(q.params, "tokens_in",
                 (double)(letters / LETTERS_A_TOKEN + (q.frame ? TOKENS_A_PICTURE : 0)));
    free(system);
    *ret_question = q;
    return 0;
}

/* --- the answer --- */

static void add_wrong(struct buf *wrong, const char *text)
{
    buf_printf(wrong, "%s%s", wrong->len ? "; " : "", text);
}

static bool is_word_at(const char *text, const char *at, size_t len)
{
    const char *letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return (at == text || !strchr(letters, at[-1])) && (!at[len] || !strchr(letters, at[len]));
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = text; (at = strcasestr(at, word)); at++)
        if (is_word_at(text, at, len))
            return true;
    return false;
}

static void check_never(const cJSON *style, const char *prompt, struct buf *wrong)
{
    const cJSON *word;
    cJSON_ArrayForEach(word, json_get(style, "never"))
    {
        if (!has_word(prompt, word->valuestring))
            continue;
        char *text = mem_printf("the word \"%s\" says nothing that can be seen", word->valuestring);
        add_wrong(wrong, text);
        free(text);
    }
}

/* The answer's own, then each of the target's that it does not name. Owned, NULL for a target that
 * takes none. */
static char *negative_of(const cJSON *target, const char *said, struct buf *wrong)
{
    const char *usual = json_str(target, "negative", NULL);
    char *copy, *save = NULL;
    struct buf out;
    if (!usual)
        return NULL;
    if (!said || !said[strspn(said, " ,.\n\t")]) {
        add_wrong(wrong, "the negative prompt is missing");
        return NULL;
    }
    buf_init(&out, TEXT_MAX);
    buf_text(&out, said);
    copy = mem_dup(usual);
    for (char *term = strtok_r(copy, ",", &save); term; term = strtok_r(NULL, ",", &save))
        if (!has_word(said, str_trim(term)))
            buf_printf(&out, ", %s", str_trim(term));
    free(copy);
    return buf_take(&out);
}

/* One line of plain text: a list, a heading or a break has no place in a prompt. */
static void check_form(const char *prompt, struct buf *wrong)
{
    if (strstr(prompt, "\n- ") || strstr(prompt, "\n* ") || strchr(prompt, '#') ||
        strstr(prompt, "**") || prompt[0] == '-')
        add_wrong(wrong, "the prompt has headings or lists; write plain sentences");
}

int enhance_judge(const struct rules *rules, const cJSON *target, const cJSON *answer,
                  cJSON **ret_document, struct err *e)
{
    struct wording w = {.whole = json_str(answer, "prompt", ""), .edited = true};
    cJSON *warnings = NULL, *document;
    const cJSON *warning;
    struct buf wrong;
    char *prompt = target_prompt(target, &w, &warnings);
    buf_init(&wrong, 4096);
    cJSON_ArrayForEach(warning, warnings) add_wrong(&wrong, warning->valuestring);
    check_never(style_of(rules, target), prompt, &wrong);
    check_form(prompt, &wrong);
    char *negative = negative_of(target, json_str(answer, "negative", NULL), &wrong);
    int rc = wrong.len ? err_set(e, ERR_INPUT, "%s", wrong.data) : 0;
    if (!rc) {
        document = cJSON_CreateObject();
        json_set_str(document, "prompt", prompt);
        json_set_str(document, "negative", negative);
        json_set_num(document, "words", words_count(prompt));
        *ret_document = document;
    }
    buf_finish(&wrong);
    cJSON_Delete(warnings);
    free(negative);
    free(prompt);
    return rc;
}

void enhance_source(const struct wording *w, char ret_hex[DIGEST_LEN])
{
    struct digest *d = digest_begin();
    digest_text(d, w->environment);
    digest_text(d, w->characters);
    digest_text(d, w->action);
    digest_text(d, w->camera);
    digest_text(d, w->light);
    digest_text(d, w->whole);
    digest_end(d, ret_hex);
}
