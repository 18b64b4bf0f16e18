/* Provider files come in; every reference, class and pointer in them that means nothing goes out as
 * a fault with its place. Checks what a schema cannot. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

struct check {
    const cJSON *file;
    const char *kind, *name;
    struct faults *faults;
    size_t n;
};

static void say(struct check *c, const char *code, const char *place, const char *found,
                const char *expected)
{
    char *whole = mem_printf("%s/%s.json: %s", c->kind, c->name, place);
    faults_add(c->faults, code, whole, found, expected, "Correct that file under rules/.");
    c->n++;
    free(whole);
}

static void check_name(struct check *c, const char *name, const char *place)
{
    if (!reference_known(c->file, name))
        say(c, "REFERENCE_UNKNOWN", place, name,
            "prompt, negative, model, seed, width, height, ratio, pixels, seconds, input.NAME, "
            "params.NAME, set.NAME, reply.NAME ... (rules/README.md)");
}

static void check_names(struct check *c, const cJSON *names, const char *place)
{
    const cJSON *one;
    if (cJSON_IsString(names))
        check_name(c, names->valuestring, place);
    cJSON_ArrayForEach(one, names)
    {
        if (cJSON_IsString(one))
            check_name(c, one->valuestring, place);
    }
}

/* {names} in an address or a header. */
static void check_text(struct check *c, const char *text, const char *place)
{
    for (const char *p = text; (p = strchr(p, '{')); p++) {
        const char *end = strchr(p, '}');
        bool secret = p > text && p[-1] == '$';
        if (!end) {
            say(c, "TEXT_BRACE", place, text, "a } for each {");
            return;
        }
        char *name = mem_dup_n(p + 1, (size_t)(end - p - 1));
        if (!secret)
            check_name(c, name, place);
        free(name);
    }
}

static void check_as(struct check *c, const cJSON *reference, const char *place)
{
    static const char *const words[] = {"int", "int_text", "number", "text", "bool",  "base64",
                                        "url", "data_url", "media",  "name", "bytes", NULL};
    const char *as = json_str(reference, "as", "text");
    for (size_t i = 0; words[i]; i++)
        if (str_eq(words[i], as))
            return;
    say(c, "REFERENCE_AS", place, as,
        "int, int_text, number, text, bool, base64, url, data_url, media, name or bytes");
}

static void check_reference_members(struct check *c, const cJSON *reference, const char *place)
{
    static const char *const known[] = {"from", "as",  "default",  "table",
                                        "min",  "max", "required", NULL};
    const cJSON *m;
    cJSON_ArrayForEach(m, reference)
    {
        size_t i = 0;
        while (known[i] && !str_eq(known[i], m->string))
            i++;
        if (!known[i])
            say(c, "REFERENCE_MEMBER", place, m->string,
                "from, as, default, table, min, max or required");
    }
    check_as(c, reference, place);
}

static void check_template(struct check *c, const cJSON *template, const char *place)
{
    const cJSON *child;
    int i = 0;
    if (json_get(template, "from")) {
        check_names(c, json_get(template, "from"), place);
        check_reference_members(c, template, place);
        return;
    }
    check_names(c, json_get(template, "each"), place);
    check_names(c, json_get(template, "with"), place);
    if ((json_get(template, "each") || json_get(template, "with")) && !json_get(template, "put"))
        say(c, "TEMPLATE_PUT", place, "no \"put\"", "what stands there, as \"put\"");
    cJSON_ArrayForEach(child, template)
    {
        char *below = child->string ? mem_printf("%s/%s", place, child->string)
                                    : mem_printf("%s/%d", place, i);
        i++;
        if (cJSON_IsObject(child) || (cJSON_IsArray(child) && !str_eq(child->string, "each") &&
                                      !str_eq(child->string, "with")))
            check_template(c, child, below);
        free(below);
    }
}

/* --- places in an answer --- */

/* Each a JSON pointer, in which {names} may stand. */
static void check_pointers(struct check *c, const cJSON *pointers, const char *place)
{
    const char *text = cJSON_GetStringValue(pointers);
    const cJSON *one;
    if (text && *text && *text != '/')
        say(c, "POINTER", place, text, "a JSON pointer, as /data/0/url");
    if (text)
        check_text(c, text, place);
    cJSON_ArrayForEach(one, pointers) if (cJSON_IsString(one)) check_pointers(c, one, place);
}

static void check_member_pointers(struct check *c, const cJSON *tree, const char *const members[],
                                  const char *place)
{
    for (size_t i = 0; members[i]; i++) {
        char *at = mem_printf("%s/%s", place, members[i]);
        check_pointers(c, json_get(tree, members[i]), at);
        free(at);
    }
}

static void check_replies(struct check *c, const cJSON *replies, const char *place)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, replies)
    {
        if (!cJSON_IsObject(one))
            check_pointers(c, one, place);
        else if (!json_str(one, "header", NULL))
            say(c, "REPLY_HEADER", place, one->string, "a JSON pointer, or {\"header\": name}");
    }
}

static void check_results(struct check *c, const cJSON *results, const char *place)
{
    static const char *const members[] = {"each", "value", "skip", NULL};
    const cJSON *rule;
    cJSON_ArrayForEach(rule, results) check_member_pointers(c, rule, members, place);
}

/* The names that the interpreter asks for; "send" is that of messages, a host of pods has its own.
 */
static void check_step_name(struct check *c, const char *name, const char *place)
{
    static const char *const known[] = {"submit", "upload", "poll", "result",  "download", "lookup",
                                        "cancel", "probe",  "send", "picture", NULL};
    static const char *const of_pods[] = {"list",  "look", "create", "remove",
                                          "start", "stop", "probe",  NULL};
    const cJSON *ops = json_get(c->file, "ops");
    bool pods = ops && !ops->child;
    for (const char *const *word = pods ? of_pods : known; *word; word++)
        if (str_eq(*word, name))
            return;
    say(c, "STEP_UNKNOWN", place, name,
        pods ? "list, look, create, remove, start, stop or probe"
             : "submit, upload, poll, result, download, lookup, cancel or probe; of a message "
               "send and picture");
}

static void check_answers(struct check *c, const cJSON *rows, const char *place)
{
    static const char *const members[] = {"at", NULL}, *const waits[] = {"at", NULL};
    const cJSON *row, *step;
    int i = 0;
    cJSON_ArrayForEach(row, rows)
    {
        char *at = mem_printf("%s/%d", place, i++);
        const char *class = json_str(row, "class", "");
        if (outcome_class_of_word(class) == OUTCOME_CLASSES_N)
            say(c, "ANSWER_CLASS", at, class,
                "ok, pending, rate_limited, quota_exhausted, auth, refused_input, refused_output, "
                "bad_request, transient or unknown_submit");
        if (json_str(row, "step", NULL))
            check_step_name(c, json_str(row, "step", NULL), at);
        cJSON_ArrayForEach(step, json_get(row, "step"))
            check_step_name(c, cJSON_IsString(step) ? step->valuestring : "", at);
        check_member_pointers(c, row, members, at);
        check_member_pointers(c, json_get(row, "wait"), waits, at);
        free(at);
    }
}

/* Members that one step alone reads. */
static void check_owners(struct check *c, const cJSON *step, const char *place)
{
    static const char *const owners[][2] = {
        {"first_ms", "poll"}, {"growth", "poll"},   {"most_ms", "poll"}, {"give_up_s", "poll"},
        {"over", "upload"},   {"stages", "upload"}, {"while", "cancel"}};
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
        const char *member = owners[i][0], *slash = strrchr(place, '/');
        if (!json_get(step, member) || str_eq(slash + 1, owners[i][1]))
            continue;
        char *expected = mem_printf("nothing: only %s has it", owners[i][1]);
        say(c, "STEP_MEMBER", place, member, expected);
        free(expected);
    }
}

static void check_step(struct check *c, const cJSON *step, const char *place)
{
    static const char *const members[] = {"cost", "progress", NULL};
    const cJSON *part, *h;
    char *at = mem_printf("%s/body", place);
    check_template(c, json_get(step, "body"), at);
    check_text(c, json_str(step, "url", ""), place);
    cJSON_ArrayForEach(h, json_get(step, "headers"))
        check_text(c, json_str(json_get(step, "headers"), h->string, ""), place);
    check_names(c, json_get(step, "raw"), place);
    check_names(c, json_get(step, "plain"), place);
    cJSON_ArrayForEach(part, json_get(step, "multipart"))
    {
        check_template(c, json_get(part, "value"), place);
        check_names(c, json_get(part, "file"), place);
    }
    check_replies(c, json_get(step, "reply"), place);
    check_replies(c, json_get(step, "facts"), place);
    check_results(c, json_get(step, "results"), place);
    check_member_pointers(c, step, members, place);
    check_answers(c, json_get(step, "answers"), place);
    check_pointers(c, json_get(json_get(step, "while"), "at"), place);
    check_owners(c, step, place);
    free(at);
}

static void check_steps(struct check *c, const cJSON *steps, const char *place)
{
    const cJSON *step, *stage;
    cJSON_ArrayForEach(step, steps)
    {
        char *at = mem_printf("%s/%s", place, step->string);
        check_step_name(c, step->string, place);
        check_step(c, step, at);
        cJSON_ArrayForEach(stage, json_get(step, "stages")) check_step(c, stage, at);
        free(at);
    }
}

static void check_models(struct check *c)
{
    const cJSON *models = json_get(c->file, "models"), *row;
    cJSON_ArrayForEach(row, models)
    {
        char *at = mem_printf("/models/%s", row->string);
        const char *alias = json_str(row, "alias", NULL);
        check_template(c, json_get(row, "body"), at);
        check_steps(c, json_get(row, "steps"), at);
        check_results(c, json_get(row, "results"), at);
        if (alias && !cJSON_GetObjectItemCaseSensitive(models, alias))
            say(c, "MODEL_ALIAS", at, alias, "the name of another row of models");
        free(at);
    }
}

static void check_units(struct check *c, const cJSON *units)
{
    if (!cJSON_IsObject(units))
        check_pointers(c, units, "/units");
    else if (!json_str(units, "header", NULL))
        say(c, "REPLY_HEADER", "/units", "neither", "a JSON pointer, or {\"header\": name}");
}

/* What a file says for all of its steps. */
static void check_whole(struct check *c)
{
    static const char *const members[] = {"error", "cost", NULL}, *const counts[] = {"in", "out",
                                                                                     NULL};
    static const char *const heard[] = {"at", "id", "value", "max", NULL};
    const cJSON *listen = json_get(c->file, "listen"), *headers = json_get(c->file, "headers"), *h;
    check_member_pointers(c, c->file, members, "");
    check_member_pointers(c, json_get(c->file, "tokens"), counts, "/tokens");
    check_units(c, json_get(c->file, "units"));
    check_member_pointers(c, listen, heard, "/listen");
    check_text(c, json_str(listen, "url", ""), "/listen/url");
    cJSON_ArrayForEach(h, headers) check_text(c, json_str(headers, h->string, ""), "/headers");
    cJSON_ArrayForEach(h, json_get(json_get(c->file, "limits"), "told"))
        check_step_name(c, json_str(h, "step", "submit"), "/limits/told");
    check_steps(c, json_get(c->file, "steps"), "/steps");
    check_answers(c, json_get(c->file, "answers"), "/answers");
}

static bool has_steps(const cJSON *host, const char *a, const char *b)
{
    const cJSON *steps = json_get(host, "steps");
    return json_get(steps, a) && json_get(steps, b);
}

/* A machine that cannot be found again by its name might run for ever. */
static void check_pod(struct check *c, const struct rules *rules)
{
    const cJSON *pod = json_get(c->file, "pod"), *body = json_get(pod, "body");
    const char *at = json_str(pod, "at", "");
    const cJSON *host = json_get(rules_kind(rules, "providers"), at);
    char *text = body ? json_compact(body) : NULL;
    if (!pod)
        return;
    if (!host || !has_steps(host, "list", "look"))
        say(c, "POD_HOST", "/pod/at", at, "a file of rules/providers with the steps list and look");
    else if (!has_steps(host, body ? "create" : "start", body ? "remove" : "stop"))
        say(c, "POD_HOST", "/pod/at", at,
            body ? "a host that can create and remove" : "a host that can start and stop");
    if (!body == !json_get(pod, "id"))
        say(c, "POD_WHICH", "/pod", body ? "id and body" : "neither id nor body",
            "\"id\" of one that is there, or \"body\" of one to create");
    if (text && !strstr(text, "params.name"))
        say(c, "POD_NAME", "/pod/body", "no {\"from\": \"params.name\"}",
            "the name by which it is found again");
    check_template(c, body, "/pod/body");
    check_text(c, json_str(pod, "service", ""), "/pod/service");
    free(text);
}

static void check_notifiers(struct check *c, const struct rules *rules)
{
    const cJSON *file;
    c->kind = "notify";
    cJSON_ArrayForEach(file, rules_kind(rules, "notify"))
    {
        c->file = file;
        c->name = file->string;
        if (str_eq(json_str(file, "carrier", ""), "http") && !json_get(file, "steps"))
            say(c, "STEP_MISSING", "/steps", "no send", "the step that sends a message");
        check_whole(c);
    }
}

size_t providers_check(const struct rules *rules, struct faults *faults)
{
    const cJSON *file;
    struct check c = {.kind = "providers", .faults = faults};
    cJSON_ArrayForEach(file, rules_kind(rules, "providers"))
    {
        c.file = file;
        c.name = file->string;
        if (!json_get(file, "steps"))
            continue;
        if (!json_get(json_get(file, "steps"), "submit") && json_get(file, "ops")->child)
            say(&c, "STEP_MISSING", "/steps", "no submit", "the step that asks for the work");
        if (json_get(json_get(file, "steps"), "lookup") &&
            !json_get(json_get(file, "steps"), "poll"))
            say(&c, "STEP_MISSING", "/steps/lookup", "no poll",
                "the step that work which was found again is asked for with");
        if (!json_get(file, "base") && !json_get(file, "pod"))
            say(&c, "BASE_MISSING", "/base", "no base", "the address the engine answers at");
        check_whole(&c);
        check_models(&c);
        check_pod(&c, rules);
    }
    check_notifiers(&c, rules);
    return c.n;
}
