/* Messages as each service documents them, and what its documented answers mean. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/message.h"

static struct rules *rules;

static int load(void **state)
{
    struct faults faults = {0};
    (void)state;
    return rules_load("rules", &rules, &faults);
}

static int unload(void **state)
{
    (void)state;
    rules_release(rules);
    return 0;
}

/* --- requests --- */

static void build(const char *notifier, const char *text, struct request *ret_request)
{
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    memset(ret_request, 0, sizeof *ret_request);
    json_set_str(values, "text", text);
    json_set_str(values, "title", "[slated] a & b");
    json_set_str(values, "body", "");
    json_set_str(values, "event", "done");
    json_set_num(values, "priority", 3);
    if (message_build(rules, notifier, values, NULL, ret_request, &e))
        fail_msg("%s: %s", notifier, e.text);
    cJSON_Delete(values);
}

static cJSON *body_of(const struct request *r)
{
    assert_int_equal(r->body_n, 1);
    cJSON *body = cJSON_Parse(r->body[0].text);
    assert_non_null(body);
    return body;
}

static void test_a_telegram_message_is_html_and_its_keys_are_put_in_later(void **state)
{
    struct request r;
    (void)state;
    build("telegram", "<b>a</b>", &r);
    assert_string_equal(r.url, "https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN}/sendMessage"
                               "?chat_id=${TELEGRAM_CHAT_ID}");
    assert_true(r.keyed);
    assert_string_equal(r.method, "POST");
    assert_int_equal(r.redirects, 0);
    cJSON *body = body_of(&r);
    assert_string_equal(json_str(body, "text", ""), "<b>a</b>");
    assert_string_equal(json_str(body, "parse_mode", ""), "HTML");
    assert_false(json_bool(body, "disable_notification", true));
    cJSON_Delete(body);
    request_finish(&r);
}

static void test_a_webhook_is_a_key_altogether(void **state)
{
    struct request r;
    (void)state;
    build("slack", "a", &r);
    assert_string_equal(r.url, "${SLACK_WEBHOOK_URL}");
    assert_true(r.keyed);
    request_finish(&r);
    build("discord", "@everyone", &r);
    assert_string_equal(r.url, "${DISCORD_WEBHOOK_URL}?wait=true");
    cJSON *body = body_of(&r);
    assert_int_equal(cJSON_GetArraySize(json_get(json_get(body, "allowed_mentions"), "parse")), 0);
    assert_non_null(json_get(json_get(body, "allowed_mentions"), "parse"));
    cJSON_Delete(body);
    request_finish(&r);
}

/* A name may look like the place of a key: it stays a name. */
static void test_no_text_from_outside_becomes_a_key(void **state)
{
    struct request r;
    cJSON *values = cJSON_CreateObject();
    struct err e = {0};
    (void)state;
    memset(&r, 0, sizeof r);
    json_set_str(values, "text", "${FAL_KEY}");
    json_set_str(values, "title", "${FAL_KEY}");
    json_set_num(values, "priority", 4);
    assert_int_equal(message_build(rules, "ntfy", values, NULL, &r, &e), 0);
    assert_string_equal(r.url, "https://ntfy.sh/${NTFY_TOPIC}?title=%24%7BFAL_KEY%7D&priority=4");
    assert_string_equal(r.body[0].text, "${FAL_KEY}"); /* bodies are never filled in */
    cJSON_Delete(values);
    request_finish(&r);
}

/* --- answers --- */

struct answered {
    const char *notifier;
    long status;
    const char *text, *retry_after;
    enum outcome_class class;
    int wait_s; /* 0: whatever */
};

static const struct answered answers[] = {
    {"telegram", 200, "{\"ok\":true,\"result\":{\"message_id\":1}}", NULL, CLASS_OK, 0},
    {"telegram", 429,
     "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 7\","
     "\"parameters\":{\"retry_after\":7}}",
     NULL, CLASS_RATE_LIMITED, 7},
    {"telegram", 401, "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}", NULL,
     CLASS_AUTH, 0},
    {"telegram", 403,
     "{\"ok\":false,\"error_code\":403,\"description\":\"Forbidden: bot was blocked by the user\"}",
     NULL, CLASS_AUTH, 0},
    {"telegram", 400,
     "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: chat not found\"}", NULL,
     CLASS_AUTH, 0},
    {"telegram", 400,
     "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: message is too long\"}", NULL,
     CLASS_BAD_REQUEST, 0},
    {"telegram", 502, "Bad Gateway", NULL, CLASS_TRANSIENT, 0},
    {"slack", 200, "ok", NULL, CLASS_OK, 0},
    {"slack", 400, "invalid_payload", NULL, CLASS_BAD_REQUEST, 0},
    {"slack", 403, "action_prohibited", NULL, CLASS_AUTH, 0},
    {"slack", 404, "channel_not_found", NULL, CLASS_AUTH, 0},
    {"slack", 410, "channel_is_archived", NULL, CLASS_AUTH, 0},
    {"slack", 429, "rate_limited", "30", CLASS_RATE_LIMITED, 30},
    {"slack", 500, "rollup_error", NULL, CLASS_TRANSIENT, 0},
    {"discord", 200, "{\"id\":\"1\"}", NULL, CLASS_OK, 0},
    {"discord", 204, "", NULL, CLASS_OK, 0},
    {"discord", 404, "{\"message\":\"Unknown Webhook\",\"code\":10015}", NULL, CLASS_AUTH, 0},
    {"discord", 429,
     "{\"message\":\"You are being rate limited.\",\"retry_after\":2.35,\"global\":false}", NULL,
     CLASS_RATE_LIMITED, 3},
    {"ntfy", 200, "{\"id\":\"x\",\"event\":\"message\"}", NULL, CLASS_OK, 0},
    {"ntfy", 403, "{\"code\":40301,\"http\":403,\"error\":\"forbidden\"}", NULL, CLASS_AUTH, 0},
    {"ntfy", 429, "{\"code\":42901,\"http\":429,\"error\":\"limit reached\"}", NULL,
     CLASS_RATE_LIMITED, 60},
};

static void test_documented_answers_mean_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct answered *a = &answers[i];
        struct header after = {(char *)"retry-after", (char *)a->retry_after};
        struct response r = {.kind = RESPONSE_ANSWERED,
                             .status = a->status,
                             .text = (char *)a->text,
                             .headers = &after,
                             .headers_n = a->retry_after != NULL};
        struct message_answer m;
        message_read(rules, a->notifier, &r, &m);
        if (m.class != a->class || (a->wait_s && m.wait_s != a->wait_s))
            fail_msg("%s %ld %s: %s, wait %d", a->notifier, a->status, a->text,
                     outcome_class_word(m.class), m.wait_s);
        assert_true((m.say == NULL) == (a->class == CLASS_OK));
        assert_true(a->class != CLASS_AUTH || m.cure);
        message_answer_finish(&m);
    }
}

static void test_a_net_that_is_away_is_tried_again(void **state)
{
    struct response r = {.kind = RESPONSE_UNSENT, .error = (char *)"no connection"};
    struct message_answer m;
    (void)state;
    message_read(rules, "slack", &r, &m);
    assert_int_equal(m.class, CLASS_TRANSIENT);
    assert_string_equal(m.say, "Slack: no connection");
    message_answer_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_telegram_message_is_html_and_its_keys_are_put_in_later),
        cmocka_unit_test(test_a_webhook_is_a_key_altogether),
        cmocka_unit_test(test_no_text_from_outside_becomes_a_key),
        cmocka_unit_test(test_documented_answers_mean_what_they_say),
        cmocka_unit_test(test_a_net_that_is_away_is_tried_again),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
