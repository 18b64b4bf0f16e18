/* A file of rules/notify and a message come in; a request goes out, and what its answer means.
 * Borrows the interpreter of providers: an exchange without a job. */
/* SPDX-License-Identifier: ISC */
#include "providers/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "providers/http_priv.h"

#define ANSWER_MOST (256 * 1024)
#define TRY_AGAIN_S 5

/* The exchange, with what stands in for a job; all of it lives as long as the call. */
struct exchange {
    struct job_row job;
    struct job_files files;
    struct ask ask;
    struct talk talk;
};

static void exchange_open(struct exchange *x, const struct rules *rules, const char *notifier,
                          const cJSON *values)
{
    char *name = mem_printf("notify/%s", notifier);
    memset(x, 0, sizeof *x);
    x->job.key = (char *)"the message";
    x->job.engine = (char *)notifier;
    x->ask = (struct ask){.rules = rules, .job = &x->job, .files = &x->files, .work = "."};
    x->talk.ask = &x->ask;
    x->talk.file = rules_get(rules, name);
    x->talk.model_id = notifier;
    x->talk.memo = cJSON_CreateObject();
    talk_set_wish(&x->talk, values ? cJSON_Duplicate(values, true) : cJSON_CreateObject(),
                  cJSON_CreateObject());
    free(name);
}

int message_build(const struct rules *rules, const char *notifier, const cJSON *values,
                  const char *picture, struct request *ret_request, struct err *e)
{
    struct exchange x;
    struct job_file file = {(char *)"picture", (char *)picture};
    const char *name = picture ? "picture" : "send";
    exchange_open(&x, rules, notifier, values);
    if (picture)
        x.files = (struct job_files){.in = &file, .in_n = 1};
    const cJSON *step = talk_step(&x.talk, name);
    int rc = step
                 ? compose_step(&x.talk, step, ret_request, e)
                 : err_set(e, ERR_RULES, "rules/notify/%s.json has no step \"%s\"", notifier, name);
    ret_request->max_len = ANSWER_MOST;
    talk_close(&x.talk);
    return rc;
}

static void read_status(struct exchange *x, const struct response *response,
                        struct message_answer *a)
{
    cJSON *body = response->text ? cJSON_Parse(response->text) : NULL;
    struct verdict v = {0};
    answers_judge(&x->talk, "send", response, body, &v);
    a->class = v.class;
    a->wait_s = v.wait_s;
    a->say = mem_dup(v.say);
    a->cure = mem_dup(v.cure);
    verdict_finish(&v);
    cJSON_Delete(body);
}

void message_read(const struct rules *rules, const char *notifier, const struct response *response,
                  struct message_answer *ret_answer)
{
    struct exchange x;
    exchange_open(&x, rules, notifier, NULL);
    *ret_answer = (struct message_answer){.class = CLASS_TRANSIENT, .wait_s = TRY_AGAIN_S};
    if (response->kind == RESPONSE_ANSWERED)
        read_status(&x, response, ret_answer);
    else
        ret_answer->say = mem_printf("%s: %s", json_str(x.talk.file, "title", notifier),
                                     response->error ? response->error : "no answer");
    talk_close(&x.talk);
}

void message_answer_finish(struct message_answer *a)
{
    free(a->say);
    free(a->cure);
    memset(a, 0, sizeof *a);
}
