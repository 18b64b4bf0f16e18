/* An answer that says "too many" comes in; how long to wait goes out: where the rules file looks
 * for it, else what the answer's Retry-After says, in seconds or as a date, else the rule's own
 * time. And of any answer, how many more it says may come before it would say so. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/str.h"

#define WAIT_S     5
#define WAIT_MOST  86400
#define COUNT_MOST 100000000

enum unit { UNIT_S, UNIT_MS, UNIT_EPOCH_S, UNIT_EPOCH_MS, UNIT_SPAN };

static enum unit unit_of(const cJSON *wait)
{
    static const char *const words[] = {"s", "ms", "epoch_s", "epoch_ms", "span"};
    const char *word = json_str(wait, "unit", "s");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(words[i], word))
            return (enum unit)i;
    return UNIT_S;
}

static int whole(double s)
{
    s = ceil(s);
    if (!(s > 0))
        return 0;
    return s > WAIT_MOST ? WAIT_MOST : (int)s;
}

/* One of the three forms a date has in HTTP; 0: none of them. */
static int64_t date_of(const char *text)
{
    static const char *const forms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                        "%a %b %d %H:%M:%S %Y"};
    for (size_t i = 0; text && i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        if (end && !*end)
            return (int64_t)timegm(&tm);
    }
    return 0;
}

/* Its own clock, as far as it tells it: ours may differ. */
static int64_t its_now_s(const struct talk *t, const struct response *response)
{
    int64_t said_s = date_of(response_header(response, "date"));
    return said_s > 0 ? said_s : t->ask->now_s;
}

/* "1h2m3.5s", "12ms"; 0 when it is none. */
static double span_s(const char *text)
{
    static const struct {
        const char *word;
        double s;
    } units[] = {{"ms", 0.001}, {"us", 1e-6}, {"h", 3600}, {"m", 60}, {"s", 1}};
    double sum = 0;
    while (text && *text) {
        char *end;
        double n = strtod(text, &end);
        size_t i = 0, all = sizeof units / sizeof *units;
        while (i < all && !str_starts(end, units[i].word))
            i++;
        if (end == text || i == all || !(n >= 0))
            return 0;
        sum += n * units[i].s;
        text = end + strlen(units[i].word);
    }
    return sum;
}

/* "47s", "47.123s", 47, or a moment, as the unit says. */
static int number_of(const char *text, enum unit unit, int64_t now_s)
{
    char *end;
    if (unit == UNIT_SPAN)
        return whole(span_s(text));
    double n = text ? strtod(text, &end) : 0;
    if (!text || end == text || (*end && !str_eq(end, "s")) || !(n >= 0))
        return 0;
    if (unit == UNIT_MS || unit == UNIT_EPOCH_MS)
        n /= 1000;
    return whole(unit == UNIT_EPOCH_S || unit == UNIT_EPOCH_MS ? n - (double)now_s : n);
}

static int retry_after(const struct response *response, int64_t now_s)
{
    const char *text = response_header(response, "retry-after");
    int64_t date_s = date_of(text);
    if (date_s)
        return now_s > 0 ? whole((double)(date_s - now_s)) : 0;
    return number_of(text, UNIT_S, now_s);
}

/* Where the row looks; 0: it says nothing there. */
static int row_says(const cJSON *wait, const struct response *response, const cJSON *body,
                    int64_t now_s)
{
    const char *header = json_str(wait, "header", NULL);
    bool standard = header && strcasecmp(header, "retry-after") == 0;
    int s = 0;
    if (header && !standard)
        s = number_of(response_header(response, header), unit_of(wait), now_s);
    char *text = json_get(wait, "at") ? value_text(pointer_any(body, json_get(wait, "at"))) : NULL;
    if (s == 0)
        s = number_of(text, unit_of(wait), now_s);
    free(text);
    return s;
}

int wait_judge(const struct talk *t, const cJSON *wait, const struct response *response,
               const cJSON *body)
{
    int64_t now_s = its_now_s(t, response);
    int after = retry_after(response, now_s), own;
    if (cJSON_IsNumber(wait)) { /* never earlier than it asks for */
        own = whole(wait->valuedouble);
        return own > after ? own : after;
    }
    int s = row_says(wait, response, body, now_s);
    if (s == 0)
        s = after;
    return s > 0 ? s : whole(json_num(wait, "else", WAIT_S));
}

/* --- what is left --- */

/* Milliseconds from now; 0 when it is no time to come. */
static int64_t reset_ms(const char *text, enum unit unit, double now_s)
{
    char *end = NULL;
    double n = unit == UNIT_SPAN ? span_s(text) : text ? strtod(text, &end) : 0;
    if (!text || (unit != UNIT_SPAN && (end == text || (*end && !str_eq(end, "s")))) || !(n > 0))
        return 0;
    if (unit == UNIT_MS || unit == UNIT_EPOCH_MS)
        n /= 1000;
    if (unit == UNIT_EPOCH_S || unit == UNIT_EPOCH_MS)
        n -= now_s;
    return n > 0 && n <= WAIT_MOST ? (int64_t)ceil(n * 1000) : 0;
}

static bool count_at(const struct response *response, const char *header, int *ret_n)
{
    const char *text = header ? response_header(response, header) : NULL;
    int64_t n = 0;
    if (!text || str_int(text, 0, COUNT_MOST, &n))
        return false;
    *ret_n = (int)n;
    return true;
}

void wait_left(const struct talk *t, const char *step_name, const struct response *response,
               struct left_told *ret_left)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, json_get(json_get(t->file, "limits"), "told"))
    {
        struct left_told one = {.steady = json_bool(row, "steady", false)};
        double now_s = (double)its_now_s(t, response);
        one.reset_ms =
            reset_ms(response_header(response, json_str(row, "reset", "")), unit_of(row), now_s);
        if (!str_eq(step_name, json_str(row, "step", "submit")) || one.reset_ms == 0 ||
            !count_at(response, json_str(row, "left", NULL), &one.left))
            continue;
        (void)count_at(response, json_str(row, "of", NULL), &one.of); /* not said: 0 */
        if (ret_left->reset_ms == 0 || one.left < ret_left->left)
            *ret_left = one;
    }
}
