/* return/ and the bundles' own return/ folders come in as hints and scans; files that lie at rest
 * go on to return_file.c, one after the other, and folders that are empty then go. Reads no picture
 * itself. */
/* SPDX-License-Identifier: ISC */
#include "engine/returns.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "manual/target.h"

#define DEPTH_MAX   8
#define FILES_MAX   10000
#define BEGIN_MAX   8 /* files looked at together: their prints wait for workers anyway */
#define POOL_OLD_MS 20000

/* --- the list --- */

struct back *back_new(struct engine *en, const char *path, const char *shown)
{
    struct manual *m = en->manual;
    struct back *b = mem_alloc(sizeof(*b));
    b->path = mem_dup(path);
    b->shown = mem_dup(shown);
    m->backs = mem_grow(m->backs, m->backs_n + 1, sizeof(*m->backs));
    m->backs[m->backs_n++] = b;
    return b;
}

void back_add(struct engine *en, const char *path, const char *shown, const char *tag,
              const char *bundle, struct back_group *group)
{
    for (size_t i = 0; i < en->manual->backs_n; i++)
        if (str_eq(en->manual->backs[i]->path, path))
            return;
    struct back *b = back_new(en, path, shown);
    b->tag = mem_dup(tag);
    b->bundle = mem_dup(bundle);
    b->group = group;
    if (group)
        group->files++;
}

static void back_free(struct back *b)
{
    free(b->path);
    free(b->shown);
    free(b->tag);
    free(b->bundle);
    free(b->answer);
    free(b->print);
    free(b->staged);
    cJSON_Delete(b->facts);
    cJSON_Delete(b->match);
    unit_files_finish(b->files, b->files_n);
    unit_finish(&b->unit);
    free(b);
}

/* A file that still lies where it was unpacked could be put nowhere: its zip is all that keeps it.
 */
static void group_settled(struct engine *en, struct back_group *g, const char *path)
{
    if (!str_eq(path, g->zip) && file_exists(path))
        g->keep = true;
    if (--g->files > 0)
        return;
    if (g->keep)
        engine_say(en, "error", "%s stays in return/: not every file of it could be put away",
                   g->shown);
    else if (unlink(g->zip))
        engine_say(en, "error", "%s cannot be removed after its files were placed", g->shown);
    (void)file_remove_tree(g->staged, NULL); /* swept at the next start */
    free(g->zip);
    free(g->shown);
    free(g->staged);
    free(g);
}

void back_settled(struct engine *en, struct back *b)
{
    struct manual *m = en->manual;
    for (size_t i = 0; i < m->backs_n; i++)
        if (m->backs[i] == b) {
            memmove(m->backs + i, m->backs + i + 1, (m->backs_n - i - 1) * sizeof(*m->backs));
            m->backs_n--;
            break;
        }
    if (b->print)
        unlink(b->print);
    if (b->group)
        group_settled(en, b->group, b->path);
    back_free(b);
    m->log_dirty = m->again = true;
    en->needs_you_dirty = true;
}

/* --- scanning --- */

static bool is_tag(const char *name)
{
    for (int i = 0; manual_tags[i]; i++)
        if (str_eq(manual_tags[i], name))
            return true;
    return false;
}

static bool is_receipt(const char *name)
{
    return str_ends(name, ".slated.txt");
}

static bool is_ours(const char *name)
{
    return name[0] == '.' || name[0] == '_' || str_eq(name, "RETURNS.txt") ||
           (junk_name(name) && !is_receipt(name));
}

struct walk {
    const char *tag, *bundle;
    struct back_group *group;
    int left;
    bool later; /* something in it may still grow */
};

#define LOOK_AGAIN_MS 2000

/* An empty file may be a placeholder whose bytes are still on their way. */
static bool may_grow(const struct engine *en, const char *path)
{
    struct stat st;
    double wait_s = rules_policy_num(en->rules, "/intake/wait_empty_s");
    return lstat(path, &st) == 0 && st.st_size == 0 &&
           (double)(en->now_s - (int64_t)st.st_mtime) < wait_s;
}

static void walk_file(struct engine *en, struct walk *w, const char *path, const char *shown)
{
    if (is_receipt(path)) {
        if (w->tag)
            receipt_answer(en, path, w->tag);
    } else if (may_grow(en, path)) {
        w->later = true;
    } else if (w->left-- > 0) {
        back_add(en, path, shown, w->tag, w->bundle, w->group);
    }
}

/* Regular files below a folder, links never followed. */
static void walk_dir(struct engine *en, struct walk *w, const char *path, const char *shown,
                     int depth)
{
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && depth < DEPTH_MAX && (entry = readdir(dir));) {
        struct stat st;
        char *below = path_join(path, entry->d_name), *name = path_join(shown, entry->d_name);
        if (!is_ours(entry->d_name) && lstat(below, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                walk_dir(en, w, below, name, depth + 1);
            else if (S_ISREG(st.st_mode))
                walk_file(en, w, below, name);
        }
        free(below);
        free(name);
    }
    if (dir)
        closedir(dir);
}

/* Offered again when it changes; and after a while when something in it may still grow. */
static enum watch_answer walked(const struct engine *en, const struct walk *w,
                                int64_t *ret_again_ms)
{
    if (!w->later)
        return WATCH_IGNORE;
    *ret_again_ms = en->now_ms + LOOK_AGAIN_MS;
    return WATCH_WAIT;
}

static enum watch_answer offer_return(void *ctx, const struct watch_ready *ready,
                                      int64_t *ret_again_ms)
{
    struct engine *en = ctx;
    if (en->fuse || en->stopping) {
        *ret_again_ms = en->now_ms + 5000;
        return WATCH_WAIT;
    }
    char *path = path_join(en->places.returns, ready->name);
    char *shown = path_join("return", ready->name);
    struct walk w = {.left = FILES_MAX};
    if (str_eq(ready->name, "_which-shot")) {
        answers_scan(en);
    } else if (ready->folder) {
        w.tag = is_tag(ready->name) ? ready->name : NULL;
        walk_dir(en, &w, path, shown, 0);
    } else if (ready->regular && !is_receipt(ready->name)) {
        walk_file(en, &w, path, shown);
    }
    free(path);
    free(shown);
    return walked(en, &w, ret_again_ms);
}

static enum watch_answer offer_bundle(void *ctx, const struct watch_ready *ready,
                                      int64_t *ret_again_ms)
{
    struct engine *en = ctx;
    struct walk w = {.bundle = ready->name, .left = FILES_MAX};
    if (en->fuse || en->stopping) {
        *ret_again_ms = en->now_ms + 5000;
        return WATCH_WAIT;
    }
    if (ready->folder) {
        char *path = mem_printf("%s/%s/return", en->places.bundles, ready->name);
        char *shown = mem_printf("manual_export/%s/return", ready->name);
        walk_dir(en, &w, path, shown, 0);
        free(path);
        free(shown);
    }
    return walked(en, &w, ret_again_ms);
}

static bool not_a_return(const char *name)
{
    return (name[0] == '_' && !str_eq(name, "_which-shot")) || name[0] == '.' ||
           str_eq(name, "RETURNS.txt") || (junk_name(name) && !is_receipt(name));
}

static bool not_a_bundle(const char *name)
{
    return name[0] == '.' || str_eq(name, "STATUS.md") || str_ends(name, ".zip") || junk_name(name);
}

/* --- opening and closing --- */

static void nothing_arriving(void *ctx, const char *name, int64_t bytes, int files)
{
    (void)ctx; /* receipts are for what is settled */
    (void)name;
    (void)bytes;
    (void)files;
}

static void nothing_gone(void *ctx, const char *name)
{
    (void)ctx; /* what is looked at notices by itself */
    (void)name;
}

static void told(void *ctx, const char *code, const char *sentence)
{
    engine_say(ctx, "watch", "%s: %s", code, sentence);
}

static int open_one(struct engine *en, const char *dir, bool (*is_junk)(const char *name),
                    enum watch_answer (*offer)(void *ctx, const struct watch_ready *ready,
                                               int64_t *ret_again_ms),
                    struct watch **watch, struct err *e)
{
    struct watch_config config = {
        .dir = dir,
        .is_junk = is_junk,
        .arriving = nothing_arriving,
        .gone = nothing_gone,
        .offer = offer,
        .told = told,
    };
    return engine_watch(en, &config, watch, e);
}

int manual_watch(struct engine *en, struct err *e)
{
    struct manual *m = en->manual;
    int rc = open_one(en, en->places.returns, not_a_return, offer_return, &m->returns, e);
    return rc ? rc : open_one(en, en->places.bundles, not_a_bundle, offer_bundle, &m->bundles, e);
}

int manual_open(struct engine *en, struct err *e)
{
    en->manual = mem_alloc(sizeof(*en->manual));
    for (int i = 0; manual_tags[i]; i++) {
        char *dir = path_join(en->places.returns, manual_tags[i]);
        (void)mkdir(dir, 0755); /* there already: fine; cannot: dropping there is not offered */
        free(dir);
    }
    return manual_watch(en, e);
}

void manual_close(struct engine *en)
{
    struct manual *m = en->manual;
    if (!m)
        return;
    watch_close(m->returns);
    watch_close(m->bundles);
    for (size_t i = 0; i < m->backs_n; i++)
        back_free(m->backs[i]);
    free(m->backs);
    pool_free(m->pool);
    free(m);
    en->manual = NULL;
}

/* --- turning --- */

/* A folder that a person dropped, once nothing is in it any more; our own stay. */
static void remove_empty(const char *path, int depth)
{
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && depth < DEPTH_MAX && (entry = readdir(dir));) {
        char *below = path_join(path, entry->d_name);
        struct stat st;
        if (entry->d_name[0] != '.' && lstat(below, &st) == 0 && S_ISDIR(st.st_mode))
            remove_empty(below, depth + 1);
        else if (junk_name(entry->d_name) && entry->d_name[0] != '.')
            unlink(below);
        free(below);
    }
    if (dir)
        closedir(dir);
    if (depth > 0)
        (void)rmdir(path); /* not empty: stays */
}

static void remove_empty_folders(struct engine *en)
{
    DIR *dir = opendir(en->places.returns);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char *path = path_join(en->places.returns, entry->d_name);
        struct stat st;
        if (!is_ours(entry->d_name) && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            remove_empty(path, is_tag(entry->d_name) ? 0 : 1);
        free(path);
    }
    if (dir)
        closedir(dir);
}

static void begin_some(struct engine *en)
{
    struct manual *m = en->manual;
    int busy = 0;
    for (size_t i = 0; i < m->backs_n; i++)
        busy += m->backs[i]->print != NULL;
    for (size_t i = 0; i < m->backs_n && busy < BEGIN_MAX; i++)
        if (!m->backs[i]->print) {
            struct back *b = m->backs[i];
            b->print =
                mem_printf("%s/return-%lld.print", en->places.work, (long long)++m->next_staged);
            back_begin(en, b);
            busy++;
            if (i >= m->backs_n || m->backs[i] != b)
                i--; /* it was settled at once */
        }
}

int64_t manual_turn(struct engine *en)
{
    struct manual *m = en->manual;
    int64_t next = en->stopping ? INT64_MAX : watch_turn(m->returns, en->now_ms);
    int64_t more = en->stopping ? INT64_MAX : watch_turn(m->bundles, en->now_ms);
    if (!en->stopping && !en->low_disk)
        begin_some(en);
    if (m->backs_n == 0 && m->pool) {
        pool_free(m->pool);
        m->pool = NULL;
    }
    if (m->log_dirty && m->backs_n == 0) {
        returns_log(en);
        m->log_dirty = false;
    }
    if (m->again && !manual_busy(en)) {
        m->again = false;
        remove_empty_folders(en);
        answers_scan(en);
    }
    return next < more ? next : more;
}

bool manual_busy(const struct engine *en)
{
    return errands_pending(en) || en->manual->backs_n > 0;
}

bool manual_pending(const struct engine *en)
{
    struct watch_facts a, b;
    watch_facts(en->manual->returns, &a);
    watch_facts(en->manual->bundles, &b);
    return manual_busy(en) || a.moving || b.moving;
}
