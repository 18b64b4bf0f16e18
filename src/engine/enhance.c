/* A command or a bundle comes in; a shot's prompt is given to a text model to be rewritten for a
 * target, and what it wrote is found again. Each is a versioned file in the drop's own tree, and a
 * person may change it there. */
/* SPDX-License-Identifier: ISC */
#include "engine/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/chosen.h"
#include "engine/manual.h"
#include "money/caps.h"
#include "plan/route.h"
#include "words/enhance.h"

#define DOCUMENT_MAX (1024 * 1024)
#define SAID_MOST    3 /* reasons; more of them are only counted */

/* --- names --- */

/* Below out/. Owned. */
static char *document_path(const struct unit *u, const cJSON *target)
{
    const char *tree = u->drop.tree ? u->drop.tree : "";
    char *unit = utf8_safe_name(u->jobs[0].unit, 100, "shot");
    char *path = mem_printf("%s%sprompts/enhanced/%s_%s.json", tree, *tree ? "/" : "", unit,
                            json_str(target, "slug", target->string));
    free(unit);
    return path;
}

/* --- asking --- */

static struct enhance_shot shot_of(const struct bundle_plan *b)
{
    return (struct enhance_shot){.unit = b->unit,
                                 .wording = &b->wording,
                                 .ratio = b->ratio,
                                 .note = b->note,
                                 .tag = b->tag,
                                 .seconds = b->seconds};
}

/* The shot's frame goes along as it lies there; which one, as the job's input says it. Owned. */
static char *add_frame(struct engine *en, const struct unit *u, struct plan_job *job)
{
    struct unit_file *files = NULL;
    size_t n = 0;
    cJSON *list = cJSON_CreateArray();
    unit_files(en, u, &files, &n);
    const struct unit_file *still = unit_main(files, n, false);
    if (still && still->made) {
        struct order_file file = {.frozen = still->asset.path};
        cJSON *in = cJSON_CreateObject();
        memcpy(file.sha256, still->asset.sha256, sizeof file.sha256);
        plan_add_input_file(job, "frame", &file, true);
        json_set_str(in, "name", "frame");
        json_set_str(in, "job", still->job->key);
        json_set_str(in, "role", still->role);
        json_set_bool(in, "soft", true);
        cJSON_AddItemToArray(list, in);
    }
    unit_files_finish(files, n);
    char *text = json_compact(list);
    cJSON_Delete(list);
    return text;
}

static void fill_job(const struct unit *u, const struct bundle_plan *b, struct enhance_question *q,
                     struct plan_job *job)
{
    char from[DIGEST_LEN], *path = document_path(u, b->target);
    enhance_source(&b->wording, from);
    job->key = mem_printf(WORDS_KEY "%s.%s", b->unit, b->target->string);
    job->title =
        mem_printf("%s, prompt for %s", b->unit, json_str(b->target, "label", b->target->string));
    job->op = mem_dup("text.answer");
    job->params = q->params;
    job->prompt = q->prompt;
    job->attempts = q->asks;
    job->meta = cJSON_CreateObject();
    json_set_str(job->meta, "unit", b->unit);
    json_set_str(job->meta, "asks", "enhance");
    json_set_str(job->meta, "target", b->target->string);
    json_set_str(job->meta, "from", from);
    plan_add_output(job, "answer", path, NULL);
    q->params = NULL;
    q->prompt = NULL;
    free(path);
}

/* Somebody waits for a text: an engine that is stopped is passed over while there is another. */
static void pass_stopped(struct engine *en, struct plan_job *job)
{
    while (stop_holds(en, job->engine) && job->choices && job->choices->child) {
        cJSON *next = cJSON_DetachItemFromArray(job->choices, 0);
        free(job->engine);
        free(job->model);
        job->engine = mem_dup(json_str(next, "engine", ""));
        job->model = mem_dup(json_str(next, "model", ""));
        job->price = json_num(next, "price", 0);
        cJSON_Delete(next);
    }
}

/* The engine that a text goes to; where there is none a person is asked, and the local engine,
 * which cannot write, is a mistake in the rules. */
static int route(struct engine *en, const cJSON *target, struct plan_job *job, struct err *e)
{
    route_job(en->rules, "text", target->string, job);
    pass_stopped(en, job);
    if (!str_eq(job->engine, "local"))
        return 0;
    return err_set(e, ERR_STATE,
                   "the local engine cannot write; name a text model under \"text\" in "
                   "rules/models/routing.json");
}

/* What would spare the person the work. */
static void say_by_hand(const struct bundle_plan *b, const struct plan_job *job, struct buf *out)
{
    const char *why = job->why_engine ? job->why_engine : "rules/models/routing.json names none";
    buf_printf(out,
               "%s%s: the question for %s goes out as a bundle to manual_export/; put a text "
               "model's answer into its return/",
               out->len ? "\n" : "", b->unit, json_str(b->target, "label", b->target->string));
    if (!strstr(out->data, "OPENROUTER_API_KEY"))
        buf_printf(out,
                   "\nNo text model can be asked from here (%.*s). Set OPENROUTER_API_KEY or "
                   "GEMINI_API_KEY; or run a model server on this machine (Ollama, llama.cpp), set "
                   "its address in rules/providers/openai_compatible.json and name it under "
                   "\"text\" in rules/models/routing.json.",
                   (int)strcspn(why, ";"), why);
}

static void say_asked(const struct bundle_plan *b, const struct plan_job *job, struct buf *out)
{
    char price[MONEY_TEXT_LEN];
    money_text(money_of(job->price), price);
    buf_printf(out, "%s%s: rewritten for %s by %s at %s, for at most %s a try; see out/%s",
               out->len ? "\n" : "", b->unit, json_str(b->target, "label", b->target->string),
               job->model, job->engine, price, job->outs[0].path);
}

static int ask(struct engine *en, const struct unit *u, const char *model, struct buf *out,
               struct err *e)
{
    struct bundle_plan plan;
    struct enhance_question q = {0};
    struct plan_job job = {0};
    char *ins = NULL;
    int rc = bundle_plan_words(en, u, model, &plan, e);
    struct enhance_shot shot = shot_of(&plan);
    if (!rc)
        rc = enhance_ask(en->rules, plan.target, &shot, &q, e);
    if (!rc) {
        bool frame = q.frame;
        fill_job(u, &plan, &q, &job);
        ins = frame ? add_frame(en, u, &job) : mem_dup("[]");
        rc = route(en, plan.target, &job, e);
    }
    if (!rc) {
        rc = words_put(en, &u->drop, &job, ins, e);
        ins = NULL;
    }
    if (!rc && str_eq(job.engine, "manual"))
        say_by_hand(&plan, &job, out);
    else if (!rc)
        say_asked(&plan, &job, out);
    free(ins);
    plan_job_finish(&job);
    enhance_question_finish(&q);
    bundle_plan_finish(&plan);
    return rc;
}

/* One that cannot be asked for keeps no other back; its reason is said in its place. */
int verb_enhance(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    struct chosen c = {0};
    struct buf out;
    size_t failed = 0;
    int rc = units_choose(en, command, &c, e);
    buf_init(&out, 1 << 20);
    if (!rc && !c.n)
        rc = err_set(e, ERR_MISSING, "nothing to rewrite: name a shot, an episode or a drop");
    for (size_t i = 0; i < c.n && !rc; i++) {
        struct unit u;
        int one = unit_of_drop(en, c.drops[i], c.names[i], &u, e);
        if (!one)
            one = ask(en, &u, json_str(command, "model", NULL), &out, e);
        if (one && ++failed <= SAID_MOST)
            buf_printf(&out, "%s%s: %s", out.len ? "\n" : "", c.names[i], e->text);
        unit_finish(&u);
    }
    if (failed > SAID_MOST)
        buf_printf(&out, "\n%zu more cannot be rewritten either", failed - SAID_MOST);
    if (!rc && failed == c.n)
        rc = e->code;
    else if (!rc)
        *ret_said = mem_dup(out.data);
    units_chosen_finish(&c);
    buf_finish(&out);
    return rc;
}

/* --- the answer --- */

int enhance_document(struct engine *en, const struct job_row *job, const cJSON *answer,
                     cJSON **ret_document, struct err *e)
{
    cJSON *meta = cJSON_Parse(job->meta), *written = NULL, *document;
    const cJSON *target = NULL, *member;
    int rc = target_find(en->rules, json_str(meta, "target", ""), "clip", &target, e);
    if (!rc)
        rc = enhance_judge(en->rules, target, answer, &written, e);
    if (!rc) {
        document = cJSON_CreateObject();
        json_set_str(document, "shot_id", job->unit);
        json_set_str(document, "target_model", target->string);
        json_set_str(document, "kind", json_str(target, "kind", "clip"));
        cJSON_ArrayForEach(member, written)
            json_set(document, member->string, cJSON_Duplicate(member, true));
        json_set_str(document, "model", job->model);
        json_set_str(document, "engine", job->engine);
        json_set_str(document, "from", json_str(meta, "from", ""));
        *ret_document = document;
    }
    cJSON_Delete(written);
    cJSON_Delete(meta);
    return rc;
}

/* --- using it --- */

/* As it lies in the tree now: a person may have changed it. Owned, NULL when there is none. */
static cJSON *read_document(struct engine *en, const struct unit *u, const cJSON *target)
{
    char *slot = document_path(u, target), *path = NULL, *text = NULL;
    struct asset_row asset = {0};
    struct json_fault fault;
    cJSON *document = NULL;
    size_t len = 0;
    if (store_asset_current(en->store, slot, &asset) == 0) {
        path = path_join(en->places.out, asset.path);
        if (file_read(path, DOCUMENT_MAX, &text, &len, NULL) == 0 &&
            json_parse(text, len, &json_limits_drop, &document, &fault))
            document = NULL;
    }
    asset_row_finish(&asset);
    free(path);
    free(text);
    free(slot);
    return document;
}

static bool belongs_to(const cJSON *document, const struct wording *w)
{
    char from[DIGEST_LEN];
    enhance_source(w, from);
    return str_eq(json_str(document, "from", ""), from);
}

void enhanced_use(struct engine *en, const struct unit *u, struct bundle_plan *plan)
{
    cJSON *document = read_document(en, u, plan->target);
    const char *prompt = json_str(document, "prompt", NULL);
    if (prompt && *prompt && belongs_to(document, &plan->wording)) {
        json_set_str(plan->doc, "whole", prompt);
        plan->wording.whole = json_str(plan->doc, "whole", "");
        plan->enhanced = mem_dup(json_str(document, "model", "a model"));
        plan->remark = mem_printf("its prompt was rewritten by %s", plan->enhanced);
        if (json_str(document, "negative", NULL)) {
            free(plan->negative);
            plan->negative = mem_dup(json_str(document, "negative", NULL));
        }
    } else if (prompt) {
        plan->remark = mem_printf("the shot's words have changed since its prompt was rewritten; "
                                  "slated enhance %s does it again",
                                  plan->unit);
    }
    cJSON_Delete(document);
}

int enhanced_find(struct engine *en, const struct unit *u, const char *model, cJSON **ret_document,
                  struct err *e)
{
    struct bundle_plan plan;
    cJSON *document = NULL;
    int rc = bundle_plan_words(en, u, model, &plan, e);
    if (!rc)
        document = read_document(en, u, plan.target);
    if (!rc && !json_str(document, "prompt", NULL))
        rc = err_set(e, ERR_MISSING, "no prompt of %s was rewritten for %s yet; slated enhance %s",
                     u->jobs[0].unit, json_str(plan.target, "label", ""), u->jobs[0].unit);
    else if (!rc && !belongs_to(document, &plan.wording))
        rc = err_set(e, ERR_STATE,
                     "the words of %s have changed since its prompt was rewritten; slated enhance "
                     "%s does it again",
                     u->jobs[0].unit, u->jobs[0].unit);
    if (!rc)
        *ret_document = document;
    else
        cJSON_Delete(document);
    bundle_plan_finish(&plan);
    return rc;
}
