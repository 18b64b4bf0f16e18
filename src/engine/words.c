/* An answer of a text model comes in; the document that is kept of it goes out, or what is asked
 * next. Knows no vendor and no target. */
/* SPDX-License-Identifier: ISC */
#include "engine/words.h"
#include "engine/vision.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/caps.h"
#include "store/words.h"
#include "words/answer.h"

#define ANSWER_MAX (4 * 1024 * 1024)

bool words_is(const struct job_row *job)
{
    return str_starts(job->op, "text.");
}

/* --- the answer --- */

static const struct {
    const char *asks;
    int (*make)(struct engine *en, const struct job_row *job, const cJSON *answer,
                cJSON **ret_document, struct err *e);
} documents[] = {{"enhance", enhance_document}, {"check", vision_document}};

/* What was asked for decides what is kept; the answer itself where nobody says. */
static int document_of(struct engine *en, const struct job_row *job, const cJSON *answer,
                       cJSON **ret_document, struct err *e)
{
    cJSON *meta = cJSON_Parse(job->meta);
    int rc = 0;
    bool known = false;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        if (str_eq(documents[i].asks, json_str(meta, "asks", ""))) {
            known = true;
            rc = documents[i].make(en, job, answer, ret_document, e);
        }
    if (!known)
        *ret_document = cJSON_Duplicate(answer, true);
    cJSON_Delete(meta);
    return rc;
}

/* The document takes the place of the text, and its digest that of the text's. */
static int replace_file(struct made *made, const cJSON *document, struct err *e)
{
    char *text = json_pretty(document);
    int rc = file_write(made->path, text, strlen(text), true, e);
    digest_bytes(text, strlen(text), made->sha256);
    made->bytes = (int64_t)strlen(text);
    free(text);
    return rc;
}

int words_read(struct engine *en, const struct job_row *job, const char *text, cJSON **ret_document,
               struct err *e)
{
    cJSON *params = cJSON_Parse(job->params), *answer = NULL;
    int rc = answer_read(text, json_get(params, "schema"), &answer, e);
    if (!rc)
        rc = document_of(en, job, answer, ret_document, e);
    cJSON_Delete(params);
    cJSON_Delete(answer);
    return rc;
}

static int read_said(struct engine *en, struct flight *f, struct outcome *o, struct err *e)
{
    cJSON *document = NULL;
    char *text = NULL;
    size_t len = 0;
    int rc = file_read(o->made[0].path, ANSWER_MAX, &text, &len, e);
    if (!rc)
        rc = words_read(en, &f->job, text, &document, e);
    if (!rc)
        rc = replace_file(&o->made[0], document, e);
    if (!rc)
        (void)vision_told(en, f, document);
    cJSON_Delete(document);
    free(text);
    return rc;
}

/* --- asking again --- */

/* The next attempt's prompt says what was wrong. The request's hash stays: it is the same wish. */
static void tell_model(struct engine *en, struct job_row *job, const char *wrong)
{
    struct err e = {0};
    char *prompt = answer_prompt_again(job->prompt ? job->prompt : "", wrong);
    free(job->prompt);
    job->prompt = prompt;
    if (store_begin(en->store, &e) || store_set_job_wish(en->store, job, &e) ||
        store_commit(en->store, &e))
        store_rollback(en->store); /* then it is asked without a word about it */
}

static void no_good(struct engine *en, struct flight *f, const char *wrong, struct outcome *o)
{
    tell_model(en, &f->job, wrong);
    o->kind = OUTCOME_RETRY;
    o->class = CLASS_REFUSED_OUTPUT;
    o->wait_s = WORDS_AGAIN_S;
    free(o->error);
    o->error = mem_printf("the answer of %s is of no use: %s", f->job.model, wrong);
}

/* --- what it came to --- */

static void keep_call(struct engine *en, const struct flight *f, const struct response *response,
                      const struct outcome *o, const char *wrong)
{
    struct err e = {0};
    bool worth = o->cost_known && isfinite(o->cost);
    struct call_row row = {.job_id = f->job.id,
                           .drop_id = f->job.drop_id,
                           .engine = f->job.engine,
                           .model = f->job.model,
                           .why = (char *)wrong,
                           .tokens_in = o->tokens_in,
                           .tokens_out = o->tokens_out,
                           .cost_u = worth ? money_of(o->cost) : 0,
                           .ms = response->took_ms,
                           .at_s = en->now_s};
    log_line(LOG_INFO, "text",
             "job=%s engine=%s model=%s in=%lld out=%lld cost=%.6f ms=%lld why=%s",
             log_quote(f->job.key), f->job.engine, log_quote(f->job.model),
             (long long)row.tokens_in, (long long)row.tokens_out, worth ? o->cost : 0.0,
             (long long)row.ms, log_quote(wrong ? wrong : ""));
    if (store_begin(en->store, &e) || store_add_call(en->store, &row, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        log_line(LOG_WARN, "text", "why=%s", log_quote(e.text)); /* the ledger has the money */
    }
}

void words_judge(struct engine *en, struct flight *f, const struct response *response,
                 struct outcome *o)
{
    struct err e = {0};
    if (!words_is(&f->job) || f->looking)
        return;
    if (o->kind == OUTCOME_DONE && o->made_n) {
        int rc = read_said(en, f, o, &e);
        keep_call(en, f, response, o, rc ? e.text : NULL);
        if (rc)
            no_good(en, f, e.text, o);
    } else if (o->tokens_in + o->tokens_out > 0 && o->kind == OUTCOME_RETRY) {
        keep_call(en, f, response, o, o->error);
    }
}
