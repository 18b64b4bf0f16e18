/* What a process that stays keeps of large blocks that were freed. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "base/mem.h"

#define LARGE ((size_t)1 << 20)

/* glibc learns from the first very large block that is freed to keep what is smaller in its heap,
 * where small things that live on hold it fast. */
static void test_a_large_block_stays_apart_from_the_heap_whatever_was_freed_before(void **state)
{
    (void)state;
    mem_give_back();
    free(mem_alloc(8 * LARGE));
#ifdef __GLIBC__
    size_t before = mallinfo2().hblkhd;
    void *large = mem_alloc(LARGE);
    size_t apart = mallinfo2().hblkhd - before;
    free(large);
    assert_true(apart >= LARGE);
    assert_int_equal(mallinfo2().hblkhd, before);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_block_stays_apart_from_the_heap_whatever_was_freed_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
