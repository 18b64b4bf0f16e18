/* What a process that stays keeps of large blocks that were freed. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "browser/memory.h"

#define ROUNDS 40

/* Answers that grow a little each time, and a small thing that is remembered of each. */
static void test_small_things_that_live_on_hold_no_large_ones_fast(void **state)
{
    (void)state;
    char *kept[ROUNDS];
    mem_give_back();
    long before = memory_kib();
    for (size_t i = 0; i < ROUNDS; i++) {
        size_t len = 1500000 + 4000 * i;
        char *large = mem_alloc(len);
        memset(large, 'x', len);
        kept[i] = mem_dup("what is remembered of it");
        free(large);
    }
    long after = memory_kib();
    for (size_t i = 0; i < ROUNDS; i++)
        free(kept[i]);
    if (before && after - before > 4096)
        fail_msg("%ld KiB stay of what was freed", after - before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_things_that_live_on_hold_no_large_ones_fast)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
