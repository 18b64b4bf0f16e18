/* The head of a file comes in; its kind goes out, and what the kind's own reader can tell of it. */
/* SPDX-License-Identifier: ISC */
#include "intake/sniff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/utf8.h"

#define HEAD_LEN 65536 /* a text is judged by so much of it */

static const char *const words[] = {
#define X(kind, word) [kind] = word,
    MEDIA_LIST(X)
#undef X
};

const char *media_word(enum media kind)
{
    return (size_t)kind < sizeof words / sizeof *words ? words[kind] : "other";
}

bool media_is_picture(enum media kind)
{
    return kind == MEDIA_PNG || kind == MEDIA_JPEG || kind == MEDIA_WEBP;
}

/* --- shared by the formats --- */

size_t sniff_read(const struct sniff_from *from, uint64_t at, void *out, size_t n)
{
    size_t got = 0;
    if (at >= from->len)
        return 0;
    if (n > from->len - at)
        n = (size_t)(from->len - at);
    if (from->fd < 0) {
        memcpy(out, from->bytes + at, n);
        return n;
    }
    while (got < n) {
        ssize_t r = pread(from->fd, (char *)out + got, n - got, (off_t)(at + got));
        if (r <= 0)
            break;
        got += (size_t)r;
    }
    return got;
}

void sniff_say(struct sniffed *s, const char *fmt, ...)
{
    va_list args;
    if (*s->why)
        return;
    va_start(args, fmt);
    vsnprintf(s->why, sizeof s->why, fmt, args);
    va_end(args);
}

void sniff_size(struct sniffed *s, uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0) {
        sniff_say(s, "IMAGE_CORRUPT its header says %llu x %llu pixels", (unsigned long long)width,
                  (unsigned long long)height);
        return;
    }
    if (width > SNIFF_SIDE_MAX || height > SNIFF_SIDE_MAX || width * height > SNIFF_PIXELS_MAX) {
        sniff_say(s,
                  "IMAGE_SIZE its header says %llu x %llu pixels; at most %d a side and 64 million",
                  (unsigned long long)width, (unsigned long long)height, SNIFF_SIDE_MAX);
        return;
    }
    s->width = (int)width;
    s->height = (int)height;
}

void sniff_short(struct sniffed *s, uint64_t len, uint64_t wanted, const char *what)
{
    s->complete = false;
    if (wanted > len && len <= UINT64_MAX / 100)
        s->percent = (int)(len * 100 / wanted);
    sniff_say(s, "%s", what);
}

uint32_t sniff_be32(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint32_t sniff_le32(const unsigned char *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* --- kinds --- */

static bool head_is(const unsigned char *head, size_t n, size_t at, const char *magic, size_t len)
{
    return n >= at + len && memcmp(head + at, magic, len) == 0;
}

static enum media kind_by_magic(const unsigned char *h, size_t n)
{
    if (head_is(h, n, 0, "\x89PNG\r\n\x1a\n", 8))
        return MEDIA_PNG;
    if (head_is(h, n, 0, "\xff\xd8\xff", 3))
        return MEDIA_JPEG;
    if (head_is(h, n, 0, "RIFF", 4) && head_is(h, n, 8, "WEBP", 4))
        return MEDIA_WEBP;
    if (head_is(h, n, 0, "GIF87a", 6) || head_is(h, n, 0, "GIF89a", 6))
        return MEDIA_GIF;
    if (head_is(h, n, 4, "ftyp", 4))
        return MEDIA_MP4;
    if (head_is(h, n, 0, "PK\3\4", 4) || head_is(h, n, 0, "PK\5\6", 4))
        return MEDIA_ZIP;
    return MEDIA_OTHER;
}

/* UTF-16 with a mark, or a brace and its zero byte: JSON in the wrong encoding, so that it is told
 * as that. */
static bool is_wide_json(const unsigned char *h, size_t n)
{
    if (n < 4)
        return false;
    if (h[0] == 0xff && h[1] == 0xfe)
        return h[2] == '{' || h[2] == '[';
    if (h[0] == 0xfe && h[1] == 0xff)
        return h[3] == '{' || h[3] == '[';
    return (h[0] == '{' && h[1] == 0) || (h[0] == 0 && h[1] == '{');
}

static bool starts_as_json(const unsigned char *h, size_t n)
{
    size_t at = head_is(h, n, 0, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < n && (h[at] == ' ' || h[at] == '\t' || h[at] == '\r' || h[at] == '\n'))
        at++;
    return (at < n && (h[at] == '{' || h[at] == '[')) || is_wide_json(h, n);
}

/* UTF-8 without control bytes; a character cut by the end of the head is no fault. */
static bool is_text(const unsigned char *h, size_t n, bool whole)
{
    long bad = utf8_bad_at((const char *)h, n);
    if (bad >= 0 && (whole || (size_t)bad + 4 <= n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (h[i] < 0x20 && h[i] != '\t' && h[i] != '\n' && h[i] != '\r' && h[i] != '\f')
            return false;
    }
    return true;
}

static enum media kind_of(const struct sniff_from *from, const char *name)
{
    unsigned char head[HEAD_LEN];
    size_t n = sniff_read(from, 0, head, sizeof head);
    enum media kind = kind_by_magic(head, n);
    if (kind != MEDIA_OTHER)
        return kind;
    if (starts_as_json(head, n) || (name && str_ends_nocase(name, ".json")))
        return MEDIA_JSON;
    return n && is_text(head, n, n == from->len) ? MEDIA_TEXT : MEDIA_OTHER;
}

void sniff(const struct sniff_from *from, const char *name, struct sniffed *ret)
{
    struct sniffed s = {.complete = true, .percent = -1};
    if (from->len == 0) {
        s.media = MEDIA_EMPTY;
        s.complete = false;
        sniff_say(&s, "EMPTY nothing in it yet");
        *ret = s;
        return;
    }
    s.media = kind_of(from, name);
    if (s.media == MEDIA_PNG)
        sniff_png(from, &s);
    else if (s.media == MEDIA_JPEG)
        sniff_jpeg(from, &s);
    else if (s.media == MEDIA_WEBP)
        sniff_webp(from, &s);
    else if (s.media == MEDIA_GIF)
        sniff_gif(from, &s);
    else if (s.media == MEDIA_MP4)
        sniff_mp4(from, &s);
    else if (s.media == MEDIA_ZIP)
        sniff_zip(from, &s);
    *ret = s;
}
