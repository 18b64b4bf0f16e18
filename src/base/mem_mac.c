/* How the C library gives memory back: here it does so by itself. */
/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

void mem_give_back(void)
{
}

void mem_trim(void)
{
}
