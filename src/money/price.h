/* What a call costs at worst, from the price in a provider's file: a number of dollars, or
 * {"per": "call"|"image"|"megapixel"|"second"|"million_tokens", "usd": 0.04, "by": {"quality":
 * {"4K": 0.15}}}. "by" replaces usd by what a parameter of the job says.
 *
 * Of million_tokens, usd is for what comes out (max_tokens of the job at most) and usd_in, where it
 * stands, for what goes in (the job's tokens_in).
 *
 * Example: {"per": "megapixel", "usd": 0.021} for a picture of 1344x768 is 2 megapixels begun:
 * 0.042. */
/* SPDX-License-Identifier: ISC */
#ifndef MONEY_PRICE_H
#define MONEY_PRICE_H

#include <cjson/cJSON.h>

/* What a text cost: usd for each token that came out, usd_in (else usd) for each that went in. NAN
 * when the price is of another form. */
double price_of_tokens(const cJSON *price, double in, double out);

/* What was billed in units of the price, as the engine counted them: whatever they are, one costs
 * usd. NAN when the price is of tokens, or no table. */
double price_of_units(const cJSON *price, double units);

/* price and params are borrowed; images is how many pictures are asked for. Dollars, or NAN when
 * the price is not known: absent, of another form, or per something the job does not tell. */
double price_of(const cJSON *price, const cJSON *params, int images);

#endif
