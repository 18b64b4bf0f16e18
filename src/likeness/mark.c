/* A file's bytes come in, the mark in them goes out. Parses no format. */
/* SPDX-License-Identifier: ISC */
#include "likeness/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define BLOCK_LEN ((size_t)1024 * 1024)
#define PREFIX    "slb1-"

static bool is_mark(const char *at)
{
    for (int i = 5; i < MARK_LEN; i++)
        if (!((at[i] >= 'a' && at[i] <= 'z') || (at[i] >= '2' && at[i] <= '7')))
            return false;
    return true;
}

static bool find_in(const char *bytes, size_t len, char ret_mark[MARK_LEN + 1])
{
    const char *at = bytes;
    while ((at = memmem(at, len - (size_t)(at - bytes), PREFIX, 5))) {
        if (len - (size_t)(at - bytes) >= MARK_LEN && is_mark(at)) {
            memcpy(ret_mark, at, MARK_LEN);
            ret_mark[MARK_LEN] = 0;
            return true;
        }
        at++;
    }
    return false;
}

int mark_find(const char *path, char ret_mark[MARK_LEN + 1], struct err *e)
{
    int rc = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *bytes = mem_alloc(BLOCK_LEN + MARK_LEN);
    size_t kept = 0;
    bool found = false;
    ret_mark[0] = 0;
    if (fd < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot open the returned file");
    while (!rc && !found) {
        ssize_t n = read(fd, bytes + kept, BLOCK_LEN);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = err_sys(e, ERR_IO, errno, "cannot read the returned file");
        if (n <= 0)
            break;
        size_t len = kept + (size_t)n;
        found = find_in(bytes, len, ret_mark);
        kept = len < MARK_LEN ? len : MARK_LEN - 1; /* a mark may lie across two blocks */
        memmove(bytes, bytes + len - kept, kept);
    }
    if (fd >= 0)
        close(fd);
    free(bytes);
    return rc;
}
