/* Text work on paths, and folders made below a root. What the kernel must promise about opening is
 * in path_linux.c and path_walk.c. */
/* SPDX-License-Identifier: ISC */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path_priv.h"
#include "base/str.h"

#define PATH_SAFE_LEN 1000 /* leaves room for a root within PATH_MAX on every system */
#define PART_SAFE_LEN 200  /* leaves room for ".versions" marks within NAME_MAX (255) */

char *path_join(const char *dir, const char *name)
{
    if (!dir || !*dir)
        return mem_dup(name);
    size_t len = strlen(dir);
    return mem_printf("%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_dup(".");
    return slash == path ? mem_dup("/") : mem_dup_n(path, (size_t)(slash - path));
}

/* The dot before the extension, or the end of the name; a name's first byte is never that dot. */
static const char *ext_dot(const char *base)
{
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? dot : base + strlen(base);
}

const char *path_ext(const char *path)
{
    const char *dot = ext_dot(path_base(path));
    return *dot ? dot + 1 : dot;
}

bool path_is_picture(const char *path)
{
    static const char *const endings[] = {"png", "jpg", "jpeg", "webp"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_eq_nocase(path_ext(path), endings[i]))
            return true;
    return false;
}

char *path_stem(const char *path)
{
    const char *base = path_base(path);
    return mem_dup_n(base, (size_t)(ext_dot(base) - base));
}

static bool part_is_plain(const char *part, size_t len)
{
    return len && !(len == 1 && part[0] == '.') && !(len == 2 && part[0] == '.' && part[1] == '.');
}

bool path_is_plain(const char *relative)
{
    for (const char *part = relative;; part++) {
        size_t len = strcspn(part, "/");
        if (!part_is_plain(part, len))
            return false;
        part += len;
        if (!*part)
            return true;
    }
}

bool path_is_safe(const char *relative)
{
    size_t part = 0, len = 0;
    for (const char *p = relative; *p; p++, len++) {
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f || c == '\\')
            return false;
        part = c == '/' ? 0 : part + 1;
        if (part > PART_SAFE_LEN || len >= PATH_SAFE_LEN)
            return false;
    }
    return path_is_plain(relative);
}

/* Makes part below *fd and steps into it; a link in its place is refused. */
static int step_into(int *fd, const char *part, const char *relative, struct err *e)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int next = openat(*fd, part, flags);
    if (next < 0 && errno == ENOENT) {
        if (mkdirat(*fd, part, 0755) < 0 && errno != EEXIST)
            return err_sys(e, ERR_IO, errno, "cannot make the folder %s of %s", part, relative);
        next = openat(*fd, part, flags);
    }
    if (next < 0 && (errno == ELOOP || errno == ENOTDIR))
        return err_set(e, ERR_PATH, "%s of %s is a link or a file where a folder must be", part,
                       relative);
    if (next < 0)
        return err_sys(e, ERR_IO, errno, "cannot open the folder %s of %s", part, relative);
    close(*fd);
    *fd = next;
    return 0;
}

int path_make_dirs(int root_fd, const char *relative, struct err *e)
{
    if (!path_is_plain(relative))
        return err_set(e, ERR_PATH, "%s is not a path below its folder", relative);
    int there = path_open_beneath(root_fd, relative, O_RDONLY | O_DIRECTORY, 0, NULL);
    if (there >= 0) { /* mostly: one look instead of one a part */
        close(there);
        return 0;
    }
    int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot open the folder above %s", relative);
    char *copy = mem_dup(relative), *rest = NULL;
    int rc = 0;
    for (char *part = strtok_r(copy, "/", &rest); part && !rc; part = strtok_r(NULL, "/", &rest))
        rc = step_into(&fd, part, relative, e);
    free(copy);
    close(fd);
    return rc;
}
