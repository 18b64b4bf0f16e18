/* The rows of bundles come in; manual_export/STATUS.md goes out: what is out, what is late, what is
 * back. Changes no row. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/manual.h"

/* Out for longer than the policy likes. */
static bool is_late(const struct engine *en, const struct bundle_row *row)
{
    double days = rules_policy_num(en->rules, "/manual/overdue_days");
    return row->back_s == 0 && (double)(en->now_s - row->at_s) > days * 86400;
}

/* Written, and not only wished. */
static bool is_there(const struct bundle_row *row)
{
    return !str_starts(row->body, "{\"wish\"");
}

static void add_line(struct engine *en, const struct bundle_row *row, bool out, void *ctx)
{
    struct buf *page = ctx;
    char at[CLOCK_TEXT_LEN];
    clock_local(row->back_s ? row->back_s : row->at_s, "%Y-%m-%d %H:%M", at);
    buf_printf(page, "- %s%s, %s %s\n", row->name, is_late(en, row) ? " (overdue)" : "",
               out ? "out since" : "back", at);
}

static void each(struct engine *en, bool out,
                 void (*tell)(struct engine *en, const struct bundle_row *row, bool out, void *ctx),
                 void *ctx)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    if (store_bundles(en->store, false, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        if (is_there(&rows[i]) && out == (rows[i].back_s == 0))
            tell(en, &rows[i], out, ctx);
        bundle_row_finish(&rows[i]);
    }
    free(rows);
}

void bundles_status(struct engine *en)
{
    struct buf page;
    char *path = path_join(en->places.bundles, "STATUS.md");
    buf_init(&page, 4 * 1024 * 1024);
    buf_text(&page, "# Bundles for handwork\n\n## Out\n\n");
    each(en, true, add_line, &page);
    buf_text(&page, "\n## Back\n\n");
    each(en, false, add_line, &page);
    (void)file_write(path, page.data, page.len, false,
                     NULL); /* written again with the next change */
    buf_finish(&page);
    free(path);
}

void bundles_grow_old(struct engine *en)
{
    char *path = path_join(en->places.bundles, "STATUS.md");
    if (file_exists(path)) {
        bundles_status(en);
        en->needs_you_dirty = true;
    }
    free(path);
}

struct needing {
    void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure);
    void *ctx;
};

static void add_need(struct engine *en, const struct bundle_row *row, bool out, void *ctx)
{
    struct needing *n = ctx;
    if (out && is_late(en, row))
        n->add(n->ctx, row->at_s, mem_printf("overdue: %s", row->unit),
               mem_printf("manual_export/%s went out %lld days ago and nothing came back",
                          row->name, (long long)((en->now_s - row->at_s) / 86400)),
               mem_dup("put the result into its return/, or into return/"));
}

void bundles_needs(struct engine *en,
                   void (*add)(void *ctx, int64_t since_s, char *what, char *why, char *cure),
                   void *ctx)
{
    struct needing n = {add, ctx};
    each(en, true, add_need, &n);
}
