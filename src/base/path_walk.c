/* Opening below a root on systems without openat2. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/path.h"
#include "base/path_priv.h"

int path_open_beneath(int root_fd, const char *relative, int flags, mode_t mode, struct err *e)
{
    if (strcmp(relative, ".") != 0 && !path_is_plain(relative))
        return err_set(e, ERR_PATH, "%s is not a path below its folder", relative);
    return path_open_by_steps(root_fd, relative, flags, mode, e);
}
