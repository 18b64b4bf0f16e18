/* The schema checker as a table: a schema, a document, and the code and place of the first fault.
 */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "rules/schema.h"

static cJSON *tree_of(const char *text)
{
    struct json_fault fault;
    cJSON *tree = NULL;
    if (json_parse(text, strlen(text), &json_limits_rules, &tree, &fault) != 0)
        fail_msg("%s: %s", text, fault.found);
    return tree;
}

static const char product[] =
    "{\"type\":\"object\",\"fields\":{"
    "\"rank\":{\"type\":\"integer\",\"min\":1,\"max\":99,\"required\":true},"
    "\"name\":{\"type\":\"string\",\"min\":1,\"max\":5,\"required\":true,\"also\":[\"title\"]},"
    "\"mode\":{\"type\":\"string\",\"words\":[\"events\",\"scan\"]},"
    "\"code\":{\"type\":\"string\",\"pattern\":\"[A-Z]{3}\",\"says\":\"three capitals\"},"
    "\"price\":{\"type\":[\"string\",\"number\"],\"as\":\"string\",\"default\":\"\"},"
    "\"tags\":{\"type\":\"list\",\"max\":2,\"items\":{\"type\":\"string\"}},"
    "\"by\":{\"type\":\"map\",\"values\":{\"type\":\"integer\"},\"keys\":\"[a-z]+\"}}}";

static const struct {
    const char *doc, *code, *place;
} cases[] = {
    {"{\"rank\":1,\"name\":\"a\"}", NULL, NULL},
    {"{\"rank\":1,\"title\":\"a\"}", NULL, NULL},
    {"{\"rank\":1,\"name\":\"a\",\"mode\":null}", NULL, NULL},
    {"[]", "FIELD_TYPE", "f.json: top level"},
    {"{\"name\":\"a\"}", "FIELD_MISSING", "f.json: /rank"},
    {"{\"rank\":null,\"name\":\"a\"}", "FIELD_MISSING", "f.json: /rank"},
    {"{\"rank\":0,\"name\":\"a\"}", "FIELD_RANGE", "f.json: /rank"},
    {"{\"rank\":100,\"name\":\"a\"}", "FIELD_RANGE", "f.json: /rank"},
    {"{\"rank\":1.5,\"name\":\"a\"}", "FIELD_TYPE", "f.json: /rank"},
    {"{\"rank\":\"1\",\"name\":\"a\"}", "FIELD_TYPE", "f.json: /rank"},
    {"{\"rank\":1,\"name\":\"\"}", "FIELD_RANGE", "f.json: /name"},
    {"{\"rank\":1,\"name\":\"  \\t\"}", "FIELD_RANGE", "f.json: /name"},
    {"{\"rank\":1,\"title\":\"toolong\"}", "FIELD_RANGE", "f.json: /title"},
    {"{\"rank\":1,\"name\":\"\u00e9\u00e9\u00e9\u00e9\u00e9\"}", NULL, NULL},
    {"{\"rank\":1,\"name\":\"a\",\"mdoe\":\"scan\"}", "FIELD_UNKNOWN", "f.json: /mdoe"},
    {"{\"rank\":1,\"name\":\"a\",\"mode\":\"scans\"}", "FIELD_WORD", "f.json: /mode"},
    {"{\"rank\":1,\"name\":\"a\",\"code\":\"ABCD\"}", "FIELD_FORM", "f.json: /code"},
    {"{\"rank\":1,\"name\":\"a\",\"price\":12.5}", NULL, NULL},
    {"{\"rank\":1,\"name\":\"a\",\"price\":[]}", "FIELD_TYPE", "f.json: /price"},
    {"{\"rank\":1,\"name\":\"a\",\"tags\":[\"a\",2]}", "FIELD_TYPE", "f.json: /tags/1"},
    {"{\"rank\":1,\"name\":\"a\",\"tags\":[\"a\",\"b\",\"c\"]}", "FIELD_RANGE", "f.json: /tags"},
    {"{\"rank\":1,\"name\":\"a\",\"by\":{\"x\":1.5}}", "FIELD_TYPE", "f.json: /by/x"},
    {"{\"rank\":1,\"name\":\"a\",\"by\":{\"X/~\":1}}", "FIELD_FORM", "f.json: /by"},
    {"{\"rank\":1,\"name\":\"a\",\"a/b~\":1}", "FIELD_UNKNOWN", "f.json: /a~1b~0"},
};

static void test_each_mismatch_is_named_with_its_place(void **state)
{
    cJSON *schema = tree_of(product);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct faults faults = {0};
        cJSON *doc = tree_of(cases[i].doc);
        size_t n = schema_check(schema, doc, "f.json", &faults);
        if (n != (cases[i].code ? 1 : 0))
            fail_msg("%s: %zu faults", cases[i].doc, n);
        if (n) {
            assert_string_equal(faults.list[0].code, cases[i].code);
            assert_string_equal(faults.list[0].place, cases[i].place);
        }
        faults_finish(&faults);
        cJSON_Delete(doc);
    }
    cJSON_Delete(schema);
}

static void test_a_whole_number_beyond_what_is_exact_is_out_of_range(void **state)
{
    cJSON *schema = tree_of("{\"type\":\"integer\"}"),
          *doc = cJSON_CreateNumber(1.8446744073709552e19);
    struct faults faults = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 1);
    assert_string_equal(faults.list[0].code, "FIELD_RANGE");
    faults_finish(&faults);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_all_faults_come_in_one_pass(void **state)
{
    cJSON *schema = tree_of(product);
    cJSON *doc = tree_of("{\"rank\":-1,\"mode\":\"x\",\"tags\":[1,2],\"nmae\":\"a\"}");
    struct faults faults = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 6);
    faults_finish(&faults);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_a_slip_is_answered_with_the_name_that_was_meant(void **state)
{
    cJSON *schema = tree_of(product);
    cJSON *doc = tree_of("{\"rank\":1,\"name\":\"a\",\"prise\":\"1\"}");
    struct faults faults = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 1);
    assert_string_equal(faults.list[0].cure, "Did you mean \"price\"?");
    faults_finish(&faults);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_allowed_unknowns_warn_only_when_near(void **state)
{
    cJSON *schema = tree_of("{\"type\":\"object\",\"unknown\":\"allow\",\"fields\":"
                            "{\"name\":{\"type\":\"string\"},\"rank\":{\"type\":\"integer\"}}}");
    cJSON *doc = tree_of("{\"nmae\":\"a\",\"evidence\":[],\"rank\":1,\"rnak\":2}");
    struct faults faults = {0}, warnings = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 0);
    assert_int_equal(schema_near_misses(schema, doc, "f", &warnings), 1);
    assert_string_equal(warnings.list[0].place, "f: /nmae");
    faults_finish(&warnings);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_items_must_not_share_what_is_unique(void **state)
{
    cJSON *schema = tree_of("{\"type\":\"list\",\"unique\":\"rank\"}");
    cJSON *doc = tree_of("[{\"rank\":1},{\"rank\":2},{},{\"rank\":1}]");
    struct faults faults = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 1);
    assert_string_equal(faults.list[0].code, "FIELD_CLASH");
    assert_string_equal(faults.list[0].place, "f: /3/rank");
    faults_finish(&faults);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_an_item_is_called_by_its_label_and_a_count_by_its_code(void **state)
{
    cJSON *schema = tree_of("{\"type\":\"list\",\"label\":[\"name\",\"title\"],\"max\":1,"
                            "\"code\":\"BATCH_SIZE\",\"items\":{\"type\":\"object\",\"unknown\":"
                            "\"allow\",\"fields\":{\"rank\":{\"required\":true}}}}");
    cJSON *doc = tree_of("[{\"rank\":1},{\"title\":\"Arc\\n3\"}]");
    struct faults faults = {0};
    (void)state;
    assert_int_equal(schema_check(schema, doc, "f", &faults), 2);
    assert_string_equal(faults.list[0].code, "BATCH_SIZE");
    assert_string_equal(faults.list[1].place, "f: /1/rank (Arc\\n3)");
    faults_finish(&faults);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_a_condition_asks_for_its_members(void **state)
{
    cJSON *schema =
        tree_of("{\"type\":\"object\",\"fields\":{\"how\":{\"type\":\"string\"},\"a\":{\"type\":"
                "\"string\"},"
                "\"b\":{\"type\":\"string\",\"also\":[\"bee\"]}},"
                "\"when\":[{\"field\":\"how\",\"in\":[\"both\"],\"needs\":[\"a\",\"b\"]},"
                "{\"needs\":[[\"a\",\"b\"]]}]}");
    static const struct {
        const char *doc;
        size_t n;
    } table[] = {
        {"{}", 1},
        {"{\"a\":\"\"}", 0},
        {"{\"bee\":\"\"}", 0},
        {"{\"how\":\"both\"}", 3},
        {"{\"how\":\"both\",\"a\":\"\"}", 1},
        {"{\"how\":\"both\",\"a\":\"\",\"b\":\"\"}", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct faults faults = {0};
        cJSON *doc = tree_of(table[i].doc);
        assert_int_equal(schema_check(schema, doc, "f", &faults), table[i].n);
        faults_finish(&faults);
        cJSON_Delete(doc);
    }
    cJSON_Delete(schema);
}

static void test_fill_renames_converts_and_completes(void **state)
{
    cJSON *schema = tree_of(product);
    cJSON *doc = tree_of("{\"rank\":1,\"title\":\"a\",\"price\":129.5}");
    cJSON *bare = tree_of("{\"rank\":1,\"name\":null,\"title\":\"b\"}");
    char *text;
    (void)state;
    schema_fill(schema, doc);
    text = json_canonical(doc);
    assert_string_equal(text, "{\"name\":\"a\",\"price\":\"129.5\",\"rank\":1}");
    free(text);
    schema_fill(schema, bare);
    text = json_canonical(bare);
    assert_string_equal(text, "{\"name\":\"b\",\"price\":\"\",\"rank\":1}");
    free(text);
    cJSON_Delete(doc);
    cJSON_Delete(bare);
    cJSON_Delete(schema);
}

static void test_a_missing_object_appears_only_for_its_defaults(void **state)
{
    cJSON *schema = tree_of(
        "{\"type\":\"object\",\"fields\":{"
        "\"watch\":{\"type\":\"object\",\"fields\":{\"ms\":{\"type\":\"integer\",\"default\":5}}},"
        "\"camera\":{\"type\":\"object\",\"fields\":{\"lens\":{\"type\":\"string\"}}}}}");
    cJSON *doc = cJSON_CreateObject();
    char *text;
    (void)state;
    schema_fill(schema, doc);
    text = json_canonical(doc);
    assert_string_equal(text, "{\"watch\":{\"ms\":5}}");
    free(text);
    cJSON_Delete(doc);
    cJSON_Delete(schema);
}

static void test_a_schema_inside_rules_is_checked_as_one(void **state)
{
    cJSON *schema = tree_of("{\"type\":\"object\",\"fields\":{\"schema\":{\"type\":\"schema\"}}}");
    static const struct {
        const char *doc, *place;
    } table[] = {
        {"{\"schema\":{\"type\":\"list\",\"items\":{\"type\":[\"string\",\"map\"]}}}", NULL},
        {"{\"schema\":{\"typ\":\"list\"}}", "f: /schema/typ"},
        {"{\"schema\":{\"type\":\"strnig\"}}", "f: /schema/type"},
        {"{\"schema\":{\"fields\":{\"a\":{\"pattern\":\"(\"}}}}", "f: /schema/fields/a/pattern"},
        {"{\"schema\":{\"items\":{\"when\":[{\"needs\":[1]}]}}}",
         "f: /schema/items/when/0/needs/0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct faults faults = {0};
        cJSON *doc = tree_of(table[i].doc);
        assert_int_equal(schema_check(schema, doc, "f", &faults), table[i].place ? 1 : 0);
        if (table[i].place)
            assert_string_equal(faults.list[0].place, table[i].place);
        faults_finish(&faults);
        cJSON_Delete(doc);
    }
    cJSON_Delete(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mismatch_is_named_with_its_place),
        cmocka_unit_test(test_a_whole_number_beyond_what_is_exact_is_out_of_range),
        cmocka_unit_test(test_all_faults_come_in_one_pass),
        cmocka_unit_test(test_a_slip_is_answered_with_the_name_that_was_meant),
        cmocka_unit_test(test_allowed_unknowns_warn_only_when_near),
        cmocka_unit_test(test_items_must_not_share_what_is_unique),
        cmocka_unit_test(test_an_item_is_called_by_its_label_and_a_count_by_its_code),
        cmocka_unit_test(test_a_condition_asks_for_its_members),
        cmocka_unit_test(test_fill_renames_converts_and_completes),
        cmocka_unit_test(test_a_missing_object_appears_only_for_its_defaults),
        cmocka_unit_test(test_a_schema_inside_rules_is_checked_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
