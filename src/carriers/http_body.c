/* A request's pieces come in, the bytes of its body go out, as many as there is room for. A file is
 * open only while it is read, and never in memory whole. */
/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "carriers/http_priv.h"

#define RAW_LEN   3072 /* a multiple of 3, so that only the end of a file is padded */
#define STAGE_LEN (RAW_LEN / 3 * 4)

static int piece_measure(const struct body_piece *p, int64_t *ret_len, struct err *e)
{
    if (!p->path) {
        *ret_len = p->text ? (int64_t)strlen(p->text) : 0;
        return 0;
    }
    struct stat st;
    if (stat(p->path, &st))
        return err_sys(e, ERR_IO, errno, "cannot send %s", p->path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_KIND, "cannot send %s: it is not a file", p->path);
    if (access(p->path, R_OK))
        return err_sys(e, ERR_IO, errno, "cannot send %s", p->path);
    *ret_len = st.st_size;
    return 0;
}

int http_body_init(struct http_body *b, const struct body_piece *pieces, size_t n, struct err *e)
{
    *b = (struct http_body){.pieces = pieces, .pieces_n = n, .fd = -1};
    if (n)
        b->lens = mem_alloc(n * sizeof(*b->lens));
    for (size_t i = 0; i < n; i++) {
        int rc = piece_measure(&pieces[i], &b->lens[i], e);
        if (rc)
            return rc;
        b->len += pieces[i].path && pieces[i].base64 ? (b->lens[i] + 2) / 3 * 4 : b->lens[i];
    }
    return 0;
}

static void piece_close(struct http_body *b)
{
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
    b->done = 0;
    b->stage_at = b->stage_n = 0;
}

void http_body_finish(struct http_body *b)
{
    if (b->pieces)
        piece_close(b);
    free(b->lens);
    free(b->stage);
    *b = (struct http_body){.fd = -1};
}

static size_t base64_encode(const unsigned char *in, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *start = out;
    for (; len > 0; in += 3) {
        unsigned bits = (unsigned)in[0] << 16 | (len > 1 ? (unsigned)in[1] << 8 : 0) |
                        (len > 2 ? (unsigned)in[2] : 0);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = len > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = len > 2 ? digits[bits & 63] : '=';
        len -= len > 3 ? 3 : len;
    }
    return (size_t)(out - start);
}

/* Fills all of room unless the file ends; false when reading fails. */
static bool read_full(int fd, char *out, size_t room, size_t *ret_len)
{
    size_t len = 0;
    while (len < room) {
        ssize_t n = read(fd, out + len, room - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return true;
}

/* The open file's next bytes, at most room and at most what was measured; false when it is shorter
 * than that. */
static bool file_next(struct http_body *b, char *out, size_t room, size_t *ret_len)
{
    int64_t left = b->lens[b->at] - b->done;
    size_t want = left < (int64_t)room ? (size_t)left : room;
    if (!read_full(b->fd, out, want, ret_len) || *ret_len != want)
        return false;
    b->done += (int64_t)want;
    return true;
}

static ssize_t base64_next(struct http_body *b, char *out, size_t room)
{
    if (b->stage_at == b->stage_n) {
        unsigned char raw[RAW_LEN + 2] = {0};
        size_t len;
        if (!file_next(b, (char *)raw, RAW_LEN, &len))
            return -1;
        if (!b->stage)
            b->stage = mem_alloc(STAGE_LEN);
        b->stage_n = base64_encode(raw, len, b->stage);
        b->stage_at = 0;
    }
    size_t n = b->stage_n - b->stage_at < room ? b->stage_n - b->stage_at : room;
    memcpy(out, b->stage + b->stage_at, n);
    b->stage_at += n;
    return (ssize_t)n;
}

/* The next bytes of the piece that is being read; 0 when it has ended. */
static ssize_t piece_next(struct http_body *b, char *out, size_t room)
{
    const struct body_piece *p = &b->pieces[b->at];
    size_t len;
    if (!p->path) {
        int64_t left = b->lens[b->at] - b->done;
        len = left < (int64_t)room ? (size_t)left : room;
        if (len)
            memcpy(out, p->text + b->done, len);
        b->done += (int64_t)len;
        return (ssize_t)len;
    }
    if (b->fd < 0)
        b->fd = open(p->path, O_RDONLY | O_CLOEXEC);
    if (b->fd < 0)
        return -1;
    if (p->base64)
        return base64_next(b, out, room);
    return file_next(b, out, room, &len) ? (ssize_t)len : -1;
}

ssize_t http_body_read(struct http_body *b, char *out, size_t room)
{
    size_t used = 0;
    while (used < room && b->at < b->pieces_n) {
        ssize_t n = piece_next(b, out + used, room - used);
        if (n < 0)
            return -1;
        if (n == 0) {
            piece_close(b);
            b->at++;
        }
        used += (size_t)n;
    }
    return (ssize_t)used;
}
