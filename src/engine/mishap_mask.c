/* A text with addresses in it comes in; the same text goes out without what stands behind their
 * question marks, without the names and passwords in them and without any key that slated knows.
 * Rather too much is masked than too little. */
/* SPDX-License-Identifier: ISC */
#include "engine/mishap.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "secrets/secrets.h"

#define NAME_MAX_ 64

static bool ends_address(char c)
{
    return !c || (unsigned char)c <= ' ' || strchr("\"'<>`)\\|", c);
}

/* "?name=" outside an address that says where it begins: one all the same. */
static bool begins_query(const char *at)
{
    size_t n = 0;
    while (n < NAME_MAX_ && (isalnum((unsigned char)at[n]) || (at[n] && strchr("_-.[]%~", at[n]))))
        n++;
    return n && at[n] == '=';
}

static size_t rest_of_address(const char *at)
{
    size_t n = 0;
    while (!ends_address(at[n]))
        n++;
    return n;
}

/* "name:password@" behind "://": how long, 0 when there is none. */
static size_t user_part(const char *at)
{
    size_t n = 0;
    while (!ends_address(at[n]) && !strchr("/?#@", at[n]))
        n++;
    return at[n] == '@' ? n : 0;
}

static bool masked_from(const char *at, bool inside)
{
    if (*at == '?')
        return begins_query(at + 1) || (inside && !ends_address(at[1]));
    return *at == '#' && begins_query(at + 1);
}

char *mishap_mask(const char *text)
{
    struct buf out;
    bool inside = false; /* an address that began with "://" */
    buf_init(&out, SIZE_MAX / 2);
    for (const char *at = text; *at;) {
        if (strncmp(at, "://", 3) == 0) {
            inside = true;
            buf_text(&out, "://");
            at += 3;
            size_t user = user_part(at);
            buf_text(&out, user ? "***" : "");
            at += user;
            continue;
        }
        inside = inside && !ends_address(*at);
        buf_add(&out, at, 1);
        if (masked_from(at, inside)) {
            buf_text(&out, "***");
            at += rest_of_address(at);
        } else
            at++;
    }
    char *masked = buf_take(&out);
    secrets_mask(masked);
    return masked;
}
