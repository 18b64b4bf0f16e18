/* What is written for people about returns: the receipt that asks for a tag, RETURNS.txt, and the
 * entries of NEEDS-YOU.md. */
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
#include "engine/redo_offer.h"
#include "engine/returns.h"
#include "manual/target.h"

#define LOG_LINES 500

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
        clock_local(rows[i].at_s, "%Y-%m-%d %H:%M:%S", at);
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

/* The reason is the first line of its page: a person may have left nothing else there. */
static void add_refused(const char *top, const char *name, add_need *add, void *ctx)
{
    static const char mark[] = " was not taken: ";
    char *page = mem_printf("%s/%s/WHY.txt", top, name), *text = NULL;
    struct stat st = {0};
    size_t len = 0;
    if (file_read(page, 65536, &text, &len, NULL))
        text = mem_dup("");
    text[strcspn(text, "\n")] = 0;
    const char *why = strstr(text, mark);
    (void)lstat(page, &st); /* not there: since nobody knows when */
    add(ctx, (int64_t)st.st_mtime, mem_printf("not taken back: %s", name),
        why ? mem_dup(why + sizeof mark - 1) : mem_printf("see return/_refused/%s/", name),
        mem_dup(
            "mend it and drop it into return/ again, or delete its folder in return/_refused/"));
    free(text);
    free(page);
}

static void need_refused(struct engine *en, add_need *add, void *ctx)
{
    char *path = path_join(en->places.returns, "_refused");
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            add_refused(path, entry->d_name, add, ctx);
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

void manual_needs(struct engine *en, add_need *add, void *ctx)
{
    need_escalated(en, add, ctx);
    need_asked(en, add, ctx);
    need_refused(en, add, ctx);
    redo_needs(en, add, ctx);
}
