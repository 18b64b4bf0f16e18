/* Lists of products come in; the plan must have the pictures, names, prompts and documents the
 * working procedures ask for. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "orders.h"

static const char five_text[] =
    "{\"video_id\":\"2026-03-14-desk-lamps\",\"niche\":\"desk lamps\",\"products\":["
    "{\"rank\":5,\"name\":\"Bend\",\"price\":\"$19\"},{\"rank\":4,\"name\":\"Kite\"},"
    "{\"rank\":3,\"name\":\"Plinth\"},{\"rank\":2,\"name\":\"Halo 2\"},"
    "{\"rank\":1,\"name\":\"Lumo Arc 3\",\"positioning\":\"best overall\",\"benefits\":[\"Even "
    "light\"]}]}";

static struct plan *planned(struct order *o)
{
    struct faults faults = {0};
    struct plan *p = orders_plan(o, &faults);
    if (!p)
        fail_msg("refused: %s: %s", faults.list[0].code, faults.list[0].found);
    orders_free(o);
    faults_finish(&faults);
    return p;
}

static struct plan *five(void)
{
    return planned(orders_products(five_text));
}

static void test_five_products_make_21_pictures_in_rank_order(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "thumbnail", "background", "avatar_frame", "01_hero",   "01_usage1", "01_detail",
        "01_usage2", "01_mood",    "02_hero",      "02_usage1", "02_detail", "02_mood",
        "03_hero",   "03_usage1",  "03_detail",    "04_hero",   "04_usage1", "04_detail",
        "05_hero",   "05_usage1",  "05_detail"};
    struct plan *p = five();
    assert_int_equal(p->jobs_n, 21);
    for (size_t i = 0; i < 21; i++)
        assert_string_equal(p->jobs[i].key, keys[i]);
    assert_string_equal(p->title, "5 products: desk lamps");
    assert_string_equal(p->tree, "videos/2026-03-14-desk-lamps");
    plan_free(p);
}

static void check_name(const struct plan *p, const char *key, const char *path, const char *prompt)
{
    const struct plan_job *j = orders_job(p, key);
    char full[200];
    assert_non_null(j);
    assert_int_equal(j->outs_n, 1);
    snprintf(full, sizeof full, "videos/2026-03-14-desk-lamps/assets/%s", path);
    assert_string_equal(j->outs[0].path, full);
    assert_string_equal(j->outs[0].slot, full);
    snprintf(full, sizeof full, "videos/2026-03-14-desk-lamps/assets/dzine/prompts/%s", prompt);
    assert_string_equal(j->prompt_path, full);
}

static void test_names_are_those_of_the_tree(void **state)
{
    (void)state;
    struct plan *p = five();
    check_name(p, "thumbnail", "dzine/thumbnail.png", "thumbnail.txt");
    check_name(p, "02_mood", "dzine/products/02_mood.png", "02_mood.txt");
    check_name(p, "background", "dzine/background.png", "background.txt");
    check_name(p, "avatar_frame", "dzine/avatar_frame.png", "avatar_frame.txt");
    static const char *const records[] = {"assets/dzine/assets_manifest.json",
                                          "assets/dzine/result.json", "status.json",
                                          "inputs/products.json", "inputs/niche.txt"};
    assert_int_equal(p->records_n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(str_ends(p->records[i].path, records[i]));
    plan_free(p);
}

static void test_ops_are_told_everything_they_ask_for(void **state)
{
    (void)state;
    static const struct {
        const char *key, *op, *params[12];
    } list[] = {
        {"thumbnail", "thumbnail", {"width", "height", "seed", "name", "message", "niche"}},
        {"01_hero",
         "product.scene",
         {"width", "height", "seed", "variant", "rank", "name", "category", "positioning",
          "benefits", "price"}},
        {"background", "background", {"width", "height", "seed", "category"}},
        {"avatar_frame", "avatar", {"width", "height", "seed", "label"}},
    };
    struct plan *p = five();
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const struct plan_job *j = orders_job(p, list[i].key);
        assert_string_equal(j->op, list[i].op);
        for (size_t k = 0; list[i].params[k]; k++)
            if (!json_get(j->params, list[i].params[k]))
                fail_msg("%s is not told its %s", j->op, list[i].params[k]);
    }
    assert_string_equal(json_str(orders_job(p, "thumbnail")->params, "name", ""), "Lumo Arc 3");
    assert_string_equal(json_str(orders_job(p, "thumbnail")->params, "message", ""), "Top 5");
    assert_string_equal(json_str(orders_job(p, "01_hero")->params, "category", ""), "office");
    plan_free(p);
}

static void check_size(const struct plan *p, const char *key, int width, int height)
{
    const cJSON *params = orders_job(p, key)->params;
    assert_int_equal(json_int(params, "width", 0), width);
    assert_int_equal(json_int(params, "height", 0), height);
}

static void test_details_are_square_and_the_rest_is_wide(void **state)
{
    (void)state;
    struct plan *p = five();
    check_size(p, "01_detail", 2048, 2048);
    check_size(p, "01_hero", 1536, 864);
    check_size(p, "thumbnail", 1536, 864);
    check_size(p, "background", 1536, 864);
    check_size(p, "avatar_frame", 1536, 864);
    plan_free(p);
}

static void test_a_local_photo_goes_in_and_makes_a_faithful_picture(void **state)
{
    (void)state;
    struct order *o = orders_products(five_text);
    orders_add_file(o, "/products/4/reference_image", "input/set/refs/lumo.png", 'a');
    struct plan *p = planned(o);
    assert_int_equal(p->jobs_n, 22);
    const struct plan_job *faithful = orders_job(p, "01_faithful"),
                          *hero = orders_job(p, "01_hero");
    assert_string_equal(faithful->op, "product.faithful");
    assert_true(str_ends(faithful->outs[0].path, "/products/01_faithful.webp"));
    assert_string_equal(json_str(faithful->params, "format", ""), "webp");
    assert_false(faithful->preview);
    assert_string_equal(hero->ins[0].name, "ref");
    assert_string_equal(hero->ins[0].file, "input/set/refs/lumo.png");
    assert_false(hero->preview);
    assert_non_null(strstr(hero->prompt, "Match it exactly"));
    assert_int_equal(orders_job(p, "thumbnail")->ins_n, 1);
    assert_true(orders_job(p, "02_hero")->preview);
    assert_true(orders_job(p, "avatar_frame")->preview);
    assert_false(orders_job(p, "background")->preview);
    assert_null(strstr(orders_job(p, "02_hero")->prompt, "Match it exactly"));
    assert_null(orders_job(p, "02_faithful"));
    plan_free(p);
}

static void test_an_address_is_fetched_wanted_by_scenes_and_needed_by_the_faithful(void **state)
{
    (void)state;
    struct plan *p = planned(
        orders_products("{\"niche\":\"desk lamps\",\"products\":[{\"rank\":1,\"name\":\"Lumo\","
                        "\"image_url\":\"https://example.test/lumo.jpg\"}]}"));
    const struct plan_job *fetch = orders_job(p, "01_ref"), *hero = orders_job(p, "01_hero");
    const struct plan_job *faithful = orders_job(p, "01_faithful");
    assert_string_equal(fetch->op, "http.fetch");
    assert_string_equal(json_str(fetch->params, "url", ""), "https://example.test/lumo.jpg");
    assert_true(json_num(fetch->params, "max_bytes", 0) > 0);
    assert_true(str_ends(fetch->outs[0].path, "/assets/amazon/01_ref.jpg"));
    assert_string_equal(fetch->outs[0].role, "picture");
    assert_string_equal(hero->ins[0].job, "01_ref");
    assert_true(hero->ins[0].soft);
    assert_true(hero->preview);
    assert_false(faithful->ins[0].soft);
    assert_true(orders_job(p, "thumbnail")->ins[0].soft);
    plan_free(p);
}

static void test_a_local_photo_makes_fetching_needless(void **state)
{
    (void)state;
    struct order *o = orders_products("{\"products\":[{\"rank\":1,\"name\":\"Lumo\","
                                      "\"image_url\":\"https://example.test/lumo.jpg\"}]}");
    orders_add_file(o, "/products/0/reference_image", "refs/01.png", 'a');
    struct plan *p = planned(o);
    assert_null(orders_job(p, "01_ref"));
    assert_non_null(orders_job(p, "01_faithful"));
    plan_free(p);
}

static void test_an_id_is_made_of_the_day_and_the_niche_or_the_entry(void **state)
{
    (void)state;
    struct plan *p = planned(orders_products(
        "{\"keyword\":\"Desk Lamps!\",\"products\":[{\"rank\":1,\"name\":\"Lumo\"}]}"));
    assert_string_equal(p->tree, "videos/2026-03-14-desk-lamps");
    plan_free(p);
    p = planned(orders_products("{\"products\":[{\"rank\":1,\"name\":\"Lumo\"}]}"));
    assert_string_equal(p->tree, "videos/2026-03-14-products");
    assert_int_equal(p->records_n, 4);
    plan_free(p);
    p = planned(orders_products(
        "{\"video_id\":\"../../x\",\"products\":[{\"rank\":1,\"name\":\"Lumo\"}]}"));
    assert_int_equal(strncmp(p->tree, "videos/", 7), 0);
    assert_null(strchr(p->tree + 7, '/'));
    plan_free(p);
}

static void test_no_prompt_is_longer_than_its_limit_however_long_the_name(void **state)
{
    (void)state;
    char name[301], *json;
    memset(name, 'x', 300);
    name[300] = 0;
    for (int i = 9; i < 300; i += 10)
        name[i] = ' ';
    static const char *const niches[] = {
        "wireless earbuds", "webcams",      "air fryers",       "yoga mats",     "power banks",
        "standing desks",   "tripods",      "gaming chairs",    "robot vacuums", "camping tents",
        "strollers",        "stream decks", "quantum computers"};
    for (size_t n = 0; n < sizeof niches / sizeof *niches; n++) {
        json = mem_printf("{\"niche\":\"%s\",\"products\":[{\"rank\":1,\"name\":\"%s\"}]}",
                          niches[n], name);
        struct order *o = orders_products(json);
        orders_add_file(o, "/products/0/reference_image", "refs/01.png", 'a');
        struct plan *p = planned(o);
        for (size_t i = 0; i < p->jobs_n; i++) {
            size_t len = strlen(p->jobs[i].prompt);
            if (len > 1800 || len < 300)
                fail_msg("%s of %s has %zu characters", p->jobs[i].key, niches[n], len);
        }
        plan_free(p);
        free(json);
    }
}

static void test_prompts_have_their_parts_and_scenes_follow_the_category(void **state)
{
    (void)state;
    static const char *const parts[] = {"the Lumo Arc 3,", "\n\nScene: ", "\n\nLighting: ",
                                        "\n\nCamera: ",    "\n\nMood: ",  "\n\nOne product only."};
    struct plan *lamps = five();
    struct plan *pods = planned(orders_products(
        "{\"niche\":\"wireless earbuds\",\"products\":[{\"rank\":1,\"name\":\"Lumo Arc 3\"}]}"));
    const struct plan_job *usage = orders_job(lamps, "01_usage1");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_non_null(strstr(usage->prompt, parts[i]));
    assert_string_not_equal(usage->prompt, orders_job(pods, "01_usage1")->prompt);
    assert_string_equal(orders_job(lamps, "01_hero")->prompt, orders_job(pods, "01_hero")->prompt);
    assert_non_null(strstr(usage->negative, "identifiable people"));
    assert_null(strstr(orders_job(lamps, "01_mood")->negative, "messy background"));
    plan_free(lamps);
    plan_free(pods);
}

static void test_a_person_may_write_the_prompt(void **state)
{
    (void)state;
    struct plan *p =
        planned(orders_products("{\"products\":[{\"rank\":1,\"name\":\"Lumo\",\"prompt_override\":"
                                "{\"hero\":\"On a {rock}.\"}}]}"));
    assert_string_equal(orders_job(p, "01_hero")->prompt, "On a {rock}.");
    assert_null(strstr(orders_job(p, "01_hero")->negative, "messy background"));
    assert_non_null(strstr(orders_job(p, "01_mood")->prompt, "Scene: "));
    plan_free(p);
    p = planned(orders_products(
        "{\"products\":[{\"rank\":1,\"name\":\"Lumo\",\"prompt_override\":\"On a rock.\"}]}"));
    assert_string_equal(orders_job(p, "01_hero")->prompt, "On a rock.");
    assert_string_equal(orders_job(p, "01_mood")->prompt, "On a rock.");
    assert_string_not_equal(orders_job(p, "background")->prompt, "On a rock.");
    plan_free(p);
}

static void test_a_prompt_of_more_than_3000_characters_is_refused(void **state)
{
    (void)state;
    char *words = mem_alloc(3002);
    memset(words, 'x', 3001);
    char *json = mem_printf(
        "{\"products\":[{\"rank\":1,\"name\":\"Lumo\",\"prompt_override\":{\"hero\":\"%s\"}}]}",
        words);
    struct order *o = orders_products(json);
    struct faults faults = {0};
    assert_null(orders_plan(o, &faults));
    assert_string_equal(faults.list[0].code, "PROMPT_LENGTH");
    faults_finish(&faults);
    orders_free(o);
    free(words);
    free(json);
}

static void test_two_products_of_one_rank_clash(void **state)
{
    (void)state;
    struct order *o =
        orders_products("{\"products\":[{\"rank\":1,\"name\":\"A\"},{\"rank\":1,\"name\":\"B\"}]}");
    struct faults faults = {0};
    assert_null(orders_plan(o, &faults));
    assert_true(faults.n > 0);
    faults_finish(&faults);
    orders_free(o);
}

static void test_the_same_order_gives_the_same_plan(void **state)
{
    (void)state;
    struct plan *one = five(), *two = five();
    cJSON *a = plan_to_json(one), *b = plan_to_json(two);
    char *x = json_canonical(a), *y = json_canonical(b);
    assert_string_equal(x, y);
    free(x);
    free(y);
    cJSON_Delete(a);
    cJSON_Delete(b);
    plan_free(one);
    plan_free(two);
}

static void test_a_changed_product_changes_its_own_hashes_only(void **state)
{
    (void)state;
    char *changed = mem_dup(five_text);
    memcpy(strstr(changed, "Plinth"), "Column", 6);
    struct plan *one = five(), *two = planned(orders_products(changed));
    assert_int_equal(one->jobs_n, two->jobs_n);
    for (size_t i = 0; i < one->jobs_n; i++) {
        bool same = strcmp(one->jobs[i].hash, two->jobs[i].hash) == 0;
        assert_int_equal(same, !str_starts(one->jobs[i].key, "03_"));
    }
    plan_free(one);
    plan_free(two);
    free(changed);
}

static void test_the_engine_is_local_and_the_reason_is_told(void **state)
{
    (void)state;
    struct plan *p = five();
    const struct plan_job *hero = orders_job(p, "01_hero");
    assert_string_equal(hero->engine, "local");
    assert_string_equal(hero->why_engine,
                        "Seedream 4.5 needs the engine dzine, and policy.json names no browser; "
                        "made by the local engine");
    assert_non_null(strstr(orders_job(p, "01_detail")->why_engine, "Nano Banana Pro"));
    assert_true(p->price == 0 && p->price_worst == 0);
    assert_true(hero->attempts >= 1 && hero->seconds >= 1);
    plan_free(p);
}

static void test_the_manifest_lists_the_thumbnail_first_and_then_by_rank(void **state)
{
    (void)state;
    static const char *const fields[] = {"label",           "asset_type", "rank",        "variant",
                                         "product_name",    "prompt",     "output_path", "status",
                                         "negative_prompt", "image_url",  "error"};
    struct plan *p = five();
    const cJSON *body = p->records[0].body, *entries = json_get(body, "entries"), *entry;
    assert_string_equal(json_str(body, "category", ""), "office");
    assert_int_equal(cJSON_GetArraySize(entries), 19);
    assert_int_equal(cJSON_GetArraySize(json_get(body, "others")), 2);
    cJSON_ArrayForEach(entry, entries)
    {
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (!json_get(entry, fields[i]))
                fail_msg("an entry of the manifest has no %s", fields[i]);
    }
    entry = cJSON_GetArrayItem(entries, 0);
    assert_string_equal(json_str(entry, "label", ""), "thumbnail");
    assert_int_equal(json_int(entry, "rank", -1), 0);
    entry = cJSON_GetArrayItem(entries, 1);
    assert_string_equal(json_str(entry, "label", ""), "01_hero");
    assert_string_equal(json_str(entry, "output_path", ""), "assets/dzine/products/01_hero.png");
    plan_free(p);
}

static const char cast_text[] =
    "{\"video_id\":\"v\",\"products\":[{\"rank\":1,\"name\":\"Bend\"}],\"avatar\":{\"name\":"
    "\"Rosa\"},\"characters\":[{\"name\":\"Mara\",\"description\":\"tall, grey hair\",\"wardrobe\":"
    "\"a green coat\"},{\"name\":\"Oskar\",\"description\":\"slim, glasses\"}],\"scenes\":[{"
    "\"scene\":\"in a kitchen\",\"characters\":[\"Mara\"]},{\"scene\":\"on a terrace\","
    "\"characters\":[\"Mara\",\"Oskar\"],\"wardrobe\":{\"Oskar\":\"a suit\"}}]}";

static void test_characters_get_sheets_and_a_change_of_clothes_another(void **state)
{
    (void)state;
    struct plan *p = planned(orders_products(cast_text));
    const struct plan_job *own = orders_job(p, "sheet_mara"),
                          *suit = orders_job(p, "sheet_oskar_a-suit");
    assert_non_null(orders_job(p, "sheet_oskar"));
    assert_string_equal(own->op, "character.sheet");
    assert_string_equal(own->outs[0].path, "videos/v/assets/dzine/characters/mara_sheet.png");
    assert_non_null(strstr(own->prompt, "Mara, tall, grey hair; wears a green coat"));
    assert_non_null(strstr(suit->prompt, "wears a suit"));
    assert_true(json_num(own->params, "width", 0) == 2720);
    assert_true(own->preview);
    plan_free(p);
}

static void test_a_scene_takes_its_sheets_and_tells_no_looks(void **state)
{
    (void)state;
    struct plan *p = planned(orders_products(cast_text));
    const struct plan_job *j = orders_job(p, "scene_02"),
                          *suit = orders_job(p, "sheet_oskar_a-suit");
    assert_int_equal(j->ins_n, 2);
    assert_string_equal(j->ins[0].job, "sheet_mara");
    assert_string_equal(j->ins[1].job, "sheet_oskar_a-suit");
    assert_true(j->ins[0].soft);
    assert_null(strstr(j->prompt, "grey hair"));
    assert_string_equal(json_str(j->params, "sheet2_prompt", ""), suit->prompt);
    assert_string_equal(json_str(j->params, "/otherwise/character", ""), "Rosa");
    plan_free(p);
}

static void test_the_host_stands_where_the_list_says(void **state)
{
    (void)state;
    struct plan *p = planned(orders_products(
        "{\"video_id\":\"v\",\"products\":[{\"rank\":1,\"name\":\"Bend\"}],\"avatar\":{"
        "\"scene\":\"behind, a workshop with tools\"}}"));
    struct plan *usual = planned(orders_products(cast_text));
    const char *said = orders_job(p, "avatar_frame")->prompt;
    assert_non_null(strstr(said, "; behind, a workshop with tools."));
    assert_null(strstr(said, "modern studio"));
    assert_non_null(strstr(orders_job(usual, "avatar_frame")->prompt, "modern studio"));
    plan_free(p);
    plan_free(usual);
}

static void test_a_scene_of_a_stranger_is_refused(void **state)
{
    (void)state;
    struct faults faults = {0};
    struct order *o = orders_products(
        "{\"products\":[{\"rank\":1,\"name\":\"Bend\"}],\"scenes\":[{\"scene\":\"in a "
        "kitchen\",\"characters\":[\"Nobody\"]}]}");
    assert_null(orders_plan(o, &faults));
    assert_string_equal(faults.list[0].code, "CHARACTER");
    orders_free(o);
    faults_finish(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_five_products_make_21_pictures_in_rank_order),
        cmocka_unit_test(test_names_are_those_of_the_tree),
        cmocka_unit_test(test_ops_are_told_everything_they_ask_for),
        cmocka_unit_test(test_details_are_square_and_the_rest_is_wide),
        cmocka_unit_test(test_a_local_photo_goes_in_and_makes_a_faithful_picture),
        cmocka_unit_test(test_an_address_is_fetched_wanted_by_scenes_and_needed_by_the_faithful),
        cmocka_unit_test(test_a_local_photo_makes_fetching_needless),
        cmocka_unit_test(test_an_id_is_made_of_the_day_and_the_niche_or_the_entry),
        cmocka_unit_test(test_no_prompt_is_longer_than_its_limit_however_long_the_name),
        cmocka_unit_test(test_prompts_have_their_parts_and_scenes_follow_the_category),
        cmocka_unit_test(test_a_person_may_write_the_prompt),
        cmocka_unit_test(test_a_prompt_of_more_than_3000_characters_is_refused),
        cmocka_unit_test(test_two_products_of_one_rank_clash),
        cmocka_unit_test(test_the_same_order_gives_the_same_plan),
        cmocka_unit_test(test_a_changed_product_changes_its_own_hashes_only),
        cmocka_unit_test(test_the_engine_is_local_and_the_reason_is_told),
        cmocka_unit_test(test_characters_get_sheets_and_a_change_of_clothes_another),
        cmocka_unit_test(test_a_scene_takes_its_sheets_and_tells_no_looks),
        cmocka_unit_test(test_the_host_stands_where_the_list_says),
        cmocka_unit_test(test_a_scene_of_a_stranger_is_refused),
        cmocka_unit_test(test_the_manifest_lists_the_thumbnail_first_and_then_by_rank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
