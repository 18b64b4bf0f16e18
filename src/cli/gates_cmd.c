/* gates check: pictures and clips come in by hand, each check of gate 1 with what was measured and
 * what is allowed goes out. Files are only read; nothing of a root is touched. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "carriers/workers.h"
#include "engine/ruleset.h"
#include "gates/gates.h"
#include "loop/loop.h"

#define TIMEOUT_MS 300000

/* One file that was looked at; the ones before it are what it may be a copy of. */
struct seen {
    const char *path;
    char sha256[DIGEST_LEN];
    int64_t bytes;
    cJSON *look; /* NULL: it cannot be decoded, and why says so */
    char *why;
};

struct judging {
    const struct cli *cli;
    struct loop *loop;
    struct workers *workers;
    cJSON *rule;
    int width, height; /* --size, 0: any */
    struct seen *seen;
    int seen_n;
};

static cJSON *line_for(const char *path)
{
    const char *ext = path_ext(path);
    bool clip =
        str_eq_nocase(ext, "mp4") || str_eq_nocase(ext, "mov") || str_eq_nocase(ext, "webm");
    cJSON *line = cJSON_CreateObject(), *params = cJSON_CreateObject(), *in = cJSON_CreateArray(),
          *file = cJSON_CreateObject();
    json_set_bool(params, "look", true);
    json_set_str(file, "name", clip ? "clip" : "picture");
    json_set_str(file, "path", path);
    cJSON_AddItemToArray(in, file);
    json_set_str(line, "op", clip ? "clip.look" : "check");
    json_set(line, "params", params);
    json_set(line, "in", in);
    json_set(line, "out", cJSON_CreateArray());
    return line;
}

/* Asks a worker and waits for its answer. */
static void look(struct judging *j, const char *path, struct seen *s)
{
    struct response response = {0};
    struct request r = {
        .id = 1, .by = CARRY_WORKER, .timeout_ms = TIMEOUT_MS, .line = line_for(path)};
    workers_ask(j->workers, &r, clock_mono_ms());
    while (!workers_take(j->workers, &response)) {
        int64_t now = clock_mono_ms();
        loop_wait(j->loop, now, workers_turn(j->workers, now));
    }
    const cJSON *facts = json_get(response.body, "facts");
    if (response.kind == RESPONSE_ANSWERED && json_get(facts, "look"))
        s->look = cJSON_Duplicate(json_get(facts, "look"), true);
    else
        s->why = mem_dup(json_str(response.body, "error",
                                  response.error ? response.error : "the worker gave no answer"));
    response_finish(&response);
}

static void see(struct judging *j, const char *path)
{
    struct seen *s = &j->seen[j->seen_n++];
    struct err e = {0};
    uint64_t len = 0;
    char *whole = realpath(path, NULL);
    *s = (struct seen){.path = path};
    if (!whole)
        s->why = mem_dup("there is no such file");
    else if (digest_file(whole, s->sha256, &len, &e))
        s->why = mem_dup(e.text);
    else
        look(j, whole, s);
    s->bytes = (int64_t)len;
    free(whole);
}

static void judge(const struct judging *j, const struct seen *s, struct gate_verdict *ret_verdict)
{
    struct gate_subject subject = {.look = s->look,
                                   .bytes = s->bytes,
                                   .sha256 = s->sha256,
                                   .width = j->width,
                                   .height = j->height};
    struct gate_other *others = mem_grow(NULL, (size_t)j->seen_n, sizeof *others);
    for (const struct seen *o = j->seen; o < s; o++)
        if (o->look)
            others[subject.others_n++] =
                (struct gate_other){o->path, o->sha256, json_str(o->look, "phash", NULL),
                                    json_str(o->look, "grey", NULL)};
    subject.others = others;
    gates_judge(j->rule, &subject, ret_verdict);
    free(others);
}

/* --- saying --- */

static void print_verdict(const struct seen *s, const struct gate_verdict *v)
{
    char *shown = utf8_show(s->path);
    bool failed = !s->look || v->failed;
    printf("%s %s\n", failed ? "FAIL" : "pass", shown);
    if (!s->look)
        printf("     whole      FAIL  %s\n", s->why);
    for (size_t i = 0; s->look && i < v->marks_n; i++)
        printf("     %-10s %s  measured %g, allowed %g\n", gate_check_word(v->marks[i].check),
               v->marks[i].failed ? "FAIL" : "pass", v->marks[i].measured, v->marks[i].allowed);
    if (s->look && v->failed)
        printf("     %s: %s\n", v->why, v->cure);
    free(shown);
}

static cJSON *verdict_json(const struct seen *s, const struct gate_verdict *v)
{
    cJSON *one = s->look ? gates_verdict_json(v) : cJSON_CreateObject();
    if (!s->look) {
        json_set_str(one, "name", "local");
        json_set_str(one, "verdict", GATE_FAIL);
        json_set_str(one, "check", "whole");
        json_set_str(one, "why", s->why);
    }
    json_set_str(one, "file", s->path);
    return one;
}

static int say_all(const struct judging *j)
{
    cJSON *list = cJSON_CreateArray();
    int failed = 0;
    for (int i = 0; i < j->seen_n; i++) {
        struct gate_verdict v = {0};
        if (j->seen[i].look)
            judge(j, &j->seen[i], &v);
        failed += !j->seen[i].look || v.failed;
        if (j->cli->json)
            cJSON_AddItemToArray(list, verdict_json(&j->seen[i], &v));
        else
            print_verdict(&j->seen[i], &v);
    }
    if (j->cli->json) {
        char *text = json_pretty(list);
        fputs(text, stdout);
        free(text);
    } else {
        printf("%d judged, %d refused\n", j->seen_n, failed);
    }
    cJSON_Delete(list);
    return failed ? CLI_PERSON : CLI_OK;
}

/* --- the whole --- */

static int begin(struct judging *j, struct rules **ret_rules)
{
    const struct cli *cli = j->cli;
    const char *why;
    char *dir = cli_rules(cli);
    struct faults faults = {0};
    int code = ruleset_load(dir, ret_rules, &faults)
                   ? cli_fail("the rules in %s have faults; slated rules check tells them", dir)
                   : CLI_OK;
    free(dir);
    faults_finish(&faults);
    if (code)
        return code;
    if (cli->size && sscanf(cli->size, "%dx%d", &j->width, &j->height) != 2)
        return cli_fail("--size wants a size as 768x1344, found %s", cli->size);
    j->rule = gates_rule(*ret_rules, "", cli->kind ? cli->kind : "", &why);
    if (!j->rule)
        return cli_fail("no check holds there: %s", why ? why : "rules/gates/local.json is gone");
    return CLI_OK;
}

int cli_run_gates(const struct cli *cli)
{
    struct judging j = {.cli = cli};
    struct rules *rules = NULL;
    if (!str_eq(cli->args[0], "check") || cli->args_n < 2)
        return cli_fail("usage: slated gates check FILE...");
    int code = begin(&j, &rules);
    if (!code) {
        char *program = cli_worker();
        j.seen = mem_grow(NULL, (size_t)cli->args_n, sizeof *j.seen);
        j.loop = loop_create();
        j.workers = workers_create(j.loop, program, 1);
        for (int i = 1; i < cli->args_n; i++)
            see(&j, cli->args[i]);
        code = say_all(&j);
        workers_destroy(j.workers);
        loop_destroy(j.loop);
        free(program);
    }
    for (int i = 0; i < j.seen_n; i++) {
        cJSON_Delete(j.seen[i].look);
        free(j.seen[i].why);
    }
    free(j.seen);
    cJSON_Delete(j.rule);
    rules_release(rules);
    return code;
}
