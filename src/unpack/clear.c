/* A folder's path comes in; it is opened if empty, or emptied. Follows no link. */
/* SPDX-License-Identifier: ISC */
#include "unpack/clear.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"

static bool is_self_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* The next real entry of a folder, or NULL. */
static const char *next_name(DIR *d)
{
    struct dirent *entry;
    while ((entry = readdir(d)))
        if (!is_self_or_parent(entry->d_name))
            return entry->d_name;
    return NULL;
}

int clear_open_empty(const char *dir, int *ret_fd, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, errno == ENOTDIR || errno == ELOOP ? ERR_KIND : ERR_IO, errno,
                       "cannot unpack into the folder %s", dir);
    DIR *d = opendir(dir);
    int rc = 0;
    if (!d)
        rc = err_sys(e, ERR_IO, errno, "cannot look into the folder %s", dir);
    else if (next_name(d))
        rc = err_set(e, ERR_EXISTS, "cannot unpack into the folder %s: it is not empty", dir);
    if (d)
        closedir(d);
    if (rc)
        close(fd);
    else
        *ret_fd = fd;
    return rc;
}

void clear_folder(const char *dir)
{
    DIR *d = opendir(dir);
    const char *name;
    while (d && (name = next_name(d))) {
        char *path = path_join(dir, name);
        (void)file_remove_tree(path, NULL); /* the refusal is what the person hears about */
        free(path);
    }
    if (d)
        closedir(d);
}
