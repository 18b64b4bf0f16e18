/* Bytes to characters and back, and the one spelling under which two names are compared. Never
 * refuses a text: bytes that are not UTF-8 are carried along. */
/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8_priv.h"

/* Bytes of the well-formed character at s, of which left are there; 0 when there is none. */
static size_t char_len(const unsigned char *s, size_t left)
{
    unsigned char c = s[0];
    if (c < 0x80)
        return 1;
    size_t len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || left < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool wrong = (c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f) ||
                 (c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] > 0x8f);
    return wrong ? 0 : len;
}

size_t utf8_cut(const char *text, size_t max_bytes)
{
    size_t len = strlen(text);
    if (len <= max_bytes)
        return len;
    for (len = max_bytes; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

long utf8_bad_at(const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t i = 0; i < len;) {
        size_t n = s[i] < 0x80 ? 1 : char_len(s + i, len - i);
        if (!n)
            return (long)i;
        i += n;
    }
    return -1;
}

uint32_t utf8_next(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    if (!s[0])
        return 0;
    size_t len = char_len(s, strnlen(*p, UTF8_BYTES_MAX));
    *p += len ? len : 1;
    switch (len) {
    case 0:
        return UTF8_BAD | s[0];
    case 1:
        return s[0];
    case 2:
        return (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
    case 3:
        return (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
    default:
        return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 |
               (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
    }
}

size_t utf8_put(uint32_t c, char out[UTF8_BYTES_MAX])
{
    if (c & UTF8_BAD || c < 0x80) {
        out[0] = (char)(c & 0xff);
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00 >> len & 0xff) | c);
    return len;
}

/* --- composing: take apart, fold, put marks in order, join --- */

#define HANGUL_FIRST  0xac00
#define HANGUL_N      11172
#define LEAD_FIRST    0x1100
#define LEAD_N        19
#define VOWEL_FIRST   0x1161
#define VOWEL_N       21
#define TRAIL_BEFORE  0x11a7 /* trail 0 means none */
#define TRAIL_N       28
#define PARTS_OF_CHAR 4 /* the most that one character comes apart into (U+1F82 and its like) */

struct points {
    uint32_t *list;
    size_t n;
};

static void take_apart(struct points *to, uint32_t c, bool fold)
{
    uint32_t first, second;
    if (c - HANGUL_FIRST < HANGUL_N) {
        uint32_t i = c - HANGUL_FIRST, trail = i % TRAIL_N;
        to->list[to->n++] = LEAD_FIRST + i / (VOWEL_N * TRAIL_N);
        to->list[to->n++] = VOWEL_FIRST + i / TRAIL_N % VOWEL_N;
        if (trail)
            to->list[to->n++] = TRAIL_BEFORE + trail;
    } else if (utf8_table_split(c, &first, &second)) {
        take_apart(to, first, fold);
        if (second)
            take_apart(to, second, fold);
    } else {
        to->list[to->n++] = fold ? utf8_table_fold(c) : c;
    }
}

/* Marks on one letter in the order of their classes; equal classes keep their order. */
static void order_marks(struct points *p)
{
    for (size_t i = 1; i < p->n; i++) {
        uint32_t c = p->list[i];
        int of = utf8_mark_class(c);
        size_t j = i;
        for (; of && j > 0 && utf8_mark_class(p->list[j - 1]) > of; j--)
            p->list[j] = p->list[j - 1];
        p->list[j] = c;
    }
}

static uint32_t join(uint32_t a, uint32_t b)
{
    if (a - LEAD_FIRST < LEAD_N && b - VOWEL_FIRST < VOWEL_N)
        return HANGUL_FIRST + ((a - LEAD_FIRST) * VOWEL_N + (b - VOWEL_FIRST)) * TRAIL_N;
    if (a - HANGUL_FIRST < HANGUL_N && (a - HANGUL_FIRST) % TRAIL_N == 0 &&
        b - TRAIL_BEFORE - 1 < TRAIL_N - 1)
        return a + (b - TRAIL_BEFORE);
    return utf8_mark_class(b) ? utf8_table_join(a, b) : 0;
}

static void join_all(struct points *p)
{
    size_t n = 0, letter = 0;
    bool has_letter = false;
    int last_class = 0; /* of what was kept after the letter */
    for (size_t i = 0; i < p->n; i++) {
        uint32_t c = p->list[i];
        int of = utf8_mark_class(c);
        /* A mark joins only when nothing of its own class stands between it and the letter. */
        bool free_way = has_letter && (n == letter + 1 || last_class < of);
        uint32_t joined = free_way ? join(p->list[letter], c) : 0;
        if (joined) {
            p->list[letter] = joined;
            continue;
        }
        if (!of) {
            letter = n;
            has_letter = true;
        }
        last_class = of;
        p->list[n++] = c;
    }
    p->n = n;
}

uint32_t *utf8_composed(const char *text, bool fold, size_t *ret_n)
{
    struct points p = {.list = mem_grow(NULL, strlen(text) * PARTS_OF_CHAR + 1, sizeof *p.list)};
    bool plain = true;
    for (uint32_t c; (c = utf8_next(&text)) != 0;) {
        plain = plain && c < 0x80;
        if (plain)
            p.list[p.n++] = fold && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        else
            take_apart(&p, c, fold);
    }
    if (!plain) {
        order_marks(&p);
        join_all(&p);
    }
    *ret_n = p.n;
    return p.list;
}

char *utf8_fold_key(const char *name)
{
    size_t n, len = 0;
    uint32_t *points = utf8_composed(name, true, &n);
    char *key = mem_grow(NULL, n * UTF8_BYTES_MAX + 1, 1);
    for (size_t i = 0; i < n; i++)
        len += utf8_put(points[i], key + len);
    key[len] = '\0';
    free(points);
    return key;
}

/* --- showing --- */

static bool is_hidden(uint32_t c)
{
    return (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ||
           (c >= 0xe0000 && c <= 0xe007f);
}

static void show_char(struct buf *out, uint32_t c, const char *from, size_t len)
{
    if (c & UTF8_BAD)
        buf_printf(out, "\\x%02x", c & 0xff);
    else if (c == '\n')
        buf_text(out, "\\n");
    else if (c == '\t')
        buf_text(out, "\\t");
    else if (c == '\r')
        buf_text(out, "\\r");
    else if (c < 0x20)
        buf_printf(out, "\\x%02x", c);
    else if (is_hidden(c))
        buf_printf(out, "\\u{%x}", c);
    else
        buf_add(out, from, len);
}

char *utf8_show(const char *text)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    const char *from = text;
    for (uint32_t c; (c = utf8_next(&text)) != 0; from = text)
        show_char(&out, c, from, (size_t)(text - from));
    return buf_take(&out);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

char *utf8_label(const char *text)
{
    struct buf out;
    if (!text)
        return NULL;
    buf_init(&out, SIZE_MAX);
    const char *from = text;
    for (uint32_t c; (c = utf8_next(&text)) != 0; from = text) {
        if (c & UTF8_BAD)
            buf_text(&out, "?");
        else if (is_control(c))
            buf_text(&out, " ");
        else
            buf_add(&out, from, (size_t)(text - from));
    }
    return buf_take(&out);
}
