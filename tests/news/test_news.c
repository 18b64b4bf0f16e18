/* What people are told: words, escapes, lengths, and how far apart. The clock is turned by hand. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "news/news.h"

static const char *const events_text =
    "{\"prefix\": \"[slated]\", \"tries_s\": [5, 15], \"events\": {"
    "\"started\": {\"least_s\": 0, \"say\": [\"{drop} - started\", \"Progress: {done}/{total}\", "
    "\"Price: {price}\"]},"
    "\"progress\": {\"least_s\": 30, \"late\": \"wait\", \"say\": [\"{drop} {done}/{total}\"]},"
    "\"heartbeat\": {\"least_s\": 480, \"late\": \"drop\", \"say\": [\"{drop}\"]}}}";

struct given {
    cJSON *events, *notifier, *values;
};

static struct given given(const char *notifier, const char *values)
{
    struct given g = {cJSON_Parse(events_text), cJSON_Parse(notifier), cJSON_Parse(values)};
    assert_non_null(g.events);
    assert_non_null(g.notifier);
    assert_non_null(g.values);
    return g;
}

static void done(struct given *g)
{
    cJSON_Delete(g->events);
    cJSON_Delete(g->notifier);
    cJSON_Delete(g->values);
}

static enum news_when when(struct given *g, const char *event, const char *key, int64_t last_s,
                           const char *last_key, int64_t now_s, int64_t *ret_at_s)
{
    struct news_past past = {last_s, last_key};
    return news_when(g->events, g->notifier, event, key, &past, now_s, ret_at_s);
}

static void test_the_first_message_goes_at_once(void **state)
{
    (void)state;
    struct given g = given("{}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "progress", "a", 0, NULL, 1000, &at), NEWS_NOW);
    assert_int_equal(at, -1);
    done(&g);
}

static void test_progress_waits_for_its_distance_and_then_goes(void **state)
{
    (void)state;
    struct given g = given("{}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "progress", "b", 1000, "a", 1012, &at), NEWS_LATER);
    assert_int_equal(at, 1030);
    assert_int_equal(when(&g, "progress", "b", 1000, "a", 1029, &at), NEWS_LATER);
    assert_int_equal(when(&g, "progress", "b", 1000, "a", 1030, &at), NEWS_NOW);
    done(&g);
}

static void test_the_same_key_twice_in_a_row_is_said_once(void **state)
{
    (void)state;
    struct given g = given("{}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "started", "a", 1000, "a", 9000, &at), NEWS_NEVER);
    assert_int_equal(when(&g, "started", "a", 1000, "b", 9000, &at), NEWS_NOW);
    done(&g);
}

static void test_what_is_late_may_be_left_out(void **state)
{
    (void)state;
    struct given g = given("{}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "heartbeat", "b", 1000, "a", 1100, &at), NEWS_NEVER);
    assert_int_equal(when(&g, "heartbeat", "b", 1000, "a", 1480, &at), NEWS_NOW);
    done(&g);
}

static void test_a_service_keeps_its_own_gap(void **state)
{
    (void)state;
    struct given g = given("{\"gap_s\": 3}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "started", "b", 1000, "a", 1001, &at), NEWS_LATER);
    assert_int_equal(at, 1003);
    assert_int_equal(when(&g, "started", "b", 1000, "a", 1003, &at), NEWS_NOW);
    done(&g);
}

/* Else nothing would be said until the clock has caught up. */
static void test_a_clock_that_went_back_holds_nothing(void **state)
{
    (void)state;
    struct given g = given("{\"gap_s\": 3}", "{}");
    int64_t at = -1;
    assert_int_equal(when(&g, "progress", "b", 90000, "a", 1000, &at), NEWS_NOW);
    done(&g);
}

static void test_tries_end(void **state)
{
    (void)state;
    struct given g = given("{}", "{}");
    assert_int_equal(news_wait_s(g.events, 1), 5);
    assert_int_equal(news_wait_s(g.events, 2), 15);
    assert_int_equal(news_wait_s(g.events, 3), -1);
    done(&g);
}

static void test_a_line_without_its_value_is_left_out(void **state)
{
    (void)state;
    struct given g = given("{}", "{\"drop\": \"a.json\", \"done\": 0, \"total\": 19}");
    struct news_text t;
    news_write(g.events, g.notifier, "started", g.values, &t);
    assert_string_equal(t.text, "[slated] a.json - started\nProgress: 0/19");
    assert_string_equal(t.title, "[slated] a.json - started");
    assert_string_equal(t.body, "Progress: 0/19");
    news_text_finish(&t);
    done(&g);
}

static void test_names_cannot_be_markup(void **state)
{
    (void)state;
    const char *name =
        "{\"drop\": \"<b>*a_b* & [x](y) @all ${KEY}\\n\", \"done\": 1, \"total\": 2}";
    struct given html =
        given("{\"text\": {\"escape\": \"html\", \"strong\": [\"<b>\", \"</b>\"]}}", name);
    struct given down = given("{\"text\": {\"escape\": \"markdown\"}}", name);
    struct news_text t;
    news_write(html.events, html.notifier, "progress", html.values, &t);
    assert_string_equal(t.text, "<b>[slated] &lt;b&gt;*a_b* &amp; [x](y) @all ${KEY}\\n 1/2</b>");
    assert_non_null(strstr(t.title, "<b>*a_b* & [x](y)"));
    news_text_finish(&t);
    news_write(down.events, down.notifier, "progress", down.values, &t);
    assert_non_null(strstr(t.text, "\\<b\\>\\*a\\_b\\* & \\[x\\]\\(y\\) \\@all"));
    news_text_finish(&t);
    done(&html);
    done(&down);
}

static void test_a_long_name_is_cut_at_a_character(void **state)
{
    (void)state;
    struct given g = given("{}", "{\"done\": 1, \"total\": 2}");
    struct news_text t;
    char name[1001];
    for (size_t i = 0; i < 1000; i += 2)
        memcpy(name + i, "ä", 2);
    name[1000] = '\0';
    cJSON_AddStringToObject(g.values, "drop", name);
    news_write(g.events, g.notifier, "progress", g.values, &t);
    assert_true(strlen(t.text) < 230);
    assert_non_null(strstr(t.text, "ä... 1/2"));
    news_text_finish(&t);
    done(&g);
}

static void test_three_details_and_the_number_of_the_others(void **state)
{
    (void)state;
    struct given g = given("{}", "{\"drop\": \"d\", \"done\": 1, \"total\": 2, \"details\": "
                                 "[\"a\", \"b\", \"c\", \"d\", \"e\"]}");
    struct news_text t;
    news_write(g.events, g.notifier, "progress", g.values, &t);
    assert_string_equal(t.body, "• a\n• b\n• c\n… and 2 more");
    news_text_finish(&t);
    done(&g);
}

static void test_many_are_one_message_below_the_limit(void **state)
{
    (void)state;
    struct given g = given("{\"text\": {\"most\": 300}}",
                           "{\"drop\": \"products.json\", \"done\": 5, \"total\": 19}");
    const char *events[40];
    const cJSON *values[40];
    struct news_text t;
    for (size_t i = 0; i < 40; i++) {
        events[i] = "progress";
        values[i] = g.values;
    }
    news_write_many(g.events, g.notifier, events, values, 40, &t);
    assert_true(strlen(t.text) <= 300);
    assert_non_null(strstr(t.text, "[slated] products.json 5/19\n[slated]"));
    assert_non_null(strstr(t.text, " more"));
    assert_string_equal(t.title, "[slated] 40 messages");
    news_text_finish(&t);
    done(&g);
}

static void test_a_notifier_hears_what_it_wants_and_any_test(void **state)
{
    (void)state;
    struct given some = given("{\"events\": [\"done\"]}", "{}"), all = given("{}", "{}");
    assert_true(news_wanted(some.notifier, "done"));
    assert_false(news_wanted(some.notifier, "progress"));
    assert_true(news_wanted(some.notifier, "test"));
    assert_true(news_wanted(all.notifier, "progress"));
    done(&some);
    done(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_message_goes_at_once),
        cmocka_unit_test(test_progress_waits_for_its_distance_and_then_goes),
        cmocka_unit_test(test_the_same_key_twice_in_a_row_is_said_once),
        cmocka_unit_test(test_what_is_late_may_be_left_out),
        cmocka_unit_test(test_a_service_keeps_its_own_gap),
        cmocka_unit_test(test_a_clock_that_went_back_holds_nothing),
        cmocka_unit_test(test_tries_end),
        cmocka_unit_test(test_a_line_without_its_value_is_left_out),
        cmocka_unit_test(test_names_cannot_be_markup),
        cmocka_unit_test(test_a_long_name_is_cut_at_a_character),
        cmocka_unit_test(test_three_details_and_the_number_of_the_others),
        cmocka_unit_test(test_many_are_one_message_below_the_limit),
        cmocka_unit_test(test_a_notifier_hears_what_it_wants_and_any_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
