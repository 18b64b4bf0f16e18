/* A plan comes in; its page and its JSON must say what will be made, under which name, with what,
 * for how much. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "orders.h"

static struct plan *planned(void)
{
    struct order *o =
        orders_products("{\"video_id\":\"lamps\",\"niche\":\"desk lamps\",\"products\":["
                        "{\"rank\":1,\"name\":\"Lumo\"},{\"rank\":2,\"name\":\"Haló\"}]}");
    struct faults faults = {0};
    orders_add_file(o, "/products/0/reference_image", "refs/lumo.png", 'a');
    faults_add(&o->warnings, "PRICE_ODD", "products.json: /products/1/price", "$1",
               "a price like the others", "Look at it.");
    struct plan *p = orders_plan(o, &faults);
    assert_non_null(p);
    orders_free(o);
    return p;
}

static char *page_of(const struct plan *p)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    plan_to_text(p, &out);
    return buf_take(&out);
}

/* The column a text starts at in the line with that name. */
static long column(const char *page, const char *name, const char *text)
{
    const char *line = strstr(page, name);
    assert_non_null(line);
    while (line > page && line[-1] != '\n')
        line--;
    const char *at = strstr(line, text);
    assert_non_null(at);
    return at - line;
}

static void test_the_page_says_what_where_with_what_and_why(void **state)
{
    (void)state;
    static const char *const says[] = {
        "2 products: desk lamps\n",
        "makes   13 pictures, 5 documents\n",
        "under   out/videos/lamps\n",
        "price   nothing\n",
        "The set\n",
        "Rank 1: Lumo\n",
        "  assets/dzine/products/01_faithful.webp  Lumo, faithful",
        "Why this engine\n",
        "] Seedream 4.5 needs the engine dzine, and policy.json names no browser",
        "made by the local engine.\n",
        "Documents\n  assets/dzine/assets_manifest.json\n",
        "Good to know\n",
        "$1",
    };
    struct plan *p = planned();
    char *page = page_of(p);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (!strstr(page, says[i]))
            fail_msg("the page does not say \"%s\":\n%s", says[i], page);
    free(page);
    plan_free(p);
}

static void test_columns_stand_below_each_other(void **state)
{
    (void)state;
    struct plan *p = planned();
    char *page = page_of(p);
    assert_int_equal(column(page, "thumbnail.png", "Lumo, thumbnail"),
                     column(page, "01_faithful.webp", "Lumo, faithful"));
    assert_int_equal(column(page, "thumbnail.png", "local"),
                     column(page, "background.png", "local"));
    free(page);
    plan_free(p);
}

static void test_prices_and_stand_ins_are_marked(void **state)
{
    (void)state;
    struct plan *p = planned();
    p->jobs[0].price = 0.05;
    p->price = 0.05;
    p->price_worst = 0.1;
    char *page = page_of(p);
    assert_non_null(strstr(page, "price   0.05 USD, and 0.10 if every attempt is needed\n"));
    assert_non_null(strstr(page, "  0.050"));
    const char *line = strstr(page, "avatar_frame.png");
    assert_true(strstr(line, "stand-in") < strchr(line, '\n'));
    free(page);
    plan_free(p);
}

static void test_the_json_has_every_job_with_its_hash_and_edges(void **state)
{
    (void)state;
    struct plan *p = planned();
    cJSON *o = plan_to_json(p);
    const cJSON *jobs = json_get(o, "jobs"), *job;
    assert_int_equal(cJSON_GetArraySize(jobs), p->jobs_n);
    cJSON_ArrayForEach(job, jobs)
    {
        assert_int_equal(strlen(json_str(job, "hash", "")), 64);
        assert_string_equal(json_str(job, "engine", ""), "local");
        assert_non_null(json_get(job, "/outputs/0/path"));
    }
    job = cJSON_GetArrayItem(jobs, 0);
    assert_string_equal(json_str(job, "/inputs/0/file", ""), "refs/lumo.png");
    assert_string_equal(json_str(o, "/records/0/path", ""),
                        "videos/lamps/assets/dzine/assets_manifest.json");
    assert_string_equal(json_str(o, "/notes/0/code", ""), "PRICE_ODD");
    assert_int_equal(strlen(json_str(o, "rules_digest", "")), 64);
    cJSON_Delete(o);
    plan_free(p);
}

/* A list from somebody else is looked at on a terminal before it is made. */
static void test_a_page_steers_no_terminal(void **state)
{
    (void)state;
    struct order *o =
        orders_products("{\"video_id\":\"lamps\",\"niche\":\"desk\\u001b[2J lamps\","
                        "\"products\":[{\"rank\":1,\"name\":\"Lu\\nmo\\u001b]0;x\\u0007\"}]}");
    struct faults faults = {0};
    struct plan *p = orders_plan(o, &faults);
    assert_non_null(p);
    char *page = page_of(p);
    for (const char *at = page; *at; at++)
        assert_true(*at == '\n' || (unsigned char)*at >= ' ');
    assert_non_null(strstr(page, "1 product: desk [2J lamps\n"));
    assert_non_null(strstr(page, "Rank 1: Lu mo ]0;x \n"));
    free(page);
    plan_free(p);
    orders_free(o);
}

static void test_a_kind_nobody_plans_is_refused(void **state)
{
    (void)state;
    struct order *o = orders_products("{\"products\":[]}");
    struct faults faults = {0};
    assert_null(orders_plan(o, &faults));
    assert_string_equal(faults.list[0].code, "BATCH_SIZE");
    faults_finish(&faults);
    free(o->kind);
    o->kind = mem_dup("opera");
    assert_null(orders_plan(o, &faults));
    assert_string_equal(faults.list[0].code, "PLAN_KIND");
    faults_finish(&faults);
    orders_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page_says_what_where_with_what_and_why),
        cmocka_unit_test(test_columns_stand_below_each_other),
        cmocka_unit_test(test_prices_and_stand_ins_are_marked),
        cmocka_unit_test(test_the_json_has_every_job_with_its_hash_and_edges),
        cmocka_unit_test(test_a_page_steers_no_terminal),
        cmocka_unit_test(test_a_kind_nobody_plans_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
