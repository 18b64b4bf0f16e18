/* An entry of a folder comes in; the list of what lies in it goes out. Opens regular files only,
 * follows no link, waits for nobody, stops at its limits. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/listing_priv.h"

const struct listing_limits listing_limits_default = {
    .file_len = 64ull << 20,
    .json_len = 8ull << 20,
    .total_len = 2ull << 30,
    .entries = 5000,
    .depth = 8,
};

/* One walk. */
struct walk {
    struct listing *list;
    const struct listing_limits *limits;
    size_t entries; /* seen so far, of any kind */
    uint64_t total;
    struct err *e;
};

static int list_folder(struct walk *w, int dir_fd, const char *path, int depth);

static void leave_out(struct listing *l, const char *path, const char *code)
{
    l->left = mem_grow(l->left, l->left_n + 1, sizeof *l->left);
    l->left[l->left_n++] = (struct left_out){mem_dup(path), code};
}

static struct listed *add_listed(struct listing *l, const char *path)
{
    struct listed *f;
    l->files = mem_grow(l->files, l->files_n + 1, sizeof *l->files);
    f = &l->files[l->files_n++];
    *f = (struct listed){.path = mem_dup(path)};
    return f;
}

static void note_time(struct listing *l, const struct stat *st)
{
    int64_t ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
    if (ms > l->newest_ms)
        l->newest_ms = ms;
}

/* --- one file --- */

static int open_file(int dir_fd, const char *name, struct stat *ret_st)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, ret_st) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int list_file(struct walk *w, int dir_fd, const char *name, const char *path, bool open_dir)
{
    struct stat st;
    struct listed *f;
    const char *refusal;
    int fd = open_file(dir_fd, name, &st);
    if (fd < 0) {
        leave_out(w->list, path, errno == ELOOP ? "NOT_REGULAR" : "UNREADABLE");
        return 0;
    }
    refusal = listing_refusal(&st, open_dir);
    if (refusal) {
        leave_out(w->list, path, refusal);
        close(fd);
        return 0;
    }
    w->total += (uint64_t)st.st_size;
    if (w->list->folder && w->total > w->limits->total_len) {
        close(fd);
        return err_set(w->e, ERR_LIMIT, "the folder holds more than %llu MiB",
                       (unsigned long long)(w->limits->total_len >> 20));
    }
    note_time(w->list, &st);
    f = add_listed(w->list, path);
    listing_judge(fd, &st, name, w->limits, f);
    close(fd);
    return 0;
}

/* --- a folder --- */

static int list_sub_folder(struct walk *w, int dir_fd, const char *name, const char *path,
                           int depth)
{
    int fd, rc;
    if (depth >= w->limits->depth)
        return err_set(w->e, ERR_LIMIT, "the folder is more than %d levels deep", w->limits->depth);
    fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
    if (fd < 0) {
        leave_out(w->list, path, errno == ELOOP ? "NOT_REGULAR" : "UNREADABLE");
        return 0;
    }
    rc = list_folder(w, fd, path, depth + 1);
    close(fd);
    return rc;
}

static int list_entry(struct walk *w, int dir_fd, const char *name, const char *path, int depth,
                      bool open_dir)
{
    struct stat st;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0; /* gone meanwhile */
    if (S_ISDIR(st.st_mode))
        return list_sub_folder(w, dir_fd, name, path, depth);
    if (S_ISREG(st.st_mode))
        return list_file(w, dir_fd, name, path, open_dir);
    leave_out(w->list, path, "NOT_REGULAR");
    return 0;
}

/* One name of a folder: counted, and looked at unless it is junk or cannot be written down. */
static int list_name(struct walk *w, int dir_fd, const char *name, const char *path, int depth,
                     bool open_dir)
{
    char *own, *shown;
    int rc = 0;
    if (++w->entries > w->limits->entries)
        return err_set(w->e, ERR_LIMIT, "the folder holds more than %zu entries",
                       w->limits->entries);
    if (junk_name(name)) {
        w->list->junk_n++;
        return 0;
    }
    own = path_join(path, name);
    if (strlen(own) > 1000 || utf8_bad_at(own, strlen(own)) >= 0) {
        shown = utf8_show(own);
        leave_out(w->list, shown, "NAME_BAD");
        free(shown);
    } else {
        rc = list_entry(w, dir_fd, name, own, depth, open_dir);
    }
    free(own);
    return rc;
}

static int list_folder(struct walk *w, int dir_fd, const char *path, int depth)
{
    bool open_dir = listing_is_open_folder(dir_fd);
    int fd = openat(dir_fd, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY), rc = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        leave_out(w->list, *path ? path : w->list->name, "UNREADABLE");
        return 0;
    }
    while (rc == 0 && (entry = readdir(dir))) {
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
            rc = list_name(w, dir_fd, entry->d_name, path, depth, open_dir);
    }
    closedir(dir);
    return rc;
}

/* --- the whole --- */

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->path, ((const struct listed *)b)->path);
}

static int by_left_path(const void *a, const void *b)
{
    return strcmp(((const struct left_out *)a)->path, ((const struct left_out *)b)->path);
}

/* Identity by content: names and digests; a file that was not digested counts with its length and
 * reason. */
static void seal(struct listing *l)
{
    struct digest *d;
    if (!l->folder) {
        memcpy(l->digest, l->files_n ? l->files[0].sha256 : "", l->files_n ? DIGEST_LEN : 1);
        return;
    }
    if (l->files_n)
        qsort(l->files, l->files_n, sizeof *l->files, by_path);
    if (l->left_n)
        qsort(l->left, l->left_n, sizeof *l->left, by_left_path);
    d = digest_begin();
    for (size_t i = 0; i < l->files_n; i++) {
        digest_text(d, l->files[i].path);
        digest_text(d, l->files[i].sha256);
        digest_text(d, l->files[i].why);
    }
    digest_end(d, l->digest);
}

static int list_top(struct walk *w, int dir_fd, const char *name)
{
    struct stat st;
    int fd, rc;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return err_sys(w->e, ERR_IO, errno, "cannot look at %s", name);
    if (S_ISDIR(st.st_mode)) {
        w->list->folder = true;
        fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY);
        if (fd < 0)
            return err_sys(w->e, ERR_IO, errno, "cannot open the folder %s", name);
        note_time(w->list, &st);
        rc = list_folder(w, fd, "", 0);
        close(fd);
        return rc;
    }
    if (!S_ISREG(st.st_mode))
        return err_set(w->e, ERR_KIND, "%s is not a regular file; it was not opened", name);
    rc = list_file(w, dir_fd, name, "", listing_is_open_folder(dir_fd));
    if (rc == 0 && w->list->left_n)
        return str_eq(w->list->left[0].code, "UNREADABLE")
                   ? err_set(w->e, ERR_IO, "cannot read %s; allow slated to read it", name)
                   : err_set(w->e, ERR_KIND, "%s is a hard link; drop a copy of it", name);
    return rc;
}

int listing_make(const char *dir, const char *name, const struct listing_limits *limits,
                 struct listing **ret_listing, struct err *e)
{
    struct walk w = {.limits = limits, .e = e};
    int dir_fd, rc;
    if (!*name || strchr(name, '/') || str_eq(name, ".") || str_eq(name, ".."))
        return err_set(e, ERR_PATH, "\"%s\" is no name of an entry", name);
    dir_fd = open(dir, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (dir_fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot open the folder %s", dir);
    w.list = mem_alloc(sizeof *w.list);
    w.list->name = mem_dup(name);
    rc = list_top(&w, dir_fd, name);
    close(dir_fd);
    if (rc != 0) {
        listing_free(w.list);
        return rc;
    }
    seal(w.list);
    *ret_listing = w.list;
    return 0;
}

void listing_free(struct listing *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->files_n; i++)
        free(l->files[i].path);
    for (size_t i = 0; i < l->left_n; i++)
        free(l->left[i].path);
    free(l->files);
    free(l->left);
    free(l->name);
    free(l);
}
