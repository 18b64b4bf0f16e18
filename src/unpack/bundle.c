/* Files with the names they shall have come in; one zip goes out, the same bytes for the same
 * content: stored, sorted by name, at one fixed time. Pictures and films do not shrink, so nothing
 * is compressed; the checksum is the only work. Never follows a link, never writes a name that
 * could leave a folder.
 *
 *   [local header, name, bytes] for each file   [directory entry, name] for each file   end of
 * directory
 *
 * Layouts: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. Without the 64-bit
 * extension: at most 65,535 files and 4 GiB. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdeflate.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "ops/ops.h"

#define BLOCK_LEN      (1024 * 1024)
#define FILES_MAX      65535
#define LEN_MAX        0xfffffffeLL
#define VERSION_STORED 10     /* needed to read: 1.0 */
#define VERSION_UNIX   0x0314 /* made by: Unix, 2.0, so that the mode below counts */
#define FLAG_UTF8      0x0800
#define DOS_DATE       0x0021 /* 1980-01-01, the first day a zip can name */
#define MODE_0644      (0100644u << 16)
#define MODE_0755      (0040755u << 16 | 16) /* and the bit that DOS knows folders by */

/* The zip while it is written. */
struct zip {
    int fd;
    const char *path, *top;
    int64_t at;           /* bytes written */
    struct buf directory; /* the entries that follow the files */
    int files;
    char *block; /* BLOCK_LEN bytes */
};

static int by_name(const void *a, const void *b)
{
    const struct op_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int write_all(struct zip *z, const void *bytes, size_t len, struct err *e)
{
    if (!file_put(z->fd, bytes, len))
        return err_sys(e, ERR_IO, errno, "cannot write the bundle %s", z->path);
    z->at += len;
    return 0;
}

static void put16(struct buf *b, unsigned value)
{
    unsigned char bytes[2] = {value & 255, value >> 8 & 255};
    buf_add(b, bytes, 2);
}

static void put32(struct buf *b, uint32_t value)
{
    put16(b, value & 0xffff);
    put16(b, value >> 16);
}

/* What a local header and a directory entry share, from the version to the length of the name. */
static void put_common(struct buf *b, uint32_t crc, int64_t len, size_t name_len)
{
    put16(b, VERSION_STORED);
    put16(b, FLAG_UTF8);
    put16(b, 0); /* stored */
    put16(b, 0); /* midnight */
    put16(b, DOS_DATE);
    put32(b, crc);
    put32(b, (uint32_t)len);
    put32(b, (uint32_t)len);
    put16(b, (unsigned)name_len);
    put16(b, 0); /* nothing extra */
}

static void local_header(struct buf *b, const char *name, uint32_t crc, int64_t len)
{
    put32(b, 0x04034b50);
    put_common(b, crc, len, strlen(name));
    buf_text(b, name);
}

static void directory_entry(struct zip *z, const char *name, uint32_t mode, uint32_t crc,
                            int64_t len, int64_t offset)
{
    struct buf *b = &z->directory;
    put32(b, 0x02014b50);
    put16(b, VERSION_UNIX);
    put_common(b, crc, len, strlen(name));
    put16(b, 0); /* no comment */
    put16(b, 0); /* first disk */
    put16(b, 0);
    put32(b, mode);
    put32(b, (uint32_t)offset);
    buf_text(b, name);
    z->files++;
}

static int end_of_directory(struct zip *z, struct err *e)
{
    int64_t offset = z->at;
    size_t len = z->directory.len;
    struct buf *b = &z->directory;
    put32(b, 0x06054b50);
    put32(b, 0); /* one disk */
    put16(b, (unsigned)z->files);
    put16(b, (unsigned)z->files);
    put32(b, (uint32_t)len);
    put32(b, (uint32_t)offset);
    put16(b, 0);
    if (b->full || offset + (int64_t)b->len > LEN_MAX)
        return err_set(e, ERR_LIMIT,
                       "the bundle would be longer than 4 GiB; export fewer files at once");
    return write_all(z, b->data, b->len, e);
}

static int copy_bytes(struct zip *z, int fd, const char *name, int64_t wanted, uint32_t *ret_crc,
                      struct err *e)
{
    int64_t copied = 0;
    uint32_t crc = 0;
    int rc = 0;
    ssize_t n = 0;
    while (!rc && (n = read(fd, z->block, BLOCK_LEN)) > 0) {
        copied += n;
        crc = libdeflate_crc32(crc, z->block, (size_t)n);
        rc = copied > wanted
                 ? err_set(e, ERR_BUSY, "%s has grown while it was bundled; try again", name)
                 : write_all(z, z->block, (size_t)n, e);
    }
    if (!rc && n < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot read %s", name);
    if (!rc && copied < wanted)
        rc = err_set(e, ERR_BUSY, "%s has shrunk while it was bundled; try again", name);
    *ret_crc = crc;
    return rc;
}

/* The checksum stands before the bytes it is of: the header is written twice. */
static int store_file(struct zip *z, int fd, const char *name, int64_t len, struct err *e)
{
    struct buf header;
    uint32_t crc = 0;
    int64_t offset = z->at;
    buf_init(&header, 65536);
    local_header(&header, name, 0, len);
    int rc = write_all(z, header.data, header.len, e);
    if (!rc)
        rc = copy_bytes(z, fd, name, len, &crc, e);
    buf_reset(&header);
    local_header(&header, name, crc, len);
    if (!rc && pwrite(z->fd, header.data, header.len, offset) != (ssize_t)header.len)
        rc = err_sys(e, ERR_IO, errno, "cannot write the bundle %s", z->path);
    if (!rc)
        directory_entry(z, name, MODE_0644, crc, len, offset);
    buf_finish(&header);
    return rc;
}

static int add_file(struct zip *z, const struct op_file *file, struct err *e)
{
    struct stat st;
    if (!path_is_safe(file->name))
        return err_set(e, ERR_PATH, "the name %s cannot be part of a bundle", file->name);
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot read %s for the bundle", file->name);
    char *name = path_join(z->top, file->name);
    int rc = 0;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        rc = err_set(e, ERR_KIND, "%s is not a regular file", file->name);
    else if (z->at + st.st_size > LEN_MAX)
        rc = err_set(e, ERR_LIMIT,
                     "the bundle would be longer than 4 GiB; export fewer files at once");
    else
        rc = store_file(z, fd, name, (int64_t)st.st_size, e);
    close(fd);
    free(name);
    return rc;
}

static int add_all(struct zip *z, const struct op_file *files, int n, struct err *e)
{
    int rc = n > FILES_MAX
                 ? err_set(e, ERR_LIMIT, "a bundle holds at most %d files, not %d", FILES_MAX, n)
                 : 0;
    for (int i = 0; i < n && !rc; i++) {
        if (i && strcmp(files[i].name, files[i - 1].name) == 0)
            rc = err_set(e, ERR_INPUT, "two files of the bundle are called %s", files[i].name);
        else
            rc = add_file(z, &files[i], e);
    }
    return rc ? rc : end_of_directory(z, e);
}

/* An entry without bytes whose name ends in a slash. */
static int add_folder(struct zip *z, const char *name, struct err *e)
{
    struct buf header;
    if (!path_is_safe(name))
        return err_set(e, ERR_PATH, "the folder name %s cannot be part of a bundle", name);
    char *entry = mem_printf("%s/%s/", z->top, name);
    int64_t offset = z->at;
    buf_init(&header, 65536);
    local_header(&header, entry, 0, 0);
    int rc = write_all(z, header.data, header.len, e);
    if (!rc)
        directory_entry(z, entry, MODE_0755, 0, 0, offset);
    buf_finish(&header);
    free(entry);
    return rc;
}

static int add_folders(struct zip *z, const cJSON *names, struct err *e)
{
    const cJSON *name;
    int rc = 0;
    cJSON_ArrayForEach(name, names)
    {
        if (!rc)
            rc = add_folder(z, cJSON_IsString(name) ? name->valuestring : "", e);
    }
    return rc;
}

int op_bundle(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    struct zip z = {.path = op_out(request, "bundle"),
                    .top = json_str(request->params, "top", NULL)};
    if (!z.path || !z.top || !path_is_safe(z.top))
        return err_set(e, ERR_INPUT,
                       "a bundle needs an output named \"bundle\" and a \"top\" folder's name");
    z.fd = open(z.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (z.fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot write the bundle %s", z.path);
    struct op_file *files = mem_alloc(((size_t)request->in_n + 1) * sizeof(*files));
    memcpy(files, request->in, (size_t)request->in_n * sizeof(*files));
    qsort(files, (size_t)request->in_n, sizeof(*files), by_name);
    z.block = mem_alloc(BLOCK_LEN);
    buf_init(&z.directory, 64 * 1024 * 1024);
    int rc = add_folders(&z, json_get(request->params, "folders"), e);
    if (!rc)
        rc = add_all(&z, files, request->in_n, e);
    if (close(z.fd) && !rc)
        rc = err_sys(e, ERR_IO, errno, "cannot write the bundle %s", z.path);
    json_set_num(ret_facts, "files", request->in_n);
    buf_finish(&z.directory);
    free(z.block);
    free(files);
    return rc;
}
