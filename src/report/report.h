/* What a person reads about a drop: the receipt beside it in the inbox, the report in taken/, and
 * the list of everything that waits for a person. Rows come in, text goes out; nothing is written
 * to a disk here, nothing is asked of the store. */
/* SPDX-License-Identifier: ISC */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "store/rows.h"
#include "assets/record.h"

/* "<name>.slated.txt", shortened with a digest when the name is too long for a file. Owned by the
 * caller. */
char *receipt_name(const char *entry);

/* The receipt of an entry that is no drop yet: state is a word ("arriving", "waiting", "refused",
 * "left alone"), text the sentences. */
void receipt_entry(const char *entry, const char *state, const char *text, int64_t now_s,
                   struct buf *out);

/* The receipt of a drop: state (planned, running 12/45, done, done with failures, cancelled,
 * paused), what was kept, what failed and why with the command that retries it, price, where the
 * tree and the report lie. as_ended: written as the drop is about to end. */
void receipt_drop(const struct record_source *source, bool as_ended, struct buf *out);

/* report.html: one self-contained page without a server: sums, pictures as links to
 * ../../out/<path> (relative to taken/<drop-id>/), states, prices, times, what failed and why,
 * notes, previews marked. Everything escaped. */
void report_page(const struct record_source *source, bool as_ended, struct buf *out);

/* NEEDS-YOU.md: what waits, in the caller's order; more is how many wait beside them. */
struct need {
    int64_t since_s;
    char *what; /* "refused: bad.json" */
    char *why;
    char *cure; /* next step */
};
void needs_you(const struct need *needs, size_t n, size_t more, int64_t now_s, struct buf *out);

#endif
