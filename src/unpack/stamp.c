/* Pictures and films come in; the same go out with a mark in their own metadata and without the
 * place where they were taken. Nothing is decoded and nothing encoded anew: what can be seen keeps
 * its bytes. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/ops.h"
#include "unpack/stamp_priv.h"

#define FILE_MAX  ((size_t)512 * 1024 * 1024)
#define TOKEN_MAX 100

int stamp_torn(const struct stamped *s, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s is torn or no picture of its kind; it cannot go into a bundle",
                   s->name);
}

void stamp_xmp(const char *token, struct buf *out)
{
    buf_printf(out,
               "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
               "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
               "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
               "rdf:about=\"\" xmlns:slated=\"urn:slated:1.0/\" slated:bundle=\"%s\"/>"
               "</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>",
               token);
}

static uint32_t tiff_number(const unsigned char *at, int width, bool big)
{
    uint32_t v = 0;
    for (int i = 0; i < width; i++)
        v = v << 8 | at[big ? i : width - 1 - i];
    return v;
}

/* 1 to 8; whatever makes no sense counts as upright. */
static int tiff_turn(const unsigned char *tiff, size_t len)
{
    if (len < 14 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M'))
        return 1;
    bool big = tiff[0] == 'M';
    size_t list = tiff_number(tiff + 4, 4, big);
    if (list > len - 2)
        return 1;
    size_t n = tiff_number(tiff + list, 2, big);
    for (size_t at = list + 2; n && at + 12 <= len; at += 12, n--)
        if (tiff_number(tiff + at, 2, big) == 0x0112 && tiff_number(tiff + at + 2, 2, big) == 3) {
            uint32_t v = tiff_number(tiff + at + 8, 2, big);
            return v >= 1 && v <= 8 ? (int)v : 1;
        }
    return 1;
}

void stamp_turn(const unsigned char *tiff, size_t len, struct buf *out)
{
    /* big-endian, one entry at 8: tag 0x0112, a short, one of it, its value, no further list */
    unsigned char block[26] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1};
    block[19] = (unsigned char)tiff_turn(tiff, len);
    if (block[19] != 1)
        buf_add(out, block, sizeof(block));
}

static int stamp_by_kind(const struct stamped *s, struct buf *out, struct err *e)
{
    if (s->len >= 8 && memcmp(s->data, "\x89PNG\r\n\x1a\n", 8) == 0)
        return stamp_png(s, out, e);
    if (s->len >= 3 && memcmp(s->data, "\xff\xd8\xff", 3) == 0)
        return stamp_jpeg(s, out, e);
    if (s->len >= 12 && memcmp(s->data, "RIFF", 4) == 0 && memcmp(s->data + 8, "WEBP", 4) == 0)
        return stamp_webp(s, out, e);
    if (s->len >= 12 && memcmp(s->data + 4, "ftyp", 4) == 0)
        return stamp_film(s, out, e);
    return err_set(e, ERR_UNSUPPORTED,
                   "%s is no PNG, JPEG, WebP or MP4 file; it cannot go into a bundle", s->name);
}

static int stamp_one(const struct op_file *in, const char *to, const char *token, struct err *e)
{
    char *bytes = NULL;
    struct stamped s = {.name = in->name, .token = token};
    struct buf out;
    buf_init(&out, FILE_MAX + 65536);
    int rc = file_read(in->path, FILE_MAX, &bytes, &s.len, e);
    s.data = (const unsigned char *)bytes;
    if (!rc)
        rc = stamp_by_kind(&s, &out, e);
    if (!rc && out.full)
        rc = err_set(e, ERR_LIMIT, "%s is too large for a bundle", in->name);
    if (!rc)
        rc = file_write(to, out.data, out.len, true, e);
    buf_finish(&out);
    free(bytes);
    return rc;
}

static bool token_fits(const char *token)
{
    size_t len = token ? strlen(token) : 0;
    if (len == 0 || len > TOKEN_MAX)
        return false;
    return strspn(token, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

int op_stamp(const struct op_request *request, cJSON *ret_facts, struct err *e)
{
    const char *token = json_str(request->params, "token", NULL);
    int rc = token_fits(token)
                 ? 0
                 : err_set(e, ERR_INPUT, "a stamp needs a \"token\" of small letters and digits");
    for (int i = 0; i < request->in_n && !rc; i++) {
        const char *to = op_out(request, request->in[i].name);
        rc = to ? stamp_one(&request->in[i], to, token, e)
                : err_set(e, ERR_MISSING, "the stamp has no output named %s", request->in[i].name);
    }
    json_set_num(ret_facts, "files", request->in_n);
    return rc;
}
