/* A path that was just written comes in; its size, digest, kind and picture size go out, after the
 * bytes have reached the disk. Reads headers only and never decodes a picture. */
/* SPDX-License-Identifier: ISC */
#include "worker/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

static uint32_t be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t le24(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16;
}

static bool read_at(int fd, off_t at, void *bytes, size_t len)
{
    return pread(fd, bytes, len, at) == (ssize_t)len;
}

/* Walks the segments of a JPEG to its frame header; a handful of small reads. */
static void jpeg_size(int fd, int *ret_width, int *ret_height)
{
    uint8_t b[9];
    off_t at = 2;
    for (int i = 0; i < 512 && read_at(fd, at, b, sizeof b) && b[0] == 0xff; i++) {
        bool frame = b[1] >= 0xc0 && b[1] <= 0xcf && b[1] != 0xc4 && b[1] != 0xc8 && b[1] != 0xcc;
        if (frame) {
            *ret_height = b[5] << 8 | b[6];
            *ret_width = b[7] << 8 | b[8];
            return;
        }
        at += b[1] == 0xff ? 1 : 2 + (b[2] << 8 | b[3]);
    }
}

static void webp_size(const uint8_t *b, int *ret_width, int *ret_height)
{
    if (memcmp(b + 12, "VP8X", 4) == 0) {
        *ret_width = (int)le24(b + 24) + 1;
        *ret_height = (int)le24(b + 27) + 1;
    } else if (memcmp(b + 12, "VP8L", 4) == 0) {
        uint32_t bits = le24(b + 21) | (uint32_t)b[24] << 24;
        *ret_width = (int)(bits & 0x3fff) + 1;
        *ret_height = (int)(bits >> 14 & 0x3fff) + 1;
    } else if (memcmp(b + 12, "VP8 ", 4) == 0) {
        *ret_width = (b[26] | b[27] << 8) & 0x3fff;
        *ret_height = (b[28] | b[29] << 8) & 0x3fff;
    }
}

/* The next box of one name between at and end: its contents' place and length. */
static bool box_find(int fd, off_t at, off_t end, const char *name, off_t *ret_at, off_t *ret_end)
{
    uint8_t b[16];
    for (int i = 0; i < 4096 && at + 8 <= end && read_at(fd, at, b, 8); i++) {
        off_t len = be32(b), head = 8;
        if (len == 1 && read_at(fd, at, b, 16)) {
            len = (off_t)((uint64_t)be32(b + 8) << 32 | be32(b + 12));
            head = 16;
        } else if (len == 0) {
            len = end - at;
        }
        if (len < head || len > end - at)
            return false;
        if (memcmp(b + 4, name, 4) == 0) {
            *ret_at = at + head;
            *ret_end = at + len;
            return true;
        }
        at += len;
    }
    return false;
}

/* The first track of a film that has a picture size, from its track header. */
static void mp4_size(int fd, off_t len, int *ret_width, int *ret_height)
{
    off_t at, end, track, track_end, head, head_end;
    uint8_t b[8];
    if (!box_find(fd, 0, len, "moov", &at, &end))
        return;
    for (; box_find(fd, at, end, "trak", &track, &track_end); at = track_end) {
        if (!box_find(fd, track, track_end, "tkhd", &head, &head_end) || head_end - head < 8 ||
            !read_at(fd, head_end - 8, b, 8))
            continue;
        *ret_width = b[0] << 8 | b[1];
        *ret_height = b[4] << 8 | b[5];
        if (*ret_width && *ret_height)
            return;
    }
}

void measure_media(int fd, const char **ret_media, int *ret_width, int *ret_height)
{
    uint8_t b[32] = {0};
    struct stat st;
    *ret_media = "other";
    *ret_width = *ret_height = 0;
    if (fstat(fd, &st) != 0 || pread(fd, b, sizeof b, 0) < 12)
        return;
    if (memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0) {
        *ret_media = "png";
        *ret_width = (int)(be32(b + 16) & 0x7fffffff);
        *ret_height = (int)(be32(b + 20) & 0x7fffffff);
    } else if (memcmp(b, "\xff\xd8\xff", 3) == 0) {
        *ret_media = "jpeg";
        jpeg_size(fd, ret_width, ret_height);
    } else if (memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0) {
        *ret_media = "webp";
        webp_size(b, ret_width, ret_height);
    } else if (memcmp(b + 4, "ftyp", 4) == 0) {
        *ret_media = "mp4";
        mp4_size(fd, st.st_size, ret_width, ret_height);
    }
}

int measure_file(const char *path, struct made *ret_made, struct err *e)
{
    struct stat st;
    int r = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "reading back %s, which should have been made", path);
    if (fstat(fd, &st) != 0)
        r = err_sys(e, ERR_IO, errno, "reading back %s", path);
    else if (!S_ISREG(st.st_mode))
        r = err_set(e, ERR_KIND, "%s should be a regular file after it was made, and is not", path);
    else if (st.st_size == 0)
        r = err_set(e, ERR_IO, "%s was made but is empty", path);
    else if (fsync(fd) != 0)
        r = err_sys(e, ERR_IO, errno, "bringing %s to the disk", path);
    else
        r = digest_fd(fd, ret_made->sha256, &ret_made->bytes, e);
    if (r == 0)
        measure_media(fd, &ret_made->media, &ret_made->width, &ret_made->height);
    close(fd);
    return r;
}
