/* An event and its values come in; a text in the notifier's escapes and below its limit goes out.
 * Names are shown as a person can read them and cut; markup never comes from a value. */
/* SPDX-License-Identifier: ISC */
#include "news/news.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

#define VALUE_MOST   200 /* bytes of one name */
#define DETAILS_MOST 3
#define TEXT_MOST    4000
#define ROOM_FOR_END 64 /* "... and 12 more" */

/* A message that grows: once something did not fit, nothing more is added. */
struct sheet {
    struct buf out;
    const char *escape;
    size_t most;
    bool full;
};

static void sheet_init(struct sheet *s, const cJSON *notifier, size_t spare)
{
    int64_t most = json_int(notifier, "/text/most", TEXT_MOST);
    memset(s, 0, sizeof *s);
    s->escape = json_str(notifier, "/text/escape", "none");
    s->most = (size_t)(most > 0 ? most : TEXT_MOST);
    s->most = s->most > spare ? s->most - spare : s->most;
    buf_init(&s->out, s->most + 8);
}

/* --- escapes --- */

static const char *escape_html(char c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
}

/* One byte in the escape's words; what is no markup stays. */
static void add_byte(const struct sheet *s, struct buf *out, char c)
{
    const char *html = str_eq(s->escape, "html") ? escape_html(c) : NULL;
    if (html)
        buf_text(out, html);
    else if (str_eq(s->escape, "markdown") && c && strchr("\\*_~`|>#[]()<@-", c))
        buf_printf(out, "\\%c", c);
    else
        buf_add(out, &c, 1);
}

static char *escaped(const struct sheet *s, const char *text)
{
    struct buf out;
    buf_init(&out, strlen(text) * 6 + 1);
    for (; *text; text++)
        add_byte(s, &out, *text);
    return buf_take(&out);
}

/* The beginning of a text, at a character. */
static void cut(char *text, size_t most)
{
    if (strlen(text) <= most)
        return;
    size_t n = most - 3;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(text + n, "...", 4);
}

/* A value as it may be shown, or NULL when it is absent; owned, not escaped yet. */
static char *value_shown(const cJSON *values, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(values, name);
    char *shown = NULL;
    if (cJSON_IsNumber(v))
        return mem_printf("%.10g", v->valuedouble);
    if (!cJSON_IsString(v) || !*v->valuestring)
        return NULL;
    shown = utf8_show(v->valuestring);
    cut(shown, VALUE_MOST);
    return shown;
}

/* --- lines --- */

/* A line with its {names}; NULL when one of them is absent. escape NULL: plain. */
static char *line_filled(const struct sheet *escape, const char *line, const cJSON *values)
{
    struct buf out;
    bool whole = true;
    buf_init(&out, 65536);
    while (*line && whole) {
        const char *end = *line == '{' ? strchr(line, '}') : NULL;
        if (!end) {
            if (escape)
                add_byte(escape, &out, *line);
            else
                buf_add(&out, line, 1);
            line++;
            continue;
        }
        char *name = mem_dup_n(line + 1, (size_t)(end - line - 1));
        char *value = value_shown(values, name);
        char *text = value && escape ? escaped(escape, value) : mem_dup(value);
        whole = text != NULL;
        buf_text(&out, text);
        free(name);
        free(value);
        free(text);
        line = end + 1;
    }
    if (whole)
        return buf_take(&out);
    buf_finish(&out);
    return NULL;
}

static bool sheet_add(struct sheet *s, const char *line)
{
    if (s->full || s->out.len + strlen(line) + 1 > s->most) {
        s->full = true;
        return false;
    }
    buf_printf(&s->out, "%s%s", s->out.len ? "\n" : "", line);
    return true;
}

static const cJSON *rule_of(const cJSON *events, const char *event)
{
    return cJSON_GetObjectItemCaseSensitive(json_get(events, "events"), event);
}

/* "[slated] mark drop - started", plain or escaped; owned. */
static char *head_of(const struct sheet *escape, const cJSON *events, const char *event,
                     const cJSON *values)
{
    const cJSON *rule = rule_of(events, event);
    const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(rule, "say"), 0));
    char *line = line_filled(escape, first ? first : event, values);
    char *plain = mem_printf("%s", json_str(events, "prefix", ""));
    char *prefix = escape ? escaped(escape, plain) : mem_dup(plain);
    char *whole = mem_printf("%s%s%s%s%s", prefix, *prefix ? " " : "", json_str(rule, "mark", ""),
                             json_get(rule, "mark") ? " " : "", line ? line : event);
    free(line);
    free(plain);
    free(prefix);
    return whole;
}

static void add_details(struct sheet *s, const cJSON *values)
{
    const cJSON *one;
    int n = 0, all = cJSON_GetArraySize(json_get(values, "details"));
    cJSON_ArrayForEach(one, json_get(values, "details"))
    {
        if (!cJSON_IsString(one) || n++ >= DETAILS_MOST)
            continue;
        char *shown = utf8_show(one->valuestring);
        cut(shown, VALUE_MOST);
        char *text = escaped(s, shown), *line = mem_printf("• %s", text);
        sheet_add(s, line);
        free(shown);
        free(text);
        free(line);
    }
    if (all > DETAILS_MOST) {
        char *line = mem_printf("… and %d more", all - DETAILS_MOST);
        sheet_add(s, line);
        free(line);
    }
}

static void add_strong(struct sheet *s, const cJSON *notifier, const char *head)
{
    const cJSON *marks = json_get(json_get(notifier, "text"), "strong");
    const char *before = cJSON_GetStringValue(cJSON_GetArrayItem(marks, 0));
    const char *after = cJSON_GetStringValue(cJSON_GetArrayItem(marks, 1));
    char *line = mem_printf("%s%s%s", before ? before : "", head, after ? after : "");
    sheet_add(s, line);
    free(line);
}

static void add_body(struct sheet *s, const cJSON *rule, const cJSON *values)
{
    int n = cJSON_GetArraySize(json_get(rule, "say"));
    for (int i = 1; i < n; i++) {
        const char *template = cJSON_GetStringValue(cJSON_GetArrayItem(json_get(rule, "say"), i));
        char *line = template ? line_filled(s, template, values) : NULL;
        if (line && *line)
            sheet_add(s, line);
        free(line);
    }
    add_details(s, values);
}

void news_write(const cJSON *events, const cJSON *notifier, const char *event, const cJSON *values,
                struct news_text *ret_text)
{
    const cJSON *rule = rule_of(events, event);
    struct sheet whole, body;
    sheet_init(&whole, notifier, 0);
    sheet_init(&body, notifier, 0);
    char *head = head_of(&whole, events, event, values);
    add_strong(&whole, notifier, head);
    add_body(&whole, rule, values);
    add_body(&body, rule, values);
    *ret_text = (struct news_text){.title = head_of(NULL, events, event, values),
                                   .body = buf_take(&body.out),
                                   .text = buf_take(&whole.out)};
    free(head);
}

void news_write_many(const cJSON *events, const cJSON *notifier, const char *const *events_of,
                     const cJSON *const *values, size_t n, struct news_text *ret_text)
{
    struct sheet s;
    size_t shown = 0;
    sheet_init(&s, notifier, ROOM_FOR_END);
    for (; shown < n; shown++) {
        char *line = head_of(&s, events, events_of[shown], values[shown]);
        bool added = sheet_add(&s, line);
        free(line);
        if (!added)
            break;
    }
    if (shown < n)
        buf_printf(&s.out, "\n… and %zu more", n - shown);
    char *body = mem_dup(s.out.data ? s.out.data : "");
    *ret_text = (struct news_text){
        .title = mem_printf("%s %zu messages", json_str(events, "prefix", "slated"), n),
        .body = body,
        .text = buf_take(&s.out)};
}

void news_text_finish(struct news_text *t)
{
    free(t->title);
    free(t->body);
    free(t->text);
    memset(t, 0, sizeof *t);
}
