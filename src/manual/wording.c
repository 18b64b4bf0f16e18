/* What a shot shows comes in, part by part; one prompt goes out in the target's order and length.
 *
 * Each part is cut into clauses at commas, semicolons and full stops. A clause has a weight: its
 * part's, and less the further behind it stands. While there are more words than the target likes,
 * the lightest clause is left out; so every part keeps its first words before any keeps its last.
 * Where the parts alone say too little, clauses of the prompt as it was written fill up. Adds
 * nothing that was not given. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "manual/target.h"

#define TEXT_MAX     65536
#define WEIGHT_WHOLE 10 /* of what fills up: below every part */
#define WEIGHT_LATER 40 /* a clause that is not its part's first is lighter than any first */

struct clause {
    char *text;
    int part, weight, words; /* part: its place in the target's order */
    bool out;
};

struct clauses {
    struct clause *list;
    size_t n;
};

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

/* --- clauses --- */

/* A mark that a blank or the end follows, so that "1.5" and "9:16" stay whole. */
static bool ends_clause(const char *at)
{
    return *at == '\n' || (strchr(".!?,;", *at) && (!at[1] || isspace((unsigned char)at[1])));
}

static void add_clause(struct clauses *c, const char *from, size_t len, int part, int weight)
{
    char *copy = mem_dup_n(from, len), *text = str_trim(copy);
    size_t end = strlen(text);
    while (end && strchr(".,; \n", text[end - 1]))
        text[--end] = 0;
    if (words_count(text)) {
        c->list = mem_grow(c->list, c->n + 1, sizeof *c->list);
        c->list[c->n++] = (struct clause){mem_dup(text), part, weight, words_count(text), false};
    }
    free(copy);
}

static void add_text(struct clauses *c, const char *text, int part, int weight)
{
    size_t before = c->n;
    for (const char *from = text, *at = text; at && *at; at++)
        if (ends_clause(at) || !at[1]) {
            int behind = (int)(c->n - before);
            add_clause(c, from, (size_t)(at + 1 - from), part,
                       weight - (behind ? WEIGHT_LATER + behind : 0));
            from = at + 1;
        }
}

static int words_in(const struct clauses *c)
{
    int n = 0;
    for (size_t i = 0; i < c->n; i++)
        n += c->list[i].out ? 0 : c->list[i].words;
    return n;
}

/* Of equal ones the last goes first. */
static struct clause *lightest(struct clauses *c)
{
    struct clause *least = NULL;
    for (size_t i = 0; i < c->n; i++)
        if (!c->list[i].out && (!least || c->list[i].weight <= least->weight))
            least = &c->list[i];
    return least;
}

/* The last one is never left out: a prompt of one long clause is better than none. */
static void fit(struct clauses *c, int most)
{
    size_t in = c->n;
    while (most > 0 && in > 1 && words_in(c) > most) {
        lightest(c)->out = true;
        in--;
    }
}

/* A long clause that was left out leaves room that shorter ones may fill again, heaviest first. */
static void fill_up(struct clauses *c, int most)
{
    for (int weight = 100; most > 0 && weight > -100; weight--)
        for (size_t i = 0; i < c->n; i++)
            if (c->list[i].out && c->list[i].weight == weight &&
                words_in(c) + c->list[i].words <= most)
                c->list[i].out = false;
}

static char *join(const struct clauses *c)
{
    struct buf out;
    int part = -1;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < c->n; i++) {
        const struct clause *one = &c->list[i];
        size_t len = out.len;
        if (one->out)
            continue;
        bool fresh = !len || one->part != part || isupper((unsigned char)one->text[0]);
        if (len) /* a clause that asks or calls out keeps its mark */
            buf_text(&out, fresh ? (strchr("!?", out.data[len - 1]) ? " " : ". ") : ", ");
        len = out.len;
        buf_text(&out, one->text);
        if (fresh)
            out.data[len] = (char)toupper((unsigned char)out.data[len]);
        part = one->part;
    }
    if (out.len && !strchr("!?", out.data[out.len - 1]))
        buf_text(&out, ".");
    return buf_take(&out);
}

/* --- the prompt --- */

static const struct part {
    const char *name;
    size_t at;
    int weight;
} parts[] = {{"environment", offsetof(struct wording, environment), 80},
             {"characters", offsetof(struct wording, characters), 75},
             {"action", offsetof(struct wording, action), 95},
             {"camera", offsetof(struct wording, camera), 90},
             {"light", offsetof(struct wording, light), 65}};

static void add_part(struct clauses *c, const struct wording *w, const char *name, int place)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_eq(parts[i].name, name))
            add_text(c, *(const char *const *)((const char *)w + parts[i].at), place,
                     parts[i].weight);
}

/* Put together by parts; NULL when the target has no order or nothing is known by parts. */
static char *by_parts(const cJSON *target, const struct wording *w)
{
    const cJSON *name;
    int least = (int)json_num(target, "/words/0", 0), most = (int)json_num(target, "/words/1", 0);
    struct clauses c = {0};
    int place = 1;
    cJSON_ArrayForEach(name, json_get(target, "order")) add_part(&c, w, name->valuestring, place++);
    bool any = c.n > 0;
    if (any && words_in(&c) < least)
        add_text(&c, w->whole, place, WEIGHT_WHOLE);
    fit(&c, most);
    fill_up(&c, most);
    char *text = any ? join(&c) : NULL;
    for (size_t i = 0; i < c.n; i++)
        free(c.list[i].text);
    free(c.list);
    return text;
}

static bool word_at(const char *text, const char *at, size_t len)
{
    bool before = at == text || !isalpha((unsigned char)at[-1]);
    return before && !isalpha((unsigned char)at[len]);
}

/* Each whole word replaced, whatever its case; a capital at its start is kept. Owned. */
static char *replace_word(const char *text, const char *word, const char *by)
{
    struct buf out;
    size_t len = strlen(word);
    buf_init(&out, 1 << 20);
    for (const char *c = text; *c;) {
        if (strncasecmp(c, word, len) == 0 && word_at(text, c, len)) {
            size_t at = out.len;
            buf_text(&out, by);
            if (isupper((unsigned char)*c) && out.len > at)
                out.data[at] = (char)toupper((unsigned char)out.data[at]);
            c += len;
        } else {
            buf_add(&out, c++, 1);
        }
    }
    return buf_take(&out);
}

/* The word itself, or with one of the endings that make it plural or a verb's form. */
static bool has_word(const char *text, const char *word)
{
    static const char *const endings[] = {"", "s", "es", "ed", "ing", "y"};
    size_t len = strlen(word);
    for (const char *at = text; (at = strcasestr(at, word)); at++)
        for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
            if (strncasecmp(at + len, endings[i], strlen(endings[i])) == 0 &&
                word_at(text, at, len + strlen(endings[i])))
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
    int least = (int)json_num(target, "/words/0", 0), most = (int)json_num(target, "/words/1", 0);
    cJSON *warnings = cJSON_CreateArray();
    char *text = w->edited ? NULL : by_parts(target, w);
    if (!text) {
        char *whole = mem_dup(w->whole ? w->whole : "");
        text = mem_dup(str_trim(whole));
        free(whole);
    }
    text = soften(target, text, warnings);
    int n = words_count(text);
    if (most && (n < least || n > most))
        warn(warnings, mem_printf("%d words, where %s wants %d to %d", n,
                                  json_str(target, "label", ""), least, most));
    *ret_warnings = warnings;
    return text;
}
