/* Addresses and headers of a rules file come in with {names} in them; texts that can be sent go
 * out. What comes from outside is percent-encoded, so that it can neither be a ${NAME}, nor end a
 * header, nor change the address's host. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#define TEXT_MAX 16384

static void add_encoded(struct buf *b, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:";
    for (; *text; text++) {
        if (strchr(plain, *text))
            buf_add(b, text, 1);
        else
            buf_printf(b, "%%%02X", (unsigned char)*text);
    }
}

/* An address that the engine answered stands as it is, when nothing in it can do harm. */
static bool add_name(struct talk *t, const char *name, bool first, struct buf *b)
{
    cJSON *value = reference_value(t, name, NULL);
    char *text = value_text(value);
    bool base = str_eq(name, "base") || str_starts(name, "base.");
    bool good = text != NULL;
    if (good && first && !base && strstr(text, "://") && !text_is_safe_url(text))
        good = false; /* an address that would be read in two ways */
    if (good && (base || (first && text_is_safe_url(text))))
        buf_text(b, text);
    else if (good)
        add_encoded(b, text);
    cJSON_Delete(value);
    free(text);
    return good;
}

int text_fill(struct talk *t, const char *template, char **ret_text, struct err *e)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    for (const char *p = template; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        char *name;
        bool good;
        if (p > template && p[-1] == '$')
            end = NULL; /* the place of a key stays */
        if (!end) {
            buf_add(&b, p++, 1);
            continue;
        }
        name = mem_dup_n(p + 1, (size_t)(end - p - 1));
        good = add_name(t, name, p == template, &b);
        if (!good)
            (void)err_set(e, ERR_STATE, "%s has no %s to ask %s with", t->ask->job->key, name,
                          json_str(t->file, "title", t->ask->job->engine));
        free(name);
        if (!good) {
            buf_finish(&b);
            return ERR_STATE;
        }
        p = end + 1;
    }
    if (b.full) {
        buf_finish(&b);
        return err_set(e, ERR_LIMIT, "an address or header for %s is longer than %d bytes",
                       t->ask->job->key, TEXT_MAX);
    }
    *ret_text = buf_take(&b);
    return 0;
}

static size_t origin_len(const char *url)
{
    const char *host = strstr(url, "://");
    return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?#") : 0;
}

bool text_same_origin(const char *a, const char *b)
{
    size_t n = a && b ? origin_len(a) : 0;
    return n > 0 && n == origin_len(b) && strncmp(a, b, n) == 0;
}

bool text_is_safe_url(const char *url)
{
    if (!str_starts(url, "https://") && !str_starts(url, "http://"))
        return false;
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '{' || *p == '}' || *p == '\\' ||
            (*p == '@' && (size_t)(p - url) < origin_len(url)))
            return false;
    return strlen(url) < TEXT_MAX / 2;
}

char *text_join_origin(const char *base, const char *path)
{
    return mem_printf("%.*s%s", (int)origin_len(base), base, path);
}
