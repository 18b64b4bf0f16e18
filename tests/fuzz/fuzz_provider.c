/* Any bytes as what an engine answered, at every step of every engine there are rules for: whatever
 * it says, the outcome is whole, and what is asked next is an address with no key for a stranger.
 * The first byte chooses the engine, the second the step, the third the status. */
/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_S 1760000000

static struct rules *rules;
static char dir[] = "/tmp/slated-fuzz-XXXXXX";

static const char *const steps[] = {"submit", "poll", "result", "download", "lookup"};
static const long statuses[] = {200, 200, 202, 400, 402, 404, 429, 500};

static void remove_dir(void)
{
    (void)file_remove_tree(dir, NULL);
}

static void open_once(void)
{
    struct faults faults = {0};
    if (rules)
        return;
    if (!mkdtemp(dir) || rules_load("rules", &rules, &faults))
        abort(); /* started in the checkout */
    (void)atexit(remove_dir);
}

/* The at-th engine that is asked over HTTP, and a model and an op of it. */
static const cJSON *engine_at(size_t at)
{
    const cJSON *file, *found = NULL;
    size_t n = 0;
    while (!found) {
        cJSON_ArrayForEach(file, rules_kind(rules, "providers"))
        {
            if (!found && json_get(file, "steps") && n++ == at)
                found = file;
        }
        at = n ? at % n : 0;
        n = 0;
    }
    return found;
}

static void check_outcome(const struct outcome *o)
{
    bool silent = o->kind == OUTCOME_DONE || o->kind == OUTCOME_NEXT || o->kind == OUTCOME_UNSEEN;
    cJSON *memo = o->memo ? cJSON_Parse(o->memo) : NULL;
    if ((o->kind == OUTCOME_NEXT && !memo) || (!silent && !o->error) || o->wait_s < 0 ||
        o->wait_ms < 0 || !isfinite(o->cost) || o->cost < 0)
        abort();
    cJSON_Delete(memo);
}

/* No key leaves in a request that goes to a host of the answer's choice. */
static void check_request(const struct request *r, const cJSON *file)
{
    const cJSON *base = json_get(file, "base");
    const char *own = cJSON_GetStringValue(cJSON_IsArray(base) ? base->child : base);
    bool strange = r->url && own && !str_starts(r->url, own) && !json_get(file, "bases") &&
                   !str_eq(file->string, "fal"); /* has several hosts of its own */
    for (size_t i = 0; i < r->headers_n; i++)
        if (strstr(r->headers[i].value, "${") && (strange || !r->keyed))
            abort();
}

static void ask_on(struct ask *ask, const struct provider *p, const cJSON *file)
{
    struct request r = {0};
    struct err e = {0};
    if (p->build(ask, &r, &e) == 0)
        check_request(&r, file);
    else if (!e.text[0])
        abort();
    request_finish(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct job_file out = {(char *)"picture", NULL};
    struct job_files files = {.out = &out, .out_n = 1};
    struct outcome o = {0};
    open_once();
    if (len < 3)
        return 0;
    const cJSON *file = engine_at(data[0]);
    const char *step = steps[data[1] % (sizeof steps / sizeof *steps)];
    const cJSON *model = json_get(file, "models"), *op = json_get(file, "ops");
    struct job_row job = {.key = (char *)"SH01",
                          .title = (char *)"a shot",
                          .engine = file->string,
                          .model = (char *)(model && model->child ? model->child->string : ""),
                          .op = (char *)(op->child ? op->child->string : "background"),
                          .params = (char *)"{}",
                          .prompt = (char *)"a lamp"};
    char *memo =
        mem_printf("{\"step\":\"%s\",\"sent_s\":%d,\"items\":[\"https://x/a\"]}", step, NOW_S);
    struct response r = {.kind = RESPONSE_ANSWERED,
                         .status = statuses[data[2] % (sizeof statuses / sizeof *statuses)],
                         .text = mem_dup_n((const char *)data + 3, len - 3)};
    struct ask ask = {.rules = rules,
                      .job = &job,
                      .files = &files,
                      .work = dir,
                      .handle = "0123456789abcdef0123456789abcdef",
                      .now_s = NOW_S};
    const struct provider *p = provider_find(rules, file->string, job.op);
    out.path = mem_printf("%s/out.png", dir);
    memset(job.hash, 'a', DIGEST_LEN - 1);
    job.memo = str_eq(step, "submit") || str_eq(step, "lookup") ? NULL : memo;
    if (str_eq(step, "lookup") && p->read_lookup)
        p->read_lookup(&ask, &r, &o);
    else
        p->read(&ask, &r, &o);
    check_outcome(&o);
    job.memo = o.memo;
    if (o.kind == OUTCOME_NEXT)
        ask_on(&ask, p, file);
    outcome_finish(&o);
    response_finish(&r);
    free(out.path);
    free(memo);
    return 0;
}
