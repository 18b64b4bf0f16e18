/* Combos: which folders are a drop, what they bring, and requests that name one. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "intake/inbox.h"

static void write_combo(const char *folder)
{
    static const char *const names[] = {"ui.png", "pose_mcu.png", "bottom.png", "hoodie.png"};
    for (size_t i = 0; i < 4; i++) {
        char *path = path_join(folder, names[i]);
        write_png(path);
        free(path);
    }
}

static const char *text_of(const struct intake_answer *a, const char *path)
{
    return json_str(json_get(a->order->doc, "texts"), path, "none");
}

static void test_each_form_of_a_combo_folder_is_recognised(void **state)
{
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"C-U-001/one.png", NULL},
        {"any/combo.json", "{\"combo_id\":\"C-U-001\"}"},
        {"any/C-U-009.env", "UI=ui.png\n"},
        {"any/ui.png", NULL},
        {"any/pose_mcu.png", NULL},
        {"any/my_T-Shirt.png", NULL},
        {"Hoodie_combo/Orange_UI_Combos/C-U-009/a.png", NULL},
        {"Combos/Hoodie_combo/Orange_UI_Combos/C-U-009/a.png", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = path_join("inbox", cases[i].file), *entry;
        char *catalog;
        struct intake_answer a;
        entry = mem_dup_n(cases[i].file, strcspn(cases[i].file, "/"));
        catalog = mem_printf("inbox/%s/catalog_v3.2/ZH01.md", entry);
        if (cases[i].text)
            write_text(path, cases[i].text);
        else
            write_png(path);
        write_text(catalog, "# ZH01\n\nText");
        a = read_order(entry);
        assert_string_equal(a.order->kind, "combos");
        assert_string_equal(text_of(&a, "catalog_v3.2/ZH01.md"), "# ZH01\n\nText");
        intake_answer_finish(&a);
        assert_int_equal(remove_root(NULL), 0);
        assert_int_equal(make_root(NULL), 0);
        free(path);
        free(entry);
        free(catalog);
    }
}

static void test_names_that_only_contain_a_role_are_no_combo(void **state)
{
    struct intake_answer a;
    (void)state;
    write_png("inbox/d/building.png");
    write_png("inbox/d/composer.png");
    a = read_entry("d");
    assert_int_equal(a.verdict, INTAKE_LOOSE);
    intake_answer_finish(&a);
}

static void test_pictures_are_files_and_descriptors_are_texts(void **state)
{
    struct intake_answer a;
    const struct order_file *f;
    (void)state;
    write_combo("inbox/Hoodie_combo/C-U-001");
    write_text("inbox/Hoodie_combo/C-U-001/combo.json", "{}");
    write_text("inbox/Hoodie_combo/C-U-009.env", "UI=C-U-001/ui.png\n");
    write_text("inbox/Hoodie_combo/_registry.md", "notes");
    write_text("inbox/Hoodie_combo/catalog_v1/LS01.md", "# LS01");
    a = read_order("Hoodie_combo");
    assert_int_equal(a.order->files_n, 4);
    f = order_file(a.order, "C-U-001/ui.png");
    assert_non_null(f);
    assert_string_equal(f->frozen, "input/Hoodie_combo/C-U-001/ui.png");
    assert_false(f->copy);
    assert_string_equal(text_of(&a, "C-U-001/combo.json"), "{}");
    assert_string_equal(text_of(&a, "C-U-009.env"), "UI=C-U-001/ui.png\n");
    assert_int_equal(a.order->siblings_n, 0);
    assert_int_equal(a.arrived_n, 4);
    intake_answer_finish(&a);
}

static void test_a_catalog_beside_it_comes_along(void **state)
{
    struct intake_answer a;
    (void)state;
    write_combo("inbox/Hoodie_combo/C-U-001");
    a = read_entry("Hoodie_combo");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_string_equal(a.faults.list[0].code, "TEXT_MISSING");
    intake_answer_finish(&a);
    write_text("inbox/Prompt_book/beli/catalog_v3.2/ZH01.md", "# ZH01");
    write_text("inbox/Prompt_book/README.md", "x");
    write_text("inbox/unrelated.txt", "x");
    write_text("inbox/.hidden/catalog_v1/ZH01.md", "x");
    a = read_order("Hoodie_combo");
    assert_string_equal(text_of(&a, "Prompt_book/beli/catalog_v3.2/ZH01.md"), "# ZH01");
    assert_string_equal(text_of(&a, "Prompt_book/README.md"), "none");
    assert_int_equal(a.order->siblings_n, 1);
    assert_string_equal(a.order->siblings[0], "Prompt_book");
    intake_answer_finish(&a);
}

static void test_a_catalog_alone_waits_for_its_combos(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/Prompt_book/catalog_v3.2/ZH01.md", "# ZH01");
    a = read_entry("Prompt_book");
    assert_int_equal(a.verdict, INTAKE_LOOSE);
    intake_answer_finish(&a);
    write_text("inbox/catalog_v3.2/ZH01.md", "# ZH01");
    a = read_entry("catalog_v3.2");
    assert_int_equal(a.verdict, INTAKE_LOOSE);
    intake_answer_finish(&a);
}

static void test_another_combo_drop_with_a_catalog_is_left_where_it_is(void **state)
{
    struct intake_answer a;
    (void)state;
    write_combo("inbox/A_combo/C-U-001");
    write_combo("inbox/B_combo/C-U-001");
    write_text("inbox/B_combo/catalog_v1/LS01.md", "# LS01");
    a = read_entry("A_combo");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    intake_answer_finish(&a);
}

static void test_the_name_and_the_texts_belong_to_the_identity(void **state)
{
    struct intake_answer a, b;
    (void)state;
    write_combo("inbox/A_combo/C-U-001");
    write_text("inbox/A_combo/catalog_v1/LS01.md", "# LS01");
    write_combo("inbox/B_combo/C-U-001");
    write_text("inbox/B_combo/catalog_v1/LS01.md", "# LS01");
    a = read_order("A_combo");
    b = read_order("B_combo");
    assert_string_equal(a.order->listing->digest, b.order->listing->digest);
    assert_string_not_equal(a.order->digest, b.order->digest);
    intake_answer_finish(&a);
    intake_answer_finish(&b);
}

static void test_a_combo_picture_that_is_not_whole_is_waited_for(void **state)
{
    struct bytes png = make_png(64, 64), huge = make_png(100000, 100000);
    struct intake_answer a;
    (void)state;
    write_combo("inbox/A_combo/C-U-001");
    write_text("inbox/A_combo/catalog_v1/LS01.md", "# LS01");
    write_bytes("inbox/A_combo/C-U-001/ui.png", png.b, png.n - 5);
    write_text("inbox/A_combo/C-U-001/pose_mcu.png", "");
    a = read_entry("A_combo");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_int_equal(a.missing_n, 2);
    assert_string_equal(a.missing[0], "C-U-001/pose_mcu.png");
    assert_int_equal(a.arrived_n, 2);
    assert_int_equal(a.wanted_n, 4);
    intake_answer_finish(&a);
    write_bytes("inbox/A_combo/C-U-001/ui.png", huge.b, huge.n);
    a = read_entry("A_combo");
    assert_string_equal(refusal(&a), "IMAGE_SIZE");
    intake_answer_finish(&a);
}

static void test_a_text_too_long_or_in_another_encoding_is_refused(void **state)
{
    struct intake_answer a;
    char *big = mem_alloc(70001);
    (void)state;
    write_combo("inbox/A_combo/C-U-001");
    memset(big, 'x', 70000);
    write_text("inbox/A_combo/catalog_v1/LS01.md", big);
    a = read_entry("A_combo");
    assert_string_equal(refusal(&a), "TEXT_SIZE");
    intake_answer_finish(&a);
    write_text("inbox/A_combo/catalog_v1/LS01.md", "caf\xe9");
    a = read_entry("A_combo");
    assert_string_equal(refusal(&a), "TEXT_UTF8");
    intake_answer_finish(&a);
    free(big);
}

/* --- requests --- */

static void test_a_request_names_a_folder_below_the_root(void **state)
{
    struct intake_answer a;
    const struct order_file *f;
    (void)state;
    write_combo("library/Hoodie_combo/C-U-001");
    write_text("library/Hoodie_combo/catalog_v1/ZH01.md", "# ZH01");
    write_text("inbox/r.json", "{\"combos\":\"library/Hoodie_combo\",\"quality\":\"4K\","
                               "\"only\":[{\"combo\":\"C-U-001\",\"prompt\":\"ZH01\"}]}");
    a = read_order("r.json");
    assert_string_equal(a.order->kind, "combos");
    assert_string_equal(json_str(a.order->doc, "quality", ""), "4K");
    assert_string_equal(json_str(a.order->doc, "folder", ""), "library/Hoodie_combo");
    assert_null(json_get(a.order->doc, "combos"));
    assert_string_equal(text_of(&a, "Hoodie_combo/catalog_v1/ZH01.md"), "# ZH01");
    f = order_file(a.order, "Hoodie_combo/C-U-001/ui.png");
    assert_non_null(f);
    assert_true(f->copy);
    assert_string_equal(f->frozen, "refs/Hoodie_combo/C-U-001/ui.png");
    intake_answer_finish(&a);
}

static void test_a_request_names_a_taken_drop(void **state)
{
    struct intake_answer a;
    (void)state;
    write_combo("taken/20260314-a/input/Hoodie_combo/C-U-001");
    write_text("taken/20260314-a/input/Prompt_book/catalog_v1/ZH01.md", "# ZH01");
    write_text("inbox/r.json", "{\"combos\":\"20260314-a\",\"quality\":\"4K\"}");
    a = read_order("r.json");
    assert_non_null(order_file(a.order, "Hoodie_combo/C-U-001/ui.png"));
    assert_string_equal(text_of(&a, "Prompt_book/catalog_v1/ZH01.md"), "# ZH01");
    assert_int_equal(a.order->siblings_n, 0);
    intake_answer_finish(&a);
}

static void test_a_request_beside_its_folder_takes_it_along(void **state)
{
    struct intake_answer a;
    (void)state;
    write_combo("inbox/Hoodie_combo/C-U-001");
    write_text("inbox/Hoodie_combo/catalog_v1/ZH01.md", "# ZH01");
    write_text("inbox/r.json", "{\"combos\":\"Hoodie_combo\"}");
    a = read_order("r.json");
    assert_int_equal(a.order->siblings_n, 1);
    assert_string_equal(order_file(a.order, "Hoodie_combo/C-U-001/ui.png")->frozen,
                        "input/Hoodie_combo/C-U-001/ui.png");
    intake_answer_finish(&a);
}

static void test_a_request_never_leaves_the_root(void **state)
{
    static const char *const paths[] = {"../x", "/etc", "a/../../x", "a\\n"};
    struct intake_answer a;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *text = mem_printf("{\"combos\":\"%s\"}", paths[i]);
        write_text("inbox/r.json", text);
        a = read_entry("r.json");
        assert_string_equal(refusal(&a), "PATH_OUTSIDE");
        intake_answer_finish(&a);
        free(text);
    }
    write_text("inbox/r.json", "{\"combos\":\"nowhere\"}");
    a = read_entry("r.json");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_string_equal(a.faults.list[0].code, "FOLDER_MISSING");
    intake_answer_finish(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_form_of_a_combo_folder_is_recognised),
        TEST(test_names_that_only_contain_a_role_are_no_combo),
        TEST(test_pictures_are_files_and_descriptors_are_texts),
        TEST(test_a_catalog_beside_it_comes_along),
        TEST(test_a_catalog_alone_waits_for_its_combos),
        TEST(test_another_combo_drop_with_a_catalog_is_left_where_it_is),
        TEST(test_the_name_and_the_texts_belong_to_the_identity),
        TEST(test_a_combo_picture_that_is_not_whole_is_waited_for),
        TEST(test_a_text_too_long_or_in_another_encoding_is_refused),
        TEST(test_a_request_names_a_folder_below_the_root),
        TEST(test_a_request_names_a_taken_drop),
        TEST(test_a_request_beside_its_folder_takes_it_along),
        TEST(test_a_request_never_leaves_the_root),
    };
    return cmocka_run_group_tests(tests, load_rules, release_rules);
}
