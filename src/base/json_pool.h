/* A place of its own for the small blocks of JSON trees, of which a daemon makes and forgets
 * thousands a second: they are given out and taken back in a few steps, and never lie between
 * blocks that live long. Trees may come from before it was opened, and texts within them from
 * elsewhere. What cJSON has allocated goes back through cJSON_free or cJSON_Delete alone. One
 * thread only. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_JSON_POOL_H
#define BASE_JSON_POOL_H

#include <stdbool.h>

/* Once, at the start of a process that stays. */
void json_pool_open(void);

/* While it rests, trees are made elsewhere: those that stay would fill it up. Answers whether it
 * rested before. */
bool json_pool_rest(bool rests);

#endif
