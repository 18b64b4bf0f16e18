/* A file's tags as Linux file managers keep them: user.xdg.tags, words with commas between. */
/* SPDX-License-Identifier: ISC */
#include "watch/tags.h"

#include <stdlib.h>
#include <sys/xattr.h>

#include "base/mem.h"

char *tags_read(const char *path)
{
    char bytes[1024];
    ssize_t n = lgetxattr(path, "user.xdg.tags", bytes, sizeof(bytes));
    return n > 0 ? mem_dup_n(bytes, (size_t)n) : NULL;
}
