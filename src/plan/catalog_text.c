/* A prompt file's text comes in, its title, its short form or a few plain words go out. Knows no
 * catalog. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "plan/catalog.h"

#define CATALOG_TEXT_CAP (1u << 20)

/* The rank of a heading line ("###" 3), 0 for any other line; *ret_words is where its words begin.
 */
static int heading_rank(const char *line, const char **ret_words)
{
    int rank = (int)strspn(line, "#");
    if (rank == 0 || rank > 6 || (line[rank] != ' ' && line[rank] != '\t'))
        return 0;
    *ret_words = line + rank + strspn(line + rank, " \t*_");
    return rank;
}

static bool is_stripped(const char *words, const cJSON *headings)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, headings)
    {
        size_t len = strlen(name->valuestring);
        if (strncasecmp(words, name->valuestring, len) == 0 && !isalpha((unsigned char)words[len]))
            return true;
    }
    return false;
}

char *catalog_strip(const char *text, const cJSON *headings)
{
    struct buf out;
    int inside = 0; /* rank of the heading whose block is left out */

    buf_init(&out, CATALOG_TEXT_CAP);
    while (*text) {
        size_t len = strcspn(text, "\n") + (text[strcspn(text, "\n")] == '\n');
        const char *words = text;
        int rank = heading_rank(text, &words);
        if (rank && (!inside || rank <= inside))
            inside = is_stripped(words, headings) ? rank : 0;
        if (!inside)
            buf_add(&out, text, len);
        text += len;
    }
    while (out.len && isspace((unsigned char)out.data[out.len - 1]))
        out.data[--out.len] = '\0';
    return buf_take(&out);
}

/* Adds a line's words without marks of emphasis, list and code, one blank between them. */
static void add_plain(struct buf *out, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = line[i];
        if (strchr("*`>#\r", c) || (c == '_' && (i == 0 || line[i - 1] == ' ')))
            continue;
        if (c == ' ' && (out->len == 0 || out->data[out->len - 1] == ' '))
            continue;
        buf_add(out, &c, 1);
    }
    if (out->len && out->data[out->len - 1] != ' ')
        buf_text(out, " ");
}

/* Cuts at the last blank before max and says so with three points; never inside a character. */
static void cut_at_word(char *text, size_t max)
{
    size_t at = strlen(text);
    while (at && text[at - 1] == ' ')
        text[--at] = '\0';
    if (at <= max)
        return;
    for (at = max - 3; at > 0 && text[at] != ' '; at--)
        ;
    if (at == 0)
        for (at = max - 3; at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80; at--)
            ;
    memcpy(text + at, "...", 4);
}

char *catalog_excerpt(const char *body, size_t max)
{
    struct buf out;
    char *text;

    buf_init(&out, CATALOG_TEXT_CAP);
    while (*body) {
        size_t len = strcspn(body, "\n");
        const char *words;
        bool blank = strspn(body, " \t\r") >= len;
        if (blank && out.len)
            break;
        if (!blank && !heading_rank(body, &words))
            add_plain(&out, body, len);
        body += len + (body[len] == '\n');
    }
    text = buf_take(&out);
    cut_at_word(text, max);
    return text;
}
