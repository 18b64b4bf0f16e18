/* A tree in, its text out: for people (indented), for machines (one line), or for comparing
 * (sorted). The text is always valid JSON: bytes that are not UTF-8 become U+FFFD, what is no
 * number becomes null. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8_priv.h"

struct style {
    bool pretty, sorted;
};

static void write_value(struct buf *out, const cJSON *item, struct style style, int depth);

/* What stands for a byte that a string cannot hold as it is; NULL when it can. */
static const char *escape_of(unsigned char c, char room[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        if (c >= 0x20)
            return NULL;
        snprintf(room, 8, "\\u%04x", c);
        return room;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void write_string(struct buf *out, const char *text)
{
    char room[8];
    const char *p = text ? text : "", *from = p;
    buf_add(out, "\"", 1);
    while (*p) {
        while (is_plain((unsigned char)*p))
            p++;
        if (!*p)
            break;
        const char *here = p;
        const char *instead = escape_of((unsigned char)*p, room);
        if (instead)
            p++;
        else if ((unsigned char)*p < 0x80)
            p++;
        else if (utf8_next(&p) & UTF8_BAD)
            instead = "\xef\xbf\xbd";
        if (!instead)
            continue;
        buf_add(out, from, (size_t)(here - from));
        buf_text(out, instead);
        from = p;
    }
    buf_add(out, from, (size_t)(p - from));
    buf_add(out, "\"", 1);
}

/* The fewest digits that read back as the same number. */
static void write_number(struct buf *out, double value)
{
    char text[40];
    if (!isfinite(value)) {
        buf_text(out, "null");
        return;
    }
    if (value == floor(value) && fabs(value) < 1e15) {
        snprintf(text, sizeof text, "%lld", (long long)value);
    } else {
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
    }
    buf_text(out, text);
}

static void line_break(struct buf *out, struct style style, int depth)
{
    static const char blanks[] = "                                ";
    if (!style.pretty)
        return;
    buf_add(out, "\n", 1);
    for (size_t left = (size_t)depth * 2; left;) {
        size_t put = left < sizeof blanks - 1 ? left : sizeof blanks - 1;
        buf_add(out, blanks, put);
        left -= put;
    }
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static void write_member(struct buf *out, const cJSON *item, struct style style, int depth)
{
    line_break(out, style, depth);
    if (item->string) {
        write_string(out, item->string);
        buf_text(out, style.pretty ? ": " : ":");
    }
    write_value(out, item, style, depth);
}

static void write_sorted(struct buf *out, const cJSON *object, struct style style, int depth)
{
    size_t n = (size_t)cJSON_GetArraySize(object), i = 0;
    const cJSON **members = mem_grow(NULL, n + 1, sizeof *members), *item;
    cJSON_ArrayForEach(item, object) members[i++] = item;
    qsort(members, n, sizeof *members, by_key);
    for (i = 0; i < n; i++) {
        buf_text(out, i ? "," : "");
        write_member(out, members[i], style, depth + 1);
    }
    free(members);
}

static void write_branch(struct buf *out, const cJSON *item, struct style style, int depth)
{
    bool object = cJSON_IsObject(item);
    buf_text(out, object ? "{" : "[");
    if (object && style.sorted) {
        write_sorted(out, item, style, depth);
    } else {
        const cJSON *member;
        cJSON_ArrayForEach(member, item)
        {
            write_member(out, member, style, depth + 1);
            buf_text(out, member->next ? "," : "");
        }
    }
    if (item->child)
        line_break(out, style, depth);
    buf_text(out, object ? "}" : "]");
}

static void write_value(struct buf *out, const cJSON *item, struct style style, int depth)
{
    if (cJSON_IsString(item))
        write_string(out, item->valuestring);
    else if (cJSON_IsNumber(item))
        write_number(out, item->valuedouble);
    else if (cJSON_IsBool(item))
        buf_text(out, cJSON_IsTrue(item) ? "true" : "false");
    else if (cJSON_IsObject(item) || cJSON_IsArray(item))
        write_branch(out, item, style, depth);
    else if (cJSON_IsRaw(item))
        buf_text(out, item->valuestring);
    else
        buf_text(out, "null");
}

static char *write_tree(const cJSON *tree, struct style style)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    write_value(&out, tree, style, 0);
    if (style.pretty)
        buf_text(&out, "\n");
    return buf_take(&out);
}

char *json_pretty(const cJSON *tree)
{
    return write_tree(tree, (struct style){.pretty = true});
}

char *json_compact(const cJSON *tree)
{
    return write_tree(tree, (struct style){0});
}

char *json_canonical(const cJSON *tree)
{
    return write_tree(tree, (struct style){.sorted = true});
}
