/* A growing run of bytes: pieces go in, one block comes out. Never grows past its ceiling. */
/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BUF_FIRST_ROOM 64
#define BUF_CAP_MAX    (SIZE_MAX / 4) /* doubling below it cannot overflow */

void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){.cap = cap < BUF_CAP_MAX ? cap : BUF_CAP_MAX};
}

void buf_finish(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

/* Makes room for len more bytes and a NUL; answers how many of them fit under the ceiling. */
static size_t make_room(struct buf *b, size_t len)
{
    size_t fits = len <= b->cap - b->len ? len : b->cap - b->len;
    if (fits < len)
        b->full = true;
    size_t need = b->len + fits + 1;
    if (need > b->room) {
        size_t room = b->room ? b->room : BUF_FIRST_ROOM;
        while (room < need)
            room += room;
        if (room > b->cap && need <= b->cap + 1)
            room = b->cap + 1 > b->room ? b->cap + 1 : room;
        b->data = mem_grow(b->data, room, 1);
        b->room = room;
    }
    return fits;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    size_t fits = len < b->room - b->len && len <= b->cap - b->len ? len : make_room(b, len);
    if (fits)
        memcpy(b->data + b->len, bytes, fits);
    b->len += fits;
    b->data[b->len] = '\0';
}

void buf_text(struct buf *b, const char *text)
{
    if (text)
        buf_add(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof small) {
        buf_add(b, small, (size_t)len);
    } else {
        char *text = mem_vprintf(fmt, again);
        buf_text(b, text);
        free(text);
    }
    va_end(again);
}

static const char *html_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void buf_html(struct buf *b, const char *text)
{
    const char *from = text;
    for (; text && *text; text++) {
        const char *instead = html_of((unsigned char)*text);
        if (!instead)
            continue;
        buf_add(b, from, (size_t)(text - from));
        buf_text(b, instead);
        from = text + 1;
    }
    if (text)
        buf_add(b, from, (size_t)(text - from));
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->full = false;
    if (b->data)
        b->data[0] = '\0';
}

char *buf_take(struct buf *b)
{
    char *bytes = b->data ? b->data : mem_dup("");
    *b = (struct buf){.cap = b->cap};
    return bytes;
}
