/* What a person decides about a shot: dailies/{needs_review,approved,retake,manual} hold one entry
 * a shot, and moving it, tagging it or saying it is the verdict. The store says what was decided,
 * the folders are brought in line with it; hints say when to look. */
/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"
#include "engine/manual.h"
#include "engine/vision.h"
#include "watch/notice.h"
#include "watch/tags.h"

#define SETTLE_MS  300
#define DROPS_SEEN 8

static const char *const words[] = {"needs_review", "approved", "retake", "manual"};
#define WORDS_N 4

struct verdicts {
    struct notice *notice; /* NULL: no room for one; then commands and starts alone */
    int64_t look_at_ms;    /* 0: nothing to look at */
};

static char *folder_of(struct engine *en, const struct drop_row *drop, const char *word)
{
    return mem_printf("%s/%s/dailies/%s", en->places.out, drop->tree, word);
}

static bool has_dailies(const struct drop_row *drop)
{
    return drop->tree && *drop->tree && str_eq(drop->kind, "storyboard") &&
           (drop->state == DROP_RUNNING || drop->state == DROP_ENDED);
}

/* --- deciding --- */

/* A word of the table, "needs_review" for any other. */
static const char *word_of(const char *text)
{
    for (int i = 0; i < WORDS_N; i++)
        if (str_eq(words[i], text))
            return words[i];
    return words[0];
}

/* What was decided last, and where the entry was put. */
struct known {
    const char *verdict, *shown;
    int64_t at_s; /* 0: never */
};

static struct known stored(struct engine *en, int64_t drop_id, const char *unit)
{
    struct verdict_row row = {0};
    struct known k = {words[0], words[0], 0};
    if (store_verdict(en->store, drop_id, unit, &row) == 0)
        k = (struct known){word_of(row.verdict), word_of(row.shown), row.at_s};
    verdict_row_finish(&row);
    return k;
}

static int store_it(struct engine *en, const struct unit *u, const char *word, const char *shown,
                    const char *by, struct err *e)
{
    struct verdict_row row = {.drop_id = u->drop.id,
                              .at_s = en->now_s,
                              .unit = u->jobs[0].unit,
                              .verdict = (char *)word,
                              .by = (char *)by,
                              .shown = (char *)shown};
    struct fix_row fix = {.drop_id = u->drop.id,
                          .at_s = en->now_s,
                          .unit = u->jobs[0].unit,
                          .fix = (char *)"seed_retry",
                          .model = u->jobs[0].model};
    int rc = store_begin(en->store, e);
    if (rc)
        return rc;
    rc = store_set_verdict(en->store, &row, e);
    if (!rc && str_eq(word, "retake"))
        rc = store_add_fix(en->store, &fix, e);
    if (!rc)
        rc = store_add_event(en->store, u->drop.id, 0, en->now_s, "verdict", u->jobs[0].unit, e);
    if (!rc)
        return store_commit(en->store, e);
    store_rollback(en->store);
    return rc;
}

/* Stored first, then what follows from it. */
static int decide(struct engine *en, const struct unit *u, const char *word, const char *note,
                  const char *by, struct err *e)
{
    struct known was = stored(en, u->drop.id, u->jobs[0].unit);
    const char *shown = str_eq(by, "folder") ? word : was.shown;
    int n = 0, rc = store_it(en, u, word, shown, by, e);
    struct redo_wish again = {.note = note, .new_seed = true};
    struct escalate_wish hand = {.note = note, .by = by};
    if (!rc && str_eq(word, "retake"))
        rc = redo_unit(en, u, &again, &n, e);
    if (!rc && str_eq(word, "approved"))
        rc = vision_let_unit_pass(en, u, e);
    if (!rc && str_eq(word, "manual"))
        rc = escalate_unit(en, u, &hand, e);
    if (!rc)
        engine_say(en, "verdict", "%s: %s (by %s)", u->jobs[0].unit, word, by);
    desk_touch(en, u->drop.id);
    return rc;
}

int verb_verdict(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct unit u;
    const char *word = json_str(command, "verdict", "");
    memset(&u, 0, sizeof u);
    int rc = str_eq(word_of(word), word)
                 ? 0
                 : err_set(e, ERR_INPUT,
                           "there is no verdict %s; there are needs_review, approved, "
                           "retake and manual",
                           word);
    if (!rc)
        rc = unit_find(en, json_str(command, "unit", ""), json_str(command, "drop", NULL), &u, e);
    if (!rc)
        rc = decide(en, &u, word, json_str(command, "note", NULL), "command", e);
    if (!rc) {
        *ret_said = mem_printf("%s: %s", u.jobs[0].unit, word);
        verdicts_show(en, u.drop.id);
    }
    unit_finish(&u);
    return rc;
}

/* --- entries --- */

/* A tag of a file manager as a verdict, or NULL. */
static const char *tagged(const char *path)
{
    static const struct {
        const char *tag, *word;
    } table[] = {{"green", "approved"}, {"approved", "approved"}, {"red", "retake"},
                 {"retake", "retake"},  {"grey", "manual"},       {"gray", "manual"},
                 {"manual", "manual"}};
    char *tags = tags_read(path), *save = NULL;
    const char *word = NULL;
    for (char *one = tags ? strtok_r(tags, ",; ", &save) : NULL; one && !word;
         one = strtok_r(NULL, ",; ", &save))
        for (size_t i = 0; i < sizeof(table) / sizeof(*table) && !word; i++)
            if (str_eq_nocase(one, table[i].tag))
                word = table[i].word;
    free(tags);
    return word;
}

/* Where a unit's entry lies: the folder that is not the expected one goes first, because a person
 * put it there. */
static int lies_in(struct engine *en, const struct drop_row *drop, const char *unit,
                   const char *expected, char **ret_path)
{
    int at = -1;
    *ret_path = NULL;
    for (int i = 0; i < WORDS_N; i++) {
        char *dir = folder_of(en, drop, words[i]), *path = mem_printf("%s/%s.jpg", dir, unit);
        if (file_exists(path) && (at < 0 || str_eq(words[at], expected))) {
            free(*ret_path);
            *ret_path = mem_dup(path);
            at = i;
        }
        free(path);
        free(dir);
    }
    return at;
}

static void made_entry(struct engine *en, void *ctx, const struct response *response)
{
    const char *error;
    char *unit = ctx;
    if (!errand_ok(response, &error))
        log_line(LOG_WARN, "dailies", "unit=%s why=%s", log_quote(unit), log_quote(error));
    free(unit);
    (void)en;
}

static void make_entry(struct engine *en, const char *unit, const char *picture, const char *path)
{
    cJSON *line = errand_line("picture.fit");
    cJSON *params = cJSON_GetObjectItemCaseSensitive(line, "params");
    char *source = path_join(en->places.out, picture);
    json_set_num(params, "width", 540);
    json_set_num(params, "height", 540);
    errand_in(line, "picture", source);
    errand_out(line, "picture", path);
    errand_ask(en, line, made_entry, mem_dup(unit));
    free(source);
}

static bool older_than(const char *path, int64_t at_s)
{
    struct stat st;
    return lstat(path, &st) == 0 && st.st_mtime < at_s;
}

/* In the folder that the store says; other copies of it go. */
static void settle_entry(struct engine *en, const struct drop_row *drop, const char *unit,
                         const char *word, const struct unit_file *main)
{
    char *dir = folder_of(en, drop, word), *path = mem_printf("%s/%s.jpg", dir, unit);
    for (int i = 0; i < WORDS_N; i++) {
        char *other_dir = folder_of(en, drop, words[i]);
        char *other = mem_printf("%s/%s.jpg", other_dir, unit);
        if (!str_eq(words[i], word) && file_exists(other) &&
            (file_exists(path) ? unlink(other) : rename(other, path)))
            log_line(LOG_WARN, "dailies", "path=%s why=\"cannot be moved\"", log_quote(other));
        free(other);
        free(other_dir);
    }
    if (!file_exists(path) || older_than(path, main->asset.at_s))
        make_entry(en, unit, main->asset.path, path);
    free(path);
    free(dir);
}

/* --- looking --- */

/* Whether what was decided has been carried out, so that the shot wants to be looked at again. */
static bool carried_out(struct engine *en, const struct unit *u, const struct known *k,
                        const struct unit_file *main)
{
    struct escalation_row flag = {0};
    bool open = false;
    if (str_eq(k->verdict, "manual")) {
        open = store_escalation(en->store, u->drop.id, u->jobs[0].unit, &flag) == 0;
        escalation_row_finish(&flag);
        return !open;
    }
    for (size_t i = 0; i < u->jobs_n; i++)
        open = open || !job_state_ended(u->jobs[i].state);
    return str_eq(k->verdict, "retake") && !open && main->asset.at_s >= k->at_s;
}

/* What a person did to the entry, or NULL: it was moved, or tagged. */
/* A tag is used up: its entry is made anew, without it. */
static const char *wished(struct engine *en, const struct unit *u, const struct known *k,
                          const char **ret_by)
{
    char *path = NULL;
    int at = lies_in(en, &u->drop, u->jobs[0].unit, k->shown, &path);
    const char *tag = path ? tagged(path) : NULL, *wish = NULL;
    if (at >= 0 && !str_eq(words[at], k->shown) && !str_eq(words[at], k->verdict)) {
        wish = words[at];
        *ret_by = "folder";
    } else if (tag && !str_eq(tag, k->verdict)) {
        wish = tag;
        *ret_by = "tag";
    }
    if (tag && path)
        unlink(path); /* only our thumbnail; it cannot: the tag is read once more */
    free(path);
    return wish;
}

static void look_at_unit(struct engine *en, const struct unit *u)
{
    struct unit_file *files = NULL;
    struct err e = {0};
    size_t n = 0;
    const char *unit = u->jobs[0].unit, *by = NULL;
    struct known k = stored(en, u->drop.id, unit);
    unit_files(en, u, &files, &n);
    const struct unit_file *main = unit_main(files, n, false);
    if (main && main->made) {
        const char *wish = wished(en, u, &k, &by);
        if (wish && decide(en, u, wish, NULL, by, &e))
            engine_say(en, "error", "the verdict on %s: %s", unit, e.text);
        else if (!wish && k.at_s && carried_out(en, u, &k, main))
            (void)store_it(en, u, words[0], k.shown, "engine", &e); /* looked at again later */
        k = stored(en, u->drop.id, unit);
        settle_entry(en, &u->drop, unit, k.verdict, main);
        if (!str_eq(k.shown, k.verdict) && !store_begin(en->store, &e)) {
            struct verdict_row row = {.drop_id = u->drop.id,
                                      .at_s = k.at_s,
                                      .unit = (char *)unit,
                                      .verdict = (char *)k.verdict,
                                      .by = (char *)"folder",
                                      .shown = (char *)k.verdict};
            if (store_set_verdict(en->store, &row, &e) || store_commit(en->store, &e))
                store_rollback(en->store); /* it lies right; the next look says so again */
        }
    }
    unit_files_finish(files, n);
}

static void look_at_drop(struct engine *en, const struct drop_row *drop)
{
    struct job_row *jobs = NULL;
    size_t n = 0;
    if (!has_dailies(drop) || store_jobs(en->store, drop->id, &jobs, &n))
        return;
    for (int i = 0; i < WORDS_N; i++) {
        char *dir = folder_of(en, drop, words[i]);
        if (file_make_dirs(dir, NULL) == 0 && en->verdicts->notice)
            notice_add(en->verdicts->notice, dir);
        free(dir);
    }
    for (size_t i = 0; i < n; i++) {
        bool first = jobs[i].unit && !str_starts(jobs[i].unit, "episode.");
        for (size_t k = 0; k < i && first; k++)
            first = !str_eq(jobs[k].unit, jobs[i].unit);
        struct unit u;
        struct err e = {0};
        if (!first)
            continue;
        if (unit_of_drop(en, drop->id, jobs[i].unit, &u, &e) == 0)
            look_at_unit(en, &u);
        unit_finish(&u);
    }
    for (size_t i = 0; i < n; i++)
        job_row_finish(&jobs[i]);
    free(jobs);
}

void verdicts_show(struct engine *en, int64_t drop_id)
{
    struct drop_row drop = {0};
    if (en->verdicts && store_drop(en->store, drop_id, &drop) == 0)
        look_at_drop(en, &drop);
    drop_row_finish(&drop);
}

static void look_at_all(struct engine *en)
{
    struct drop_row *drops = NULL;
    size_t n = 0, seen = 0;
    if (store_drops(en->store, -1, 200, &drops, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (has_dailies(&drops[i]) && seen++ < DROPS_SEEN)
            look_at_drop(en, &drops[i]);
        drop_row_finish(&drops[i]);
    }
    free(drops);
}

static void wake(void *ctx, int fd, short revents)
{
    (void)ctx; /* the turn looks */
    (void)fd;
    (void)revents;
}

void verdicts_open(struct engine *en)
{
    en->verdicts = mem_alloc(sizeof(*en->verdicts));
    en->verdicts->notice = notice_open();
    en->verdicts->look_at_ms = en->now_ms;
    if (en->verdicts->notice)
        loop_set(en->loop, notice_fd(en->verdicts->notice), POLLIN, wake, en);
}

int64_t verdicts_turn(struct engine *en)
{
    struct verdicts *v = en->verdicts;
    if (en->fuse || en->stopping)
        return INT64_MAX;
    if (v->notice && notice_drain(v->notice))
        v->look_at_ms = en->now_ms + SETTLE_MS;
    if (!v->look_at_ms)
        return INT64_MAX;
    if (v->look_at_ms > en->now_ms)
        return v->look_at_ms;
    v->look_at_ms = 0;
    look_at_all(en);
    return INT64_MAX;
}

bool verdicts_pending(const struct engine *en)
{
    return en->verdicts->look_at_ms != 0;
}

void verdicts_close(struct engine *en)
{
    if (!en->verdicts)
        return;
    notice_close(en->verdicts->notice);
    free(en->verdicts);
    en->verdicts = NULL;
}
