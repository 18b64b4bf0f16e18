/* An engine's pod and what is wanted of it come in; a request to its host goes out, and what the
 * answer means. Borrows the interpreter of providers: an exchange without a job. */
/* SPDX-License-Identifier: ISC */
#include "providers/pod.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "providers/http_priv.h"

#define ANSWER_MOST (8 << 20) /* a list of pods */
#define TIMEOUT_MS  60000
#define TRY_AGAIN_S 5

/* The exchange, with what stands in for a job; all of it lives as long as the call. */
struct exchange {
    struct job_row job;
    struct job_files files;
    struct ask ask;
    struct talk talk;
    const cJSON *pod;
};

const cJSON *pod_rule(const struct rules *rules, const char *engine)
{
    return engine ? json_get(json_get(rules_kind(rules, "providers"), engine), "pod") : NULL;
}

static void exchange_open(struct exchange *x, const struct pod_wish *w)
{
    memset(x, 0, sizeof *x);
    x->pod = pod_rule(w->rules, w->engine);
    const char *host = json_str(x->pod, "at", "");
    x->job.key = (char *)w->name;
    x->job.engine = (char *)host;
    x->ask = (struct ask){
        .rules = w->rules, .job = &x->job, .files = &x->files, .work = ".", .now_s = w->now_s};
    x->talk.ask = &x->ask;
    x->talk.file = json_get(rules_kind(w->rules, "providers"), host);
    x->talk.model = x->pod; /* its "body" is what is created */
    x->talk.model_id = host;
    x->talk.memo = cJSON_CreateObject();
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "name", w->name);
    if (w->id)
        json_set_str(params, "id", w->id);
    talk_set_wish(&x->talk, params, cJSON_CreateObject());
}

/* What is created is removed, what was there is started and stopped. */
static const char *step_name(const struct exchange *x, enum pod_act act)
{
    bool ours = json_get(x->pod, "body") != NULL;
    if (act == POD_LIST)
        return "list";
    if (act == POD_LOOK)
        return "look";
    if (act == POD_BEGIN)
        return ours ? "create" : "start";
    return ours ? "remove" : "stop";
}

int pod_build(const struct pod_wish *wish, enum pod_act act, struct request *ret_request,
              struct err *e)
{
    struct exchange x;
    exchange_open(&x, wish);
    const char *name = step_name(&x, act);
    const cJSON *step = talk_step(&x.talk, name);
    int rc = step ? compose_step(&x.talk, step, ret_request, e)
                  : err_set(e, ERR_RULES, "rules/providers/%s.json has no step \"%s\"",
                            x.talk.model_id, name);
    ret_request->max_len = ANSWER_MOST;
    ret_request->timeout_ms = TIMEOUT_MS;
    ret_request->paid = act == POD_BEGIN; /* once, and never again by the carrier */
    talk_close(&x.talk);
    return rc;
}

/* --- what an answer means --- */

struct listing {
    const cJSON *reply; /* where a pod says its name and id */
    struct pod_answer *a;
};

static bool visit_pod(void *ctx, const cJSON *pod)
{
    struct listing *l = ctx;
    struct pod_answer *a = l->a;
    char *name = value_text(pointer_any(pod, json_get(l->reply, "name")));
    char *id = value_text(pointer_any(pod, json_get(l->reply, "id")));
    if (!name || !id) {
        free(name);
        free(id);
        return false;
    }
    a->seen = mem_grow(a->seen, a->seen_n + 1, sizeof *a->seen);
    a->seen[a->seen_n++] = (struct pod_seen){name, id};
    return false;
}

static void read_list(struct exchange *x, const cJSON *body, struct pod_answer *a)
{
    struct listing l = {json_get(talk_step(&x->talk, "look"), "reply"), a};
    const cJSON *rule;
    cJSON_ArrayForEach(rule, json_get(talk_step(&x->talk, "list"), "results"))(void)
        pointer_each(body, json_str(rule, "each", ""), visit_pod, &l); /* seen says it */
}

static void read_told(struct exchange *x, const char *step, const struct response *response,
                      const cJSON *body, struct pod_answer *a)
{
    harvest_replies(&x->talk, talk_step(&x->talk, step), response, body);
    const cJSON *reply = json_get(x->talk.memo, "reply");
    char *end = NULL;
    const char *price = json_str(reply, "usd_hour", "");
    a->id = mem_dup(json_str(reply, "id", NULL));
    a->usd_hour = strtod(price, &end);
    if (end == price || *end)
        a->usd_hour = 0;
    if (json_get(reply, "id")) /* else it says nothing of a machine */
        (void)text_fill(&x->talk, json_str(x->pod, "service", ""), &a->service, NULL);
}

static void read_status(struct exchange *x, enum pod_act act, const struct response *response,
                        struct pod_answer *a)
{
    cJSON *body = response->text ? cJSON_Parse(response->text) : NULL;
    const char *step = step_name(x, act);
    struct verdict v = {0};
    answers_judge(&x->talk, step, response, body, &v);
    a->class = v.class;
    a->wait_s = v.wait_s;
    a->say = mem_dup(v.say);
    a->cure = mem_dup(v.cure);
    if (act == POD_LIST && v.class == CLASS_OK)
        read_list(x, body, a);
    else if (v.class == CLASS_OK || v.class == CLASS_PENDING)
        read_told(x, step, response, body, a);
    bool unclear = v.class == CLASS_TRANSIENT || (v.class == CLASS_OK && !a->id);
    if (act == POD_BEGIN && unclear)
        a->class = CLASS_UNKNOWN_SUBMIT;
    if (act == POD_LIST && v.class == CLASS_OK && !cJSON_IsArray(body) && !cJSON_IsObject(body))
        a->class = CLASS_TRANSIENT; /* a page of somebody else's is no list without pods */
    verdict_finish(&v);
    cJSON_Delete(body);
}

void pod_read(const struct pod_wish *wish, enum pod_act act, const struct response *response,
              struct pod_answer *ret_answer)
{
    struct exchange x;
    exchange_open(&x, wish);
    *ret_answer = (struct pod_answer){.class = CLASS_TRANSIENT, .wait_s = TRY_AGAIN_S};
    if (response->kind == RESPONSE_ANSWERED) {
        read_status(&x, act, response, ret_answer);
    } else {
        bool left = act == POD_BEGIN && response->kind != RESPONSE_UNSENT;
        ret_answer->class = left ? CLASS_UNKNOWN_SUBMIT : CLASS_TRANSIENT;
        ret_answer->say = mem_printf("%s: %s", json_str(x.talk.file, "title", x.talk.model_id),
                                     response->error ? response->error : "no answer");
    }
    talk_close(&x.talk);
}

void pod_answer_finish(struct pod_answer *a)
{
    for (size_t i = 0; i < a->seen_n; i++) {
        free(a->seen[i].name);
        free(a->seen[i].id);
    }
    free(a->seen);
    free(a->say);
    free(a->cure);
    free(a->id);
    free(a->service);
    memset(a, 0, sizeof *a);
}
