/* Which function does which operation. */
/* SPDX-License-Identifier: ISC */
#ifndef WORKER_TABLE_H
#define WORKER_TABLE_H

#include "ops/ops.h"

/* The function of an operation's name, or NULL when there is none. */
op_function *table_find(const char *name);

#endif
