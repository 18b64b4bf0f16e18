/* A zip comes in, its files go out below an empty folder: all of them, or none and the reason.
 * Regular files and folders only; links, passwords, names that lead elsewhere and archives that
 * swell are refused before they can do harm. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "ops/ops.h"
#include "unpack/clear.h"
#include "unpack/entry_name.h"

#define MIB ((uint64_t)1024 * 1024)

#define MAX_ENTRIES 10000
#define MAX_DEPTH   8
#define MAX_ENTRY   (256 * MIB)
#define MAX_TOTAL   (2048 * MIB)

/* A zip that grows past this many bytes may not have grown more than a hundredfold. */
#define RATIO_FROM (16 * MIB)
#define MAX_RATIO  100

struct unpacking {
    struct archive *archive;
    int to;           /* the target folder */
    uint64_t zip_len; /* bytes of the archive */
    uint64_t total;   /* bytes written */
    int entries, files, junk;
    char **keys; /* folded path of each file; owned */
    int keys_n;
};

/* ---- one entry */

static int refuse_entry(const char *path, int code, const char *why, struct err *e)
{
    char *shown = utf8_show(path);
    err_set(e, code, "the entry \"%.300s\" %s", shown, why);
    free(shown);
    return code;
}

static int refuse_damaged(struct unpacking *u, const char *path, struct err *e)
{
    const char *why = archive_error_string(u->archive);
    char *shown = utf8_show(path);
    int rc = err_set(e, ERR_INPUT, "the entry \"%.300s\" is damaged (%s); pack and copy it again",
                     shown, why ? why : "no reason given");
    free(shown);
    return rc;
}

static int check_grown(const struct unpacking *u, const char *path, uint64_t entry_len,
                       struct err *e)
{
    if (entry_len > MAX_ENTRY)
        return refuse_entry(path, ERR_LIMIT, "is larger than 256 MiB", e);
    if (u->total > MAX_TOTAL)
        return refuse_entry(path, ERR_LIMIT, "brings the archive past 2 GiB unpacked", e);
    if (u->total > RATIO_FROM && u->total / MAX_RATIO > u->zip_len)
        return refuse_entry(path, ERR_LIMIT,
                            "unpacks to more than a hundred times the archive's size", e);
    return 0;
}

static int copy_data(struct unpacking *u, int fd, const char *path, struct err *e)
{
    static const size_t block = 128 * 1024;
    char *bytes = mem_alloc(block);
    uint64_t len = 0;
    ssize_t n = 0;
    int rc = 0;
    while (!rc && (n = archive_read_data(u->archive, bytes, block)) > 0) {
        len += (uint64_t)n;
        u->total += (uint64_t)n;
        rc = check_grown(u, path, len, e);
        if (!rc && !file_put(fd, bytes, (size_t)n))
            rc = err_sys(e, ERR_IO, errno, "cannot write %s while unpacking", path);
    }
    if (!rc && n < 0)
        rc = refuse_damaged(u, path, e);
    free(bytes);
    return rc;
}

static int make_folders(struct unpacking *u, const char *path, struct err *e)
{
    int rc = path_make_dirs(u->to, path, e);
    if (rc == ERR_EXISTS || rc == ERR_KIND || rc == ERR_PATH)
        rc = refuse_entry(path, ERR_INPUT,
                          "is a file in one place of the archive and a folder in another", e);
    return rc;
}

static int make_file(struct unpacking *u, const char *path, struct err *e)
{
    int rc = 0;
    if (strchr(path, '/')) {
        char *dir = path_dir(path);
        rc = make_folders(u, dir, e);
        free(dir);
    }
    if (rc)
        return rc;
    int fd = path_open_beneath(u->to, path, O_WRONLY | O_CREAT | O_EXCL, 0644, e);
    if (fd == ERR_EXISTS)
        return refuse_entry(path, ERR_INPUT, "is in the archive more than once", e);
    if (fd < 0)
        return fd;
    rc = copy_data(u, fd, path, e);
    if (close(fd) < 0 && !rc)
        rc = err_sys(e, ERR_IO, errno, "cannot write %s while unpacking", path);
    return rc;
}

static void remember(struct unpacking *u, const char *path)
{
    if ((u->keys_n & (u->keys_n - 1)) == 0)
        u->keys = mem_grow(u->keys, u->keys_n ? (size_t)u->keys_n * 2 : 1, sizeof *u->keys);
    u->keys[u->keys_n++] = utf8_fold_key(path);
}

/* A safe path that means something: a folder is made, a file is written, everything else is
 * refused. */
static int take_entry(struct unpacking *u, struct archive_entry *entry, const char *path,
                      struct err *e)
{
    if (archive_entry_is_encrypted(entry))
        return refuse_entry(path, ERR_UNSUPPORTED,
                            "is locked with a password; remove the password and drop the zip again",
                            e);
    if (archive_entry_symlink(entry) || archive_entry_hardlink(entry) ||
        archive_entry_filetype(entry) == AE_IFLNK)
        return refuse_entry(path, ERR_KIND, "is a link; only files and folders are unpacked", e);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return make_folders(u, path, e);
    if (archive_entry_filetype(entry) != AE_IFREG)
        return refuse_entry(path, ERR_KIND, "is neither a file nor a folder", e);
    if (archive_entry_size_is_set(entry) && (uint64_t)archive_entry_size(entry) > MAX_ENTRY)
        return refuse_entry(path, ERR_LIMIT, "is larger than 256 MiB", e);
    u->files++;
    remember(u, path);
    return make_file(u, path, e);
}

static int name_and_take(struct unpacking *u, struct archive_entry *entry, struct err *e)
{
    const char *name = archive_entry_pathname(entry);
    char *path = NULL;
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (!name)
        return err_set(e, ERR_INPUT,
                       "entry %d has a name that cannot be read; pack it again with UTF-8 names",
                       u->entries);
    int rc = entry_name_check(name, MAX_DEPTH, &path, e);
    if (rc)
        return rc;
    if (entry_name_is_junk(path))
        u->junk += archive_entry_filetype(entry) != AE_IFDIR;
    else if (path[0])
        rc = take_entry(u, entry, path, e);
    free(path);
    return rc;
}

/* ---- all entries */

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two names that a person, or another disk, would take for one. */
static int check_doubles(struct unpacking *u, struct err *e)
{
    if (u->keys_n > 0)
        qsort(u->keys, (size_t)u->keys_n, sizeof *u->keys, compare_keys);
    for (int i = 1; i < u->keys_n; i++)
        if (strcmp(u->keys[i - 1], u->keys[i]) == 0)
            return refuse_entry(
                u->keys[i], ERR_INPUT,
                "is in the archive more than once, in spellings that some disks cannot tell apart",
                e);
    return 0;
}

static int take_all(struct unpacking *u, struct err *e)
{
    struct archive_entry *entry;
    int r, rc = 0;
    while (!rc && (r = archive_read_next_header(u->archive, &entry)) != ARCHIVE_EOF) {
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return err_set(e, ERR_INPUT, "it is damaged or incomplete (%s); pack and copy it again",
                           archive_error_string(u->archive));
        if (++u->entries > MAX_ENTRIES)
            return err_set(e, ERR_LIMIT, "it has more than %d entries", MAX_ENTRIES);
        rc = name_and_take(u, entry, e);
    }
    if (!rc)
        rc = check_doubles(u, e);
    if (!rc && u->files == 0)
        rc = err_set(e, ERR_INPUT, "there is no file in it");
    return rc;
}

/* ---- the archive */

/* What a file that is no zip seems to be. */
static const char *guess(const unsigned char *head, size_t len)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *words;
    } kinds[] = {{"Rar!", 4, "a RAR archive"},
                 {"7z\xbc\xaf", 4, "a 7-Zip archive"},
                 {"\x1f\x8b", 2, "a gzip file"},
                 {"BZh", 3, "a bzip2 file"},
                 {"\xfd"
                  "7zXZ",
                  5, "an xz file"},
                 {"\x28\xb5\x2f\xfd", 4, "a zstd file"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (len >= kinds[i].len && memcmp(head, kinds[i].bytes, kinds[i].len) == 0)
            return kinds[i].words;
    return len == 0 ? "empty" : "something else";
}

/* Opens the zip for reading: a regular file that begins like one. */
static int open_zip(struct unpacking *u, const char *path, int *ret_fd, struct err *e)
{
    unsigned char head[8] = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "it cannot be opened");
    ssize_t n = pread(fd, head, sizeof head, 0);
    int rc = 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        rc = err_set(e, ERR_KIND, "it is not a regular file");
    else if (n >= 4 &&
             memcmp(head, "PK\5\6", 4) == 0) /* a directory of nothing, and nothing before it */
        rc = err_set(e, ERR_INPUT, "there is no file in it");
    else if (n < 4 || memcmp(head, "PK\3\4", 4) != 0)
        rc = err_set(e, ERR_UNSUPPORTED,
                     "only zip archives are unpacked, and this is %s by its content",
                     guess(head, n < 0 ? 0 : (size_t)n));
    if (rc) {
        close(fd);
        return rc;
    }
    u->zip_len = (uint64_t)st.st_size;
    *ret_fd = fd;
    return 0;
}

static int read_zip(struct unpacking *u, int fd, struct err *e)
{
    u->archive = archive_read_new();
    if (!u->archive)
        return err_set(e, ERR_IO, "no memory to read it");
    archive_read_support_format_zip_seekable(u->archive);
    if (archive_read_open_fd(u->archive, fd, 64 * 1024) != ARCHIVE_OK)
        return err_set(e, ERR_INPUT, "it is damaged or incomplete (%s); copy it again",
                       archive_error_string(u->archive));
    return take_all(u, e);
}

/* The library turns names into the locale's letters; ours are UTF-8 whatever the environment says.
 */
static locale_t utf8_names(void)
{
    locale_t l = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return l ? l : newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
}

static int unpack_zip(struct unpacking *u, const char *path, struct err *e)
{
    int fd = -1, rc = open_zip(u, path, &fd, e);
    if (rc)
        return rc;
    locale_t names = utf8_names(), before = (locale_t)0;
    if (names)
        before = uselocale(names);
    rc = read_zip(u, fd, e);
    archive_read_free(u->archive);
    if (names) {
        uselocale(before);
        freelocale(names);
    }
    close(fd);
    for (int i = 0; i < u->keys_n; i++)
        free(u->keys[i]);
    free(u->keys);
    return rc;
}

static int unpack_to(const char *zip, const char *to, cJSON *ret_facts, struct err *e)
{
    struct unpacking u = {0};
    int rc = clear_open_empty(to, &u.to, e);
    if (rc)
        return rc;
    rc = unpack_zip(&u, zip, e);
    close(u.to);
    if (rc) {
        clear_folder(to);
        return rc;
    }
    json_set_num(ret_facts, "files", u.files);
    json_set_num(ret_facts, "bytes", (double)u.total);
    json_set_num(ret_facts, "junk", u.junk);
    return 0;
}

int op_unpack(const struct op_request *r, cJSON *ret_facts, struct err *e)
{
    struct err own;
    const char *zip = op_in(r, "archive"), *to = json_str(r->params, "to", NULL);
    e = e ? e : &own;
    if (!zip || !to)
        return err_set(e, ERR_MISSING,
                       "unpack needs an input \"archive\" and a folder \"to\" and got %s",
                       zip ? "no folder" : "no archive");
    int rc = unpack_to(zip, to, ret_facts, e);
    if (rc) {
        char *shown = utf8_show(path_base(zip));
        err_prefix(e, "%s", shown);
        free(shown);
    }
    return rc;
}
