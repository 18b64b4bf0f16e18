/* Small texts come in from the disk, for orders that carry them: descriptors, prompts of a catalog.
 * Reads UTF-8 of at most 64 KiB a file, follows no link, stops at its limits. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/intake_priv.h"

#define TEXT_LEN_MAX 65536
#define TEXTS_MAX    2000
#define ENTRIES_MAX  5000
#define DEPTH_MAX    6

struct gathering {
    const struct pattern *pattern;
    cJSON *texts;
    size_t entries, found;
    bool pictures; /* there are some: no folder of texts */
};

char *gather_text(const char *path, const char **ret_code)
{
    char *bytes = NULL;
    size_t len = 0;
    struct err e = {0};
    int rc = file_read(path, TEXT_LEN_MAX, &bytes, &len, &e);
    *ret_code = rc == ERR_LIMIT ? "TEXT_SIZE" : "UNREADABLE";
    if (rc != 0)
        return NULL;
    if (utf8_bad_at(bytes, len) < 0 && !memchr(bytes, '\0', len))
        return bytes;
    *ret_code = "TEXT_UTF8";
    free(bytes);
    return NULL;
}

static bool is_picture_name(const char *name)
{
    return str_ends_nocase(name, ".png") || str_ends_nocase(name, ".jpg") ||
           str_ends_nocase(name, ".jpeg") || str_ends_nocase(name, ".webp");
}

static void gather_folder(struct gathering *g, const char *dir, const char *prefix, int depth);

static void gather_entry(struct gathering *g, const char *dir, const char *prefix, const char *name,
                         int depth)
{
    char *path = path_join(dir, name), *below = path_join(prefix, name), *text;
    const char *code;
    struct stat st;
    if (lstat(path, &st) != 0 || utf8_bad_at(below, strlen(below)) >= 0) {
        /* gone meanwhile, or a name that cannot be written down */
    } else if (S_ISDIR(st.st_mode)) {
        gather_folder(g, path, below, depth + 1);
    } else if (S_ISREG(st.st_mode) && is_picture_name(name)) {
        g->pictures = true;
    } else if (S_ISREG(st.st_mode) && pattern_fits(g->pattern, below) && g->found < TEXTS_MAX &&
               (text = gather_text(path, &code))) {
        json_set_str(g->texts, below, text);
        g->found++;
        free(text);
    }
    free(below);
    free(path);
}

static int is_shown(const struct dirent *entry)
{
    return !str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") && !junk_name(entry->d_name);
}

static void gather_folder(struct gathering *g, const char *dir, const char *prefix, int depth)
{
    struct dirent **entries = NULL;
    int fd = open(dir, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY), n;
    if (fd < 0 || depth > DEPTH_MAX) {
        if (fd >= 0)
            close(fd);
        return;
    }
    close(fd);
    n = scandir(dir, &entries, is_shown, alphasort);
    for (int i = 0; i < n; i++) {
        if (++g->entries <= ENTRIES_MAX && !g->pictures)
            gather_entry(g, dir, prefix, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

size_t gather_texts(const char *dir, const char *prefix, const struct pattern *pattern,
                    cJSON *texts)
{
    cJSON *own = cJSON_CreateObject();
    struct gathering g = {.pattern = pattern, .texts = own};
    gather_folder(&g, dir, prefix, 0);
    while (own->child && !g.pictures) {
        char *name = mem_dup(own->child->string);
        cJSON *text = cJSON_DetachItemViaPointer(own, own->child);
        json_set(texts, name, text);
        free(name);
    }
    cJSON_Delete(own);
    return g.pictures ? 0 : g.found;
}
