/* What a process that stays keeps of blocks that were freed. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#include <malloc.h>
#define APART() mallinfo2().hblkhd /* bytes in blocks that have a mapping of their own */
#else
#define APART() ((size_t)0)
#endif

#include "base/mem.h"

#define LARGE ((size_t)1 << 20)

static bool can_tell(void)
{
    void *volatile large = malloc(8 * LARGE); /* or the compiler leaves it out */
    bool told = APART() >= 8 * LARGE;
    free(large);
    return told;
}

/* glibc learns from the first very large block that is freed to keep what is smaller in its heap,
 * where small things that live on hold it fast. */
static void test_a_large_block_stays_apart_from_the_heap_whatever_was_freed_before(void **state)
{
    (void)state;
    mem_give_back();
    if (!can_tell()) {
        puts("skipped: this allocator does not tell what stays apart");
        return;
    }
    size_t before = APART();
    void *large = mem_alloc(LARGE);
    size_t apart = APART() - before;
    free(large);
    assert_true(apart >= LARGE);
    assert_int_equal(APART(), before);
}

#define HOLES    200
#define HOLE_LEN ((size_t)64 * 1024)

static long resident_kb(void)
{
    long pages = 0, kept = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%ld %ld", &pages, &kept) != 2)
        kept = 0;
    if (f)
        fclose(f);
    return kept * (sysconf(_SC_PAGESIZE) / 1024);
}

static void test_what_lies_between_blocks_that_stay_is_given_back(void **state)
{
    (void)state;
    void *holes[HOLES], *stays[HOLES];
    if (!can_tell() || !resident_kb()) {
        puts("skipped: this allocator does not tell what it keeps");
        return;
    }
    mem_give_back();
    for (size_t i = 0; i < HOLES; i++) {
        holes[i] = mem_alloc(HOLE_LEN);
        stays[i] = mem_alloc(100);
        memset(holes[i], 1, HOLE_LEN);
    }
    for (size_t i = 0; i < HOLES; i++)
        free(holes[i]);
    long full_kb = resident_kb();
    mem_trim();
    assert_true(resident_kb() < full_kb - (long)(HOLES * HOLE_LEN / 1024 / 4 * 3));
    for (size_t i = 0; i < HOLES; i++)
        free(stays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_block_stays_apart_from_the_heap_whatever_was_freed_before),
        cmocka_unit_test(test_what_lies_between_blocks_that_stay_is_given_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
