/* A price of a provider's file and a job's parameters come in, dollars go out. What is not known is
 * not guessed. */
/* SPDX-License-Identifier: ISC */
#include "money/price.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"

#define TOKENS_AT_WORST 32768 /* a text step that sets no limit of its own */

/* "pixels" is the longer side: the row of the least size that is enough, else of the largest. */
static double by_pixels(const cJSON *rows, const cJSON *params, double otherwise)
{
    double side = fmax(json_num(params, "width", 0), json_num(params, "height", 0));
    double at = 0, usd = otherwise;
    const cJSON *row;
    cJSON_ArrayForEach(row, rows)
    {
        double size = strtod(row->string, NULL);
        bool better = at < side ? size > at : size >= side && size < at;
        if (side > 0 && better) {
            at = size;
            usd = row->valuedouble;
        }
    }
    return usd;
}

/* The dollars of one unit: the table's row for the job's parameter, where there is one. */
static double unit_price(const cJSON *price, const cJSON *params)
{
    double usd = json_num(price, "usd", NAN);
    const cJSON *by;
    cJSON_ArrayForEach(by, json_get(price, "by"))
    {
        const cJSON *value = json_get(params, by->string);
        if (str_eq(by->string, "pixels"))
            usd = by_pixels(by, params, usd);
        char number[32];
        if (cJSON_IsNumber(value))
            str_format(number, sizeof number, "%g", value->valuedouble);
        const char *text = cJSON_IsNumber(value) ? number : cJSON_GetStringValue(value);
        if (text)
            usd = json_num(by, text, usd);
    }
    return usd;
}

static double megapixels(const cJSON *params)
{
    double width = json_num(params, "width", NAN), height = json_num(params, "height", NAN);
    return ceil(width * height / 1e6);
}

/* What is billed is a length that is sold: the least that is enough, else the longest. */
static double seconds(const cJSON *price, const cJSON *params)
{
    double wanted = json_num(params, "seconds", json_num(params, "duration", NAN));
    double enough = INFINITY, longest = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, json_get(price, "sold"))
    {
        if (one->valuedouble >= wanted - 1e-9)
            enough = fmin(enough, one->valuedouble);
        longest = fmax(longest, one->valuedouble);
    }
    return isnan(wanted) || longest <= 0 ? wanted : isfinite(enough) ? enough : longest;
}

double price_of_tokens(const cJSON *price, double in, double out)
{
    if (!str_eq(json_str(price, "per", ""), "million_tokens"))
        return NAN;
    double usd = json_num(price, "usd", NAN);
    return (json_num(price, "usd_in", usd) * in + usd * out) / 1e6;
}

double price_of_units(const cJSON *price, double units)
{
    bool counts = cJSON_IsObject(price) && !str_eq(json_str(price, "per", ""), "million_tokens");
    double cost = counts ? json_num(price, "usd", NAN) * units : NAN;
    return isfinite(cost) && cost >= 0 ? cost : NAN;
}

/* What goes in and has no price of its own is within the tokens at worst. */
static double tokens_at_worst(const cJSON *price, const cJSON *params, double usd)
{
    return (usd * json_num(params, "max_tokens", TOKENS_AT_WORST) +
            json_num(price, "usd_in", 0) * json_num(params, "tokens_in", TOKENS_AT_WORST)) /
           1e6;
}

double price_of(const cJSON *price, const cJSON *params, int images)
{
    double each = NAN, n = images > 0 ? images : 1;
    if (cJSON_IsNumber(price))
        each = price->valuedouble;
    const char *per = json_str(price, "per", "");
    double usd = cJSON_IsObject(price) ? unit_price(price, params) : NAN;
    if (str_eq(per, "call"))
        each = usd;
    else if (str_eq(per, "image"))
        each = usd * n;
    else if (str_eq(per, "megapixel"))
        each = usd * n * megapixels(params);
    else if (str_eq(per, "second"))
        each = usd * seconds(price, params);
    else if (str_eq(per, "million_tokens"))
        each = tokens_at_worst(price, params, usd);
    return each >= 0 ? each : NAN;
}
