/* An error is a code from one list and a sentence: what was tried, on which thing, why it
 * failed, what happens next. Rooms fill it and return its code; only engine and cli say it. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

/* code, word, meaning */
#define ERR_LIST(X)                                                                                \
    X(ERR_IO, "io", "the operating system refused a read or a write")                              \
    X(ERR_MISSING, "missing", "a thing that was named is not there")                               \
    X(ERR_EXISTS, "exists", "a thing is already there and must not be replaced")                   \
    X(ERR_INPUT, "input", "what a person or a peer gave is not acceptable")                        \
    X(ERR_LIMIT, "limit", "larger, deeper or longer than allowed")                                 \
    X(ERR_PATH, "path", "a path leaves the folder it must stay in")                                \
    X(ERR_KIND, "kind", "not a regular file or not a folder")                                      \
    X(ERR_BUSY, "busy", "held by another process; trying later may work")                          \
    X(ERR_SPACE, "space", "no room left on the disk")                                              \
    X(ERR_STORE, "store", "the store could not be read or written")                                \
    X(ERR_RULES, "rules", "a rules file is wrong")                                                 \
    X(ERR_CHILD, "child", "another program failed or died")                                        \
    X(ERR_TIME, "time", "it took longer than allowed")                                             \
    X(ERR_NET, "net", "the network or the server at the other end failed")                         \
    X(ERR_UNSUPPORTED, "unsupported", "a form that slated does not read")                          \
    X(ERR_STATE, "state", "not possible in the state the thing is in")

enum err_code {
    ERR_OK = 0,
    ERR_BASE_ = -1000,
#define X(code, word, meaning) code,
    ERR_LIST(X)
#undef X
};

/* A plain value; text is always NUL-terminated and empty while code is ERR_OK. */
struct err {
    int code;
    char text[1024];
};

/* Fills e (may be NULL) and returns code, so that a failing function ends in `return err_set(...)`.
 */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Like err_set, and appends ": " and the words of errnum (an errno value). ENOSPC and EDQUOT
 * turn code into ERR_SPACE, ENOENT into ERR_MISSING, EEXIST into ERR_EXISTS. */
int err_sys(struct err *e, int code, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "fmt...: " in front of the sentence already in e; returns e's code. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The word of a code ("io"); "ok" for 0, "unknown" for a number that is not in the list. Static. */
const char *err_word(int code);

/* A broken invariant of our own: says the sentence on stderr and aborts. Never for data from
 * outside. */
void bug(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
