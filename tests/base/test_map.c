/* The map: found, replaced, removed, walked, grown. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/map.h"

static void test_an_empty_map_answers_nothing(void **state)
{
    (void)state;
    struct map m = {0};
    size_t at = 0;
    assert_null(map_get(&m, "a"));
    assert_null(map_remove(&m, "a"));
    assert_null(map_next(&m, &at));
    map_finish(&m);
}

static void test_a_value_is_replaced_and_removed(void **state)
{
    (void)state;
    struct map m = {0};
    int one = 1, two = 2;
    map_put(&m, "a", &one);
    map_put(&m, "a", &two);
    assert_int_equal(m.n, 1);
    assert_ptr_equal(map_get(&m, "a"), &two);
    assert_ptr_equal(map_remove(&m, "a"), &two);
    assert_null(map_get(&m, "a"));
    map_put(&m, "", &one);
    assert_ptr_equal(map_get(&m, ""), &one);
    map_finish(&m);
}

static void test_many_come_and_go_and_the_rest_is_found(void **state)
{
    (void)state;
    static char keys[5000][16];
    struct map m = {0};
    for (int i = 0; i < 5000; i++) {
        snprintf(keys[i], sizeof(keys[i]), "k%d", i);
        map_put(&m, keys[i], keys[i]);
        if (i % 3)
            assert_ptr_equal(map_remove(&m, keys[i]), keys[i]);
    }
    for (int i = 0; i < 5000; i++)
        assert_ptr_equal(map_get(&m, keys[i]), i % 3 ? NULL : keys[i]);
    size_t n = 0;
    for (size_t at = 0; map_next(&m, &at);)
        n++;
    assert_int_equal(n, m.n);
    assert_int_equal(n, 1667);
    map_finish(&m);
}

static void test_removing_on_the_way_is_allowed(void **state)
{
    (void)state;
    struct map m = {0};
    static const char *const keys[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++)
        map_put(&m, keys[i], (void *)(uintptr_t)keys[i]);
    const char *key;
    int n = 0;
    for (size_t at = 0; (key = map_next(&m, &at)); n++)
        map_remove(&m, key);
    assert_int_equal(n, 4);
    assert_int_equal(m.n, 0);
    map_finish(&m);
}

static void test_a_hash_depends_on_every_byte_and_the_seed(void **state)
{
    (void)state;
    unsigned char bytes[20] = {0};
    uint64_t none = map_hash(bytes, sizeof(bytes), 0);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 1;
        assert_true(map_hash(bytes, sizeof(bytes), 0) != none);
        bytes[i] = 0;
    }
    assert_true(map_hash(bytes, sizeof(bytes), 1) != none);
    assert_true(map_hash(bytes, 19, 0) != none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_map_answers_nothing),
        cmocka_unit_test(test_a_value_is_replaced_and_removed),
        cmocka_unit_test(test_many_come_and_go_and_the_rest_is_found),
        cmocka_unit_test(test_removing_on_the_way_is_allowed),
        cmocka_unit_test(test_a_hash_depends_on_every_byte_and_the_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
