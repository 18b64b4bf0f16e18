/* Names from a document come in; files on the disk go out, found without following a link and
 * without leaving the folders that may be read. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/intake_priv.h"
#include "intake/listing_priv.h"

struct listing_limits place_limits(const struct rules *rules)
{
    return (struct listing_limits){
        .file_len = (uint64_t)rules_policy_num(rules, "/intake/limits/file_mib") << 20,
        .json_len = (uint64_t)rules_policy_num(rules, "/intake/limits/json_mib") << 20,
        .total_len = (uint64_t)rules_policy_num(rules, "/intake/limits/total_mib") << 20,
        .entries = (size_t)rules_policy_num(rules, "/intake/limits/entries"),
        .depth = (int)rules_policy_num(rules, "/intake/limits/depth"),
    };
}

bool place_has_neighbours(const struct intake_place *place)
{
    char *own = path_join(place->root, ".slated");
    bool inside = place_below(own, place->dir) != NULL;
    free(own);
    return !inside;
}

const char *place_below(const char *base, const char *path)
{
    size_t len = strlen(base);
    while (len > 1 && base[len - 1] == '/')
        len--;
    if (strncmp(base, path, len) != 0 || path[len] != '/')
        return NULL;
    path += len;
    return path + strspn(path, "/");
}

char *place_normal(const char *dir, const char *path)
{
    char *all = *dir ? path_join(dir, path) : mem_dup(path);
    char *out = mem_alloc(strlen(all) + 1), *rest = all, *part;
    size_t len = 0;
    bool inside = true;
    while (inside && (part = strsep(&rest, "/"))) {
        if (!*part || str_eq(part, "."))
            continue;
        if (str_eq(part, "..")) {
            inside = len > 0;
            while (len > 0 && out[--len] != '/')
                ;
            out[len] = '\0';
            continue;
        }
        if (len)
            out[len++] = '/';
        memcpy(out + len, part, strlen(part) + 1);
        len += strlen(part);
    }
    free(all);
    if (inside && len)
        return out;
    free(out);
    return NULL;
}

/* --- names that differ in case or composition --- */

/* The one name in the folder that is part but for case and composition; NULL when none or several.
 * Owned. */
static char *loose_name(int dir_fd, const char *part)
{
    char *key = utf8_fold_key(part), *found = NULL;
    int fd = openat(dir_fd, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY), n = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    if (!dir && fd >= 0)
        close(fd);
    while (dir && (entry = readdir(dir))) {
        char *other = utf8_fold_key(entry->d_name);
        if (str_eq(key, other)) {
            n++;
            free(found);
            found = mem_dup(entry->d_name);
        }
        free(other);
    }
    if (dir)
        closedir(dir);
    free(key);
    if (n == 1)
        return found;
    free(found);
    return NULL;
}

/* Opens the folder at base/path, or base itself. */
static int open_folder(int base_fd, const char *path)
{
    const char *where = *path ? path : ".";
    return path_open_beneath(base_fd, where, O_RDONLY | O_DIRECTORY, 0, NULL);
}

/* relative with each part as it is spelt on the disk; NULL when a part is not there. Owned. */
static char *spelt_path(int base_fd, const char *relative)
{
    char *copy = mem_dup(relative), *rest = copy, *part, *out = mem_dup("");
    while (out && (part = strsep(&rest, "/"))) {
        int fd = open_folder(base_fd, out);
        struct stat st;
        char *name = NULL, *longer = NULL;
        if (fd >= 0)
            name = fstatat(fd, part, &st, AT_SYMLINK_NOFOLLOW) == 0 ? mem_dup(part)
                                                                    : loose_name(fd, part);
        if (name)
            longer = *out ? path_join(out, name) : mem_dup(name);
        if (fd >= 0)
            close(fd);
        free(name);
        free(out);
        out = longer;
    }
    free(copy);
    return out;
}

/* --- finding --- */

/* Opens and judges name in the folder; the file is known to be there. */
static void judge_in(const struct rules *rules, int dir_fd, const char *name,
                     struct found_file *ret)
{
    struct listing_limits limits = place_limits(rules);
    struct stat st;
    int fd;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
        ret->refusal = "NOT_REGULAR";
        return;
    }
    fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        ret->refusal = "UNREADABLE";
    else if (!(ret->refusal = listing_refusal(&st, listing_is_open_folder(dir_fd))))
        listing_judge(fd, &st, name, &limits, &ret->file);
    if (fd >= 0)
        close(fd);
}

bool place_find(const struct rules *rules, const char *base, const char *relative,
                struct found_file *ret)
{
    int base_fd, dir_fd = -1;
    char *spelt = NULL, *dir = NULL;
    bool found = false;
    /* slated's own folder holds no pictures of anybody */
    if (!path_is_safe(relative) || str_starts(relative, ".slated/"))
        return false;
    base_fd = open(base, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (base_fd < 0)
        return false;
    spelt = spelt_path(base_fd, relative);
    if (!spelt)
        goto out;
    dir = path_dir(spelt);
    dir_fd = open_folder(base_fd, str_eq(dir, ".") ? "" : dir);
    if (dir_fd < 0)
        goto out;
    *ret = (struct found_file){.file = {.path = path_join(base, spelt), .percent = -1}};
    judge_in(rules, dir_fd, path_base(spelt), ret);
    found = true;
out:
    if (dir_fd >= 0)
        close(dir_fd);
    close(base_fd);
    free(dir);
    free(spelt);
    return found;
}
