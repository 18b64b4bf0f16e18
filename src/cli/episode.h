/* The shots of an episode, as `status EP001` shows them. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_EPISODE_H
#define CLI_EPISODE_H

#include <stdbool.h>

#include "store/store.h"

/* Prints the shots of the newest drop that has the episode, or the one shot of that name. False,
 * printing nothing, when there is none. */
bool episode_status(struct store *store, const char *name, bool json);

#endif
