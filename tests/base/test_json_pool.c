/* Trees of every size come and go through the pool, with texts from elsewhere in them. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/json.h"
#include "base/json_pool.h"
#include "base/mem.h"

#define MANY 40000 /* values: more than the pool holds */

static cJSON *before; /* a tree from before the pool was opened */

static int set_up(void **state)
{
    (void)state;
    before = cJSON_Parse("{\"early\": [1, \"two\"]}");
    json_pool_open();
    json_pool_open();
    return before ? 0 : -1;
}

static void test_a_tree_from_before_is_changed_and_freed(void **state)
{
    (void)state;
    json_set_str(before, "late", "three");
    cJSON_DeleteItemFromObjectCaseSensitive(before, "early");
    char *text = json_compact(before);
    assert_string_equal(text, "{\"late\":\"three\"}");
    free(text);
    cJSON_Delete(before);
}

static void test_texts_of_every_length_keep_their_bytes(void **state)
{
    cJSON *list = cJSON_CreateArray();
    char text[200] = "";
    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        text[len] = (char)('a' + len % 26);
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
    const cJSON *one;
    size_t len = 0;
    cJSON_ArrayForEach(one, list)
    {
        assert_int_equal(strlen(one->valuestring), ++len);
        assert_memory_equal(one->valuestring, text, len);
    }
    cJSON_Delete(list);
}

static void test_what_is_freed_is_given_out_again(void **state)
{
    (void)state;
    cJSON *first = cJSON_CreateNumber(1);
    void *at = first;
    cJSON_Delete(first);
    cJSON *second = cJSON_CreateNumber(2);
    assert_ptr_equal(second, at);
    cJSON_Delete(second);
}

static void test_more_than_it_holds_comes_from_elsewhere(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        cJSON *list = cJSON_CreateArray();
        for (int i = 0; i < MANY; i++) {
            cJSON *one = cJSON_CreateObject();
            one->string = mem_dup("a name that was set by hand"); /* as the reader does */
            json_set_num(one, "n", i);
            cJSON_AddItemToArray(list, one);
        }
        assert_int_equal(json_int(cJSON_GetArrayItem(list, MANY - 1), "n", -1), MANY - 1);
        cJSON_Delete(list);
    }
}

static void test_it_gives_nothing_out_while_it_rests(void **state)
{
    (void)state;
    cJSON *warm = cJSON_CreateNumber(1);
    void *at = warm;
    cJSON_Delete(warm);
    assert_false(json_pool_rest(true));
    cJSON *stays = cJSON_CreateNumber(2);
    assert_ptr_not_equal(stays, at);
    assert_true(json_pool_rest(false));
    warm = cJSON_CreateNumber(3);
    assert_ptr_equal(warm, at);
    cJSON_Delete(stays);
    cJSON_Delete(warm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tree_from_before_is_changed_and_freed),
        cmocka_unit_test(test_texts_of_every_length_keep_their_bytes),
        cmocka_unit_test(test_what_is_freed_is_given_out_again),
        cmocka_unit_test(test_more_than_it_holds_comes_from_elsewhere),
        cmocka_unit_test(test_it_gives_nothing_out_while_it_rests),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
