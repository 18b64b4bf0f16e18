/* Memory that cannot fail: each call answers memory or ends the process with a sentence. */
/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not bug(): nothing is wrong with the program, and a core file of a full machine helps nobody. */
static void exhausted(size_t len)
{
    fprintf(
        stderr,
        "slated: no memory left for %zu bytes; stopping, and the next start goes on from here\n",
        len);
    _exit(70);
}

void *mem_alloc(size_t len)
{
    void *p = calloc(1, len ? len : 1);
    if (!p)
        exhausted(len);
    return p;
}

void *mem_grow(void *old, size_t count, size_t width)
{
    size_t len;
    if (__builtin_mul_overflow(count, width, &len))
        exhausted((size_t)-1);
    void *p = realloc(old, len ? len : 1);
    if (!p)
        exhausted(len);
    return p;
}

char *mem_dup(const char *text)
{
    return text ? mem_dup_n(text, strlen(text)) : NULL;
}

char *mem_dup_n(const char *bytes, size_t len)
{
    if (len == (size_t)-1)
        exhausted(len);
    char *copy = mem_grow(NULL, len + 1, 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *mem_printf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = mem_vprintf(fmt, args);
    va_end(args);
    return text;
}

char *mem_vprintf(const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        exhausted(strlen(fmt));
    return text;
}
