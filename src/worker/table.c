/* An operation's name comes in, its function goes out. Every operation of ops/ops.h stands here
 * once. */
/* SPDX-License-Identifier: ISC */
#include "worker/table.h"

#include <string.h>

static const struct {
    const char *name;
    op_function *function;
} table[] = {
    {"survey", op_survey},
};

op_function *table_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].function;
    return NULL;
}
