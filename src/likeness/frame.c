/* A file comes in, its one picture goes out. Recognised by its first bytes; decoded whole, so that
 * a torn file is refused here. */
/* SPDX-License-Identifier: ISC */
#include "likeness/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "film/ffmpeg.h"
#include "likeness/heic.h"
#include "picture/sniff.h"

#define HEAD_LEN 32
#define CLIP_MAX ((off_t)2 * 1024 * 1024 * 1024)

/* What a head says: the word, and ffmpeg's name of the form. */
struct form {
    const char *media, *demuxer;
    bool clip;
};

static bool starts(const unsigned char *head, const char *bytes, size_t len)
{
    return memcmp(head, bytes, len) == 0;
}

/* The brands of telephones' stills, bursts among them. */
static bool is_heic(const unsigned char *brand)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1"};
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (starts(brand, brands[i], 4))
            return true;
    return false;
}

static struct form form_of(const unsigned char *h)
{
    if (starts(h + 4, "ftyp", 4)) {
        if (is_heic(h + 8))
            return (struct form){"heic", NULL, false};
        if (starts(h + 8, "avif", 4))
            return (struct form){"avif", "mov", false};
        return (struct form){starts(h + 8, "qt  ", 4) ? "mov" : "mp4", "mov", true};
    }
    if (starts(h + 4, "moov", 4) || starts(h + 4, "mdat", 4) || starts(h + 4, "wide", 4))
        return (struct form){"mov", "mov", true};
    if (starts(h, "\x1a\x45\xdf\xa3", 4))
        return (struct form){"webm", "matroska", true};
    if (starts(h, "GIF8", 4))
        return (struct form){"gif", "gif", false};
    if (starts(h, "BM", 2) && h[14] >= 12)
        return (struct form){"bmp", "bmp_pipe", false};
    if (starts(h, "II*\0", 4) || starts(h, "MM\0*", 4))
        return (struct form){"tiff", "tiff_pipe", false};
    return (struct form){NULL, NULL, false};
}

static int read_head(const char *path, unsigned char head[HEAD_LEN], off_t *ret_len, struct err *e)
{
    struct stat st;
    int rc = 0, fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    memset(head, 0, HEAD_LEN);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "cannot open the returned file");
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        rc = err_set(e, ERR_KIND, "it is not a regular file");
    else if (st.st_size == 0)
        rc = err_set(e, ERR_INPUT, "it is empty (0 bytes)");
    else if (pread(fd, head, HEAD_LEN, 0) < 0)
        rc = err_sys(e, ERR_IO, errno, "cannot read the returned file");
    *ret_len = st.st_size;
    close(fd);
    return rc;
}

static int decode_by_ffmpeg(const char *path, const struct form *form, const char *beside,
                            struct pixels *ret_pixels, struct err *e)
{
    const char *args[] = {"-v",     "error",     "-nostdin",    "-protocol_whitelist",
                          "file",   "-f",        form->demuxer, "-i",
                          path,     "-frames:v", "1",           "-an",
                          "-sn",    "-c:v",      "png",         "-f",
                          "image2", "-update",   "1",           "-y",
                          beside,   NULL};
    struct ffmpeg run;
    int rc = ffmpeg_start(args, false, false, &run, e);
    if (rc) /* no fault of the file */
        return rc;
    rc = ffmpeg_finish(&run, e);
    if (rc == ERR_CHILD)
        rc = err_set(e, ERR_INPUT, "it is a damaged %s file: its first frame cannot be decoded",
                     form->media);
    if (!rc)
        rc = picture_read(beside, ret_pixels, e);
    (void)unlink(beside); /* only a passing file */
    return rc;
}

int frame_read(const char *path, const char *beside, struct frame *ret_frame, struct err *e)
{
    unsigned char head[HEAD_LEN];
    off_t len = 0;
    int rc = read_head(path, head, &len, e);
    struct form form = form_of(head);
    enum picture_kind kind = picture_sniff(head, HEAD_LEN);
    memset(ret_frame, 0, sizeof(*ret_frame));
    if (rc)
        return rc;
    if (kind != PICTURE_OTHER) {
        ret_frame->media = picture_kind_word(kind);
        return picture_read(path, &ret_frame->pixels, e);
    }
    if (!form.media)
        return err_set(e, ERR_INPUT, "it is neither a picture nor a clip");
    if (!form.demuxer) {
        ret_frame->media = form.media;
        return heic_read(path, beside, &ret_frame->pixels, e);
    }
    if (len > CLIP_MAX)
        return err_set(e, ERR_LIMIT, "it is larger than 2 GiB");
    ret_frame->media = form.media;
    ret_frame->clip = form.clip;
    ret_frame->demuxer = form.demuxer;
    return decode_by_ffmpeg(path, &form, beside, &ret_frame->pixels, e);
}
