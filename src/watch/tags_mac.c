/* A file's tags as the Finder keeps them: a property list in an extended attribute. Its words stand
 * in it as plain text ("Green\n2"), which is all that is looked for. */
/* SPDX-License-Identifier: ISC */
#include "watch/tags.h"

#include <stdlib.h>
#include <sys/xattr.h>

#include "base/mem.h"

char *tags_read(const char *path)
{
    char bytes[2048];
    ssize_t n = getxattr(path, "com.apple.metadata:_kMDItemUserTags", bytes, sizeof(bytes), 0,
                         XATTR_NOFOLLOW);
    for (ssize_t i = 0; i < n; i++)
        if ((unsigned char)bytes[i] < 32 || (unsigned char)bytes[i] > 126)
            bytes[i] = ',';
    return n > 0 ? mem_dup_n(bytes, (size_t)n) : NULL;
}
