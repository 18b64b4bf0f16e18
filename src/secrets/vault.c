/* A secret's bytes come in, pages that nobody else sees go out, with the forms the secret takes in
 * texts. Never written anywhere. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "secrets/secrets_priv.h"

#define MASK_LEAST 6 /* shorter ones would blank ordinary words */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Locking may be beyond the limits, and the advice unknown to the kernel: it is as good as it
 * gets. */
static char *pages_get(size_t len)
{
    char *pages = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    (void)mlock(pages, len);
#ifdef MADV_DONTDUMP
    (void)madvise(pages, len, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
    (void)madvise(pages, len, MADV_WIPEONFORK);
#endif
    return pages;
}

static char *put_percent(char *out, const char *value, size_t len, const char *digits)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if (strchr(plain, c)) {
            *out++ = (char)c;
            continue;
        }
        *out++ = '%';
        *out++ = digits[c >> 4];
        *out++ = digits[c & 15];
    }
    *out++ = '\0';
    return out;
}

/* The digits that stay the same whatever surrounds the value when it begins skip bytes into a group
 * of three ("user:" before it moves it). */
static char *put_base64(char *out, const char *value, size_t len, size_t skip)
{
    size_t first = (skip * 8 + 5) / 6;  /* whole digits only */
    size_t last = (skip + len) * 8 / 6; /* exclusive */
    for (size_t digit = first; digit < last; digit++) {
        unsigned bits = 0;
        for (size_t bit = digit * 6; bit < digit * 6 + 6; bit++) {
            unsigned char c = (unsigned char)value[bit / 8 - skip];
            bits = bits << 1 | (c >> (7 - bit % 8) & 1);
        }
        *out++ = base64_digits[bits];
    }
    *out++ = '\0';
    return out;
}

bool vault_put(struct vault *v, const char *value, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t wanted = (len + 1) + 2 * (3 * len + 1) + 3 * (len * 4 / 3 + 4);
    *v = (struct vault){.pages_len = (wanted + page - 1) / page * page};
    v->pages = pages_get(v->pages_len);
    if (!v->pages)
        return false;
    char *out = v->pages;
    memcpy(out, value, len);
    out[len] = '\0';
    v->value = out;
    out += len + 1;
    if (len < MASK_LEAST)
        return true;
    v->forms[0] = v->value;
    v->forms[1] = out;
    out = put_percent(out, v->value, len, "0123456789ABCDEF");
    v->forms[2] = out;
    out = put_percent(out, v->value, len, "0123456789abcdef");
    for (size_t skip = 0; skip < 3; skip++) {
        v->forms[3 + skip] = out;
        out = put_base64(out, v->value, len, skip);
    }
    return true;
}

void vault_wipe(struct vault *v)
{
    if (v->pages) {
        explicit_bzero(v->pages, v->pages_len);
        munmap(v->pages, v->pages_len);
    }
    *v = (struct vault){0};
}

/* A text that was cut may end in the beginning of a form: that is blanked, too. */
static void mask_cut(char *text, const char *form, size_t form_len)
{
    size_t len = strlen(text);
    size_t n = len < form_len ? len : form_len - 1;
    for (; n >= MASK_LEAST; n--) {
        if (memcmp(text + len - n, form, n) != 0)
            continue;
        memcpy(text + len - n, "***", 4);
        return;
    }
}

void vault_mask(const struct vault *v, char *text)
{
    for (int i = 0; i < VAULT_FORMS && v->forms[i]; i++) {
        size_t len = strlen(v->forms[i]);
        for (char *at = text; (at = strstr(at, v->forms[i])); at += 3) {
            memmove(at + 3, at + len, strlen(at + len) + 1);
            memcpy(at, "***", 3);
        }
        mask_cut(text, v->forms[i], len);
    }
}
