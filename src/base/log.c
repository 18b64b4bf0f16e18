/* Puts one event on one line of stderr. Values from outside go through log_quote, so that they stay
 * one value on one line. */
/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define LINE_MAX_LEN 4096
#define QUOTE_MAX    300
#define QUOTE_RING   8

static enum log_level log_least = LOG_INFO;
static bool log_journal;
static void (*log_mask)(char *text);

static const char *const words[] = {"debug", "info", "warn", "error"};
static const int syslog_of[] = {7, 6, 4, 3};

void log_open(enum log_level least)
{
    log_least = least;
    log_journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_mask_with(void (*mask)(char *text))
{
    log_mask = mask;
}

bool log_wants(enum log_level level)
{
    return level >= log_least;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    if (!log_wants(level))
        return;
    char line[LINE_MAX_LEN], at[CLOCK_TEXT_LEN];
    int len;
    if (log_journal) {
        len = snprintf(line, sizeof line, "<%d>%s", syslog_of[level], event);
    } else {
        clock_iso(clock_wall_s(), at);
        len = snprintf(line, sizeof line, "%s %s %s", at, words[level], event);
    }
    size_t used = len < 0 ? 0 : (size_t)len;
    if (used > sizeof line - 3)
        used = sizeof line - 3;
    if (fmt && *fmt) {
        line[used++] = ' ';
        va_list args;
        va_start(args, fmt);
        len = vsnprintf(line + used, sizeof line - 1 - used, fmt, args);
        va_end(args);
        used += strlen(line + used);
    }
    line[used] = '\0';
    if (log_mask) {
        log_mask(line);
        used = strlen(line);
    }
    line[used++] = '\n';
    /* One write a line: lines of several processes do not mix. A log that cannot be written has no
     * better place to say so. */
    if (write(STDERR_FILENO, line, used) < 0)
        return;
}

/* Bytes of the piece at text when it stands in quotes, written to out (at most 8). */
static size_t quote_piece(const char *text, size_t left, size_t *ret_taken, char out[16])
{
    unsigned char c = (unsigned char)text[0];
    *ret_taken = 1;
    if (c == '"' || c == '\\')
        return (size_t)snprintf(out, 16, "\\%c", c);
    if (c == '\n')
        return (size_t)snprintf(out, 16, "\\n");
    if (c < 0x20 || c == 0x7f)
        return (size_t)snprintf(out, 16, "\\x%02x", c);
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (len > left || utf8_bad_at(text, len) >= 0 ||
        (len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0))
        return (size_t)snprintf(out, 16, "\\x%02x", c);
    memcpy(out, text, len);
    *ret_taken = len;
    return len;
}

const char *log_quote(const char *text)
{
    static char ring[QUOTE_RING][QUOTE_MAX + 8];
    static unsigned turn;
    char *out = ring[turn++ % QUOTE_RING];
    char *masked = log_mask ? mem_dup(text) : NULL; /* a secret that is cut is not known again */
    if (masked) {
        log_mask(masked);
        text = masked;
    }
    size_t used = 0, left = text ? strlen(text) : 0;
    out[used++] = '"';
    while (left) {
        char piece[16];
        size_t taken, len = quote_piece(text, left, &taken, piece);
        if (used + len > QUOTE_MAX - 3) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, piece, len);
        used += len;
        text += taken;
        left -= taken;
    }
    out[used++] = '"';
    out[used] = '\0';
    free(masked);
    return out;
}
