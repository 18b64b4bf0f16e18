/* The ends of a returned file that is not placed: asked about in return/_which-shot, known already,
 * or refused; and what is written for people about returns. Nothing is ever deleted here but what
 * was answered. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/errand.h"
#include "engine/returns.h"
#include "manual/target.h"

#define THUMB     "like-this.jpg"
#define LOG_LINES 500
#define NAMES_MAX 10000

/* --- moving --- */

char *back_move(struct engine *en, const char *from, const char *dir, const char *name,
                struct err *e)
{
    char *stem = path_stem(name), *to = path_join(dir, name);
    const char *ext = path_ext(name);
    int rc = file_make_dirs(dir, e);
    (void)en;
    for (int i = 2; !rc && file_exists(to) && i < NAMES_MAX; i++) {
        free(to);
        to = *ext ? mem_printf("%s/%s (%d).%s", dir, stem, i, ext)
                  : mem_printf("%s/%s (%d)", dir, stem, i);
    }
    if (!rc)
        rc = file_move(from, to, e);
    free(stem);
    if (rc)
        mem_free(to);
    return to;
}

static void remember(struct engine *en, const struct back *b, const char *state, const char *why,
                     const cJSON *body)
{
    struct err e = {0};
    char *text = body ? json_compact(body) : NULL;
    struct return_row row = {.bytes = json_int(b->facts, "bytes", 0),
                             .at_s = en->now_s,
                             .name = b->shown,
                             .state = (char *)state,
                             .why = (char *)why,
                             .body = text};
    (void)str_format(row.sha256, sizeof(row.sha256), "%s", json_str(b->facts, "sha256", ""));
    if (store_begin(en->store, &e) || store_add_return(en->store, &row, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        engine_say(en, "error", "what became of %s cannot be stored: %s", b->shown, e.text);
    }
    free(text);
}

static void say(struct engine *en, const char *word, const struct back *b, const char *why)
{
    engine_say(en, word, "%s: %s", b->shown, why);
}

void back_known(struct engine *en, struct back *b, const char *state, const char *why)
{
    struct err e = {0};
    char *dir = path_join(en->places.returns, "_already");
    char *to = back_move(en, b->path, dir, path_base(b->path), &e);
    if (to) {
        remember(en, b, state, why, NULL);
        say(en, state, b, why);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(dir);
    back_settled(en, b);
}

void back_refuse(struct engine *en, struct back *b, const char *why)
{
    struct err e = {0};
    char *name = utf8_safe_name(path_base(b->path), 150, "file");
    char *dir = mem_printf("%s/_refused/%s", en->places.returns, name);
    if (!file_exists(b->path)) { /* a person took it away while it was looked at */
        free(dir);
        free(name);
        back_settled(en, b);
        return;
    }
    char *to = back_move(en, b->path, dir, path_base(b->path), &e);
    if (to) {
        char *path = path_join(dir, "WHY.txt");
        char *text =
            mem_printf("%s was not taken: %s.\n\nMend it and drop it into return/ again, or "
                       "delete this folder.\n",
                       b->shown, why);
        (void)file_write(path, text, strlen(text), false, NULL); /* RETURNS.txt says it too */
        remember(en, b, "refused", why, NULL);
        say(en, "refused", b, why);
        free(text);
        free(path);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(dir);
    free(name);
    back_settled(en, b);
}

/* --- which shot? --- */

static void thumb_done(struct engine *en, void *ctx, const struct response *response)
{
    const char *error;
    (void)ctx; /* a candidate without its thumbnail can still be chosen */
    if (!errand_ok(response, &error))
        log_line(LOG_WARN, "thumbnail", "why=%s", log_quote(error));
    (void)en;
}

static void want_thumb(struct engine *en, const char *picture, const char *folder)
{
    cJSON *line = errand_line("picture.fit");
    cJSON *params = cJSON_GetObjectItemCaseSensitive(line, "params");
    char *out = path_join(folder, THUMB);
    json_set_num(params, "width", 480);
    json_set_num(params, "height", 480);
    errand_in(line, "picture", picture);
    errand_out(line, "picture", out);
    errand_ask(en, line, thumb_done, NULL);
    free(out);
}

/* The pool's item of a match's entry ("p12"), or NULL. */
static const struct pool_item *item_of(const struct pool *p, const cJSON *near)
{
    const char *name = json_str(near, "name", "");
    int64_t at = -1;
    if (name[0] != 'p' || str_int(name + 1, 0, (int64_t)p->items_n - 1, &at))
        return NULL;
    return &p->items[at];
}

static void add_candidate(struct engine *en, const char *folder, const struct pool_unit *u,
                          const char *picture, int percent, cJSON *list, struct buf *page)
{
    const cJSON *one;
    bool twice = false, namesake = false;
    cJSON_ArrayForEach(one, list)
    {
        bool same = str_eq(json_str(one, "unit", ""), u->name);
        twice = twice || (same && json_int(one, "drop", 0) == u->drop_id);
        namesake = namesake || same;
    }
    char *full = namesake ? mem_printf("%s in %s", u->name, u->tree) : mem_dup(u->name);
    char *safe = utf8_safe_name(full, 100, "shot"), *dir = path_join(folder, safe);
    if (!twice && file_make_dirs(dir, NULL) == 0) {
        cJSON *entry = cJSON_CreateObject();
        json_set_str(entry, "unit", u->name);
        json_set_num(entry, "drop", (double)u->drop_id);
        json_set_str(entry, "folder", safe);
        cJSON_AddItemToArray(list, entry);
        if (percent >= 0)
            buf_printf(page, "  %s/   (%d %% of what can be compared is the same)\n", safe,
                       percent);
        else
            buf_printf(page, "  %s/\n", safe);
        if (picture)
            want_thumb(en, picture, dir);
    }
    free(dir);
    free(safe);
    free(full);
}

static const char *picture_of(const struct pool *p, int unit)
{
    for (size_t i = 0; i < p->items_n; i++)
        if (p->items[i].unit == unit)
            return p->items[i].path;
    return NULL;
}

/* The three nearest by likeness, what the name could mean, what is out. */
static cJSON *add_candidates(struct engine *en, const struct back *b, const char *folder,
                             struct buf *page)
{
    const struct pool *p = en->manual->pool;
    cJSON *list = cJSON_CreateArray();
    const cJSON *near;
    cJSON_ArrayForEach(near, json_get(b->match, "nearest"))
    {
        const struct pool_item *item = item_of(p, near);
        if (item)
            add_candidate(en, folder, &p->units[item->unit], item->path,
                          (int)(100 * json_num(near, "share", 0)), list, page);
    }
    for (size_t k = 0; k < 2 * p->units_n && cJSON_GetArraySize(list) < 6; k++) {
        size_t i = k % p->units_n;
        if (k < p->units_n ? back_names(b, p, (int)i) : p->units[i].open)
            add_candidate(en, folder, &p->units[i], picture_of(p, (int)i), -1, list, page);
    }
    return list;
}

void back_ask(struct engine *en, struct back *b, const char *why)
{
    struct buf page;
    struct err e = {0};
    char *name = utf8_safe_name(path_base(b->path), 150, "file");
    char *folder = mem_printf("%s/_which-shot/%s", en->places.returns, name);
    for (int i = 2; file_exists(folder) && i < NAMES_MAX; i++) {
        free(folder);
        folder = mem_printf("%s/_which-shot/%s (%d)", en->places.returns, name, i);
    }
    int rc = file_make_dirs(folder, &e);
    cJSON *body = cJSON_CreateObject();
    buf_init(&page, 65536);
    buf_printf(&page, "%s: %s.\n\nMove it into one of these folders, and it is placed there:\n\n",
               path_base(b->path), why);
    json_set_str(body, "folder", path_base(folder));
    json_set(body, "candidates", rc ? cJSON_CreateArray() : add_candidates(en, b, folder, &page));
    buf_text(&page,
             "\nOr name it after its shot (EP001_SH03.png) and drop it into return/ again.\n");
    char *choose = path_join(folder, "CHOOSE.txt");
    if (!rc)
        rc = file_write(choose, page.data, page.len, false, &e);
    char *to = rc ? NULL : back_move(en, b->path, folder, path_base(b->path), &e);
    if (to) {
        remember(en, b, "asked", why, body);
        say(en, "which shot", b, why);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(choose);
    cJSON_Delete(body);
    buf_finish(&page);
    free(folder);
    free(name);
    back_settled(en, b);
}

/* --- answers --- */

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

static void answer_dir(struct engine *en, const char *asked, const char *candidate,
                       const char *path)
{
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct return_row row = {0};
        char *unit = mem_dup(candidate);
        int64_t drop = 0;
        bool thumb = str_eq(entry->d_name, THUMB);
        char *file = path_join(path, entry->d_name);
        char *shown = mem_printf("return/_which-shot/%s/%s/%s", asked, candidate, entry->d_name);
        struct stat st;
        bool busy = false;
        for (size_t i = 0; i < en->manual->backs_n; i++)
            busy = busy || str_eq(en->manual->backs[i]->path, file);
        if (!thumb && !busy && entry->d_name[0] != '.' && !junk_name(entry->d_name) &&
            lstat(file, &st) == 0 && S_ISREG(st.st_mode)) {
            if (asked_in(en, asked, &row) == 0) {
                drop = candidate_drop(&row, candidate, &unit);
                (void)set_answered(en, &row); /* not stored: it is asked for again at worst */
            }
            struct back *b = back_new(en, file, shown);
            b->answer = mem_dup(unit);
            b->answer_drop = drop;
        }
        return_row_finish(&row);
        free(unit);
        free(file);
        free(shown);
    }
    if (dir)
        closedir(dir);
}

/* A folder whose file has gone, answered or taken away, goes too. */
static void sweep_asked(struct engine *en, const char *path)
{
    DIR *dir = opendir(path);
    bool left = false;
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char *below = path_join(path, entry->d_name);
        struct stat st;
        if (entry->d_name[0] != '.' && !str_eq(entry->d_name, "CHOOSE.txt") &&
            lstat(below, &st) == 0) {
            if (S_ISDIR(st.st_mode)) {
                DIR *inner = opendir(below);
                for (const struct dirent *one; inner && (one = readdir(inner));)
                    left = left || (one->d_name[0] != '.' && !str_eq(one->d_name, THUMB) &&
                                    !str_starts(one->d_name, ".") && !junk_name(one->d_name));
                if (inner)
                    closedir(inner);
            } else {
                left = left || !junk_name(entry->d_name);
            }
        }
        free(below);
    }
    if (dir)
        closedir(dir);
    if (!left && !errands_pending(en))
        (void)file_remove_tree(path, NULL); /* empty but for our own texts */
}

void answers_scan(struct engine *en)
{
    char *top = path_join(en->places.returns, "_which-shot");
    DIR *dir = opendir(top);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char *asked = path_join(top, entry->d_name);
        DIR *inner = opendir(asked);
        for (const struct dirent *one; inner && (one = readdir(inner));) {
            char *candidate = path_join(asked, one->d_name);
            struct stat st;
            if (one->d_name[0] != '.' && lstat(candidate, &st) == 0 && S_ISDIR(st.st_mode))
                answer_dir(en, entry->d_name, one->d_name, candidate);
            free(candidate);
        }
        if (inner)
            closedir(inner);
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

/* --- receipts and the log --- */

void receipt_ask_tag(struct engine *en, const struct return_row *row)
{
    char *path = mem_printf("%s/%s.slated.txt", en->places.returns, path_base(row->name));
    char *text =
        mem_printf("return %lld\n\n%s was placed as a new version of %s.\nWhat was wrong "
                   "with the one before? Move this receipt into\nreturn/composition, "
                   "return/artifacts, return/motion, return/safety_filter or "
                   "return/character,\nor say: slated tag %s TAG. Deleting it is harmless.\n",
                   (long long)row->id, path_base(row->name), row->unit, row->unit);
    (void)file_write(path, text, strlen(text), false, NULL); /* the tag stays unsaid */
    free(text);
    free(path);
}

void receipt_answer(struct engine *en, const char *path, const char *tag)
{
    char *text = NULL;
    size_t len = 0;
    struct return_row row = {0};
    struct unit u = {0};
    struct err e = {0};
    int64_t id = 0;
    if (file_read(path, 8192, &text, &len, NULL) == 0 && str_starts(text, "return ")) {
        text[strcspn(text, "\n")] = 0;
        if (str_int(text + 7, 1, INT64_MAX, &id) == 0 && store_return(en->store, id, &row) == 0 &&
            unit_of_drop(en, row.drop_id, row.unit, &u, &e) == 0 &&
            tag_unit(en, &u, tag, &e) == 0) {
            engine_say(en, "tagged", "%s: %s", row.unit, tag);
            unlink(path);
        }
    }
    unit_finish(&u);
    return_row_finish(&row);
    free(text);
}

void returns_log(struct engine *en)
{
    struct return_row *rows = NULL;
    struct buf page;
    size_t n = 0;
    char at[CLOCK_TEXT_LEN], *path = path_join(en->places.returns, "RETURNS.txt");
    buf_init(&page, 4 * 1024 * 1024);
    buf_text(&page, "What was given back, newest first.\n\n");
    if (store_returns(en->store, LOG_LINES, &rows, &n))
        n = 0;
    for (size_t i = 0; i < n; i++) {
        char *shown = utf8_show(rows[i].name);
        clock_iso(rows[i].at_s, at);
        buf_printf(&page, "%s  %-9s  %s", at, rows[i].state, shown);
        if (rows[i].unit && *rows[i].unit)
            buf_printf(&page, " -> %s (by %s)%s%s", rows[i].unit, rows[i].how ? rows[i].how : "",
                       rows[i].tag ? ", " : "", rows[i].tag ? rows[i].tag : "");
        if (rows[i].why && *rows[i].why)
            buf_printf(&page, ": %s", rows[i].why);
        buf_text(&page, "\n");
        free(shown);
        return_row_finish(&rows[i]);
    }
    free(rows);
    (void)file_write(path, page.data, page.len, false, NULL); /* written again with the next */
    buf_finish(&page);
    free(path);
}

/* --- what waits for a person --- */

typedef void add_need(void *ctx, int64_t since_s, char *what, char *why, char *cure);

static void need_asked(struct engine *en, add_need *add, void *ctx)
{
    struct return_row *rows = NULL;
    size_t n = 0;
    if (store_returns_in(en->store, "asked", &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        cJSON *body = cJSON_Parse(rows[i].body);
        char *folder =
            mem_printf("%s/_which-shot/%s", en->places.returns, json_str(body, "folder", "?"));
        if (file_exists(folder))
            add(ctx, rows[i].at_s, mem_printf("which shot? %s", path_base(rows[i].name)),
                mem_dup(rows[i].why),
                mem_printf("move it into one of the folders in return/_which-shot/%s/",
                           json_str(body, "folder", "?")));
        free(folder);
        cJSON_Delete(body);
        return_row_finish(&rows[i]);
    }
    free(rows);
}

static void need_refused(struct engine *en, add_need *add, void *ctx)
{
    char *path = path_join(en->places.returns, "_refused");
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            add(ctx, 0, mem_printf("not taken back: %s", entry->d_name),
                mem_printf("see return/_refused/%s/WHY.txt", entry->d_name),
                mem_dup("mend it and drop it into return/ again, or delete the folder"));
    if (dir)
        closedir(dir);
    free(path);
}

static void need_escalated(struct engine *en, add_need *add, void *ctx)
{
    struct escalation_row *rows = NULL;
    size_t n = 0;
    if (store_escalations(en->store, true, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        add(ctx, rows[i].at_s, mem_printf("needs a hand: %s", rows[i].unit),
            mem_printf("%s%s%s", rows[i].tag ? rows[i].tag : "escalated", rows[i].note ? ": " : "",
                       rows[i].note ? rows[i].note : ""),
            mem_printf("slated bundle %s, mend it, and drop it into return/", rows[i].unit));
        escalation_row_finish(&rows[i]);
    }
    free(rows);
}

/* What was made from a picture that has been replaced, and could be made again. */
static void need_redo(struct engine *en, add_need *add, void *ctx)
{
    struct return_row *rows = NULL;
    size_t n = 0;
    if (store_returns(en->store, 200, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        int hanging = 0;
        double price = 0;
        struct job_row job = {0};
        bool newer = false; /* the newest return of a picture stands for all */
        for (size_t k = 0; k < i; k++)
            newer = newer || (rows[k].job_id == rows[i].job_id && rows[k].at_s >= rows[i].at_s);
        if (!newer && str_eq(rows[i].state, "placed") && rows[i].job_id &&
            store_job(en->store, rows[i].job_id, &job) == 0)
            redo_older(en, rows[i].job_id, rows[i].at_s, &hanging, &price);
        if (hanging)
            add(ctx, rows[i].at_s,
                mem_printf("made from the old picture: %d of %s", hanging, rows[i].unit),
                mem_printf("%s was replaced by %s", rows[i].unit, path_base(rows[i].name)),
                mem_printf("slated redo %s makes them again (est %.2f)", rows[i].unit, price));
        job_row_finish(&job);
    }
    for (size_t i = 0; i < n; i++)
        return_row_finish(&rows[i]);
    free(rows);
}

void manual_needs(struct engine *en, add_need *add, void *ctx)
{
    need_escalated(en, add, ctx);
    need_asked(en, add, ctx);
    need_refused(en, add, ctx);
    need_redo(en, add, ctx);
}
