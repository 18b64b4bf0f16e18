/* Files come in beside and go out under their names; see place.h. A name is only ever changed by
 * link and rename, so that at every instant the name shows one whole file, the old or the new. */
/* SPDX-License-Identifier: ISC */
#include "assets/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

#define TEXT_MAX ((size_t)1024 * 1024)

static char *beside_path(const char *path, const char *mark)
{
    char *dir = path_dir(path), *stem = path_stem(path);
    const char *ext = path_ext(path);
    char *out = mem_printf("%s/.versions/%s.%s%s%s", dir, stem, mark, *ext ? "." : "", ext);
    free(dir);
    free(stem);
    return out;
}

char *place_version_path(const char *path, int version)
{
    char mark[32];
    snprintf(mark, sizeof(mark), "v%d", version);
    return beside_path(path, mark);
}

/* Folders are made below a descriptor of the root, so that no link on the way can lead out of it.
 */
static int make_folder_of(const char *root, const char *path, struct err *e)
{
    char *dir = path_dir(path);
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc =
        fd < 0 ? err_sys(e, ERR_IO, errno, "cannot open %s", root) : path_make_dirs(fd, dir, e);
    if (fd >= 0)
        close(fd);
    free(dir);
    return rc;
}

/* One that waits to be synced was made or looked at a moment ago. */
static int need_folder_of(const char *root, const char *path, const struct file_dirs *later,
                          struct err *e)
{
    char *target = path_join(root, path), *dir = path_dir(target);
    int rc = later && file_dirs_have(later, dir) ? 0 : make_folder_of(root, path, e);
    free(dir);
    free(target);
    return rc;
}

static bool same_file(const char *a, const char *b)
{
    struct stat sa, sb;
    return lstat(a, &sa) == 0 && lstat(b, &sb) == 0 && sa.st_ino == sb.st_ino &&
           sa.st_dev == sb.st_dev;
}

static bool has_digest(const char *path, const char *sha256)
{
    char hex[DIGEST_LEN];
    uint64_t len;
    return digest_file(path, hex, &len, NULL) == 0 && str_eq(hex, sha256);
}

/* A name among the versions that is free, or already is the file. Owned. */
static char *version_name(const char *root, const char *path, int version, const char *file)
{
    char hex[DIGEST_LEN] = "", mark[40];
    uint64_t len;
    char *name = version ? place_version_path(path, version) : NULL;
    if (!name) {
        (void)digest_file(file, hex, &len, NULL); /* an unreadable one gets an empty mark */
        str_format(mark, sizeof(mark), "found-%.8s", hex);
        name = beside_path(path, mark);
    }
    char *full = path_join(root, name);
    for (int n = 2; file_exists(full) && !same_file(full, file); n++) {
        free(full);
        free(name);
        str_format(mark, sizeof(mark), version ? "v%d-%d" : "found-%d-%d", version, n);
        name = beside_path(path, mark);
        full = path_join(root, name);
    }
    free(full);
    return name;
}

/* The file under path also gets a name among the versions; its old name stays until the new file
 * takes it over. */
static int keep_old(const struct place_wish *w, const char *target, char **ret_moved, struct err *e)
{
    char *name = version_name(w->root, w->path, w->old_version, target),
         *full = path_join(w->root, name);
    int rc = make_folder_of(w->root, name, e);
    if (!rc && link(target, full) && errno != EEXIST)
        rc = err_sys(e, ERR_IO, errno, "cannot keep the old version of %s", w->path);
    if (!rc) { /* before its old name is another's */
        char *dir = path_dir(full);
        rc = file_sync_dir(dir, e);
        free(dir);
    }
    free(full);
    if (rc)
        free(name);
    else
        *ret_moved = name;
    return rc;
}

static int move_into(const char *from, const char *target, struct file_dirs *later, struct err *e)
{
    if (rename(from, target))
        return err_sys(e, ERR_IO, errno, "cannot put a file under its name %s", target);
    char *dir = path_dir(target);
    int rc = 0;
    if (later)
        file_dirs_add(later, dir);
    else
        rc = file_sync_dir(dir, e);
    free(dir);
    return rc;
}

static int place_beside(const struct place_wish *w, char **ret_moved, struct err *e)
{
    char *name = place_version_path(w->path, w->version), *full = path_join(w->root, name);
    int rc = make_folder_of(w->root, name, e);
    if (!rc && file_exists(w->from))
        rc = move_into(w->from, full, w->later, e);
    if (!rc && !file_exists(full))
        rc = err_set(e, ERR_MISSING, "the made file of %s is gone", w->path);
    free(full);
    if (rc)
        free(name);
    else
        *ret_moved = name;
    return rc;
}

int place_file(const struct place_wish *wish, char **ret_moved, struct err *e)
{
    char *target = path_join(wish->root, wish->path), *moved = NULL;
    int rc = 0;
    if (!path_is_safe(wish->path)) {
        rc = err_set(e, ERR_PATH, "the name %s would leave the output folder", wish->path);
    } else if (wish->beside) {
        rc = place_beside(wish, &moved, e);
    } else if (!file_exists(wish->from)) {
        if (!has_digest(target, wish->sha256))
            rc = err_set(e, ERR_MISSING, "the made file of %s is gone", wish->path);
        else if (wish->old_version) { /* renamed before a crash; the old one was linked away before
                                         that */
            moved = place_version_path(wish->path, wish->old_version);
        }
    } else if (!(rc = need_folder_of(wish->root, wish->path, wish->later, e))) {
        if (file_exists(target) && !has_digest(target, wish->sha256))
            rc = keep_old(wish, target, &moved, e);
        if (!rc)
            rc = move_into(wish->from, target, wish->later, e);
    }
    free(target);
    if (rc)
        free(moved);
    else
        *ret_moved = moved;
    return rc;
}

int place_text(const char *root, const char *path, const char *text, struct file_dirs *later,
               struct err *e)
{
    char *target = path_join(root, path), *old = NULL, *moved = NULL;
    size_t old_len = 0;
    int rc = 0;
    /* one that is too long to be read, or no file at all, is not this text */
    bool same = file_read(target, TEXT_MAX, &old, &old_len, NULL) == 0 && str_eq(old, text);
    if (!same) {
        rc = path_is_safe(path)
                 ? need_folder_of(root, path, later, e)
                 : err_set(e, ERR_PATH, "the name %s would leave the output folder", path);
        if (!rc && file_exists(target))
            rc = keep_old(&(struct place_wish){.root = root, .path = path}, target, &moved, e);
        if (!rc)
            rc = file_write_later(target, text, strlen(text), later, e);
    }
    free(target);
    free(old);
    free(moved);
    return rc;
}

int place_refused(const char *root, const char *path, const char *from, const char *sha256,
                  const char *why, char **ret_kept, struct err *e)
{
    char mark[32];
    int rc = path_is_safe(path)
                 ? 0
                 : err_set(e, ERR_PATH, "the name %s would leave the output folder", path);
    str_format(mark, sizeof(mark), "refused-%.8s", sha256);
    char *name = beside_path(path, mark), *full = path_join(root, name);
    char *text = mem_printf("%s.txt", full), *said = mem_printf("%s\n", why);
    if (!rc)
        rc = make_folder_of(root, name, e);
    if (!rc && !file_exists(full))
        rc = file_second(from, full, e);
    if (!rc)
        rc = file_write(text, said, strlen(said), true, e); /* syncs the folder for both */
    free(said);
    free(text);
    free(full);
    if (rc)
        free(name);
    else
        *ret_kept = name;
    return rc;
}
