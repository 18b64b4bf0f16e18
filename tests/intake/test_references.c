/* Pictures that documents name: where they are read from, where never, and what is waited for. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "intake/inbox.h"

static void write_product(const char *name, const char *picture)
{
    char *text = mem_printf(
        "{\"products\":[{\"rank\":1,\"name\":\"A\",\"reference_image\":\"%s\"}]}", picture);
    write_text(name, text);
    free(text);
}

static const struct order_file *only_file(const struct intake_answer *a)
{
    assert_int_equal(a->order->files_n, 1);
    assert_ptr_equal(order_file(a->order, "/products/0/reference_image"), &a->order->files[0]);
    assert_int_equal(strlen(a->order->files[0].sha256), 64);
    assert_int_equal(access(a->order->files[0].now, R_OK), 0);
    return &a->order->files[0];
}

static void test_a_picture_inside_the_drop(void **state)
{
    struct intake_answer a;
    const struct order_file *f;
    (void)state;
    write_product("inbox/d/products.json", "refs/a.png");
    write_png("inbox/d/refs/a.png");
    write_text("inbox/d/niche.txt", "desk lamps \nmore\n");
    a = read_order("d");
    f = only_file(&a);
    assert_string_equal(a.order->doc_path, "products.json");
    assert_string_equal(f->frozen, "input/d/refs/a.png");
    assert_false(f->copy);
    assert_int_equal(f->width, 640);
    assert_string_equal(json_str(a.order->doc, "niche", ""), "desk lamps");
    assert_string_equal(a.order->digest, a.order->listing->digest);
    assert_int_equal(a.arrived_n, 1);
    assert_int_equal(a.wanted_n, 1);
    intake_answer_finish(&a);
}

static void test_a_path_counts_from_the_document_or_from_the_top(void **state)
{
    static const char *const names[] = {"../refs/a.png", "refs/a.png", "./../refs/./a.png",
                                        "refs\\\\a.png", "REFS/A.PNG"};
    (void)state;
    write_png("inbox/d/refs/a.png");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct intake_answer a;
        write_product("inbox/d/in/products.json", names[i]);
        a = read_order("d");
        assert_string_equal(only_file(&a)->frozen, "input/d/refs/a.png");
        intake_answer_finish(&a);
    }
}

static void test_a_picture_beside_the_drop_comes_along(void **state)
{
    struct intake_answer a;
    const struct order_file *f;
    (void)state;
    write_product("inbox/products.json", "refs/a.png");
    write_png("inbox/refs/a.png");
    a = read_order("products.json");
    f = only_file(&a);
    assert_string_equal(f->frozen, "input/refs/a.png");
    assert_false(f->copy);
    assert_int_equal(a.order->siblings_n, 1);
    assert_string_equal(a.order->siblings[0], "refs");
    assert_string_not_equal(a.order->digest, a.order->listing->digest);
    intake_answer_finish(&a);
}

static void test_a_picture_elsewhere_below_the_root_is_copied(void **state)
{
    struct intake_answer a;
    const struct order_file *f;
    char *absolute;
    (void)state;
    write_png("library/lamps/\xc3\xa9.png");
    write_product("inbox/products.json", "library/lamps/e\xcc\x81.png");
    a = read_order("products.json");
    f = only_file(&a);
    assert_true(f->copy);
    assert_true(str_starts(f->frozen, "refs/01_"));
    assert_int_equal(a.order->siblings_n, 0);
    intake_answer_finish(&a);
    absolute = mem_printf("%s/library/lamps/\xc3\xa9.png", root);
    write_product("inbox/products.json", absolute);
    a = read_order("products.json");
    assert_true(only_file(&a)->copy);
    intake_answer_finish(&a);
    free(absolute);
}

/* One of the repository's rules into the test's own. */
static void copy_rule(const char *name)
{
    char *path = path_join("rules", name), *bytes = NULL;
    size_t len = 0;
    assert_int_equal(file_read(path, 1 << 20, &bytes, &len, NULL), 0);
    write_bytes(path, bytes, len);
    free(bytes);
    free(path);
}

static void test_further_folders_are_read_only_when_the_policy_names_them(void **state)
{
    char *outside = mem_dup("/tmp/slated-refs-XXXXXX"), *policy, *path, *from;
    struct bytes png = make_png(64, 64);
    struct rules *own = NULL;
    struct faults faults = {0};
    struct intake_answer a;
    (void)state;
    assert_non_null(mkdtemp(outside));
    path = path_join(outside, "a.png");
    assert_int_equal(file_write(path, png.b, png.n, false, NULL), 0);
    write_product("inbox/products.json", path);
    a = read_entry("products.json");
    assert_string_equal(refusal(&a), "PATH_OUTSIDE");
    intake_answer_finish(&a);

    policy = mem_printf("{\"intake\": {\"reference_folders\": [\"%s\"]}}", outside);
    write_text("rules/policy.json", policy);
    copy_rule("plans/products.json");
    copy_rule("intake/products.json");
    from = mem_printf("%s/rules", root);
    if (rules_load(from, &own, &faults) != 0)
        fail_with(&faults, from);
    a = read_from(own, "inbox", "products.json");
    assert_int_equal(a.verdict, INTAKE_ORDER);
    assert_true(only_file(&a)->copy);
    intake_answer_finish(&a);
    write_product("inbox/products.json", "a.png");
    a = read_from(own, "inbox", "products.json");
    assert_int_equal(a.verdict, INTAKE_ORDER);
    intake_answer_finish(&a);

    rules_release(own);
    assert_int_equal(file_remove_tree(outside, NULL), 0);
    free(policy);
    free(from);
    free(path);
    free(outside);
}

static void test_no_link_is_followed_on_the_way(void **state)
{
    char *secret = mem_printf("%s/../slated-secret.png", root), *link_path;
    (void)state;
    write_png("library/real/a.png");
    link_path = mem_printf("%s/inbox/linked", root);
    assert_int_equal(symlink("../library/real", link_path), 0);
    write_product("inbox/products.json", "linked/a.png");
    struct intake_answer a = read_entry("products.json");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    intake_answer_finish(&a);
    free(link_path);
    link_path = mem_printf("%s/inbox/a.png", root);
    assert_int_equal(symlink("../library/real/a.png", link_path), 0);
    write_product("inbox/products.json", "a.png");
    a = read_entry("products.json");
    assert_string_equal(refusal(&a), "NOT_REGULAR");
    intake_answer_finish(&a);
    free(link_path);
    link_path = mem_printf("%s/inbox/d/a.png", root);
    write_product("inbox/d/products.json", "a.png");
    assert_int_equal(symlink("../../library/real/a.png", link_path), 0);
    a = read_entry("d");
    assert_string_equal(refusal(&a), "NOT_REGULAR");
    intake_answer_finish(&a);
    free(link_path);
    free(secret);
}

static void test_own_folders_of_slated_hold_no_pictures(void **state)
{
    struct intake_answer a;
    (void)state;
    write_png(".slated/work/a.png");
    write_product("inbox/products.json", ".slated/work/a.png");
    a = read_entry("products.json");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    intake_answer_finish(&a);
}

static void test_a_missing_picture_is_waited_for_by_its_name(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/d/products.json",
               "{\"products\":[{\"rank\":1,\"name\":\"A\",\"reference_image\":\"a.png\"},"
               "{\"rank\":2,\"name\":\"B\",\"reference_image\":\"b.png\"}]}");
    write_png("inbox/d/a.png");
    a = read_entry("d");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_int_equal(a.missing_n, 1);
    assert_string_equal(a.missing[0], "b.png");
    assert_string_equal(a.faults.list[0].code, "REF_MISSING");
    assert_string_equal(a.faults.list[0].place,
                        "d/products.json: /products/1/reference_image (line 1)");
    assert_int_equal(a.arrived_n, 1);
    assert_int_equal(a.wanted_n, 2);
    intake_answer_finish(&a);
    write_png("inbox/d/b.png");
    a = read_order("d");
    intake_answer_finish(&a);
}

static void test_what_is_named_must_be_a_whole_picture_by_its_content(void **state)
{
    struct bytes png = make_png(64, 64), huge = make_png(1000000, 10), jpeg = make_jpeg(64, 64);
    struct intake_answer a;
    (void)state;
    write_product("inbox/d/products.json", "a.png");
    write_text("inbox/d/a.png", "only text");
    a = read_entry("d");
    assert_string_equal(refusal(&a), "REF_NOT_IMAGE");
    intake_answer_finish(&a);
    write_bytes("inbox/d/a.png", huge.b, huge.n);
    a = read_entry("d");
    assert_string_equal(refusal(&a), "IMAGE_SIZE");
    intake_answer_finish(&a);
    write_bytes("inbox/d/a.png", png.b, png.n - 1);
    a = read_entry("d");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_string_equal(a.faults.list[0].code, "IMAGE_TRUNCATED");
    intake_answer_finish(&a);
    write_bytes("inbox/d/a.png", jpeg.b, jpeg.n);
    a = read_order("d");
    assert_int_equal(only_file(&a)->media, MEDIA_JPEG);
    assert_string_equal(a.order->warnings.list[0].code, "NAME_TYPE");
    intake_answer_finish(&a);
    put(&png, "tail", 4);
    write_bytes("inbox/d/a.png", png.b, png.n);
    a = read_order("d");
    assert_string_equal(a.order->warnings.list[0].code, "IMAGE_TAIL");
    intake_answer_finish(&a);
}

static void test_two_spellings_of_one_name_are_a_clash(void **state)
{
    struct intake_answer a;
    (void)state;
    write_product("inbox/d/products.json", "Lamp.png");
    write_png("inbox/d/lamp.png");
    write_png("inbox/d/LAMP.png");
    a = read_entry("d");
    assert_string_equal(refusal(&a), "NAME_CLASH");
    intake_answer_finish(&a);
}

static void test_pictures_of_a_cast_may_be_missing(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text(
        "inbox/b.json",
        "{\"schema_version\":\"3\",\"project\":\"p\",\"project_code\":\"P\",\"episode\":1,"
        "\"characters\":{\"JINX\":{\"hero_image\":\"gone/JINX.png\",\"refs\":[\"/x/y.png\"]}},"
        "\"shots\":[{\"shot_id\":\"A\",\"asset_name\":\"A\",\"duration_s\":1,"
        "\"characters_in_shot\":[\"JINX\"],\"generation_approach\":\"held_frame_static\","
        "\"first_frame\":\"x\"}]}");
    a = read_order("b.json");
    assert_int_equal(a.order->files_n, 0);
    assert_int_equal(a.order->warnings.n, 2);
    assert_string_equal(a.order->warnings.list[0].code, "REF_MISSING");
    assert_string_equal(a.order->warnings.list[1].code, "PATH_OUTSIDE");
    intake_answer_finish(&a);
}

static void test_two_documents_in_one_folder_are_refused(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/d/a.json", "{\"products\":[{\"rank\":1,\"name\":\"A\"}]}");
    write_text("inbox/d/b.json", "{\"products\":[{\"rank\":1,\"name\":\"A\"}]}");
    a = read_entry("d");
    assert_string_equal(refusal(&a), "FOLDER_DOCUMENTS");
    assert_non_null(strstr(a.faults.list[0].found, "a.json (products), b.json (products)"));
    intake_answer_finish(&a);
    write_text("inbox/d/b.json", "{\"schema_version\":\"3\",\"shots\":[]}");
    a = read_entry("d");
    assert_non_null(strstr(a.faults.list[0].found, "a.json (products), b.json (storyboard)"));
    intake_answer_finish(&a);
}

static void test_a_folder_with_a_broken_document_says_what_is_broken(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/d/products.json", "{\"products\": [}");
    a = read_entry("d");
    assert_string_equal(refusal(&a), "JSON_SYNTAX");
    assert_true(str_starts(a.faults.list[0].place, "d/products.json: line 1"));
    intake_answer_finish(&a);
}

static void test_a_folder_of_pictures_waits_for_the_drop_that_names_it(void **state)
{
    struct intake_answer a;
    (void)state;
    write_png("inbox/refs/lamp.png");
    a = read_entry("refs");
    assert_int_equal(a.verdict, INTAKE_LOOSE);
    intake_answer_finish(&a);
    write_text("inbox/refs/other.json", "{\"hello\": 1}");
    a = read_entry("refs");
    assert_string_equal(refusal(&a), "UNKNOWN_DROP");
    intake_answer_finish(&a);
}

static void test_a_folder_without_a_document_waits_for_it(void **state)
{
    struct intake_answer a;
    (void)state;
    write_text("inbox/d/.DS_Store", "x");
    a = read_entry("d");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    assert_string_equal(a.faults.list[0].code, "UNKNOWN_DROP");
    assert_string_equal(a.faults.list[0].found, "a folder without files");
    intake_answer_finish(&a);
    write_text("inbox/d/niche.txt", "lamps");
    a = read_entry("d");
    assert_int_equal(a.verdict, INTAKE_WAIT);
    intake_answer_finish(&a);
    write_text("inbox/d/products.json", "{\"products\":[{\"rank\":1,\"name\":\"A\"}]}");
    a = read_order("d");
    intake_answer_finish(&a);
}

static const char plain_list[] = "{\"products\":[{\"rank\":1,\"name\":\"A\"}]}";

static void test_a_face_beside_the_list_is_the_host_s(void **state)
{
    (void)state;
    write_text("inbox/d/products.json", plain_list);
    write_png("inbox/d/host.png");
    struct intake_answer a = read_order("d");
    const struct order_file *f = order_file(a.order, "/avatar/face");
    assert_non_null(f);
    assert_string_equal(f->frozen, "input/d/host.png");
    intake_answer_finish(&a);
}

static void test_a_face_that_the_list_names_goes_first_and_need_not_be_there(void **state)
{
    (void)state;
    write_text("inbox/d/products.json", "{\"products\":[{\"rank\":1,\"name\":\"A\"}],"
                                        "\"avatar\":{\"face\":\"me.png\"}}");
    write_png("inbox/d/face.png");
    struct intake_answer a = read_order("d");
    assert_null(order_file(a.order, "/avatar/face"));
    assert_string_equal(a.order->warnings.list[0].code, "REF_MISSING");
    intake_answer_finish(&a);
    write_png("inbox/d/me.png");
    a = read_order("d");
    assert_string_equal(order_file(a.order, "/avatar/face")->frozen, "input/d/me.png");
    intake_answer_finish(&a);
}

static void test_a_list_without_any_face_has_no_host(void **state)
{
    (void)state;
    write_text("inbox/d/products.json", plain_list);
    struct intake_answer a = read_order("d");
    assert_null(json_get(a.order->doc, "avatar"));
    intake_answer_finish(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_picture_inside_the_drop),
        TEST(test_a_face_beside_the_list_is_the_host_s),
        TEST(test_a_face_that_the_list_names_goes_first_and_need_not_be_there),
        TEST(test_a_list_without_any_face_has_no_host),
        TEST(test_a_path_counts_from_the_document_or_from_the_top),
        TEST(test_a_picture_beside_the_drop_comes_along),
        TEST(test_a_picture_elsewhere_below_the_root_is_copied),
        TEST(test_further_folders_are_read_only_when_the_policy_names_them),
        TEST(test_no_link_is_followed_on_the_way),
        TEST(test_own_folders_of_slated_hold_no_pictures),
        TEST(test_a_missing_picture_is_waited_for_by_its_name),
        TEST(test_what_is_named_must_be_a_whole_picture_by_its_content),
        TEST(test_two_spellings_of_one_name_are_a_clash),
        TEST(test_pictures_of_a_cast_may_be_missing),
        TEST(test_two_documents_in_one_folder_are_refused),
        TEST(test_a_folder_with_a_broken_document_says_what_is_broken),
        TEST(test_a_folder_without_a_document_waits_for_it),
        TEST(test_a_folder_of_pictures_waits_for_the_drop_that_names_it),
    };
    return cmocka_run_group_tests(tests, load_rules, release_rules);
}
