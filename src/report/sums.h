/* The few numbers that say how a drop stands, and the words for them: receipt, report, status and
 * the live display all say the same.
 *
 *   drop   taking, running       "planned", "running 12/45"; its card asks: "needs your go"; held
 *                                back by a person: "paused at 12/45"
 *          ended                 "done", with what is missing of it: "done, 2 failed, 1 by hand"
 *          cancelled             "cancelled at 12/45"
 *   job    waiting ready running, made: "filing", done, kept: "unchanged", failed, skipped: "left
 *          out", cancelled, needs_person: "by hand", held: until an instant "tries again", else
 *          "asks you" */
/* SPDX-License-Identifier: ISC */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include "assets/record.h"

struct sums {
    int total, made, kept, running, asking, failed, by_hand, skipped, cancelled, previews;
    double cost, price, seconds; /* spent; estimated; of work */
};

/* Adds up the jobs of a drop. */
void sums_make(const struct job_row *jobs, size_t jobs_n, struct sums *ret_sums);

/* The state without numbers: "planned", "running", "needs your go", "paused", "done", "cancelled".
 * asked: its plan's card waits for an answer. */
const char *sums_word(const struct drop_row *drop, const struct sums *sums, bool as_ended,
                      bool asked);

/* What is not as it should be: "2 failed, 1 by hand, 3 left out, 1 asks you"; "" when nothing. */
void sums_rest(const struct sums *sums, char *out, size_t out_len);

/* The word, how far it has come, and the rest. */
void sums_state(const struct drop_row *drop, const struct sums *sums, bool as_ended, bool asked,
                char *out, size_t out_len);

/* A job's state, for people. */
const char *sums_job_word(const struct job_row *job);

#endif
