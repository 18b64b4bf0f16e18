/* A picture file comes in, pixels go out: the first bytes say which decoder, whatever the name
 * says. Every complaint carries the file's name. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"
#include "picture/picture_priv.h"
#include "picture/sniff.h"

enum picture_kind picture_sniff(const void *head, size_t len)
{
    const uint8_t *p = head;
    if (len >= 4 && memcmp(p, "\x89PNG", 4) == 0)
        return PICTURE_PNG;
    if (len >= 3 && memcmp(p, "\xff\xd8\xff", 3) == 0)
        return PICTURE_JPEG;
    if (len >= 12 && memcmp(p, "RIFF", 4) == 0 && memcmp(p + 8, "WEBP", 4) == 0)
        return PICTURE_WEBP;
    return PICTURE_OTHER;
}

const char *picture_kind_word(enum picture_kind kind)
{
    static const char *const words[] = {"other", "png", "jpeg", "webp"};
    return words[kind];
}

/* What a file that is no picture of ours seems to be, for the sentence. */
static const char *guess(struct span file)
{
    if (file.len == 0)
        return "empty";
    if (file.len >= 4 && memcmp(file.data, "GIF8", 4) == 0)
        return "a GIF";
    if (file.len >= 12 && memcmp(file.data + 4, "ftyp", 4) == 0)
        return "an MP4 film or an HEIC/AVIF picture";
    if (file.len >= 4 && memcmp(file.data, "PK\3\4", 4) == 0)
        return "a zip";
    if (file.len >= 4 && memcmp(file.data, "%PDF", 4) == 0)
        return "a PDF";
    return "something else";
}

static int decode(struct span file, enum picture_kind kind, struct pixels *ret_pixels,
                  struct err *e)
{
    switch (kind) {
    case PICTURE_PNG:
        return png_read(file, ret_pixels, e);
    case PICTURE_JPEG:
        return jpeg_read(file, ret_pixels, e);
    case PICTURE_WEBP:
        return webp_read(file, ret_pixels, e);
    case PICTURE_OTHER:
        break;
    }
    return err_set(e, ERR_UNSUPPORTED,
                   "a PNG, JPEG or WebP is expected, and this is %s by its content", guess(file));
}

static int name_in_front(const char *path, struct err *e)
{
    char *shown = utf8_show(path_base(path));
    int rc = err_prefix(e, "%s", shown);
    free(shown);
    return rc;
}

int picture_read_kind(const char *path, struct pixels *ret_pixels, enum picture_kind *ret_kind,
                      struct err *e)
{
    struct err own;
    char *bytes = NULL;
    size_t len = 0;
    e = e ? e : &own;
    int rc = file_read(path, PICTURE_MAX_FILE, &bytes, &len, e);
    if (rc)
        return rc;
    enum picture_kind kind = picture_sniff(bytes, len);
    rc = decode((struct span){(const uint8_t *)bytes, len}, kind, ret_pixels, e);
    free(bytes);
    if (rc)
        return name_in_front(path, e);
    *ret_kind = kind;
    return 0;
}

int picture_read(const char *path, struct pixels *ret_pixels, struct err *e)
{
    enum picture_kind kind;
    return picture_read_kind(path, ret_pixels, &kind, e);
}
