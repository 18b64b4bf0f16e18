/* Events and the engine's state come in, lines on stdout go out. On a terminal the last lines are a
 * picture of now, drawn again at most five times a second and only while something moves. */
/* SPDX-License-Identifier: ISC */
#include "cli/progress.h"
#include "cli/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/engine.h"
#include "store/store.h"

#define DRAW_EVERY_MS 200
#define DROPS_SHOWN   6
#define JOBS_SHOWN    4
#define BAR_CELLS     24

struct progress {
    bool live, quiet, changed;
    int drawn_lines; /* of the block that is on the screen */
    int64_t next_draw_ms;
};

struct progress *progress_create(bool live, bool quiet)
{
    struct progress *p = mem_alloc(sizeof(*p));
    p->live = live && !quiet;
    p->quiet = quiet;
    return p;
}

void progress_destroy(struct progress *p)
{
    free(p);
}

static void block_clear(struct progress *p)
{
    if (p->drawn_lines)
        printf("\r\033[%dA\033[J", p->drawn_lines);
    p->drawn_lines = 0;
}

void progress_start(struct progress *p, const char *root)
{
    if (p->quiet)
        return;
    if (p->live)
        printf("slated watches %s/inbox (ctrl-C ends it)\n", root);
    else
        log_line(LOG_INFO, "start", "root=%s version=%s", log_quote(root), SLATED_VERSION);
    fflush(stdout);
    p->changed = true;
}

static const char *mark(const char *word)
{
    if (str_eq(word, "done") || str_eq(word, "ended"))
        return "\033[32m✓\033[0m";
    if (str_eq(word, "failed") || str_eq(word, "refused") || str_eq(word, "error") ||
        str_eq(word, "stop"))
        return "\033[31m✗\033[0m";
    return "\033[2m→\033[0m";
}

static bool is_bad(const char *word)
{
    return str_eq(word, "failed") || str_eq(word, "refused") || str_eq(word, "error") ||
           str_eq(word, "stop");
}

void progress_line(void *ctx, const char *word, const char *sentence)
{
    struct progress *p = ctx;
    p->changed = true;
    if (p->live) {
        char at[CLOCK_TEXT_LEN], *shown = utf8_show(sentence);
        clock_local(clock_wall_s(), "%H:%M:%S", at);
        block_clear(p);
        printf("%s %s %s\n", at, mark(word), shown);
        fflush(stdout);
        free(shown);
    } else if (!p->quiet || is_bad(word)) {
        log_line(is_bad(word) ? LOG_WARN : LOG_INFO, word, "text=%s", log_quote(sentence));
    }
}

/* --- the block --- */

static int columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

/* A line cut at the terminal's width, counted in characters. */
static void block_line(struct progress *p, const char *text, int width)
{
    int seen = 0;
    const char *at = text;
    for (; *at && seen < width - 1; at++)
        if ((*at & 0xc0) != 0x80)
            seen++;
    while ((*at & 0xc0) == 0x80)
        at++;
    printf("%.*s\n", (int)(at - text), text);
    p->drawn_lines++;
}

static void bar(struct buf *out, int done, int total)
{
    int cells = total ? done * BAR_CELLS / total : 0;
    buf_text(out, "[");
    for (int i = 0; i < BAR_CELLS; i++)
        buf_text(out, i < cells ? "█" : "░");
    buf_printf(out, "] %3d%% (%d/%d)", total ? done * 100 / total : 0, done, total);
}

static void draw_drop(struct progress *p, struct store *store, const struct drop_row *drop,
                      int width)
{
    struct standing s;
    struct buf line;
    int rc = standing_read(store, drop, &s);
    buf_init(&line, 4096);
    bar(&line, s.sums.made + s.sums.kept, s.sums.total);
    if (*s.rest)
        buf_printf(&line, " %s", s.rest);
    if (s.sums.price > 0)
        buf_printf(&line, " %.2f of %.2f", s.sums.cost, s.sums.price);
    buf_printf(&line, " %s", drop->title);
    if (drop->paused)
        buf_printf(&line, " (%s)", s.word);
    if (!rc)
        block_line(p, line.data, width);
    buf_finish(&line);
    standing_finish(&s);
}

static void draw_drops(struct progress *p, struct engine *engine, int width)
{
    struct drop_row *drops = NULL;
    size_t n = 0;
    char more[60];
    if (store_drops(engine_store(engine), DROP_RUNNING, DROPS_SHOWN + 1, &drops, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (i < DROPS_SHOWN)
            draw_drop(p, engine_store(engine), &drops[i], width);
        drop_row_finish(&drops[i]);
    }
    if (n > DROPS_SHOWN) {
        str_format(more, sizeof(more), "  ... and more; slated status lists all");
        block_line(p, more, width);
    }
    free(drops);
}

static void draw_summary(struct progress *p, struct engine *engine, const struct engine_now *now,
                         int width)
{
    struct job_counts c;
    char line[300];
    if (store_count_jobs(engine_store(engine), 0, &c))
        return;
    int waiting = c.n[JOB_WAITING] + c.n[JOB_READY] + c.n[JOB_HELD];
    str_format(line, sizeof(line),
               "Running: %d | Done: %d | Failed: %d | Pending: %d | Spent: %.2f | Inbox: %d%s%s%s",
               now->running_n, c.n[JOB_DONE] + c.n[JOB_KEPT],
               c.n[JOB_FAILED] + c.n[JOB_SKIPPED] + c.n[JOB_NEEDS_PERSON], waiting, c.cost,
               now->entries, now->paused ? " | PAUSED" : "", now->missing ? " | INBOX MISSING" : "",
               str_eq(now->mode, "scan") ? " | scanning" : "");
    block_line(p, line, width);
}

static void draw(struct progress *p, struct engine *engine)
{
    struct engine_now now;
    int width = columns();
    engine_now(engine, &now);
    block_clear(p);
    draw_drops(p, engine, width);
    draw_summary(p, engine, &now, width);
    for (int i = 0; i < now.running_n && i < JOBS_SHOWN; i++) {
        char line[300], *said = utf8_label(now.said[i]);
        str_format(line, sizeof(line), "  → %s (attempt %d)%s%s", now.running[i]->title,
                   now.running[i]->attempts + 1, said ? " " : "", said ? said : "");
        block_line(p, line, width);
        free(said);
    }
    fflush(stdout);
    p->changed = now.running_n > 0;
}

int64_t progress_turn(void *ctx, struct engine *engine, int64_t now_ms)
{
    struct progress *p = ctx;
    if (!p->live || !p->changed)
        return INT64_MAX;
    if (now_ms >= p->next_draw_ms) {
        p->next_draw_ms = now_ms + DRAW_EVERY_MS;
        draw(p, engine);
    }
    return p->changed ? p->next_draw_ms : INT64_MAX;
}

void progress_end(struct progress *p, struct engine *engine)
{
    if (p->live) {
        draw(p, engine);
        puts("stopped; nothing is lost");
    } else if (!p->quiet) {
        log_line(LOG_INFO, "stop", "text=%s", log_quote("nothing is lost"));
    }
    fflush(stdout);
}
