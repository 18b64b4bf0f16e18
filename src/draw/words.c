/* A person's text and a list of words come in, yes or no goes out. Never changes or keeps the text.
 */
/* SPDX-License-Identifier: ISC */
#include "draw/words.h"

#include <string.h>

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

void words_normal(const char *text, char *out, size_t out_len)
{
    size_t n = 0;
    out[n++] = ' ';
    for (; text && *text && n + 2 < out_len; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        if (is_letter(c)) {
            out[n++] = (char)c;
            continue;
        }
        if (out[n - 1] != ' ')
            out[n++] = ' ';
        if (strchr(".;!?\n", c) && n > 2 && out[n - 2] != '.' && n + 3 < out_len)
            out[n++] = '.', out[n++] = ' ';
    }
    if (out[n - 1] != ' ')
        out[n++] = ' ';
    out[n] = 0;
}

/* The first place where word (len bytes, a '$' at its end meaning "whole") begins a word of the
 * text. */
static long find_word(const char *normal, const char *word, size_t len)
{
    bool whole = len > 0 && word[len - 1] == '$';
    len -= whole;
    for (const char *at = normal; len > 0 && (at = strchr(at, word[0])) != NULL; at++)
        if ((at == normal || at[-1] == ' ') && strncmp(at, word, len) == 0 &&
            (!whole || at[len] == ' ' || !at[len]))
            return at - normal;
    return -1;
}

long words_at(const char *normal, const char *list)
{
    long first = -1;
    while (*list) {
        size_t len = strcspn(list, "|");
        long at = find_word(normal, list, len);
        if (at >= 0 && (first < 0 || at < first))
            first = at;
        list += len + (list[len] == '|');
    }
    return first;
}

bool words_have(const char *normal, const char *list)
{
    return words_at(normal, list) >= 0;
}
