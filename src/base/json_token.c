/* The pieces of a JSON text: blanks, strings and numbers. A piece is taken exactly as RFC 8259 has
 * it, or not at all. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_priv.h"
#include "base/utf8.h"
#include "base/utf8_priv.h"

#define NUMBER_LEN_MAX                                                                             \
    32 /* no program prints a double longer; longer ones are meant for something else */

#define EXACT_BELOW 9007199254740992.0 /* 2^53: every integer below it is a double */

static const char string_end[] = "the string's closing quote";

/* One comment at the reader's place. */
static int skip_comment(struct json_reader *r)
{
    const char *from = r->bytes + r->at;
    size_t left = r->len - r->at;
    if (from[1] == '/') {
        const char *end = memchr(from, '\n', left);
        r->at = end ? (size_t)(end - r->bytes) : r->len;
        return 0;
    }
    const char *end = left > 3 ? memmem(from + 2, left - 2, "*/", 2) : NULL;
    if (!end)
        return json_fail_cut(r, "the end of a comment, */");
    r->at = (size_t)(end - r->bytes) + 2;
    return 0;
}

int json_skip(struct json_reader *r)
{
    for (; r->at < r->len; r->at++) {
        char c = r->bytes[r->at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c != '/' || !r->limits->comments || r->at + 1 >= r->len ||
            (r->bytes[r->at + 1] != '/' && r->bytes[r->at + 1] != '*'))
            return 0;
        int rc = skip_comment(r);
        if (rc)
            return rc;
        r->at--;
    }
    return 0;
}

/* --- strings --- */

/* Four hexadecimal digits at `at`; -1 when they are not. */
static long hex4(const struct json_reader *r, size_t at)
{
    long value = 0;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= r->len)
            return -1;
        char c = r->bytes[i];
        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static int fail_escape(struct json_reader *r, size_t at)
{
    for (size_t i = at; i < at + 6; i++)
        if (i >= r->len)
            return json_fail_cut(r, string_end);
    return json_fail(r, "JSON_SYNTAX", at, "\\u without four hexadecimal digits",
                     "\\u and four digits");
}

static int fail_surrogate(struct json_reader *r, size_t at)
{
    char found[64];
    snprintf(found, sizeof found, "%.6s, half of a character", r->bytes + at);
    return json_fail(r, "JSON_UTF8", at, found, "both halves of a surrogate pair");
}

/* A \u escape at `at`; a pair of surrogates is one character. */
static int read_unicode(struct json_reader *r, size_t at)
{
    long c = hex4(r, at + 2);
    if (c < 0)
        return fail_escape(r, at);
    if (c == 0)
        return json_fail(r, "JSON_NUL", at, "\\u0000", "a text without the character NUL");
    r->at = at + 6;
    if (c >= 0xdc00 && c <= 0xdfff)
        return fail_surrogate(r, at);
    if (c >= 0xd800 && c <= 0xdbff) {
        if (r->at >= r->len)
            return json_fail_cut(r, string_end);
        bool escape = r->bytes[r->at] == '\\' && r->at + 1 < r->len && r->bytes[r->at + 1] == 'u';
        long low = escape ? hex4(r, r->at + 2) : 0;
        if (low < 0)
            return fail_escape(r, r->at);
        if (low < 0xdc00 || low > 0xdfff)
            return fail_surrogate(r, at);
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    char bytes[UTF8_BYTES_MAX];
    buf_add(&r->text, bytes, utf8_put((uint32_t)c, bytes));
    return 0;
}

static int read_escape(struct json_reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    size_t at = r->at;
    if (at + 1 >= r->len)
        return json_fail_cut(r, string_end);
    char c = r->bytes[at + 1];
    if (c == 'u')
        return read_unicode(r, at);
    const char *known = c ? strchr(from, c) : NULL;
    if (!known) {
        char found[32];
        snprintf(found, sizeof found, c > ' ' && c < 0x7f ? "\\%c" : "\\ and byte 0x%02x",
                 (unsigned char)c);
        return json_fail(r, "JSON_SYNTAX", at, found,
                         "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
    buf_add(&r->text, to + (known - from), 1);
    r->at = at + 2;
    return 0;
}

static int fail_control(struct json_reader *r, unsigned char c)
{
    if (c == '\0')
        return json_fail(r, "JSON_NUL", r->at, "a NUL byte in a string", "text");
    if (c == '\n' || c == '\r')
        return json_fail(r, "JSON_SYNTAX", r->at, "a line break in a string",
                         "the string's closing quote, or \\n for a line break");
    char found[48];
    snprintf(found, sizeof found, "control byte 0x%02x in a string", c);
    return json_fail(r, "JSON_SYNTAX", r->at, found, c == '\t' ? "\\t" : "an escape (\\u00XX)");
}

/* Bytes up to the next quote, backslash or control byte: checked and added in one go. */
static int read_plain(struct json_reader *r)
{
    size_t from = r->at, at = from;
    while (at < r->len && r->bytes[at] != '"' && r->bytes[at] != '\\' &&
           (unsigned char)r->bytes[at] >= 0x20)
        at++;
    long bad = utf8_bad_at(r->bytes + from, at - from);
    if (bad >= 0) {
        char found[64];
        size_t offset = from + (size_t)bad;
        snprintf(found, sizeof found, "byte 0x%02x, which is not UTF-8",
                 (unsigned char)r->bytes[offset]);
        bool end = at == r->len && r->len - offset < UTF8_BYTES_MAX;
        int rc = json_fail(r, "JSON_UTF8", offset, found, "UTF-8 text");
        r->fault->cut = end;
        return rc;
    }
    buf_add(&r->text, r->bytes + from, at - from);
    r->at = at;
    return 0;
}

int json_read_string(struct json_reader *r)
{
    size_t from = r->at++;
    buf_reset(&r->text);
    for (;;) {
        int rc = read_plain(r);
        if (rc)
            return rc;
        if (r->at >= r->len)
            return json_fail_cut(r, string_end);
        unsigned char c = (unsigned char)r->bytes[r->at];
        if (c != '"' && c != '\\')
            return fail_control(r, c);
        if (c == '"')
            break;
        if ((rc = read_escape(r)))
            return rc;
    }
    r->at++;
    if (!r->text.full)
        return 0;
    char expected[64];
    snprintf(expected, sizeof expected, "at most %zu bytes", r->limits->string);
    return json_fail(r, "JSON_SIZE", from, "a longer string", expected);
}

/* --- numbers --- */

static bool digit_at(const struct json_reader *r, size_t at)
{
    return at < r->len && r->bytes[at] >= '0' && r->bytes[at] <= '9';
}

/* One or more digits from *at on; false when there is none. */
static bool skip_digits(const struct json_reader *r, size_t *at)
{
    size_t from = *at;
    while (digit_at(r, *at))
        (*at)++;
    return *at > from;
}

static int fail_digit(struct json_reader *r, size_t at)
{
    size_t from = r->at;
    if (at >= r->len)
        return json_fail_cut(r, "a digit");
    char found[64];
    snprintf(found, sizeof found, "%.*s without a digit behind it",
             (int)(at - from > 20 ? 20 : at - from), r->bytes + from);
    return json_fail(r, "JSON_SYNTAX", from, found, "a number");
}

/* Where the number at the reader's place ends, by the grammar alone. */
static int scan_number(struct json_reader *r, size_t *ret_end, bool *ret_integer)
{
    size_t at = r->at + (r->bytes[r->at] == '-');
    *ret_integer = true;
    if (at < r->len && r->bytes[at] == '0' && digit_at(r, at + 1))
        return json_fail(r, "JSON_SYNTAX", r->at, "a number that starts with 0",
                         "a number without leading zeros");
    if (!digit_at(r, at))
        return r->len - r->at > 1 && r->bytes[r->at + 1] == 'I' ? json_fail_here(r, "a number")
                                                                : fail_digit(r, at);
    skip_digits(r, &at);
    if (at < r->len && r->bytes[at] == '.') {
        *ret_integer = false;
        at++;
        if (!skip_digits(r, &at))
            return fail_digit(r, at);
    }
    if (at < r->len && (r->bytes[at] | 0x20) == 'e') {
        *ret_integer = false;
        at++;
        if (at < r->len && (r->bytes[at] == '+' || r->bytes[at] == '-'))
            at++;
        if (!skip_digits(r, &at))
            return fail_digit(r, at);
    }
    *ret_end = at;
    return 0;
}

static bool any_digit_but_0(const char *text)
{
    for (; *text && (*text | 0x20) != 'e'; text++)
        if (*text >= '1' && *text <= '9')
            return true;
    return false;
}

/* text: the number alone. NULL when a double holds it, else what is wrong with it. */
static const char *misfit(const char *text, bool integer, double value)
{
    char exact[400];
    if (!isfinite(value))
        return "a number below 1.8e308";
    if (value == 0)
        return any_digit_but_0(text) ? "a number that is not nearer to 0 than 1e-308" : NULL;
    if (!integer || fabs(value) < EXACT_BELOW)
        return NULL;
    snprintf(exact, sizeof exact, "%.0f", value);
    return strcmp(exact, text) == 0 ? NULL : "an integer that a double holds exactly (or a string)";
}

int json_read_number(struct json_reader *r, double *ret_value)
{
    size_t end = r->at, from = r->at;
    bool integer = true;
    int rc = scan_number(r, &end, &integer);
    if (rc)
        return rc;
    char text[NUMBER_LEN_MAX + 1];
    size_t len = end - from;
    if (len > NUMBER_LEN_MAX) {
        char found[64];
        snprintf(found, sizeof found, "%.16s... (%zu characters)", r->bytes + from, len);
        return json_fail(r, "JSON_NUMBER", from, found, "a number of at most 32 characters");
    }
    memcpy(text, r->bytes + from, len);
    text[len] = '\0';
    double value = strtod(text, NULL);
    const char *wrong = misfit(text, integer, value);
    if (wrong)
        return json_fail(r, "JSON_NUMBER", from, text, wrong);
    *ret_value = value == 0 ? 0 : value; /* -0 is 0 */
    r->at = end;
    return 0;
}
