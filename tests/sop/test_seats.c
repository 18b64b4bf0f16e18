/* A site whose engine may work at several places at once, with the browsers and projects there are.
 */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "sop/scene.h"

static int begin(void **state)
{
    (void)state;
    if (!dir_make())
        return -1;
    put("sops/site/procedures.json", "{\"about\": \"a\", \"procedures\": {}}");
    put_procedure("work", "{\"name\": \"one\", \"act\": \"reload\"}", "");
    return 0;
}

static int end(void **state)
{
    (void)state;
    return file_remove_tree(dir, NULL);
}

/* The warnings as a text, "" none; owned. */
static char *warned(const char *pages, const char *limits, const char *browser)
{
    struct faults faults = {0}, warnings = {0};
    struct rules *rules = NULL;
    struct buf text;
    char *site = mem_printf("{\"about\": \"a\", \"title\": \"t\", \"window\": {\"width\": 800, "
                            "\"height\": 600}, \"pages\": {\"home\": \"http://x/h\", \"canvas\": "
                            "%s}, \"own\": \"http://x/\", \"values\": {}}",
                            pages);
    char *provider = mem_printf("{\"about\": \"a\", \"title\": \"t\", \"carrier\": \"browser\", "
                                "\"credit\": 0.5, \"seconds\": 1, \"limits\": {%s}, \"ops\": "
                                "{\"work.make\": {\"seconds\": 1}}}",
                                limits);
    char *policy = mem_printf("{\"browser\": {%s}}", browser);
    buf_init(&text, 10000);
    put("sops/site/site.json", site);
    put("providers/site.json", provider);
    put("policy.json", policy);
    if (rules_load(dir, &rules, &faults)) {
        faults_text(&faults, &text);
        fail_msg("%s", text.data);
    }
    size_t n = sop_warn(rules, &warnings);
    assert_int_equal(n, warnings.n);
    faults_text(&warnings, &text);
    char *said = mem_dup(text.len ? text.data : "");
    rules_release(rules);
    faults_finish(&warnings);
    buf_finish(&text);
    free(site);
    free(provider);
    free(policy);
    return said;
}

static void expect(const char *pages, const char *limits, const char *browser, const char *words)
{
    char *said = warned(pages, limits, browser);
    if (*words ? !strstr(said, words) : *said != 0)
        fail_msg("%s %s %s: \"%s\", not \"%s\"", pages, limits, browser, said, words);
    free(said);
}

static void test_browsers_that_share_a_project_are_warned_of(void **state)
{
    (void)state;
    expect("\"http://x/1\"", "\"at_once\": 2", "\"start\": 2", "a project of its own");
    expect("[\"http://x/1\", \"http://x/2\"]", "\"at_once\": 3", "\"start\": 3",
           "at most 2: so many projects");
    expect("\"http://x/1\"", "\"gap_ms\": 1", "\"urls\": [\"http://y\", \"http://z\"]",
           "found no limit");
    expect("\"http://x/1\"", "\"at_once\": 2", "\"start\": 0", "a project of its own");
}

static void test_more_at_once_than_browsers_is_warned_of(void **state)
{
    (void)state;
    expect("[\"http://x/1\", \"http://x/2\"]", "\"at_once\": 2", "\"urls\": [\"http://y\"]",
           "at most 1: so many browsers");
}

static void test_what_fits_is_not_warned_of(void **state)
{
    (void)state;
    expect("\"http://x/1\"", "\"at_once\": 1", "\"start\": 3", "");
    expect("[\"http://x/1\", \"http://x/2\"]", "\"at_once\": 2", "\"start\": 2", "");
    expect("\"http://x/1\"", "\"gap_ms\": 1", "\"start\": 0", "");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        T(test_browsers_that_share_a_project_are_warned_of),
        T(test_more_at_once_than_browsers_is_warned_of),
        T(test_what_fits_is_not_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
