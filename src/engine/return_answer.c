/* return/_which-shot is looked through; a file that was moved into a shot's folder is that shot's.
 * Deletes nothing but what it laid out itself and was answered. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/returns.h"

/* The row that asked in a folder, or ERR_MISSING. */
static int asked_in(struct engine *en, const char *folder, struct return_row *ret_row)
{
    struct return_row *rows = NULL;
    size_t n = 0;
    int rc = ERR_MISSING;
    if (store_returns_in(en->store, "asked", &rows, &n))
        return ERR_MISSING;
    for (size_t i = n; i-- > 0;) {
        cJSON *body = cJSON_Parse(rows[i].body);
        if (rc && str_eq(json_str(body, "folder", ""), folder)) {
            *ret_row = rows[i];
            memset(&rows[i], 0, sizeof(rows[i]));
            rc = 0;
        }
        cJSON_Delete(body);
        return_row_finish(&rows[i]);
    }
    free(rows);
    return rc;
}

static int64_t candidate_drop(const struct return_row *row, const char *folder, char **ret_unit)
{
    cJSON *body = cJSON_Parse(row->body);
    const cJSON *one;
    int64_t drop = 0;
    cJSON_ArrayForEach(one, json_get(body, "candidates"))
    {
        if (str_eq(json_str(one, "folder", ""), folder)) {
            drop = json_int(one, "drop", 0);
            free(*ret_unit);
            *ret_unit = mem_dup(json_str(one, "unit", ""));
        }
    }
    cJSON_Delete(body);
    return drop;
}

static int set_answered(struct engine *en, struct return_row *row)
{
    struct err e = {0};
    free(row->state);
    row->state = mem_dup("answered");
    int rc = store_begin(en->store, &e);
    if (!rc)
        rc = store_set_return(en->store, row, &e);
    return rc ? rc : store_commit(en->store, &e);
}

static bool looked_at(const struct engine *en, const char *path)
{
    for (size_t i = 0; i < en->manual->backs_n; i++)
        if (str_eq(en->manual->backs[i]->path, path))
            return true;
    return false;
}

static bool is_file(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Not ours, and not a file manager's. */
static bool of_a_person(const char *name)
{
    return name[0] != '.' && !str_eq(name, RETURN_THUMB) && !str_eq(name, "CHOOSE.txt") &&
           !junk_name(name);
}

static void answer(struct engine *en, const char *asked, const char *candidate, const char *file)
{
    struct return_row row = {0};
    char *unit = mem_dup(candidate);
    char *shown = mem_printf("return/_which-shot/%s/%s/%s", asked, candidate, path_base(file));
    int64_t drop = 0;
    if (asked_in(en, asked, &row) == 0) {
        drop = candidate_drop(&row, candidate, &unit);
        (void)set_answered(en, &row); /* not stored: it is asked for again at worst */
    }
    struct back *b = back_new(en, file, shown);
    b->answer = unit;
    b->answer_drop = drop;
    return_row_finish(&row);
    free(shown);
}

static void answer_dir(struct engine *en, const char *asked, const char *candidate,
                       const char *path)
{
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char *file = path_join(path, entry->d_name);
        if (of_a_person(entry->d_name) && is_file(file) && !looked_at(en, file))
            answer(en, asked, candidate, file);
        free(file);
    }
    if (dir)
        closedir(dir);
}

static bool holds_file(const char *path)
{
    DIR *dir = opendir(path);
    bool holds = false;
    for (const struct dirent *entry; dir && !holds && (entry = readdir(dir));)
        holds = of_a_person(entry->d_name);
    if (dir)
        closedir(dir);
    return holds;
}

/* A folder whose file has gone, answered or taken away, goes too. */
static void sweep_asked(struct engine *en, const char *path)
{
    DIR *dir = opendir(path);
    bool left = false;
    for (const struct dirent *entry; dir && !left && (entry = readdir(dir));) {
        char *below = path_join(path, entry->d_name);
        if (of_a_person(entry->d_name))
            left = !is_folder(below) || holds_file(below);
        free(below);
    }
    if (dir)
        closedir(dir);
    if (!left && !errands_pending(en))
        (void)file_remove_tree(path, NULL); /* empty but for our own texts */
}

static void answer_asked(struct engine *en, const char *name, const char *path)
{
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char *candidate = path_join(path, entry->d_name);
        if (entry->d_name[0] != '.' && is_folder(candidate))
            answer_dir(en, name, entry->d_name, candidate);
        free(candidate);
    }
    if (dir)
        closedir(dir);
}

void answers_scan(struct engine *en)
{
    char *top = path_join(en->places.returns, "_which-shot");
    DIR *dir = opendir(top);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char *asked = path_join(top, entry->d_name);
        answer_asked(en, entry->d_name, asked);
        if (en->manual->backs_n == 0)
            sweep_asked(en, asked);
        free(asked);
    }
    if (dir)
        closedir(dir);
    (void)rmdir(top); /* not empty: stays */
    free(top);
    en->needs_you_dirty = true;
}
