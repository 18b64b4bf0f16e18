/* What the provider files make of jobs and answers: recorded requests of the providers' own clients
 * are compared field by field; a conversation is held to its end. */
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

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/scene.h"

/* --- requests --- */

static char *body_text(const struct request *r, const char *base64)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < r->body_n; i++)
        buf_text(&b, r->body[i].text ? r->body[i].text : r->body[i].base64 ? base64 : "the file");
    return buf_take(&b);
}

static void take_out(cJSON *tree, const cJSON *apart)
{
    const cJSON *place;
    cJSON_ArrayForEach(place, apart)
    {
        char *path = mem_dup(place->valuestring), *name = path, *slash;
        cJSON *at = tree;
        while (at && (slash = strchr(name, '/'))) {
            *slash = '\0';
            at = cJSON_GetObjectItemCaseSensitive(at, name);
            name = slash + 1;
        }
        if (at)
            cJSON_DeleteItemFromObjectCaseSensitive(at, name);
        free(path);
    }
}

static const char *header_of(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->headers_n; i++)
        if (str_eq_nocase(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

static void compare_body(const struct request *r, const cJSON *row, const char *base64)
{
    const cJSON *wanted = json_get(json_get(row, "expect"), "body");
    char *text = body_text(r, base64), *a, *b;
    cJSON *ours, *theirs;
    if (!wanted) {
        assert_string_equal(text, "");
    } else if (cJSON_IsString(wanted)) {
        assert_string_equal(text, wanted->valuestring);
    } else {
        ours = cJSON_Parse(text);
        theirs = cJSON_Duplicate(wanted, true);
        assert_non_null(ours);
        take_out(ours, json_get(row, "apart"));
        take_out(theirs, json_get(row, "apart"));
        a = json_canonical(ours);
        b = json_canonical(theirs);
        assert_string_equal(a, b);
        free(a);
        free(b);
        cJSON_Delete(ours);
        cJSON_Delete(theirs);
    }
    free(text);
}

static void compare(const cJSON *row, const char *base64)
{
    const cJSON *expect = json_get(row, "expect"), *h;
    struct scene s;
    struct request r = {0};
    struct err e = {0};
    scene_open(&s, row, "board.frame");
    if (provider_of(&s)->build(&s.ask, &r, &e))
        fail_msg("%s: %s", json_str(row, "name", ""), e.text);
    print_message("  %s\n", json_str(row, "name", ""));
    assert_string_equal(r.url, json_str(expect, "url", ""));
    assert_string_equal(r.method, json_str(expect, "method", ""));
    cJSON_ArrayForEach(h, json_get(expect, "headers"))
    {
        assert_non_null(header_of(&r, h->string));
        assert_string_equal(header_of(&r, h->string), h->valuestring);
    }
    if (json_bool(row, "unkeyed", false))
        assert_false(r.keyed);
    compare_body(&r, row, base64);
    request_finish(&r);
    scene_close(&s);
}

static void test_requests_are_those_of_the_official_clients(void **state)
{
    cJSON *samples = load("tests/providers/samples/requests.json");
    const cJSON *row;
    (void)state;
    decode(json_str(samples, "picture", ""));
    cJSON_ArrayForEach(row, json_get(samples, "requests"))
        compare(row, json_str(samples, "picture", ""));
    cJSON_Delete(samples);
}

/* --- whole conversations --- */

static char *spoken(struct scene *s, const char *answer, struct outcome *ret_outcome)
{
    struct response r = {.kind = RESPONSE_ANSWERED, .status = 200, .text = mem_dup(answer)};
    char *memo;
    memset(ret_outcome, 0, sizeof *ret_outcome);
    provider_of(s)->read(&s->ask, &r, ret_outcome);
    response_finish(&r);
    memo = mem_dup(ret_outcome->memo);
    free(s->memo);
    s->job.memo = s->memo = memo;
    return memo;
}

static void built(struct scene *s, struct request *ret_request)
{
    struct err e = {0};
    memset(ret_request, 0, sizeof *ret_request);
    if (provider_of(s)->build(&s->ask, ret_request, &e))
        fail_msg("%s", e.text);
}

static cJSON *fal_row(const char *prompt)
{
    cJSON *row = cJSON_CreateObject();
    json_set_str(row, "engine", "fal");
    json_set_str(row, "model", "Flux 2 LoRA");
    json_set_str(row, "prompt", prompt);
    return row;
}

static void test_a_queue_is_asked_to_the_end_and_paid_once(void **state)
{
    cJSON *row = fal_row("a shot");
    struct scene s;
    struct outcome o;
    struct request r;
    (void)state;
    scene_open(&s, row, "board.frame");
    built(&s, &r);
    assert_true(r.paid);
    assert_true(r.keyed);
    request_finish(&r);
    spoken(&s,
           "{\"request_id\":\"r7\",\"status_url\":\"https://queue.fal.run/a/b/requests/r7/status\","
           "\"response_url\":\"https://queue.fal.run/a/b/requests/r7\"}",
           &o);
    assert_string_equal(o.remote, "r7");
    assert_true(o.wait_ms > 0);
    outcome_finish(&o);
    built(&s, &r);
    assert_false(r.paid);
    assert_string_equal(r.url, "https://queue.fal.run/a/b/requests/r7/status?logs=0");
    request_finish(&r);
    spoken(&s, "{\"status\":\"IN_PROGRESS\"}", &o);
    assert_string_equal(o.progress, "IN_PROGRESS");
    outcome_finish(&o);
    spoken(&s, "{\"status\":\"COMPLETED\"}", &o);
    outcome_finish(&o);
    spoken(&s, "{\"images\":[{\"url\":\"https://v3.fal.media/out.png\"}],\"seed\":7}", &o);
    outcome_finish(&o);
    built(&s, &r);
    assert_string_equal(r.url, "https://v3.fal.media/out.png");
    assert_false(r.keyed); /* the key stays with the engine's own hosts */
    assert_false(r.private_ok);
    assert_int_equal(file_write(r.path, picture, picture_len, false, NULL), 0);
    request_finish(&r);
    spoken(&s, "", &o);
    assert_int_equal(o.kind, OUTCOME_NEXT);
    outcome_finish(&o);
    built(&s, &r);
    assert_int_equal(r.by, CARRY_WORKER);
    assert_string_equal(json_str(r.line, "op", ""), "check");
    request_finish(&r);
    struct response seen = {.kind = RESPONSE_ANSWERED};
    seen.body = cJSON_Parse("{\"ok\":true,\"out\":[],\"facts\":{\"media\":\"png\",\"width\":1,"
                            "\"height\":1}}");
    memset(&o, 0, sizeof o);
    provider_of(&s)->read(&s.ask, &seen, &o);
    assert_int_equal(o.kind, OUTCOME_DONE);
    assert_int_equal(o.made_n, 1);
    assert_int_equal(o.made[0].bytes, picture_len);
    assert_string_equal(json_str(o.facts, "seed", ""), "7");
    assert_true(file_exists(s.paths[4]));
    outcome_finish(&o);
    response_finish(&seen);
    scene_close(&s);
    cJSON_Delete(row);
}

static void test_a_prompt_is_a_text_whatever_stands_in_it(void **state)
{
    static const char prompt[] = "${FAL_KEY} {reply.id} \\u00010\\u0001 \1"
                                 "0\1 {\"from\": \"seed\"}\r\nX: y";
    cJSON *row = fal_row(prompt), *body;
    struct scene s;
    struct request r;
    char *text;
    (void)state;
    scene_open(&s, row, "board.frame");
    built(&s, &r);
    assert_int_equal(r.body_n, 1);
    text = body_text(&r, "");
    body = cJSON_Parse(text);
    assert_string_equal(json_str(body, "prompt", ""),
                        "${FAL_KEY} {reply.id} \\u00010\\u0001  0  {\"from\": \"seed\"}\r\nX: y");
    for (size_t i = 0; i < r.headers_n; i++)
        assert_null(strchr(r.headers[i].value, '\n'));
    cJSON_Delete(body);
    free(text);
    request_finish(&r);
    scene_close(&s);
    cJSON_Delete(row);
}

static void test_an_answered_address_never_gets_the_key_of_another_host(void **state)
{
    static const char *const memos[] = {
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"https://evil.example/x\"}}",
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"https://queue.fal.run.evil.example/x\"}}",
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"http://queue.fal.run/x\"}}",
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"https://queue.fal.run@evil.example/x\"}}",
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"https://queue.fal.run/${FAL_KEY}\"}}",
        "{\"step\":\"poll\",\"reply\":{\"status_url\":\"file:///etc/passwd\"}}"};
    cJSON *row = fal_row("a shot");
    (void)state;
    for (size_t i = 0; i < sizeof memos / sizeof *memos; i++) {
        struct scene s;
        struct request r = {0};
        struct err e = {0};
        scene_open(&s, row, "board.frame");
        s.job.memo = s.memo = mem_dup(memos[i]);
        if (provider_of(&s)->build(&s.ask, &r, &e) == 0) {
            assert_false(r.keyed);
            for (size_t h = 0; h < r.headers_n; h++)
                assert_null(strstr(r.headers[h].value, "${"));
        }
        request_finish(&r);
        scene_close(&s);
    }
    cJSON_Delete(row);
}

static void test_a_retired_model_is_named_with_its_alias(void **state)
{
    char *note = provider_model_note(rules, "gemini", "gemini-3-pro-image-preview", 1795219200);
    (void)state;
    assert_non_null(note);
    assert_non_null(strstr(note, "gemini-3-pro-image takes its place"));
    free(note);
    assert_null(provider_model_note(rules, "gemini", "Nano Banana Pro", 1795219200));
    note = provider_model_note(rules, "fal", "Flux 9", NOW_S);
    assert_non_null(note);
    free(note);
}

static void write_file(const char *path, const char *text)
{
    assert_int_equal(file_write(path, text, strlen(text), false, NULL), 0);
}

static void test_a_reference_that_means_nothing_is_a_fault(void **state)
{
    char *folder = mem_printf("%s/rules/providers", dir), *root = mem_printf("%s/rules", dir);
    char *path = mem_printf("%s/mine.json", folder);
    struct faults faults = {0};
    struct rules *mine = NULL;
    (void)state;
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    write_file(
        path,
        "{\"about\":\"m\",\"title\":\"m\",\"carrier\":\"http\",\"base\":\"https://x.example\","
        "\"ops\":{\"background\":{}},\"steps\":{\"submit\":{\"url\":\"{bass}/x\",\"body\":"
        "{\"p\":{\"from\":\"promt\"},\"q\":{\"from\":\"seed\",\"as\":\"integer\"}},"
        "\"answers\":[{\"status\":400,\"class\":\"broken\"}]}}}");
    assert_int_equal(rules_load(root, &mine, &faults), 0);
    assert_int_equal(providers_check(mine, &faults), 4);
    assert_non_null(strstr(faults.list[0].place, "providers/mine.json: /steps/submit/body/p"));
    faults_finish(&faults);
    rules_release(mine);
    free(folder);
    free(root);
    free(path);
}

/* The file that the tutorial begins with is taken as it stands there. */
static void test_the_tutorials_file_has_no_fault(void **state)
{
    char *folder = mem_printf("%s/told/providers", dir), *root = mem_printf("%s/told", dir);
    char *path = mem_printf("%s/acme.json", folder), *text = NULL, *from, *to;
    struct faults faults = {0};
    struct rules *mine = NULL;
    size_t len;
    (void)state;
    assert_int_equal(file_read("rules/README.md", 1 << 20, &text, &len, NULL), 0);
    from = strstr(text, "## Write your own provider");
    assert_non_null(from);
    from = strstr(from, "```jsonc\n") + strlen("```jsonc\n");
    to = strstr(from, "```");
    assert_non_null(to);
    *to = '\0';
    assert_int_equal(file_make_dirs(folder, NULL), 0);
    write_file(path, from);
    if (rules_load(root, &mine, &faults) || providers_check(mine, &faults))
        fail_msg("%s: %s, expected %s", faults.list[0].place, faults.list[0].found,
                 faults.list[0].expected);
    rules_release(mine);
    free(text);
    free(folder);
    free(root);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_those_of_the_official_clients),
        cmocka_unit_test(test_a_queue_is_asked_to_the_end_and_paid_once),
        cmocka_unit_test(test_a_prompt_is_a_text_whatever_stands_in_it),
        cmocka_unit_test(test_an_answered_address_never_gets_the_key_of_another_host),
        cmocka_unit_test(test_a_retired_model_is_named_with_its_alias),
        cmocka_unit_test(test_a_reference_that_means_nothing_is_a_fault),
        cmocka_unit_test(test_the_tutorials_file_has_no_fault),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
