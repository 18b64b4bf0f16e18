/* SHA-256 of bytes and of files, as 64 lower-case hexadecimal digits. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DIGEST_LEN 65 /* 64 digits and a NUL */

void digest_bytes(const void *bytes, size_t len, char ret_hex[DIGEST_LEN]);
int digest_file(const char *path, char ret_hex[DIGEST_LEN], uint64_t *ret_len, struct err *e);
int digest_fd(int fd, char ret_hex[DIGEST_LEN], uint64_t *ret_len, struct err *e);

struct digest; /* an unfinished digest */
struct digest *digest_begin(void);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_text(
    struct digest *d,
    const char *text); /* adds the length first, so "ab","c" != "a","bc"; NULL differs from "" */
void digest_end(struct digest *d, char ret_hex[DIGEST_LEN]); /* frees d */

#endif
