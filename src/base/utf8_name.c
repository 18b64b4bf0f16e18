/* Names that are safe to create, made out of any text: a file name, or a short id. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/utf8_priv.h"

/* Blocks outside ASCII that hold no letters: punctuation, symbols, controls, private use, pictures.
 */
static bool is_sign(uint32_t c)
{
    static const uint32_t runs[][2] = {
        {0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},       {0xbb, 0xbf},
        {0xd7, 0xd7},     {0xf7, 0xf7},     {0x37e, 0x37e},     {0x387, 0x387},
        {0x589, 0x58f},   {0x600, 0x61f},   {0x2000, 0x206f},   {0x20a0, 0x20cf},
        {0x2190, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3004},   {0x3008, 0x3020},
        {0x3030, 0x3030}, {0xd800, 0xf8ff}, {0xfd3e, 0xfd4f},   {0xfe00, 0xfe1f},
        {0xfe30, 0xfe6f}, {0xfeff, 0xff0f}, {0xff1a, 0xff20},   {0xff3b, 0xff40},
        {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff}};
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        if (c >= runs[i][0] && c <= runs[i][1])
            return true;
    return false;
}

static bool is_word(uint32_t c)
{
    if (c & UTF8_BAD)
        return false;
    if (c >= 0x80)
        return !is_sign(c);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* CON, NUL, COM1 and their like, alone or before a dot: Windows opens a device under them. */
static size_t device_len(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    size_t len = strcspn(name, ".");
    char low[5] = {0};
    if (len != 3 && len != 4)
        return 0;
    memcpy(low, name, len);
    str_lower(low);
    if (len == 4)
        return (str_starts(low, "com") || str_starts(low, "lpt")) && low[3] >= '1' && low[3] <= '9'
                   ? len
                   : 0;
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
        if (strcmp(low, devices[i]) == 0)
            return len;
    return 0;
}

/* Cuts name to at most max bytes between two characters, then trailing dots. */
static void cut(char *name, size_t max)
{
    size_t len = utf8_cut(name, max);
    while (len && name[len - 1] == '.')
        len--;
    name[len] = '\0';
}

/* Puts '_' behind the device's name: "CON.txt" -> "CON_.txt". */
static char *spare_device(char *name, size_t max)
{
    size_t len = device_len(name);
    if (!len)
        return name;
    char *spared = mem_printf("%.*s_%s", (int)len, name, name + len);
    free(name);
    cut(spared, max);
    return spared;
}

char *utf8_safe_name(const char *text, size_t max_bytes, const char *fallback)
{
    size_t n, len = 0;
    uint32_t *points = utf8_composed(text, false, &n);
    char *name = mem_grow(NULL, n * UTF8_BYTES_MAX + 1, 1);
    bool gap = false, any = false;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = points[i];
        bool word = is_word(c);
        if (!word && c != '.' && c != '-' && c != '_') {
            if (!gap)
                name[len++] = '_';
            gap = true;
            continue;
        }
        if (len == 0 && (c == '.' || c == '-'))
            continue;
        any = any || word;
        gap = false;
        len += utf8_put(c, name + len);
    }
    name[len] = '\0';
    free(points);
    cut(name, max_bytes);
    if (any && *name)
        return spare_device(name, max_bytes);
    free(name);
    return mem_dup(fallback);
}

/* --- slugs --- */

/* Letters that do not come apart into an ASCII letter and a mark, and are still read as ASCII. */
static const char *plain_of(uint32_t c)
{
    static const struct {
        uint32_t c;
        const char *text;
    } letters[] = {{0xdf, "ss"}, {0xe6, "ae"},  {0xf0, "d"},  {0xf8, "o"},
                   {0xfe, "th"}, {0x111, "d"},  {0x127, "h"}, {0x131, "i"},
                   {0x142, "l"}, {0x153, "oe"}, {0x167, "t"}, {0x1e9e, "ss"}};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].c == c)
            return letters[i].text;
    return NULL;
}

/* The ASCII letters or digits of c ("" when it has none), in small. */
static const char *slug_of(uint32_t c, char out[2])
{
    uint32_t first, second;
    while (utf8_table_split(c, &first, &second))
        c = first;
    c = utf8_table_fold(c);
    const char *plain = plain_of(c);
    if (plain)
        return plain;
    out[0] = c < 0x80 ? (char)c : '\0';
    out[1] = '\0';
    return out;
}

char *utf8_slug(const char *text, char sep, size_t max_bytes, const char *fallback)
{
    size_t n, len = 0;
    uint32_t *points = utf8_composed(text, true, &n);
    char *slug = mem_grow(NULL, n * 2 + 1, 1);
    for (size_t i = 0; i < n; i++) {
        uint32_t c = points[i];
        char one[2];
        bool mark = c == '-' || c == '_';
        if (is_word(c)) {
            for (const char *s = slug_of(c, one); *s; s++)
                slug[len++] = *s;
        } else if (len && slug[len - 1] != '-' && slug[len - 1] != '_') {
            slug[len++] = mark ? (char)c : sep;
        }
    }
    if (len > max_bytes)
        len = max_bytes;
    while (len && (slug[len - 1] == '-' || slug[len - 1] == '_'))
        len--;
    slug[len] = '\0';
    free(points);
    if (len)
        return slug;
    free(slug);
    return mem_dup(fallback);
}
