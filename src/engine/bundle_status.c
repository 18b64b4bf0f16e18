/* The rows of bundles come in; manual_export/STATUS.md goes out: what is out, what is late, what is
 * back. Changes no row. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/manual.h"

static void status_lines(struct engine *en, struct buf *page, bool out)
{
    struct bundle_row *rows = NULL;
    size_t n = 0;
    char at[CLOCK_TEXT_LEN];
    double days = rules_policy_num(en->rules, "/manual/overdue_days");
    if (store_bundles(en->store, false, &rows, &n))
        return;
    for (size_t i = 0; i < n; i++) {
        bool late = out && (double)(en->now_s - rows[i].at_s) > days * 86400;
        clock_iso(rows[i].back_s ? rows[i].back_s : rows[i].at_s, at);
        bool there = !str_starts(rows[i].body, "{\"wish\""); /* else it is only on its way */
        if (there && out == (rows[i].back_s == 0))
            buf_printf(page, "- %s%s, %s %s\n", rows[i].name, late ? " (overdue)" : "",
                       out ? "out since" : "back", at);
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
    status_lines(en, &page, true);
    buf_text(&page, "\n## Back\n\n");
    status_lines(en, &page, false);
    (void)file_write(path, page.data, page.len, false,
                     NULL); /* written again with the next change */
    buf_finish(&page);
    free(path);
}
