/* Documents: what is recognised, its one form, and each way it can be wrong. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "intake/inbox.h"

/* --- products --- */

static void test_the_five_forms_of_products_and_the_bare_list_become_one(void **state)
{
    static const struct {
        const char *text, *form;
    } cases[] = {
        {"{\"keyword\":\"lamps\",\"generated_at\":\"x\",\"products\":[{\"rank\":2,\"name\":\"B\","
         "\"asin\":\"\","
         "\"benefits\":[]},{\"rank\":1,\"name\":\"A\"}]}",
         "{\"generated_at\":\"x\",\"keyword\":\"lamps\",\"products\":[{\"asin\":\"\",\"benefits\":["
         "],\"name\":\"B\","
         "\"rank\":2},{\"name\":\"A\",\"rank\":1}]}"},
        {"{\"video_id\":\"v1\",\"niche\":\"n\",\"products\":[{\"rank\":1,\"name\":\"A\","
         "\"evidence\":[{\"reasons\":[]}]}],"
         "\"sources_used\":[]}",
         "{\"niche\":\"n\",\"products\":[{\"evidence\":[{\"reasons\":[]}],\"name\":\"A\",\"rank\":"
         "1}],"
         "\"sources_used\":[],\"video_id\":\"v1\"}"},
        {"[{\"rank\":5,\"name\":\"E\",\"positioning\":\"p\"}]",
         "{\"products\":[{\"name\":\"E\",\"positioning\":\"p\",\"rank\":5}]}"},
        {"{\"category\":\"c\",\"currency\":\"USD\",\"affiliate\":{\"tag\":\"t\"},\"products\":[{"
         "\"rank\":1,\"asin\":\"B0\","
         "\"title\":\"A\",\"price\":129.99,\"rating\":4.6,\"reviews\":2104,\"image_url\":\"https://"
         "example.test/a.jpg\","
         "\"product_url\":\"u\"}]}",
         "{\"affiliate\":{\"tag\":\"t\"},\"category\":\"c\",\"currency\":\"USD\",\"products\":[{"
         "\"amazon_url\":\"u\","
         "\"asin\":\"B0\",\"image_url\":\"https://example.test/"
         "a.jpg\",\"name\":\"A\",\"price\":\"129.99\",\"rank\":1,"
         "\"rating\":\"4.6\",\"reviews_count\":\"2104\"}]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct intake_answer a;
        write_text("inbox/p.json", cases[i].text);
        a = read_order("p.json");
        assert_string_equal(a.order->kind, "products");
        assert_string_equal(a.order->entry, "p.json");
        assert_int_equal(a.order->warnings.n, 0);
        assert_canonical(a.order->doc, cases[i].form);
        assert_string_equal(a.order->digest, a.order->listing->digest);
        intake_answer_finish(&a);
    }
}

static void test_a_near_miss_of_a_known_name_is_a_warning(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/p.json", "{\"products\":[{\"rank\":1,\"name\":\"A\",\"benefit\":[\"x\"]}]}");
    a = read_order("p.json");
    assert_int_equal(a.order->warnings.n, 1);
    assert_string_equal(a.order->warnings.list[0].place, "p.json: /products/0/benefit (A, line 1)");
    assert_string_equal(a.order->warnings.list[0].cure, "Did you mean \"benefits\"?");
    intake_answer_finish(&a);
}

static void test_a_missing_rank_names_its_product(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/p.json",
               "{\"products\":[{\"rank\":1,\"name\":\"A\"},{\"title\":\"Lumo Arc\"}]}");
    a = read_entry("p.json");
    assert_string_equal(refusal(&a), "FIELD_MISSING");
    assert_string_equal(a.faults.list[0].place, "p.json: /products/1/rank (Lumo Arc, line 1)");
    intake_answer_finish(&a);
}

static void test_all_faults_of_a_document_come_at_once(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/p.json",
               "{\"products\":[{\"rank\":1,\"name\":\"A\",\"image_url\":\"http://10.0.0.1/\","
               "\"reference_image\":\"/etc/passwd\"}]}");
    a = read_entry("p.json");
    assert_int_equal(a.faults.n, 2);
    assert_string_equal(a.faults.list[0].code, "URL_FORBIDDEN");
    assert_string_equal(a.faults.list[1].code, "PATH_OUTSIDE");
    intake_answer_finish(&a);
    write_text("inbox/p.json",
               "{\"products\":[{\"rank\":1,\"nmae\":\"A\"},{\"rank\":1,\"name\":\"B\"}]}");
    a = read_entry("p.json");
    assert_int_equal(a.faults.n, 2);
    assert_string_equal(a.faults.list[0].expected,
                        "a \"rank\" of its own: /products/0 has it already");
    assert_string_equal(a.faults.list[1].cure, "Did you mean it where it says \"nmae\"?");
    intake_answer_finish(&a);
}

static void test_a_fault_names_the_line_it_is_on(void **state)
{
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"{\n \"keyword\": \"a \\\" [{\",\n \"products\": [\n  {\"rank\": 1, \"name\": \"A\"},\n  "
         "{\"name\": \"B\",\n   \"rank\": 0}\n ]\n}",
         "p.json: /products/1/rank (B, line 6)"},
        {"[\n{\"rank\": 1, \"name\": \"A\"},\n{\"rank\": 2}]", "p.json: /products/1/name (line 3)"},
        {"{\"products\": [\n\n{\"rank\": 1}]}", "p.json: /products/0/name (line 3)"},
        {"{\n\"products\": 5}", "p.json: /products (line 2)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct intake_answer a;
        write_text("inbox/p.json", cases[i].text);
        a = read_entry("p.json");
        assert_int_equal(a.verdict, INTAKE_REFUSED);
        assert_string_equal(a.faults.list[0].place, cases[i].place);
        intake_answer_finish(&a);
    }
}

/* --- storyboards --- */

#define SHOT(id)                                                                                   \
    "{\"shot_id\":\"" id "\",\"asset_name\":\"LEV_" id                                             \
    "\",\"duration_s\":2,\"characters_in_shot\":[],"                                               \
    "\"generation_approach\":\"held_frame\",\"first_frame\":\"an empty shaft\"}"
#define BOARD(rest)                                                                                \
    "{\"schema_version\":\"3\",\"project\":\"leviathan\",\"project_code\":\"LEV\",\"episode\":"    \
    "1," rest "}"

static void test_scenes_become_one_list_of_shots(void **state)
{
    struct intake_answer a;
    const cJSON *doc;
    (void)state;
    write_text("inbox/b.json",
               BOARD("\"scenes\":[{\"id\":\"S1\",\"heading\":\"INT\",\"shots\":[" SHOT(
                   "A") "," SHOT("B") "]},{\"id\":\"S2\",\"shots\":[" SHOT("C") "]}]"));
    a = read_order("b.json");
    assert_string_equal(a.order->kind, "storyboard");
    doc = a.order->doc;
    assert_int_equal(cJSON_GetArraySize(json_get(doc, "shots")), 3);
    assert_string_equal(json_str(doc, "/shots/1/scene_id", ""), "S1");
    assert_string_equal(json_str(doc, "/shots/2/scene_id", ""), "S2");
    assert_string_equal(json_str(doc, "/scenes/0/heading", ""), "INT");
    assert_string_equal(json_str(doc, "/shots/0/generation_approach", ""), "held_frame_push");
    assert_string_equal(json_str(doc, "aspect_ratio", ""), "9:16");
    intake_answer_finish(&a);
}

static void test_camera_lens_and_light_may_be_texts_or_objects(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text(
        "inbox/b.json",
        BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"LEV_A\",\"duration_s\":2.5,"
              "\"characters_in_shot\":"
              "[\"JINX\"],\"generation_approach\":\"standard_flf\",\"first_frame\":{\"prompt\":"
              "\"a\"},"
              "\"last_frame\":{\"prompt\":\"b\",\"word_count\":1},\"camera\":\"low\",\"lens\":{"
              "\"mm\":35},"
              "\"lighting\":{\"key\":\"sodium\",\"practicals\":[\"lamp\"]},\"mood\":\"wet\"}]"));
    a = read_order("b.json");
    assert_int_equal(a.order->warnings.n, 0);
    intake_answer_finish(&a);
}

static void test_the_same_shot_in_two_scenes_is_refused(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/b.json", BOARD("\"scenes\":[{\"id\":\"S1\",\"shots\":[" SHOT(
                                   "A") "]},{\"id\":\"S2\",\"shots\":[" SHOT("A") "]}]"));
    a = read_entry("b.json");
    assert_string_equal(refusal(&a), "FIELD_CLASH");
    intake_answer_finish(&a);
}

/* --- wrong documents --- */

static char *deep_list(void)
{
    char *text = mem_alloc(100001);
    memset(text, '[', 100000);
    return text;
}

#define ONE(fields) "{\"products\":[{\"rank\":1,\"name\":\"A\"" fields "}]}"

static const struct {
    const char *text, *code;
} wrong[] = {
    {"{\"products\":[]} x", "JSON_TRAILING"},
    {"{\"products\":[]}{}", "JSON_TRAILING"},
    {"{\"products\":[],\"products\":[]}", "JSON_DUPLICATE_KEY"},
    {"{\"products\":[],\"\\u0070roducts\":[]}", "JSON_DUPLICATE_KEY"},
    {"{\"products\":[{\"rank\":1e400}]}", "JSON_NUMBER"},
    {"{\"products\":[{\"rank\":123456789012345678901234567890}]}", "JSON_NUMBER"},
    {"{\"products\":[{\"rank\":01}]}", "JSON_SYNTAX"},
    {"{\"products\":[{\"rank\":.5}]}", "JSON_SYNTAX"},
    {"{\"products\":[{\"rank\":+1}]}", "JSON_SYNTAX"},
    {"{\"products\":[{\"rank\":NaN}]}", "JSON_SYNTAX"},
    {"{\"products\":[{\"name\":\"\xff\xfe\"}]}", "JSON_UTF8"},
    {"{\"products\":[{\"name\":\"\xc0\xaf\"}]}", "JSON_UTF8"},
    {"{\"products\":[{\"name\":\"\\ud800\"}]}", "JSON_UTF8"},
    {"{\"products\":[{\"name\":\"\\u0000\"}]}", "JSON_NUL"},
    {"{\"products\":[], // note\n}", "JSON_SYNTAX"},
    {"{\"products\":[1,]}", "JSON_SYNTAX"},
    {"{'products':[]}", "JSON_SYNTAX"},
    {"{\"prodcts\":[]}", "UNKNOWN_DROP"},
    {"{\"hello\":1}", "UNKNOWN_DROP"},
    {"[]", "UNKNOWN_DROP"},
    {"[1,2]", "UNKNOWN_DROP"},
    {"{\"products\":[]}", "BATCH_SIZE"},
    {"{\"products\":{}}", "FIELD_TYPE"},
    {"{\"products\":[{\"rank\":1,\"name\":\"A\"},{\"rank\":1,\"name\":\"B\"}]}", "FIELD_CLASH"},
    {"{\"products\":[{\"rank\":0,\"name\":\"A\"}]}", "FIELD_RANGE"},
    {"{\"products\":[{\"rank\":-1,\"name\":\"A\"}]}", "FIELD_RANGE"},
    {"{\"products\":[{\"rank\":1.5,\"name\":\"A\"}]}", "FIELD_TYPE"},
    {"{\"products\":[{\"rank\":\"1\",\"name\":\"A\"}]}", "FIELD_TYPE"},
    {"{\"products\":[{\"rank\":1000000,\"name\":\"A\"}]}", "FIELD_RANGE"},
    {"{\"products\":[{\"rank\":1}]}", "FIELD_MISSING"},
    {"{\"products\":[{\"rank\":1,\"name\":\"  \"}]}", "FIELD_RANGE"},
    {"{\"products\":[{\"rank\":1,\"name\":7}]}", "FIELD_TYPE"},
    {ONE(",\"benefits\":\"x\""), "FIELD_TYPE"},
    {ONE(",\"image_url\":\"http://127.0.0.1/a.png\""), "URL_FORBIDDEN"},
    {ONE(",\"image_url\":\"http://2130706433/\""), "URL_FORBIDDEN"},
    {ONE(",\"image_url\":\"https://u:p@example.com/\""), "URL_FORM"},
    {ONE(",\"image_url\":\"/etc/passwd\""), "URL_FORM"},
    {ONE(",\"reference_image\":\"../a.png\""), "PATH_OUTSIDE"},
    {ONE(",\"reference_image\":\"/etc/passwd\""), "PATH_OUTSIDE"},
    {ONE(",\"reference_image\":\"file:///etc/passwd\""), "PATH_OUTSIDE"},
    {ONE(",\"reference_image\":\"C:\\\\a.png\""), "PATH_OUTSIDE"},
    {ONE(",\"reference_image\":\"~/a.png\""), "PATH_OUTSIDE"},
    {ONE(",\"image\":\"https://example.test/a.png\""), "PATH_OUTSIDE"},
    {"{\"schema_version\":\"3\",\"shots\":[" SHOT("A") "]}", "FIELD_MISSING"},
    {BOARD("\"title\":\"x\",\"scenes\":[{\"id\":\"S1\"}]"), "BATCH_SIZE"},
    {BOARD("\"title\":\"x\""), "FIELD_MISSING"},
    {BOARD("\"shots\":[]"), "BATCH_SIZE"},
    {BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"A\",\"duration_s\":0,\"characters_in_"
           "shot\":[],"
           "\"generation_approach\":\"held_frame\",\"first_frame\":\"x\"}]"),
     "FIELD_RANGE"},
    {BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"../"
           "A\",\"duration_s\":1,\"characters_in_shot\":[],"
           "\"generation_approach\":\"held_frame\",\"first_frame\":\"x\"}]"),
     "FIELD_FORM"},
    {BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"A\",\"duration_s\":1,\"characters_in_"
           "shot\":[],"
           "\"generation_approach\":\"triptych\",\"first_frame\":\"x\"}]"),
     "FIELD_WORD"},
    {BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"A\",\"duration_s\":1,\"characters_in_"
           "shot\":[],"
           "\"generation_approach\":\"triptych_split_flf\",\"hero_frame\":\"x\"}]"),
     "FIELD_MISSING"},
    {BOARD("\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"A\",\"duration_s\":1,\"characters_in_"
           "shot\":[],\"seed\":"
           "18446744073709551616,\"generation_approach\":\"held_frame\",\"first_frame\":\"x\"}]"),
     "FIELD_RANGE"},
    {"just words, no document", "UNKNOWN_DROP"},
};

static void test_every_wrong_document_is_refused_by_its_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct intake_answer a;
        const char *name = wrong[i].text[0] == 'j' ? "x.txt" : "x.json";
        char *path = path_join("inbox", name);
        write_text(path, wrong[i].text);
        a = read_entry(name);
        if (!str_eq(refusal(&a), wrong[i].code))
            fail_with(&a.faults, wrong[i].text);
        assert_true(*a.faults.list[0].place);
        assert_non_null(a.faults.list[0].expected);
        assert_non_null(a.faults.list[0].cure);
        intake_answer_finish(&a);
        free(path);
    }
}

static void test_documents_beyond_the_limits_are_refused(void **state)
{
    struct intake_answer a;
    char *deep = deep_list(), *big = mem_alloc((9 << 20) + 1);
    (void)state;
    write_text("inbox/deep.json", deep);
    a = read_entry("deep.json");
    assert_string_equal(refusal(&a), "JSON_DEPTH");
    intake_answer_finish(&a);
    memset(big, ' ', 9 << 20);
    big[0] = '{';
    write_text("inbox/big.json", big);
    a = read_entry("big.json");
    assert_string_equal(refusal(&a), "JSON_SIZE");
    intake_answer_finish(&a);
    free(deep);
    free(big);
}

static void test_another_encoding_is_named(void **state)
{
    static const char wide[] = "\xff\xfe{\0\"\0a\0\"\0:\0"
                               "1\0}\0";
    struct intake_answer a;
    (void)state;
    write_bytes("inbox/wide.json", wide, sizeof wide - 1);
    a = read_entry("wide.json");
    assert_string_equal(refusal(&a), "JSON_ENCODING");
    intake_answer_finish(&a);
}

static void test_a_byte_order_mark_is_only_a_warning(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/p.json", "\xef\xbb\xbf" ONE(""));
    a = read_order("p.json");
    assert_string_equal(a.order->warnings.list[0].code, "JSON_BOM");
    intake_answer_finish(&a);
}

static void test_hostile_text_is_taken_as_it_is(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/p.json",
               "{\"products\":[{\"rank\":1,\"name\":\"<script>\\u001b[2J\xe2\x80\xae\"}]}");
    a = read_order("p.json");
    assert_string_equal(json_str(a.order->doc, "/products/0/name", ""),
                        "<script>\x1b[2J\xe2\x80\xae");
    intake_answer_finish(&a);
}

static void assert_waits(const char *name, const char *code)
{
    struct intake_answer a = read_entry(name);
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_int_equal(a.missing_n, 1);
    assert_string_equal(a.missing[0], name);
    assert_string_equal(a.faults.list[0].code, code);
    intake_answer_finish(&a);
}

static void test_what_may_still_grow_is_waited_for(void **state)
{
    struct bytes png = make_png(640, 480);
    (void)state;
    write_text("inbox/empty.json", "");
    assert_waits("empty.json", "JSON_EMPTY");
    write_text("inbox/cut.json", "{\"prompt\": \"a\"");
    assert_waits("cut.json", "JSON_SYNTAX");
    write_bytes("inbox/cut.png", png.b, png.n - 1);
    assert_waits("cut.png", "IMAGE_TRUNCATED");
    write_text("inbox/cut.zip", "PK\3\4 and some of it");
    assert_waits("cut.zip", "ZIP_TRUNCATED");
}

static void test_pictures_and_archives_on_their_own(void **state)
{
    struct bytes zip = make_zip(), huge = make_png(1000000, 1000000);
    struct intake_answer a;
    (void)state;
    write_png("inbox/lamp.png");
    a = read_entry("lamp.png");
    assert_int_equal(a.verdict, INTAKE_LOOSE);
    intake_answer_finish(&a);
    write_bytes("inbox/a.zip", zip.b, zip.n);
    a = read_entry("a.zip");
    assert_int_equal(a.verdict, INTAKE_UNPACK);
    intake_answer_finish(&a);
    write_bytes("inbox/huge.png", huge.b, huge.n);
    a = read_entry("huge.png");
    assert_string_equal(refusal(&a), "IMAGE_SIZE");
    intake_answer_finish(&a);
}

static void test_an_unknown_drop_is_told_what_is_taken(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/x.json", "{\"prodcts\":[]}");
    a = read_entry("x.json");
    assert_non_null(strstr(a.faults.list[0].expected, "products.json"));
    assert_non_null(strstr(a.faults.list[0].cure, "Did you mean \"products\""));
    intake_answer_finish(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_five_forms_of_products_and_the_bare_list_become_one),
        TEST(test_a_near_miss_of_a_known_name_is_a_warning),
        TEST(test_a_missing_rank_names_its_product),
        TEST(test_all_faults_of_a_document_come_at_once),
        TEST(test_a_fault_names_the_line_it_is_on),
        TEST(test_scenes_become_one_list_of_shots),
        TEST(test_camera_lens_and_light_may_be_texts_or_objects),
        TEST(test_the_same_shot_in_two_scenes_is_refused),
        TEST(test_every_wrong_document_is_refused_by_its_code),
        TEST(test_documents_beyond_the_limits_are_refused),
        TEST(test_another_encoding_is_named),
        TEST(test_a_byte_order_mark_is_only_a_warning),
        TEST(test_hostile_text_is_taken_as_it_is),
        TEST(test_what_may_still_grow_is_waited_for),
        TEST(test_pictures_and_archives_on_their_own),
        TEST(test_an_unknown_drop_is_told_what_is_taken),
    };
    return cmocka_run_group_tests(tests, load_rules, release_rules);
}
