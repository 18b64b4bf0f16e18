/* Texts with ${NAME} come in, the same with secrets go out for the moment of sending, and sentences
 * go out without them. Keeps nothing. */
/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "carriers/http_priv.h"

/* The name in the ${NAME} that text begins with, copied to name; its whole length, or 0. */
static size_t name_at(const char *text, char name[128])
{
    if (text[0] != '$' || text[1] != '{')
        return 0;
    size_t len =
        strspn(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    if (len == 0 || len > 127 || text[2 + len] != '}')
        return 0;
    memcpy(name, text + 2, len);
    name[len] = '\0';
    return len + 3;
}

/* The bytes of text with its secrets in it; false when one is not there. */
static bool filled_len(const char *text, http_secret *secret, size_t *ret_len, char **ret_missing)
{
    char name[128];
    *ret_len = 0;
    while (*text) {
        size_t len = name_at(text, name);
        const char *value = len && secret ? secret(name) : NULL;
        if (len && !value) {
            *ret_missing = mem_dup(name);
            return false;
        }
        *ret_len += len ? strlen(value) : 1;
        text += len ? len : 1;
    }
    return true;
}

/* Into memory of the right length: what grows leaves copies of a secret behind. */
char *http_key_fill(const char *text, http_secret *secret, char **ret_missing)
{
    char name[128];
    size_t room;
    if (!filled_len(text, secret, &room, ret_missing))
        return NULL;
    char *filled = mem_alloc(room + 1), *to = filled;
    while (*text) {
        size_t len = name_at(text, name);
        const char *value = len ? secret(name) : text;
        size_t value_len = len ? strlen(value) : 1;
        memcpy(to, value, value_len);
        to += value_len;
        text += len ? len : 1;
    }
    return filled;
}

void http_key_wipe(char *takes_text)
{
    if (takes_text)
        explicit_bzero(takes_text, strlen(takes_text));
    free(takes_text);
}

void http_key_mask(char *sentence, const char *text, http_secret *secret)
{
    char name[128];
    for (; sentence && secret && text && *text; text++) {
        const char *value = name_at(text, name) ? secret(name) : NULL;
        size_t len = value ? strlen(value) : 0;
        char *at = sentence;
        while (len >= 3 && (at = strstr(at, value))) {
            memmove(at + 3, at + len, strlen(at + len) + 1);
            memcpy(at, "***", 3);
            at += 3;
        }
    }
}

/* "scheme://host:port" in lower case with its port, or false when it cannot be told for sure. */
static bool origin_of(const char *url, char *out, size_t room)
{
    const char *start = strstr(url, "://");
    size_t scheme = start ? (size_t)(start - url) : 0;
    size_t len = start ? strcspn(start + 3, "/?#") : 0;
    if (len == 0 || memchr(start + 3, '@', len) || memchr(start + 3, '\\', len))
        return false;
    const char *host = start + 3, *end = host + len;
    const char *bracket = memchr(host, ']', len);
    const char *from = bracket ? bracket : host;
    bool port = memchr(from, ':', (size_t)(end - from)) != NULL;
    bool tls = scheme == 5;
    if (!str_format(out, room, "%.*s%s", (int)(scheme + 3 + len), url,
                    port  ? ""
                    : tls ? ":443"
                          : ":80"))
        return false;
    str_lower(out);
    return true;
}

bool http_key_same_host(const char *a, const char *b)
{
    char of_a[512], of_b[512];
    return origin_of(a, of_a, sizeof of_a) && origin_of(b, of_b, sizeof of_b) && str_eq(of_a, of_b);
}

char *http_key_show(const char *url)
{
    size_t len = strcspn(url, "?#");
    const char *host = strstr(url, "://");
    const char *after = host && host < url + len ? host + 3 : url;
    size_t host_len = strcspn(after, "/?#");
    const char *user = memchr(after, '@', host_len);
    if (!user)
        return mem_dup_n(url, len);
    return mem_printf("%.*s%.*s", (int)(after - url), url, (int)(len - (size_t)(user + 1 - url)),
                      user + 1);
}
