/* An archive's entry name comes in, a safe relative path or the reason against it goes out. Text
 * only: opens nothing. */
/* SPDX-License-Identifier: ISC */
#include "unpack/entry_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/listing.h"

static int refuse(const char *name, int code, const char *why, struct err *e)
{
    char *shown = utf8_show(name);
    err_set(e, code, "the entry \"%.300s\" %s", shown, why);
    free(shown);
    return code;
}

static bool has_drive(const char *name)
{
    char c = name[0];
    return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) && name[1] == ':';
}

/* Whether one of the parts between slashes is exactly "..". */
static bool climbs(const char *name)
{
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == 0))
            return true;
    return false;
}

static int depth_of(const char *path)
{
    int depth = 1;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static int refuse_unsafe(const char *name, struct err *e)
{
    if (utf8_bad_at(name, strlen(name)) >= 0)
        return refuse(name, ERR_INPUT,
                      "has a name that is not UTF-8; pack it again with plain or UTF-8 names", e);
    if (name[0] == '/')
        return refuse(name, ERR_PATH, "has an absolute path; names must be relative", e);
    if (has_drive(name))
        return refuse(name, ERR_PATH, "names a drive; names must be relative", e);
    if (strchr(name, '\\'))
        return refuse(name, ERR_PATH, "has a backslash in its name; folders are parted by '/'", e);
    if (climbs(name))
        return refuse(name, ERR_PATH, "leaves the archive's folder by \"..\"", e);
    return 0;
}

int entry_name_check(const char *name, int max_depth, char **ret_path, struct err *e)
{
    int rc = refuse_unsafe(name, e);
    if (rc)
        return rc;
    const char *start = name;
    while (str_starts(start, "./"))
        start += 2;
    size_t len = strlen(start);
    while (len > 0 && start[len - 1] == '/')
        len--;
    char *path = mem_dup_n(start, len);
    if (len > 0 && !path_is_safe(path))
        rc = refuse(
            name, ERR_PATH,
            "has a name that cannot be created here (empty parts, control characters, or too long)",
            e);
    else if (depth_of(path) > max_depth)
        rc = refuse(name, ERR_LIMIT,
                    "lies too deep; at most 8 folders inside each other are unpacked", e);
    if (rc)
        free(path);
    else
        *ret_path = path;
    return rc;
}

bool entry_name_is_junk(const char *path)
{
    bool junk = false;
    char *copy = mem_dup(path), *rest = copy, *part;
    while (!junk && (part = strsep(&rest, "/")))
        junk = junk_name(part);
    free(copy);
    return junk;
}
