/* What of an answer becomes the output: the picture that was meant of several, and never a file
 * that the engine names. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "providers/scene.h"

static cJSON *row_of(const char *engine, const char *model)
{
    cJSON *row = cJSON_CreateObject();
    json_set_str(row, "engine", engine);
    json_set_str(row, "model", model);
    json_set_str(row, "prompt", "a shot");
    return row;
}

/* One answer in a folder of its own; what is in the memo then, owned. */
static cJSON *answered(struct scene *s, const char *memo, const char *text,
                       struct outcome *ret_outcome)
{
    struct response r = {.kind = RESPONSE_ANSWERED, .status = 200, .text = mem_dup(text)};
    char *work = mem_printf("%s/work", dir);
    assert_int_equal(file_remove_tree(work, NULL), 0);
    assert_int_equal(file_make_dirs(work, NULL), 0);
    s->ask.work = work;
    s->job.memo = s->memo = mem_dup(memo);
    memset(ret_outcome, 0, sizeof *ret_outcome);
    provider_of(s)->read(&s->ask, &r, ret_outcome);
    response_finish(&r);
    return cJSON_Parse(ret_outcome->memo ? ret_outcome->memo : "{}");
}

static int files_in_work(const struct scene *s)
{
    DIR *d = opendir(s->ask.work);
    int n = 0;
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void scene_end(struct scene *s)
{
    free((char *)s->ask.work);
    scene_close(s);
}

/* Of two pictures in one answer the file says the last: those before it are drafts. */
static void test_the_last_of_several_pictures_is_the_one(void **state)
{
    cJSON *row = row_of("gemini", "Nano Banana Pro"), *memo;
    struct scene s;
    struct outcome o;
    struct request r = {0};
    struct err e = {0};
    char *bytes = NULL;
    size_t len;
    (void)state;
    scene_open(&s, row, "board.frame");
    memo = answered(&s, "{\"step\":\"submit\"}",
                    "{\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{\"data\":\"Zmlyc3Q="
                    "\"}},{\"inlineData\":{\"data\":\"bGFzdA==\"}}]}}]}",
                    &o);
    assert_string_equal(json_str(memo, "step", ""), "look");
    free(s.memo);
    s.job.memo = s.memo = mem_dup(o.memo);
    assert_int_equal(provider_of(&s)->build(&s.ask, &r, &e), 0);
    const char *path = json_str(cJSON_GetArrayItem(json_get(r.line, "in"), 0), "path", "");
    assert_int_equal(file_read(path, 100, &bytes, &len, NULL), 0);
    assert_string_equal(bytes, "last");
    free(bytes);
    request_finish(&r);
    outcome_finish(&o);
    cJSON_Delete(memo);
    scene_end(&s);
    cJSON_Delete(row);
}

/* An engine's own word "file" is not a place on this disk. */
static void test_a_file_that_the_engine_names_is_fetched_from_the_engine(void **state)
{
    cJSON *row = row_of("comfyui", "SDXL"), *memo;
    struct scene s;
    struct outcome o;
    (void)state;
    scene_open(&s, row, "board.frame");
    memo = answered(&s, "{\"step\":\"poll\",\"reply\":{\"id\":\"r1\"},\"sent_s\":1760000000}",
                    "{\"r1\":{\"status\":{\"completed\":true},\"outputs\":{\"9\":{\"images\":[{"
                    "\"filename\":\"a.png\",\"file\":\"/etc/hostname\"}]}}}}",
                    &o);
    assert_int_equal(o.kind, OUTCOME_NEXT);
    assert_string_equal(json_str(memo, "step", ""), "download");
    assert_int_equal(files_in_work(&s), 0);
    outcome_finish(&o);
    cJSON_Delete(memo);
    scene_end(&s);
    cJSON_Delete(row);
}

/* The kind of outcome when accepted work is asked for after that time and nothing is reached. */
static enum outcome_kind unreached(int64_t after_s, int tries)
{
    cJSON *row = row_of("comfyui", "SDXL");
    struct response r = {.kind = RESPONSE_UNSENT, .error = mem_dup("no network")};
    struct scene s;
    struct outcome o = {0};
    scene_open(&s, row, "board.frame");
    s.ask.now_s = NOW_S + after_s;
    s.job.memo = s.memo = mem_printf("{\"step\":\"poll\",\"reply\":{\"id\":\"r1\"},"
                                     "\"sent_s\":%d,\"tries\":%d}",
                                     NOW_S, tries);
    provider_of(&s)->read(&s.ask, &r, &o);
    enum outcome_kind kind = o.kind;
    outcome_finish(&o);
    response_finish(&r);
    scene_close(&s);
    cJSON_Delete(row);
    return kind;
}

static void test_accepted_work_is_asked_for_some_times_after_a_long_sleep(void **state)
{
    (void)state;
    assert_int_equal(unreached(60, 50), OUTCOME_NEXT);
    assert_int_equal(unreached(30 * 86400, 0), OUTCOME_NEXT);
    assert_int_equal(unreached(30 * 86400, 2), OUTCOME_NEXT);
    assert_int_equal(unreached(30 * 86400, 3), OUTCOME_DOUBT);
}

static void test_an_answer_full_of_pictures_does_not_fill_the_disk(void **state)
{
    cJSON *row = row_of("openrouter", "Gemini 3 Pro Image Chat"), *memo;
    struct scene s;
    struct outcome o;
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_text(&text, "{\"choices\":[{\"message\":{\"content\":\"Here they are: ");
    for (int i = 0; i < 1000; i++)
        buf_text(&text, "data:image/png;base64,aGVsbG8= ");
    buf_text(&text, "\"}}]}");
    scene_open(&s, row, "board.frame");
    memo = answered(&s, "{\"step\":\"submit\"}", text.data, &o);
    assert_string_equal(json_str(memo, "step", ""), "look");
    assert_true(files_in_work(&s) <= 64);
    outcome_finish(&o);
    cJSON_Delete(memo);
    buf_finish(&text);
    scene_end(&s);
    cJSON_Delete(row);
}

/* An address of a megabyte is none, and is not carried from step to step. */
static void test_an_endless_address_is_no_result(void **state)
{
    cJSON *row = row_of("fal", "Flux 2 LoRA"), *memo;
    struct scene s;
    struct outcome o;
    struct buf text;
    (void)state;
    buf_init(&text, 4 << 20);
    buf_text(&text, "{\"images\":[{\"url\":\"https://x.example/");
    for (int i = 0; i < 100000; i++)
        buf_text(&text, "0123456789");
    buf_text(&text, "\"}]}");
    scene_open(&s, row, "board.frame");
    memo = answered(&s, "{\"step\":\"result\",\"sent_s\":1760000000}", text.data, &o);
    assert_int_equal(o.class, CLASS_REFUSED_OUTPUT);
    assert_true(!o.memo || strlen(o.memo) < 10000);
    outcome_finish(&o);
    cJSON_Delete(memo);
    buf_finish(&text);
    scene_end(&s);
    cJSON_Delete(row);
}

/* The process that looks at pictures may be turned by one: what it says is not trusted either. */
static void test_a_worker_that_names_no_file_is_a_fault_of_its_work(void **state)
{
    static const char *const said[] = {"5", "\"x\"", "null", "[1]"};
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        cJSON *row = row_of("gemini", "Nano Banana Pro");
        struct scene s;
        struct outcome o = {0};
        struct response r = {.kind = RESPONSE_ANSWERED};
        char *text =
            mem_printf("{\"ok\": true, \"out\": [%s], \"facts\": {\"look\": {\"a\": 1}}}", said[i]);
        scene_open(&s, row, "board.frame");
        s.job.memo = s.memo = mem_dup("{\"step\": \"look\", \"item\": 0}");
        r.body = cJSON_Parse(text);
        provider_of(&s)->read(&s.ask, &r, &o);
        assert_int_equal(o.kind, OUTCOME_RETRY);
        outcome_finish(&o);
        response_finish(&r);
        scene_close(&s);
        cJSON_Delete(row);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted_work_is_asked_for_some_times_after_a_long_sleep),
        cmocka_unit_test(test_the_last_of_several_pictures_is_the_one),
        cmocka_unit_test(test_a_file_that_the_engine_names_is_fetched_from_the_engine),
        cmocka_unit_test(test_an_answer_full_of_pictures_does_not_fill_the_disk),
        cmocka_unit_test(test_an_endless_address_is_no_result),
        cmocka_unit_test(test_a_worker_that_names_no_file_is_a_fault_of_its_work),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
