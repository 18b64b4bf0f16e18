/* What waits for a person comes in, the page NEEDS-YOU.md goes out. */
/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"

static void shown_line(struct buf *out, const char *before, const char *text)
{
    char *shown = text ? utf8_show(text) : NULL;
    if (shown && *shown)
        buf_printf(out, "%s%s\n", before, shown);
    free(shown);
}

void needs_you(const struct need *needs, size_t n, size_t more, int64_t now_s, struct buf *out)
{
    char at[CLOCK_TEXT_LEN];
    clock_local(now_s, "%Y-%m-%d %H:%M", at);
    buf_printf(out, "# %zu thing%s wait%s for you (%s)\n\n", n + more, n + more == 1 ? "" : "s",
               n + more == 1 ? "s" : "", at);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "%zu. ", i + 1);
        shown_line(out, "", needs[i].what);
        if (needs[i].since_s) {
            clock_local(needs[i].since_s, "%Y-%m-%d %H:%M", at);
            shown_line(out, "   since ", at);
        }
        shown_line(out, "   ", needs[i].why);
        shown_line(out, "   Next: ", needs[i].cure);
        buf_text(out, "\n");
    }
    if (more)
        buf_printf(out, "And %zu more, listed when there are fewer of these.\n", more);
}
