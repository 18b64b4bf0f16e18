/* Product pictures as operations: exact canvases, the product's own pixels, its share of the frame,
 * the same bytes twice, and requests that mean harm. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "draw/lsan.h"
#include "draw/photos.h"
#include "ops/ops.h"

/* A folder with one photo of each thing in it. */
struct place {
    char dir[64];
    char *photo[THINGS];
    char *out;
};

static int place_make(void **state)
{
    static const char *const names[THINGS] = {"lamp.jpg", "headphones.jpg", "kettle.jpg",
                                              "bottle.jpg"};
    struct place *p = mem_alloc(sizeof *p);
    strcpy(p->dir, "/tmp/slated-draw-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    for (int i = 0; i < THINGS; i++) {
        struct photo f = photo_make(i, 640, 1.0, FLAW_NOISE | FLAW_SHADOW);
        p->photo[i] = path_join(p->dir, names[i]);
        if (picture_write(p->photo[i], "jpg", &f.picture, NULL, NULL))
            return -1;
        photo_free(&f);
    }
    p->out = path_join(p->dir, "out.png");
    *state = p;
    return 0;
}

static int place_remove(void **state)
{
    struct place *p = *state;
    (void)file_remove_tree(p->dir, NULL);
    for (int i = 0; i < THINGS; i++)
        free(p->photo[i]);
    free(p->out);
    free(p);
    return 0;
}

/* Runs an operation; *ret_facts (may be NULL) is the caller's. */
static int ask(struct place *p, op_function *op, const char *params, const char *name, char *path,
               cJSON **ret_facts, struct err *e)
{
    struct op_file in = {(char *)name, path}, out = {(char *)"picture", p->out};
    cJSON *tree = cJSON_Parse(params), *facts = cJSON_CreateObject();
    assert_non_null(tree);
    struct op_request r = {
        .op = "test", .params = tree, .in = &in, .in_n = path ? 1 : 0, .out = &out, .out_n = 1};
    int rc = op(&r, facts, e);
    cJSON_Delete(tree);
    if (ret_facts)
        *ret_facts = facts;
    else
        cJSON_Delete(facts);
    return rc;
}

static void expect_size(struct place *p, int width, int height)
{
    struct pixels made = {0};
    assert_int_equal(picture_read(p->out, &made, NULL), 0);
    assert_int_equal(made.width, width);
    assert_int_equal(made.height, height);
    pixels_finish(&made);
}

static void made(struct place *p, op_function *op, const char *params, const char *name, char *path,
                 int width, int height)
{
    struct err e = {0};
    if (ask(p, op, params, name, path, NULL, &e))
        fail_msg("%s: %s", params, e.text);
    expect_size(p, width, height);
}

static void test_canvases_are_exact(void **state)
{
    struct place *p = *state;
    made(p, op_product_scene, "{\"variant\":\"hero\"}", "ref", p->photo[0], 1536, 864);
    made(p, op_product_scene, "{\"variant\":\"detail\"}", "ref", p->photo[1], 2048, 2048);
    made(p, op_product_scene, "{\"variant\":\"usage2\",\"width\":501,\"height\":333}", "ref",
         p->photo[2], 501, 333);
    made(p, op_product_scene, "{\"variant\":\"mood\",\"width\":300,\"height\":700}", NULL, NULL,
         300, 700);
    made(p, op_product_faithful, "{\"variant\":\"detail\",\"width\":512,\"height\":512}", "ref",
         p->photo[3], 512, 512);
    made(p, op_thumbnail, "{\"message\":\"Top 5\"}", "ref", p->photo[0], 1536, 864);
    made(p, op_background, "{\"category\":\"audio\",\"width\":640,\"height\":360}", NULL, NULL, 640,
         360);
    made(p, op_avatar, "{\"label\":\"Host\"}", NULL, NULL, 1536, 864);
    made(p, op_character_sheet, "{\"label\":\"Mara\"}", NULL, NULL, 2720, 1530);
    made(p, op_character_scene,
         "{\"scene\":\"in a kitchen\",\"cast\":[\"Mara\",\"Oskar\"],\"width\":640,\"height\":360}",
         NULL, NULL, 640, 360);
    made(p, op_character_sheet, "{\"width\":256,\"height\":256}", NULL, NULL, 256, 256);
    made(p, op_combo_compose, "{\"width\":512,\"height\":512,\"title\":\"A\"}", "pose", p->photo[0],
         512, 512);
}

static void test_every_variant_and_category_can_be_drawn(void **state)
{
    struct place *p = *state;
    static const char *const variants[] = {"hero", "usage1", "detail", "usage2", "mood"};
    static const char *const categories[] = {
        "default", "audio",  "computing", "kitchen", "fitness", "travel",    "office",
        "camera",  "gaming", "home",      "outdoor", "baby",    "streaming", "never heard of"};
    for (size_t c = 0; c < sizeof categories / sizeof categories[0]; c++)
        for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
            char params[256];
            snprintf(params, sizeof params,
                     "{\"variant\":\"%s\",\"category\":\"%s\",\"name\":\"N\",\"width\":192,"
                     "\"height\":108}",
                     variants[v], categories[c]);
            made(p, op_product_scene, params, "ref", c % 2 ? p->photo[1] : NULL, 192, 108);
        }
}

static void digest_of(struct place *p, const char *params, char *photo, char hex[DIGEST_LEN])
{
    struct err e = {0};
    uint64_t len;
    assert_int_equal(ask(p, op_product_scene, params, "ref", photo, NULL, &e), 0);
    assert_int_equal(digest_file(p->out, hex, &len, &e), 0);
}

static void test_the_same_request_makes_the_same_bytes(void **state)
{
    struct place *p = *state;
    static const char *const asked[] = {
        "{\"variant\":\"hero\",\"seed\":4}",
        "{\"variant\":\"usage1\",\"category\":\"kitchen\",\"seed\":4}",
        "{\"variant\":\"mood\",\"seed\":4}",
        "{\"variant\":\"detail\",\"width\":700,\"height\":700}"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        char first[DIGEST_LEN], second[DIGEST_LEN];
        digest_of(p, asked[i], p->photo[2], first);
        digest_of(p, asked[i], p->photo[2], second);
        assert_string_equal(first, second);
        digest_of(p, asked[i], NULL, first);
        digest_of(p, asked[i], NULL, second);
        assert_string_equal(first, second);
    }
}

static void test_variants_and_categories_differ(void **state)
{
    struct place *p = *state;
    static const char *const asked[] = {
        "{\"variant\":\"hero\"}", "{\"variant\":\"mood\"}", "{\"variant\":\"usage1\"}",
        "{\"variant\":\"usage1\",\"category\":\"gaming\"}", "{\"variant\":\"usage2\"}"};
    char hex[5][DIGEST_LEN];
    for (int i = 0; i < 5; i++) {
        digest_of(p, asked[i], p->photo[0], hex[i]);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(hex[i], hex[j]);
    }
}

/* The colour in the middle of the headphones' right cup: a spot of copper no scene has. */
static void spot_of(struct place *p, const cJSON *facts, double u, double v, uint8_t rgb[3])
{
    struct pixels canvas = {0};
    const cJSON *box = json_get(facts, "product");
    assert_int_equal(picture_read(p->out, &canvas, NULL), 0);
    int x = (int)(json_num(box, "x", 0) + u * json_num(box, "width", 0));
    int y = (int)(json_num(box, "y", 0) + v * json_num(box, "height", 0));
    memcpy(rgb, canvas.data + 4 * ((size_t)y * canvas.width + x), 3);
    pixels_finish(&canvas);
}

static void test_the_product_keeps_its_colours(void **state)
{
    struct place *p = *state;
    static const int copper[3] = {191, 89, 38};
    static const char *const scenes[] = {"hero", "usage1", "usage2", "mood"};
    for (int i = 0; i < 8; i++) {
        char params[128];
        cJSON *facts = NULL;
        uint8_t rgb[3];
        struct err e = {0};
        snprintf(params, sizeof params, "{\"variant\":\"%s\",\"category\":\"audio\"}",
                 scenes[i % 4]);
        assert_int_equal(ask(p, i < 4 ? op_product_faithful : op_product_scene, params, "ref",
                             p->photo[1], &facts, &e),
                         0);
        spot_of(p, facts, 0.877, 0.739, rgb);
        for (int c = 0; c < 3; c++)
            assert_in_range(rgb[c], fmax(0, copper[c] - (i < 4 ? 7 : 38)),
                            copper[c] + (i < 4 ? 7 : 38));
        assert_string_equal(json_str(facts, "cut", ""), "plain");
        cJSON_Delete(facts);
    }
}

static void test_the_thumbnails_product_takes_seventy_percent(void **state)
{
    struct place *p = *state;
    for (int i = 0; i <= THINGS; i++) {
        cJSON *facts = NULL;
        struct err e = {0};
        assert_int_equal(ask(p, op_thumbnail,
                             "{\"message\":\"Top 5\",\"name\":\"A\",\"niche\":\"desk lamps\"}",
                             "ref", i < THINGS ? p->photo[i] : NULL, &facts, &e),
                         0);
        double share = json_num(facts, "share", 0);
        assert_true(share > 0.69 && share < 0.71);
        assert_int_equal(json_bool(facts, "comp", false), i == THINGS);
        cJSON_Delete(facts);
    }
}

static void test_hostile_words_are_only_drawn(void **state)
{
    struct place *p = *state;
    char *longest = mem_alloc(70000), *params;
    memset(longest, 'W', 60000);
    static const char *const words[] = {"<b>&amp;</b>",
                                        "\\u202e\\u0007\\u0000x",
                                        "%s%n%s",
                                        "\\ud83d\\ude00 \\u4e2d\\u6587",
                                        "../../etc",
                                        " ",
                                        ""};
    for (size_t i = 0; i <= sizeof words / sizeof words[0]; i++) {
        const char *w = i < sizeof words / sizeof words[0] ? words[i] : longest;
        params = mem_printf("{\"width\":320,\"height\":180,\"name\":\"%s\",\"positioning\":\"%s\","
                            "\"price\":\"%s\",\"message\":\"%s\","
                            "\"niche\":\"%s\",\"category\":\"%s\",\"title\":\"%s\",\"text\":\"%s\","
                            "\"label\":\"%s\",\"rank\":3,"
                            "\"benefits\":[\"%s\",7,null,\"%s\",\"%s\",\"%s\"]}",
                            w, w, w, w, w, w, w, w, w, w, w, w, w);
        made(p, op_product_scene, params, NULL, NULL, 320, 180);
        made(p, op_thumbnail, params, NULL, NULL, 320, 180);
        made(p, op_avatar, params, NULL, NULL, 320, 180);
        made(p, op_combo_compose, params, NULL, NULL, 320, 180);
        free(params);
    }
    free(longest);
}

static void test_bad_requests_are_refused(void **state)
{
    struct place *p = *state;
    struct err e = {0};
    static const char *const bad[] = {"{\"width\":-4}", "{\"width\":10.5}", "{\"width\":1e9}",
                                      "{\"width\":16384,\"height\":16384}", "{\"height\":3}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_not_equal(ask(p, op_product_scene, bad[i], NULL, NULL, NULL, &e), 0);
    assert_int_equal(ask(p, op_product_faithful, "{}", NULL, NULL, NULL, &e), ERR_INPUT);
    assert_int_equal(ask(p, op_product_scene, "{}", "ref", (char *)"/nonexistent/x.jpg", NULL, &e),
                     ERR_MISSING);
    char *text = path_join(p->dir, "x.jpg");
    assert_int_equal(file_write(text, "not a picture", 13, false, NULL), 0);
    assert_int_equal(ask(p, op_product_scene, "{}", "ref", text, NULL, &e), ERR_UNSUPPORTED);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_canvases_are_exact, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_every_variant_and_category_can_be_drawn, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_the_same_request_makes_the_same_bytes, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_variants_and_categories_differ, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_the_product_keeps_its_colours, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_the_thumbnails_product_takes_seventy_percent,
                                        place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_hostile_words_are_only_drawn, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(test_bad_requests_are_refused, place_make, place_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
