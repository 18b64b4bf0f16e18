/* Fills an error with a code and a sentence. Prints nothing, except for bug(), which ends the
 * process. */
/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int code_of_errno(int code, int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
        return ERR_SPACE;
    case ENOENT:
        return ERR_MISSING;
    case EEXIST:
        return ERR_EXISTS;
    default:
        return code;
    }
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
    if (!e)
        return code;
    va_list args;
    va_start(args, fmt);
    /* The arguments may point into e->text, so the sentence is made beside it. */
    char text[sizeof e->text];
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    e->code = code;
    memcpy(e->text, text, sizeof text);
    return code;
}

int err_sys(struct err *e, int code, int errnum, const char *fmt, ...)
{
    code = code_of_errno(code, errnum);
    if (!e)
        return code;
    char text[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    char why[128];
    snprintf(why, sizeof why, ": %s", strerror(errnum));
    size_t len = strlen(text), why_len = strlen(why);
    if (len + why_len >= sizeof text)
        len = sizeof text - 1 - why_len; /* the reason is worth more than the sentence's end */
    memcpy(text + len, why, why_len + 1);
    e->code = code;
    memcpy(e->text, text, sizeof text);
    return code;
}

/* What fits of more behind text. */
static void add_text(char *text, size_t room, const char *more)
{
    size_t len = strlen(text), put = strnlen(more, room - 1 - len);
    memcpy(text + len, more, put);
    text[len + put] = '\0';
}

int err_prefix(struct err *e, const char *fmt, ...)
{
    if (!e)
        return ERR_OK;
    char front[sizeof e->text], old[sizeof e->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(front, sizeof front, fmt, args);
    va_end(args);
    memcpy(old, e->text, sizeof old);
    add_text(front, sizeof front, ": ");
    add_text(front, sizeof front, old);
    memcpy(e->text, front, sizeof front);
    return e->code;
}

const char *err_word(int code)
{
    switch (code) {
    case ERR_OK:
        return "ok";
#define X(name, word, meaning)                                                                     \
    case name:                                                                                     \
        return word;
        ERR_LIST(X)
#undef X
    default:
        return "unknown";
    }
}

void bug(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("slated: this should never happen: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
