/* Small text work on NUL-terminated bytes. Knows ASCII only, and never a locale. */
/* SPDX-License-Identifier: ISC */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
    size_t len = strlen(text), end = strlen(suffix);
    return len >= end && memcmp(text + len - end, suffix, end) == 0;
}

bool str_ends_nocase(const char *text, const char *suffix)
{
    size_t len = strlen(text), end = strlen(suffix);
    return len >= end && str_eq_nocase(text + len - end, suffix);
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_eq_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

int str_int(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = text[0] == '-';
    const char *p = negative ? text + 1 : text;
    if (!*p)
        return ERR_INPUT;
    int64_t value = 0;
    for (; *p; p++) {
        if (*p < '0' || *p > '9' || __builtin_mul_overflow(value, 10, &value))
            return ERR_INPUT;
        int digit = *p - '0';
        if (negative ? __builtin_sub_overflow(value, digit, &value)
                     : __builtin_add_overflow(value, digit, &value))
            return ERR_INPUT;
    }
    if (value < min || value > max)
        return ERR_INPUT;
    *ret_value = value;
    return 0;
}

bool str_format(char *out, size_t out_len, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(out, out_len, fmt, args);
    va_end(args);
    return len >= 0 && (size_t)len < out_len;
}

void str_lower(char *text)
{
    for (; *text; text++)
        *text = lower(*text);
}

char *str_trim(char *text)
{
    while (blank(*text))
        text++;
    size_t len = strlen(text);
    while (len && blank(text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

#define DISTANCE_CAP 99

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

int str_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > DISTANCE_CAP || b_len > DISTANCE_CAP)
        return strcmp(a, b) == 0 ? 0 : DISTANCE_CAP;
    int row[DISTANCE_CAP + 1]; /* row[j]: from the first i bytes of a to the first j of b */
    for (size_t j = 0; j <= b_len; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a_len; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_len; j++) {
            int above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}
