/* Reads the two clocks and prints instants. Waits for nothing. */
/* SPDX-License-Identifier: ISC */
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

int64_t clock_mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_wall_s(void)
{
    const char *held = getenv("SLATED_CLOCK");
    int64_t at;
    if (held && held[0] == '@' && str_int(held + 1, 0, INT64_C(253402300799), &at) == 0)
        return at;
    return (int64_t)time(NULL);
}

void clock_iso(int64_t wall_s, char ret_text[CLOCK_TEXT_LEN])
{
    time_t t = (time_t)wall_s;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || !strftime(ret_text, CLOCK_TEXT_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm))
        memcpy(ret_text, "1970-01-01T00:00:00Z", 21);
}

/* The format is the caller's own text, never one from outside. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void clock_local(int64_t wall_s, const char *fmt, char ret_text[CLOCK_TEXT_LEN])
{
    time_t t = (time_t)wall_s;
    struct tm tm;
    if (!localtime_r(&t, &tm) || !strftime(ret_text, CLOCK_TEXT_LEN, fmt, &tm))
        ret_text[0] = '\0';
}
