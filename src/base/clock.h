/* Two clocks: one that only runs forward for deadlines, one that people read. `now` is read once a
 * turn and passed down. SLATED_CLOCK=@SECONDS in the environment holds the wall clock still, so
 * that two runs of a test write the same bytes. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void); /* milliseconds since an arbitrary instant; never goes back */
int64_t clock_wall_s(void);  /* seconds since 1970 UTC, or the held instant */

#define CLOCK_TEXT_LEN 32
/* "2026-03-14T09:00:00Z" */
void clock_iso(int64_t wall_s, char ret_text[CLOCK_TEXT_LEN]);
/* local time in strftime's terms, e.g. "%Y-%m-%d-%H-%M-%S" */
void clock_local(int64_t wall_s, const char *fmt, char ret_text[CLOCK_TEXT_LEN]);

#endif
