/* Each answer that a provider documents leads to its class and to what follows from it. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/scene.h"

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

/* "left" of a row: how many, of how many, and ms until it is whole again; without it nothing. */
static bool left_good(const cJSON *row, const struct left_told *l)
{
    const cJSON *left = json_get(row, "left");
    bool good = !left ? l->reset_ms == 0
                      : l->left == cJSON_GetArrayItem(left, 0)->valueint &&
                            l->of == cJSON_GetArrayItem(left, 1)->valueint &&
                            l->reset_ms == cJSON_GetArrayItem(left, 2)->valueint;
    if (!good)
        print_error("left %d of %d for %d ms\n", l->left, l->of, (int)l->reset_ms);
    return good;
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
                (!json_get(row, "free") ||
                 (o.cost_known && o.cost == 0) == json_bool(row, "free", false)) &&
                left_good(row, &o.left) &&
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_answer_leads_to_its_class),
        cmocka_unit_test(test_no_class_of_a_provider_is_without_a_sample),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
