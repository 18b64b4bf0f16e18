/* providers: the rules come in; which engines there are, whether their keys are, and what one would
 * be asked goes out. Asks an engine only its free call, and only when told to. */
/* SPDX-License-Identifier: ISC */
#include "cli/providers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/ask.h"
#include "cli/reach.h"
#include "engine/ruleset.h"
#include "engine/trial.h"
#include "providers/provider.h"
#include "secrets/secrets.h"

#define PROBE_MS   20000
#define SLACK_MS   5000 /* until its lateness is said */
#define SHOWN_MOST 100  /* of a long text in a body */

/* --- a request, shown --- */

/* Long texts in a body are pictures in base64: their first bytes and their length are enough. */
static void show_text(const char *text)
{
    while (*text) {
        size_t run = strcspn(text, "\"");
        if (run > SHOWN_MOST && !strchr(" {", text[0]))
            printf("%.40s...(%zu bytes)", text, run);
        else
            printf("%.*s", (int)run, text);
        text += run;
        if (*text)
            putchar(*text++);
    }
}

static void show_request(const struct request *r)
{
    printf("%s %s\n", r->method ? r->method : "GET", r->url);
    for (size_t i = 0; i < r->headers_n; i++)
        printf("%s: %s\n", r->headers[i].name, r->headers[i].value);
    printf("\n");
    for (size_t i = 0; i < r->body_n; i++) {
        if (r->body[i].text)
            show_text(r->body[i].text);
        else
            printf("<%s%s>", r->body[i].base64 ? "base64 of " : "", r->body[i].path);
    }
    printf("\n\n%s%s\n", r->paid ? "This request may cost money." : "This request is free.",
           r->keyed ? " Each ${NAME} is put in while it is sent." : "");
}

/* --- one ask --- */

struct trial {
    struct job_row job;
    struct job_files files;
    struct job_file out;
    struct ask ask;
    char *params;
};

static void trial_open(struct trial *t, const struct rules *rules, const cJSON *file)
{
    const cJSON *probe = json_get(file, "probe");
    const char *model = trial_model(rules, file->string);
    memset(t, 0, sizeof *t);
    t->params = json_get(probe, "params") ? json_compact(json_get(probe, "params")) : mem_dup("{}");
    t->out = (struct job_file){(char *)"picture", (char *)"probe.png"};
    t->files.out = &t->out;
    t->files.out_n = 1;
    t->job.key = (char *)"probe";
    t->job.title = (char *)"a trial";
    t->job.engine = file->string;
    t->job.op = (char *)json_str(probe, "op", "");
    t->job.model = (char *)(model ? model : "");
    t->job.prompt = (char *)json_str(probe, "prompt", NULL);
    t->job.params = t->params;
    memset(t->job.hash, '0', DIGEST_LEN - 1);
    t->ask = (struct ask){.rules = rules,
                          .job = &t->job,
                          .files = &t->files,
                          .work = ".",
                          .handle = "00000000000000000000000000000000",
                          .now_s = time(NULL)};
}

static int dry_run(const struct trial *t)
{
    const struct provider *p = provider_find(t->ask.rules, t->job.engine, t->job.op);
    struct request r = {0};
    struct err e = {0};
    int rc = p ? p->build(&t->ask, &r, &e)
               : err_set(&e, ERR_UNSUPPORTED, "%s is spoken to by no rules file", t->job.engine);
    if (!rc)
        show_request(&r);
    request_finish(&r);
    return rc ? cli_fail("%s", e.text) : CLI_OK;
}

static int say_probe(const struct trial *t, const struct response *r)
{
    struct outcome o = {0};
    int code = CLI_OK;
    provider_probe_read(&t->ask, r, &o);
    if (o.kind == OUTCOME_DONE)
        printf("%s answers (%ld, %lld ms), and nothing was charged\n", t->job.engine, r->status,
               (long long)r->took_ms);
    else if (r->kind != RESPONSE_ANSWERED)
        code = cli_fail("%s: %s\nIs it running, and is this machine online? Where it is asked is "
                        "\"base\" in rules/providers/%s.json.",
                        t->job.engine, o.error ? o.error : "no answer", t->job.engine);
    else
        code = cli_fail("%s%s%s", o.error ? o.error : "no answer", o.cure ? "\n" : "",
                        o.cure ? o.cure : "");
    outcome_finish(&o);
    return code;
}

static int probe(const struct trial *t)
{
    struct request r = {0};
    struct response answer = {0};
    struct err e = {0};
    if (provider_probe_build(&t->ask, &r, &e)) {
        request_finish(&r);
        return cli_fail("%s", e.text);
    }
    r.timeout_ms = PROBE_MS;
    int code = reach_service(&r, PROBE_MS + SLACK_MS, &answer)
                   ? say_probe(t, &answer)
                   : cli_fail("%s does not answer", t->job.engine);
    response_finish(&answer);
    return code;
}

/* Why an engine is not tried with a request over the net; NULL: it is. */
static const char *other_way(const cJSON *file)
{
    const char *carrier = json_str(file, "carrier", "");
    if (!file)
        return "there is no such engine; see `slated providers`";
    if (str_eq(carrier, "browser"))
        return "it is a site in a browser: `slated doctor` looks whether the browser is there, "
               "`slated sop run` tries a procedure";
    if (!json_get(file, "steps"))
        return "it is part of slated, and needs no trial";
    return NULL;
}

/* What keeps an engine from being tried now. */
static int may_try(const struct cli *cli, const struct rules *rules, const cJSON *file)
{
    const char *key = json_str(file, "key_env", NULL), *engine = file->string;
    const cJSON *models = json_get(file, "models");
    const char *host = json_str(json_get(file, "pod"), "at", NULL);
    if (!cli->dry_run && host)
        return cli_fail("%s is on a pod, which is begun when the first job waits for it; `slated "
                        "providers test %s` asks its host",
                        engine, host);
    if (!cli->dry_run && key && !secrets_has(key))
        return cli_fail("%s is not set; put it into the environment or the credentials file", key);
    if (models && !trial_model(rules, engine))
        return cli_fail("%s takes any model, and none is named: name one for it in "
                        "rules/models/routing.json, or as \"model\" of \"probe\" in "
                        "rules/providers/%s.json",
                        engine, engine);
    return CLI_OK;
}

static int test_one(const struct cli *cli, const struct rules *rules, const char *engine)
{
    const cJSON *file = json_get(rules_kind(rules, "providers"), engine);
    struct trial t;
    int code;
    if (other_way(file))
        return cli_fail("%s: %s", engine, other_way(file));
    if ((code = may_try(cli, rules, file)) != CLI_OK)
        return code;
    trial_open(&t, rules, file);
    code = cli->dry_run ? dry_run(&t) : probe(&t);
    free(t.params);
    return code;
}

static int stop_pod(const struct cli *cli, const char *engine)
{
    cJSON *command = cJSON_CreateObject();
    json_set_str(command, "verb", "pod_stop");
    json_set_str(command, "engine", engine);
    return ask_root(cli, command);
}

int cli_run_providers(const struct cli *cli)
{
    char *dir = cli_rules(cli), *root = cli_root(cli);
    struct rules *rules = NULL;
    struct faults faults = {0};
    struct err e = {0};
    int code = CLI_OK;
    if (secrets_open(root, &e))
        (void)cli_fail("%s", e.text); /* the environment still serves */
    if (ruleset_load(dir, &rules, &faults))
        code = cli_fail("the rules in %s have faults; see `slated rules check`", dir);
    else if (cli->args_n == 0)
        code = providers_list(cli, rules);
    else if (cli->args_n == 2 && str_eq(cli->args[0], "test") && cli->paid)
        code = providers_trial(cli, rules, cli->args[1]);
    else if (cli->args_n == 2 && str_eq(cli->args[0], "test"))
        code = test_one(cli, rules, cli->args[1]);
    else if (cli->args_n == 2 && str_eq(cli->args[0], "stop"))
        code = stop_pod(cli, cli->args[1]);
    else
        code = cli_fail(
            "usage: slated providers [test NAME [--dry-run] [--paid [--yes]] | stop NAME]");
    rules_release(rules);
    faults_finish(&faults);
    secrets_close();
    free(dir);
    free(root);
    return code;
}
