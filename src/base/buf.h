/* A growing run of bytes with a ceiling from birth. Past the ceiling it keeps what it has, drops
 * the rest and remembers that it did. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;  /* owned; NUL-terminated whenever not NULL */
    size_t len;  /* without the NUL */
    size_t room; /* allocated */
    size_t cap;  /* the ceiling for len */
    bool full;   /* something was dropped */
};

void buf_init(struct buf *b, size_t cap);
void buf_finish(struct buf *b); /* frees; safe on zeroed memory */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_text(struct buf *b, const char *text); /* NULL adds nothing */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_html(struct buf *b, const char *text); /* & < > " ' escaped; control bytes become U+FFFD */
void buf_reset(struct buf *b);                  /* empty, keeps the room */
char *buf_take(struct buf *b); /* the caller owns the bytes ("" when empty); b is empty after */

#endif
