/* What a call costs at worst, from the price in a provider's file: a number of dollars, or
 * {"per": "call"|"image"|"megapixel"|"second"|"million_tokens", "usd": 0.04, "by": {"quality":
 * {"4K": 0.15}}}. "by" replaces usd by what a parameter of the job says.
 *
 * Example: {"per": "megapixel", "usd": 0.021} for a picture of 1344x768 is 2 megapixels begun:
 * 0.042. */
/* SPDX-License-Identifier: ISC */
#ifndef MONEY_PRICE_H
#define MONEY_PRICE_H

#include <cjson/cJSON.h>

/* price and params are borrowed; images is how many pictures are asked for. Dollars, or NAN when
 * the price is not known: absent, of another form, or per something the job does not tell. */
double price_of(const cJSON *price, const cJSON *params, int images);

#endif
