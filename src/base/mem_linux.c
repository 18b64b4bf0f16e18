/* How the C library gives memory back. Asks the system, allocates nothing. */
/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include <malloc.h>

#define LARGE (128 * 1024)

/* Left to itself, glibc takes the first large block that is freed for a sign that such blocks are
 * common and keeps them in the heap from then on, where small ones that live on hold them fast: a
 * daemon that had fetched 500 pictures held 4 MB and kept 17. */
void mem_give_back(void)
{
#ifdef M_MMAP_THRESHOLD /* musl gives them back by itself */
    mallopt(M_MMAP_THRESHOLD, LARGE);
    mallopt(M_TRIM_THRESHOLD, LARGE);
#endif
}

/* Of what is freed glibc keeps seven blocks of each small size aside, wherever they lie; the ones
 * that lay highest when the heap was full hold all of it, though nothing in it is used. */
void mem_trim(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)malloc_trim(0); /* nothing to give is no fault */
#endif
}
