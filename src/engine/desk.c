/* Drops whose jobs have moved come in; their documents, receipts and reports are written again, and
 * NEEDS-YOU.md with them. Small drops are written after every picture; where writing takes long, it
 * is done less often, and always at the end. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assets/record.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/gate.h"
#include "engine/learned.h"
#include "engine/manual.h"
#include "engine/needs.h"
#include "engine/tell.h"
#include "engine/trial.h"
#include "report/report.h"
#include "store/manual.h"
#include "store/money.h"

#define PAGE_CAP (64 * 1024 * 1024)
#define WRITE_SHARE                                                                                \
    10                 /* the documents of all drops together may take one tenth of the time ...   \
                        */
#define QUICK_SHARE 50 /* ... and less, as long as each is written every so often */
#define QUICK_MS    1000

static struct desk_drop *desk_find(struct engine *en, int64_t drop_id)
{
    for (size_t i = 0; i < en->desk_n; i++)
        if (en->desk[i].id == drop_id)
            return &en->desk[i];
    en->desk = mem_grow(en->desk, en->desk_n + 1, sizeof(*en->desk));
    en->desk[en->desk_n] = (struct desk_drop){.id = drop_id};
    return &en->desk[en->desk_n++];
}

void desk_touch(struct engine *en, int64_t drop_id)
{
    desk_find(en, drop_id)->dirty = true;
    tell_touch(en, drop_id);
}

void desk_finish(struct engine *en)
{
    free(en->desk);
}

/* --- reading what a document may ask about --- */

struct sheet {
    struct drop_row drop;
    struct job_row *jobs;
    struct asset_row *assets;
    struct record_row *records;
    size_t jobs_n, assets_n, records_n;
};

/* What a person brought was made by no engine, whoever makes the next one. */
static int name_people(struct engine *en, struct sheet *s)
{
    int64_t *ids = NULL;
    size_t n = 0;
    int rc = store_jobs_by_hand(en->store, s->drop.id, &ids, &n);
    for (size_t i = 0; i < s->jobs_n && n; i++)
        for (size_t k = 0; k < n; k++)
            if (s->jobs[i].id == ids[k]) {
                free(s->jobs[i].engine);
                free(s->jobs[i].model);
                s->jobs[i].engine = mem_dup("manual");
                s->jobs[i].model = mem_dup("a person");
                s->jobs[i].preview = false;
            }
    free(ids);
    return rc;
}

static int sheet_read(struct engine *en, int64_t drop_id, struct sheet *s)
{
    memset(s, 0, sizeof(*s));
    int rc = store_drop(en->store, drop_id, &s->drop);
    if (!rc)
        rc = store_jobs(en->store, drop_id, &s->jobs, &s->jobs_n);
    if (!rc)
        rc = name_people(en, s);
    if (!rc)
        rc = store_assets_of_drop(en->store, drop_id, &s->assets, &s->assets_n);
    if (!rc)
        rc = store_records(en->store, drop_id, &s->records, &s->records_n);
    return rc;
}

static void sheet_finish(struct sheet *s)
{
    drop_row_finish(&s->drop);
    for (size_t i = 0; i < s->jobs_n; i++)
        job_row_finish(&s->jobs[i]);
    for (size_t i = 0; i < s->assets_n; i++)
        asset_row_finish(&s->assets[i]);
    for (size_t i = 0; i < s->records_n; i++)
        record_row_finish(&s->records[i]);
    free(s->jobs);
    free(s->assets);
    free(s->records);
}

/* --- writing --- */

static void write_page(struct engine *en, const char *path, const struct buf *page, bool durable)
{
    struct err e = {0};
    char *dir = path_dir(path);
    if (file_make_dirs(dir, &e) ||
        file_write(path, page->data ? page->data : "", page->len, durable, &e))
        engine_say(en, "error", "%s", e.text);
    free(dir);
}

/* Synced only when the drop is over: until then a power cut costs nothing, because a start writes
 * them all again. */
static void write_record(struct engine *en, const struct record_row *row,
                         const struct record_source *source, bool over)
{
    struct buf page;
    struct err e = {0};
    cJSON *body = cJSON_Parse(row->body);
    char *path = path_join(en->places.out, row->path);
    buf_init(&page, PAGE_CAP);
    if (!path_is_safe(row->path))
        engine_say(en, "error", "the document name %s would leave the output folder",
                   log_quote(row->path));
    else if (record_render(body, row->format, source, &page, &e))
        engine_say(en, "error", "%s cannot be written: %s", row->path, e.text);
    else
        write_page(en, path, &page, over);
    buf_finish(&page);
    cJSON_Delete(body);
    free(path);
}

static void write_receipt_bytes(struct engine *en, const char *entry, const struct buf *text)
{
    struct err e = {0};
    char *name = receipt_name(entry), *path = path_join(en->places.inbox, name);
    if (file_write(path, text->data ? text->data : "", text->len, false, &e))
        log_line(LOG_WARN, "receipt", "entry=%s why=%s", log_quote(entry), log_quote(e.text));
    free(name);
    free(path);
}

void desk_receipt(struct engine *en, const char *entry, const char *state, const char *text)
{
    struct buf page;
    buf_init(&page, 1024 * 1024);
    receipt_entry(entry, state, text, en->now_s, &page);
    write_receipt_bytes(en, entry, &page);
    buf_finish(&page);
}

void desk_forget_receipt(struct engine *en, const char *entry)
{
    char *name = receipt_name(entry), *path = path_join(en->places.inbox, name);
    unlink(path);
    free(name);
    free(path);
}

static void write_report(struct engine *en, const struct record_source *source, bool as_ended)
{
    struct buf page;
    char *path = mem_printf("%s/%s/report.html", en->places.taken, source->drop->name);
    buf_init(&page, PAGE_CAP);
    report_page(source, as_ended, &page);
    write_page(en, path, &page, as_ended);
    buf_finish(&page);
    free(path);
}

static void write_receipt(struct engine *en, const struct record_source *source, bool as_ended)
{
    struct buf page;
    if (str_eq(source->drop->kind, TRIAL_KIND))
        return; /* nothing was dropped */
    buf_init(&page, 1024 * 1024);
    receipt_drop(source, as_ended, &page);
    write_receipt_bytes(en, source->drop->entry, &page);
    buf_finish(&page);
}

/* The card that the plan of a drop waits for, while it asks. */
static bool plan_card(struct engine *en, int64_t drop_id, struct card_row *ret_card)
{
    char subject[24];
    str_format(subject, sizeof subject, "%lld", (long long)drop_id);
    return store_card(en->store, "plan", subject, ret_card) == 0 &&
           str_eq(ret_card->state, "asked");
}

/* The jobs that documents tell of: what is written about a shot is none of its files. The list is
 * owned, what is in it borrowed. */
static struct job_row *makers_of(const struct sheet *s, size_t *ret_n)
{
    struct job_row *list = mem_alloc((s->jobs_n + 1) * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < s->jobs_n; i++)
        if (!str_starts(s->jobs[i].key, WORDS_KEY))
            list[n++] = s->jobs[i];
    *ret_n = n;
    return list;
}

static int64_t rest_after(int64_t took_ms)
{
    int64_t quick_ms = took_ms * QUICK_SHARE, least_ms = took_ms * WRITE_SHARE;
    quick_ms = quick_ms < QUICK_MS ? quick_ms : QUICK_MS;
    return quick_ms > least_ms ? quick_ms : least_ms;
}

void desk_flush(struct engine *en, int64_t drop_id, bool at_end)
{
    struct sheet s;
    int64_t began = clock_mono_ms();
    desk_find(en, drop_id)->dirty = false;
    tell_touch(en, drop_id);
    if (sheet_read(en, drop_id, &s)) {
        sheet_finish(&s);
        return;
    }
    cJSON *hand = hand_of_drop(en, drop_id);
    cJSON *gates = gates_of_drop(en, drop_id, s.jobs, s.jobs_n);
    struct card_row card = {0};
    bool asks = s.drop.paused && plan_card(en, drop_id, &card);
    struct record_source source = {&s.drop,  s.jobs,     s.jobs_n,
                                   s.assets, s.assets_n, en->now_s,
                                   hand,     gates,      asks ? card.file : NULL};
    struct record_source of_plan = source;
    struct job_row *makers = makers_of(&s, &of_plan.jobs_n);
    of_plan.jobs = makers;
    bool over = at_end || s.drop.state == DROP_ENDED || s.drop.state == DROP_CANCELLED;
    for (size_t i = 0; i < s.records_n; i++)
        if (over || !s.records[i].at_end)
            write_record(en, &s.records[i], &of_plan, over);
    write_receipt(en, &source, over);
    if (over) {
        learned_write(en, &s.drop);
        write_report(en, &source, true);
    }
    en->needs_you_dirty = en->needs_you_dirty || over;
    cJSON_Delete(hand);
    cJSON_Delete(gates);
    card_row_finish(&card);
    free(makers);
    sheet_finish(&s);
    verdicts_show(en, drop_id);
    desk_find(en, drop_id)->not_before_ms = en->desk_rest_ms =
        en->now_ms + rest_after(clock_mono_ms() - began);
}

/* --- now and then --- */

static void write_needs_you(struct engine *en)
{
    struct buf page;
    char *path = path_join(en->places.root, "NEEDS-YOU.md");
    buf_init(&page, 4 * 1024 * 1024);
    needs_collect(en, &page);
    if (page.len)
        write_page(en, path, &page, false);
    else
        unlink(path);
    en->needs_you_dirty = false;
    tell_waiting(en);
    buf_finish(&page);
    free(path);
}

/* Written now and then: a list of thousands that wait costs as much each time. */
static int64_t needs_you_turn(struct engine *en)
{
    if (!en->needs_you_dirty)
        return INT64_MAX;
    if (en->needs_rest_ms <= en->now_ms) {
        int64_t began = clock_mono_ms();
        write_needs_you(en);
        en->needs_rest_ms = en->now_ms + (clock_mono_ms() - began) * WRITE_SHARE;
    }
    return en->needs_you_dirty ? en->needs_rest_ms : INT64_MAX;
}

/* The drop whose documents are to be written next, and when; NULL: none lags behind. What was not
 * written lately goes at once: a receipt is due within two seconds of its drop. */
static struct desk_drop *desk_next(struct engine *en, int64_t *ret_at_ms)
{
    struct desk_drop *next = NULL;
    for (size_t i = 0; i < en->desk_n; i++)
        if (en->desk[i].dirty && (!next || en->desk[i].not_before_ms < next->not_before_ms))
            next = &en->desk[i];
    int64_t at_ms = next ? next->not_before_ms : INT64_MAX;
    *ret_at_ms = at_ms && at_ms < en->desk_rest_ms ? en->desk_rest_ms : at_ms;
    return next;
}

bool desk_lags(const struct engine *en)
{
    for (size_t i = 0; i < en->desk_n; i++)
        if (en->desk[i].dirty)
            return true;
    return en->needs_you_dirty;
}

static void desk_forget_written(struct engine *en)
{
    size_t kept = 0;
    for (size_t i = 0; i < en->desk_n; i++)
        if (en->desk[i].dirty || en->desk[i].not_before_ms > en->now_ms)
            en->desk[kept++] = en->desk[i];
    en->desk_n = kept;
}

int64_t desk_turn(struct engine *en)
{
    int64_t next;
    struct desk_drop *d = desk_next(en, &next);
    if (d && next <= en->now_ms) { /* one a turn, so that what is dropped meanwhile is taken */
        desk_flush(en, d->id, false);
        (void)desk_next(en, &next);
    }
    desk_forget_written(en);
    int64_t needs_at_ms = needs_you_turn(en);
    return needs_at_ms < next ? needs_at_ms : next;
}
