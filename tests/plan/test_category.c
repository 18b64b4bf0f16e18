/* Niches come in; the categories must be those people who know the niches expect. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/category.h"
#include "orders.h"

struct vector {
    const char *niche, *category;
};

static void check(const struct vector *list, size_t n)
{
    const cJSON *rule = rules_get(orders_rules(), "prompts/categories");
    assert_non_null(rule);
    for (size_t i = 0; i < n; i++) {
        const char *found = category_detect(rule, list[i].niche);
        if (strcmp(found, list[i].category) != 0)
            fail_msg("\"%s\" is %s, not %s", list[i].niche, found, list[i].category);
    }
}

static void test_the_golden_niches_have_their_categories(void **state)
{
    (void)state;
    static const struct vector list[] = {
        {"wireless earbuds", "audio"},
        {"Wireless Earbuds", "audio"},
        {"air fryers", "kitchen"},
        {"gaming mouse pad xl", "gaming"},
        {"quantum computers", "default"},
        {"", "default"},
        {"gaming headsets", "audio"},
        {"best gaming headset", "default"},
        {"USB microphones", "audio"},
        {"USB microphone", "computing"},
        {"monitor arm", "office"},
        {"monitor arms", "office"},
        {"audio mixer", "kitchen"},
        {"laptop backpack", "travel"},
        {"camera backpacks", "camera"},
        {"gym headphones", "fitness"},
        {"studio headphones", "streaming"},
        {"noise cancelling earbuds for travel", "travel"},
        {"hiking boots", "fitness"},
        {"dash cam", "camera"},
        {"stream deck", "streaming"},
        {"car seat", "baby"},
        {"green screen", "streaming"},
        {"robot vacuum", "home"},
        {"webcam", "computing"},
        {"desk lamp", "office"},
        {"portable bluetooth speaker", "audio"},
    };
    check(list, sizeof list / sizeof *list);
}

static void test_a_keyword_counts_only_at_the_start_of_a_word(void **state)
{
    (void)state;
    static const struct vector list[] = {
        {"alarm clock", "default"},
        {"content creator lights", "default"},
        {"smart locks for doors", "home"},
        {"best tents 2026", "outdoor"},
        {"pre-lock", "home"},
        {"caf\xc3\xa9oven", "default"},
    };
    check(list, sizeof list / sizeof *list);
}

static void test_a_category_may_be_said_by_its_name_and_with_blanks_around(void **state)
{
    (void)state;
    static const struct vector list[] = {{"Audio", "audio"},
                                         {"office", "office"},
                                         {"  desk lamps \n", "office"},
                                         {"   ", "default"}};
    check(list, sizeof list / sizeof *list);
    assert_string_equal(category_detect(rules_get(orders_rules(), "prompts/categories"), NULL),
                        "default");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_golden_niches_have_their_categories),
        cmocka_unit_test(test_a_keyword_counts_only_at_the_start_of_a_word),
        cmocka_unit_test(test_a_category_may_be_said_by_its_name_and_with_blanks_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
