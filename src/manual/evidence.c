/* A file's name comes in, what it says goes out. Pure text; opens nothing. */
/* SPDX-License-Identifier: ISC */
#include "manual/evidence.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* Words and signs in capitals, each between underscores: "_EP001_SH03_COPY_2_". Owned. */
static char *plain(const char *text)
{
    size_t len = strlen(text), n = 0;
    char *out = mem_alloc(len + 3);
    out[n++] = '_';
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isalnum(c) || c >= 0x80)
            out[n++] = (char)toupper(c);
        else if (out[n - 1] != '_')
            out[n++] = '_';
    }
    if (out[n - 1] != '_')
        out[n++] = '_';
    return out;
}

/* What browsers, file managers and people add to a name. */
static bool is_noise(const char *word)
{
    static const char *const words[] = {"COPY",   "KOPIE", "FINAL", "FIXED",    "FIX",  "EDIT",
                                        "EDITED", "NEW",   "ALT",   "UPSCALED", "UHD",  "4K",
                                        "2K",     "1K",    "HD",    "RETURN",   "DONE", "DOWNLOAD"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_eq(words[i], word))
            return true;
    if (word[0] == 'V' && word[1])
        word++;
    return strspn(word, "0123456789X") == strlen(word);
}

/* The whole name but for noise behind it: "_BACKGROUND_COPY_2_" is "_BACKGROUND_". */
static bool is_whole(const char *file, const char *name)
{
    size_t len = strlen(name);
    if (strncmp(file, name, len) != 0)
        return false;
    char *rest = mem_dup(file + len), *save = NULL;
    bool only = true;
    for (char *word = strtok_r(rest, "_", &save); word && only; word = strtok_r(NULL, "_", &save))
        only = is_noise(word);
    free(rest);
    return only;
}

static bool has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

/* How long a name is that stands in the path, 0 when it does not. */
static size_t found_len(const char *path, const char *file, const char *name)
{
    char *wanted = plain(name);
    size_t len = strlen(wanted);
    bool found = has_digit(wanted) ? strstr(path, wanted) != NULL : is_whole(file, wanted);
    free(wanted);
    return found && len > 3 ? len : 0;
}

/* The longest name of each unit counts; a unit whose name is only part of another's is none. */
struct evidence evidence_read(const char *path, const struct evidence_name *names, size_t n)
{
    struct evidence found = {-1, -1, false};
    char *stem = path_stem(path), *folder = path_dir(path);
    char *whole_text = mem_printf("%s/%s", folder, stem);
    char *whole = plain(whole_text), *file = plain(stem);
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t len = found_len(whole, file, names[i].name);
        if (len > longest) {
            longest = len;
            found = (struct evidence){names[i].unit, names[i].job, false};
        }
    }
    char *best = NULL;
    for (size_t i = 0; i < n && !best; i++)
        if (names[i].unit == found.unit && found_len(whole, file, names[i].name) == longest)
            best = plain(names[i].name);
    for (size_t i = 0; i < n && best; i++) {
        char *other = plain(names[i].name);
        if (names[i].unit != found.unit && found_len(whole, file, names[i].name) &&
            !strstr(best, other))
            found.several = true;
        if (names[i].unit != found.unit && strcmp(best, other) == 0)
            found.several = true; /* one name for two */
        free(other);
    }
    free(best);
    free(whole);
    free(file);
    free(whole_text);
    free(folder);
    free(stem);
    if (found.several)
        found.unit = found.job = -1;
    return found;
}

/* "_EP", digits, an underscore or none, "SH", digits, "_". */
bool evidence_is_shot(const char *name)
{
    static const char digits[] = "0123456789";
    char *whole = plain(name);
    bool found = false;
    for (const char *at = whole; !found && (at = strstr(at, "_EP")); at += 3) {
        const char *p = at + 3;
        size_t n = strspn(p, digits);
        p += n;
        p += *p == '_';
        if (n && strncmp(p, "SH", 2) == 0) {
            size_t shot = strspn(p + 2, digits);
            found = shot && p[2 + shot] == '_';
        }
    }
    free(whole);
    return found;
}

void evidence_mark(const char *path, char ret_mark[32])
{
    const char *at = strstr(path, "slb1-");
    ret_mark[0] = 0;
    if (!at || strlen(at) < 31 || strspn(at + 5, "abcdefghijklmnopqrstuvwxyz234567") < 26)
        return;
    memcpy(ret_mark, at, 31);
    ret_mark[31] = 0;
}

const char *evidence_tag(const char *path, const char *const words[])
{
    char *whole = plain(path);
    const char *found = NULL;
    for (int i = 0; words[i]; i++) {
        char *wanted = plain(words[i]);
        if (strstr(whole, wanted))
            found = found && !str_eq(found, words[i]) ? "" : words[i];
        free(wanted);
    }
    free(whole);
    return found && *found ? found : NULL;
}

int evidence_order(const char *path)
{
    const char *name = path_base(path);
    size_t digits = strspn(name, "0123456789");
    if (digits < 1 || digits > 2 || (name[digits] && !strchr("_- .", name[digits])))
        return 0;
    int order = name[0] - '0';
    return digits == 2 ? order * 10 + name[1] - '0' : order;
}
