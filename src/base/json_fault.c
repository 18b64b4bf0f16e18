/* Says where and why a document was not taken: bytes and an offset come in; line, column, pointer
 * and two short texts go out. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

/* Adds text to a pointer of room bytes; a text that does not fit is cut. */
static void add(char *pointer, size_t room, const char *text, size_t len)
{
    size_t used = strlen(pointer);
    if (len > room - 1 - used)
        len = room - 1 - used;
    memcpy(pointer + used, text, len);
    pointer[used + len] = '\0';
}

/* The place as a JSON pointer: '~' and '/' in keys are written ~0 and ~1. */
static void fill_pointer(const struct json_reader *r, char *pointer, size_t room)
{
    pointer[0] = '\0';
    for (int i = 0; i < r->depth; i++) {
        const struct json_step *step = &r->steps[i];
        char index[16];
        if (!step->key) {
            if (step->index < 0)
                continue; /* an object none of whose keys has been read yet */
            snprintf(index, sizeof index, "/%d", step->index);
            add(pointer, room, index, strlen(index));
            continue;
        }
        add(pointer, room, "/", 1);
        char *key = utf8_show(step->key);
        for (const char *c = key; *c; c++)
            add(pointer, room,
                *c == '~'   ? "~0"
                : *c == '/' ? "~1"
                            : c,
                *c == '~' || *c == '/' ? 2 : 1);
        free(key);
    }
}

/* Lines end with LF, CR LF or CR; a column is a character. */
static void fill_line(struct json_fault *fault, const char *bytes, size_t len)
{
    fault->line = fault->column = 1;
    for (size_t i = 0; i < fault->offset && i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\n' || (c == '\r' && !(i + 1 < len && bytes[i + 1] == '\n'))) {
            fault->line++;
            fault->column = 1;
        } else if ((c & 0xc0) != 0x80) {
            fault->column++;
        }
    }
}

int json_fail(struct json_reader *r, const char *code, size_t offset, const char *found,
              const char *expected)
{
    struct json_fault *fault = r->fault;
    *fault = (struct json_fault){.code = code, .offset = offset};
    fill_line(fault, r->bytes, r->len);
    fill_pointer(r, fault->pointer, sizeof fault->pointer);
    add(fault->found, sizeof fault->found, found, strlen(found));
    add(fault->expected, sizeof fault->expected, expected, strlen(expected));
    return strcmp(code, "JSON_SIZE") == 0 || strcmp(code, "JSON_DEPTH") == 0 ? ERR_LIMIT
                                                                             : ERR_INPUT;
}

int json_fail_cut(struct json_reader *r, const char *expected)
{
    int rc = json_fail(r, "JSON_SYNTAX", r->len, "the end of the file", expected);
    r->fault->cut = true;
    return rc;
}

/* What people and other languages write where JSON has something else. */
static const char *name_construct(const char *at, size_t left)
{
    static const struct {
        const char *starts, *name;
    } known[] = {
        {"//", "a comment"},
        {"/*", "a comment"},
        {"#", "a comment"},
        {"'", "a single quote"},
        {"\xe2\x80\x98", "a typographic quote"},
        {"\xe2\x80\x99", "a typographic quote"},
        {"\xe2\x80\x9c", "a typographic quote"},
        {"\xe2\x80\x9d", "a typographic quote"},
        {"NaN", "NaN, which is no JSON number"},
        {"Infinity", "Infinity, which is no JSON number"},
        {"-Infinity", "-Infinity, which is no JSON number"},
        {"undefined", "undefined"},
        {"None", "None (JSON writes null)"},
        {"True", "True (JSON writes true)"},
        {"False", "False (JSON writes false)"},
        {"+", "a plus sign"},
        {".", "a number without a digit before its point"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t len = strlen(known[i].starts);
        if (left >= len && memcmp(at, known[i].starts, len) == 0)
            return known[i].name;
    }
    return NULL;
}

int json_fail_here(struct json_reader *r, const char *expected)
{
    if (r->at >= r->len)
        return json_fail_cut(r, expected);
    const char *at = r->bytes + r->at, *name = name_construct(at, r->len - r->at);
    if (name)
        return json_fail(r, "JSON_SYNTAX", r->at, name, expected);
    size_t len = 1, most = r->len - r->at < 24 ? r->len - r->at : 24;
    while (len < most && (strchr(" \t\r\n,:{}[]\"", at[len]) == NULL))
        len++;
    char *copy = mem_dup_n(at, len), *shown = utf8_show(copy), found[128];
    snprintf(found, sizeof found, "'%.100s'", at[0] ? shown : "\\x00");
    int rc = json_fail(r, "JSON_SYNTAX", r->at, found, expected);
    free(shown);
    free(copy);
    return rc;
}

void json_fault_text(const struct json_fault *fault, char *out, size_t out_len)
{
    (void)str_format(out, out_len, "line %d, column %d%s%s%s: found %s, expected %s", fault->line,
                     fault->column, fault->pointer[0] ? " (" : "", fault->pointer,
                     fault->pointer[0] ? ")" : "", fault->found, fault->expected);
}
