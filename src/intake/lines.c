/* Faults with JSON pointers come in, and the text they speak of; the pointers leave with the line
 * they are on. The text was read before, so it is well formed; what is not found stays without a
 * line. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/intake_priv.h"

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t\r\n,:");
}

/* After the text that begins at a quote. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    return *at ? at + 1 : at;
}

/* After the value that begins here. */
static const char *skip_value(const char *at)
{
    int depth = 0;
    do {
        at = skip_blanks(at);
        if (*at == '"') {
            at = skip_string(at);
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            depth--;
            at++;
        } else {
            at += strcspn(at, " \t\r\n,:\"{}[]");
        }
    } while (depth > 0 && *at);
    return at;
}

/* The value of member name, or of item index, of the object or list that begins here; NULL when
 * there is none. */
static const char *child_at(const char *at, const char *name, size_t len)
{
    bool object = *at == '{';
    int64_t index = 0, wanted = -1;
    char *text = mem_dup_n(name, len);
    if (!object && str_int(text, 0, 1000000, &wanted) != 0)
        wanted = -1;
    free(text);
    if (*at != '{' && *at != '[')
        return NULL;
    for (at = skip_blanks(at + 1); *at && *at != '}' && *at != ']'; at = skip_blanks(at)) {
        const char *key = at;
        if (object)
            at = skip_blanks(skip_string(at));
        if (object ? strncmp(key + 1, name, len) == 0 && key[1 + len] == '"' : index++ == wanted)
            return at;
        at = skip_value(at);
    }
    return NULL;
}

/* The line of the deepest part of the pointer that is in the text, from 1; 0 when not even its
 * first part is. */
static int line_of(const char *text, const char *pointer, size_t len)
{
    const char *at = skip_blanks(text), *end = pointer + len, *found = NULL;
    int line = 1;
    if (*at == '[' && !strchr("0123456789", pointer[1])) /* a bare list that was wrapped */
        pointer += 1 + strcspn(pointer + 1, "/ ");
    while (pointer < end && *pointer == '/') {
        size_t part = strcspn(pointer + 1, "/ ");
        at = child_at(at, pointer + 1, part);
        if (!at)
            break;
        found = at;
        pointer += 1 + part;
    }
    if (!found)
        return 0;
    for (const char *c = text; c < found; c++)
        line += *c == '\n';
    return line;
}

/* "a.json: /products/1/rank (Lumo)" -> "a.json: /products/1/rank (Lumo, line 14)" */
static void add_line(struct fault *f, const char *name, const char *text)
{
    size_t name_len = strlen(name);
    const char *pointer = f->place + name_len + 2;
    char *longer;
    int line;
    if (strncmp(f->place, name, name_len) != 0 || strncmp(f->place + name_len, ": /", 3) != 0)
        return;
    line = line_of(text, pointer, strcspn(pointer, " "));
    if (!line)
        return;
    if (str_ends(f->place, ")"))
        longer = mem_printf("%.*s, line %d)", (int)strlen(f->place) - 1, f->place, line);
    else
        longer = mem_printf("%s (line %d)", f->place, line);
    free(f->place);
    f->place = longer;
}

static void add_lines(struct faults *faults, const char *name, const char *text)
{
    for (size_t i = 0; i < faults->n; i++)
        add_line(&faults->list[i], name, text);
}

void lines_add(struct reading *r, const char *name, const char *path)
{
    char *bytes = NULL;
    size_t len = 0;
    if (r->answer->faults.n + r->pending.n + r->order->warnings.n == 0 ||
        file_read(path, json_limits_drop.bytes, &bytes, &len, NULL) != 0)
        return;
    const char *text = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? bytes + 3 : bytes;
    add_lines(&r->answer->faults, name, text);
    add_lines(&r->pending, name, text);
    add_lines(&r->order->warnings, name, text);
    free(bytes);
}
