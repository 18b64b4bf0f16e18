/* What the provider files make of jobs and answers: recorded requests of the providers' own clients
 * are compared field by field, and each documented answer leads to its class. */
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
#include "providers/provider.h"

#define NOW_S 1760000000 /* October 2025: nothing is retired yet */

static struct rules *rules;
static char dir[] = "/tmp/slated-providers-XXXXXX";

static int setup(void **state)
{
    struct faults faults = {0};
    (void)state;
    return !mkdtemp(dir) || rules_load("rules", &rules, &faults) || providers_check(rules, &faults);
}

static int teardown(void **state)
{
    (void)state;
    rules_release(rules);
    return file_remove_tree(dir, NULL);
}

static cJSON *load(const char *path)
{
    char *text = NULL;
    size_t len;
    cJSON *tree;
    assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
    tree = cJSON_Parse(text);
    assert_non_null(tree);
    free(text);
    return tree;
}

static unsigned char picture[128];
static size_t picture_len;

static void decode(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int have = 0;
    picture_len = 0;
    for (; *text && *text != '='; text++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *text) - digits);
        have += 6;
        if (have >= 8)
            picture[picture_len++] = (unsigned char)(bits >> (have -= 8));
    }
}

/* --- a job --- */

struct scene {
    struct job_row job;
    struct job_files files;
    struct job_file in[4], out[1];
    struct ask ask;
    char paths[5][128];
    char *params, *memo;
};

static void scene_input(struct scene *s, const char *name, bool large)
{
    size_t i = s->files.in_n++;
    FILE *f;
    snprintf(s->paths[i], sizeof s->paths[i], "%s/%s.png", dir, name);
    f = fopen(s->paths[i], "wb");
    assert_non_null(f);
    fwrite(picture, 1, picture_len, f);
    for (int k = 0; large && k < 600; k++)
        fwrite(s->paths, 1, sizeof s->paths, f);
    fclose(f);
    s->in[i] = (struct job_file){(char *)name, s->paths[i]};
}

static void scene_open(struct scene *s, const cJSON *row, const char *op)
{
    const cJSON *name;
    memset(s, 0, sizeof *s);
    s->params = json_get(row, "params") ? json_compact(json_get(row, "params")) : mem_dup("{}");
    s->memo = json_get(row, "memo") ? json_compact(json_get(row, "memo")) : NULL;
    s->job = (struct job_row){.key = (char *)"SH01",
                              .title = (char *)"a shot",
                              .op = (char *)json_str(row, "op", op),
                              .engine = (char *)json_str(row, "engine", ""),
                              .model = (char *)json_str(row, "model", ""),
                              .params = s->params,
                              .prompt = (char *)json_str(row, "prompt", NULL),
                              .negative = (char *)json_str(row, "negative", NULL),
                              .memo = s->memo};
    memset(s->job.hash, 'a', DIGEST_LEN - 1);
    cJSON_ArrayForEach(name, json_get(row, "inputs"))
        scene_input(s, name->valuestring, json_bool(row, "large", false));
    snprintf(s->paths[4], sizeof s->paths[4], "%s/out.png", dir);
    s->out[0] = (struct job_file){(char *)"picture", s->paths[4]};
    s->files.in = s->in;
    s->files.out = s->out;
    s->files.out_n = 1;
    s->ask = (struct ask){.rules = rules,
                          .job = &s->job,
                          .files = &s->files,
                          .work = dir,
                          .handle = "0123456789abcdef0123456789abcdef",
                          .now_s = NOW_S};
}

static void scene_close(struct scene *s)
{
    free(s->params);
    free(s->memo);
}

static const struct provider *provider_of(const struct scene *s)
{
    const struct provider *p = provider_find(rules, s->job.engine, s->job.op);
    assert_non_null(p);
    return p;
}

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

/* --- answers --- */

static const char *const kinds[] = {"done", "next", "retry", "hold", "refused", "doubt", "unseen"};

static const struct {
    const char *engine, *model, *op;
} usual[] = {{"fal", "Flux 2 LoRA", "board.frame"},
             {"gemini", "Nano Banana Pro", "board.frame"},
             {"gemini_video", "Veo 3.1", "film.push"},
             {"openrouter", "Gemini 3 Pro Image Chat", "board.frame"},
             {"comfyui", "SDXL", "board.frame"},
             {"automatic1111", "txt2img", "board.frame"},
             {"openai_compatible", "llama3.2", "text.answer"},
             {"runpod", "EP", "board.frame"},
             {"kling", "Kling v2.6", "film.push"},
             {"seedance", "Seedance 2.0", "film.push"},
             {"runway", "Gen-4 Turbo", "film.push"}};

static char *replace_picture(char *takes_text, const char *base64)
{
    char *at = strstr(takes_text, "PNG"), *whole;
    if (!at || at[3] == 'S')
        return takes_text;
    whole = mem_printf("%.*s%s%s", (int)(at - takes_text), takes_text, base64, at + 3);
    free(takes_text);
    return whole;
}

static void answer_open(const cJSON *row, const char *base64, struct response *r)
{
    const char *sent = json_str(row, "sent", "answered");
    const cJSON *h;
    memset(r, 0, sizeof *r);
    r->kind = str_eq(sent, "broken")   ? RESPONSE_BROKEN
              : str_eq(sent, "late")   ? RESPONSE_LATE
              : str_eq(sent, "unsent") ? RESPONSE_UNSENT
                                       : RESPONSE_ANSWERED;
    if (r->kind != RESPONSE_ANSWERED) {
        r->error = mem_dup("the connection broke");
        return;
    }
    r->status = (long)json_int(row, "status", 200);
    r->text = replace_picture(json_compact(json_get(row, "body")), base64);
    cJSON_ArrayForEach(h, json_get(row, "headers"))
    {
        r->headers = mem_grow(r->headers, r->headers_n + 1, sizeof *r->headers);
        r->headers[r->headers_n++] = (struct header){mem_dup(h->string), mem_dup(h->valuestring)};
    }
}

static bool judge(const cJSON *row, const char *base64)
{
    const char *step = json_str(row, "step", "submit");
    struct response r;
    struct outcome o = {0};
    struct scene s;
    char said[256];
    scene_open(&s, row, "board.frame");
    s.job.prompt = (char *)"a shot";
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (str_eq(usual[i].engine, s.job.engine) && !json_get(row, "model")) {
            s.job.model = (char *)usual[i].model;
            s.job.op = (char *)usual[i].op;
        }
    if (!str_eq(step, "submit") && !str_eq(step, "lookup"))
        s.job.memo = s.memo = mem_printf("{\"step\":\"%s\",\"sent_s\":%d}", step, NOW_S);
    answer_open(row, base64, &r);
    if (str_eq(step, "lookup"))
        provider_of(&s)->read_lookup(&s.ask, &r, &o);
    else
        provider_of(&s)->read(&s.ask, &r, &o);
    snprintf(said, sizeof said, "%s %s %s %d", s.job.engine, step, json_str(row, "class", ""),
             (int)r.status);
    bool good = str_eq(kinds[o.kind], json_str(row, "kind", "")) &&
                str_eq(outcome_class_word(o.class), json_str(row, "class", "")) &&
                (!json_get(row, "wait_s") || o.wait_s == json_int(row, "wait_s", 0)) &&
                (o.kind == OUTCOME_NEXT || o.kind == OUTCOME_UNSEEN || o.error);
    if (!good)
        print_error("%s: %s %s, wait %d: %s\n", said, kinds[o.kind], outcome_class_word(o.class),
                    o.wait_s, o.error ? o.error : "");
    outcome_finish(&o);
    response_finish(&r);
    scene_close(&s);
    return good;
}

static void test_each_answer_leads_to_its_class(void **state)
{
    cJSON *samples = load("tests/providers/samples/answers.json");
    cJSON *requests = load("tests/providers/samples/requests.json");
    const cJSON *row;
    int wrong = 0;
    (void)state;
    cJSON_ArrayForEach(row, json_get(samples, "answers")) wrong +=
        !judge(row, json_str(requests, "picture", ""));
    cJSON_Delete(samples);
    cJSON_Delete(requests);
    assert_int_equal(wrong, 0);
}

/* Every class that a provider's file knows, and a lost answer where work is paid for. */
static void classes_of(const cJSON *tree, bool known[OUTCOME_CLASSES_N])
{
    const cJSON *child;
    enum outcome_class class = outcome_class_of_word(json_str(tree, "class", ""));
    if (class < OUTCOME_CLASSES_N)
        known[class] = true;
    cJSON_ArrayForEach(child, tree) classes_of(child, known);
}

static bool sampled(const cJSON *samples, const char *engine, enum outcome_class class)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, json_get(samples, "answers"))
    {
        if (str_eq(json_str(row, "engine", ""), engine) &&
            str_eq(json_str(row, "class", ""), outcome_class_word(class)))
            return true;
    }
    return false;
}

static void test_no_class_of_a_provider_is_without_a_sample(void **state)
{
    cJSON *samples = load("tests/providers/samples/answers.json");
    int lacking = 0;
    (void)state;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        bool known[OUTCOME_CLASSES_N] = {[CLASS_OK] = true};
        char *name = mem_printf("providers/%s", usual[i].engine);
        const cJSON *file = rules_get(rules, name);
        assert_non_null(file);
        classes_of(file, known);
        known[CLASS_UNKNOWN_SUBMIT] = known[CLASS_UNKNOWN_SUBMIT] || json_get(file, "key_env");
        for (int c = 0; c < OUTCOME_CLASSES_N; c++)
            if (known[c] && !sampled(samples, usual[i].engine, (enum outcome_class)c)) {
                print_error("%s: no answer of the class %s is tried\n", usual[i].engine,
                            outcome_class_word((enum outcome_class)c));
                lacking++;
            }
        free(name);
    }
    cJSON_Delete(samples);
    assert_int_equal(lacking, 0);
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
        cmocka_unit_test(test_each_answer_leads_to_its_class),
        cmocka_unit_test(test_no_class_of_a_provider_is_without_a_sample),
        cmocka_unit_test(test_a_queue_is_asked_to_the_end_and_paid_once),
        cmocka_unit_test(test_a_prompt_is_a_text_whatever_stands_in_it),
        cmocka_unit_test(test_an_answered_address_never_gets_the_key_of_another_host),
        cmocka_unit_test(test_a_retired_model_is_named_with_its_alias),
        cmocka_unit_test(test_a_reference_that_means_nothing_is_a_fault),
        cmocka_unit_test(test_the_tutorials_file_has_no_fault),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
