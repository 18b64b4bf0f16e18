/* What the tests of acts share: a page whose browser the test plays. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "browser/act.h"
#include "browser/peer.h"

#define PATIENCE_MS 5000
#define ANSWERS_MAX 16

/* The browser: what a call of the page's function answers, in the order of the calls ("!why": the
 * command is refused, "-": no answer ever), and what was done. */
struct play {
    struct peer peer;
    const char *answers[ANSWERS_MAX];
    int at;
    const char *deaf;   /* a method that is never answered */
    const char *broken; /* a method, or a kind of mouse event, that is refused */
    struct buf trace;
    cJSON *sent; /* the parameters of what is no call, by method: the last ones */
};

static inline void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    struct peer *p = ctx;
    peer_event_noted(p, method, params);
    if (p->page)
        page_hear(p->page, session, method, params, clock_mono_ms());
}

static inline void note(struct play *y, const char *word)
{
    buf_printf(&y->trace, "%s%s", y->trace.len ? " " : "", word);
}

/* "slated.locate({...},5000)" is noted as locate and answered by the next of the answers. */
static inline void answer_call(struct play *y, int64_t id, const char *expression)
{
    const char *name = expression + strlen("slated."), *answer;
    char *word = mem_dup_n(name, strcspn(name, "("));
    note(y, word);
    free(word);
    answer = y->at < ANSWERS_MAX && y->answers[y->at] ? y->answers[y->at++] : "{}";
    if (*answer == '!') {
        peer_refuse(&y->peer, id, answer + 1);
    } else if (*answer != '-') {
        char *result = mem_printf("{\"result\": {\"type\": \"object\", \"value\": %s}}", answer);
        peer_answer(&y->peer, id, result);
        free(result);
    }
}

static const char *plain_answer(const char *method)
{
    static const char *const answers[][2] = {
        {"Target.createTarget", "{\"targetId\": \"T1\"}"},
        {"Target.attachToTarget", "{\"sessionId\": \"S1\"}"},
        {"Page.getFrameTree", "{\"frameTree\": {\"frame\": {\"id\": \"F1\"}}}"},
        {"Page.createIsolatedWorld", "{\"executionContextId\": 7}"},
        {"Page.captureScreenshot", "{\"data\": \"aGVsbG8=\"}"}};
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
        if (str_eq(answers[i][0], method))
            return answers[i][1];
    return "{}";
}

static inline void answer_command(struct play *y, const cJSON *command)
{
    const char *method = json_str(command, "method", "");
    const char *expression = json_str(command, "/params/expression", "");
    int64_t id = json_int(command, "id", 0);
    const cJSON *params = json_get(command, "params");
    json_set(y->sent, method, params ? cJSON_Duplicate(params, true) : cJSON_CreateTrue());
    if (y->deaf && str_eq(method, y->deaf))
        return;
    const char *kind = json_str(command, "/params/type", "");
    if (str_eq(method, "Input.dispatchMouseEvent"))
        note(y, kind);
    if (y->broken && (str_eq(method, y->broken) || str_eq(kind, y->broken))) {
        peer_refuse(&y->peer, id, "it is broken");
        return;
    }
    if (str_starts(expression, "slated.")) {
        answer_call(y, id, expression);
        return;
    }
    if (str_starts(method, "Page.navigate") || str_starts(method, "Page.handle"))
        note(y, method);
    peer_answer(&y->peer, id, plain_answer(method));
}

static inline void turn(struct play *y)
{
    cJSON *command;
    peer_turn(&y->peer, clock_mono_ms());
    while ((command = peer_take(&y->peer))) {
        answer_command(y, command);
        cJSON_Delete(command);
    }
    peer_turn(&y->peer, clock_mono_ms());
}

static inline void play_open(struct play *y)
{
    memset(y, 0, sizeof(*y));
    buf_init(&y->trace, 65536);
    y->sent = cJSON_CreateObject();
    peer_open(&y->peer, on_event, 0);
    y->peer.page = page_create(y->peer.cdp, 800, 600, clock_mono_ms());
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (page_state(y->peer.page) == PAGE_COMING && clock_mono_ms() < until)
        turn(y);
    assert_int_equal(page_state(y->peer.page), PAGE_READY);
}

static inline void play_close(struct play *y)
{
    page_destroy(y->peer.page, true, clock_mono_ms());
    y->peer.page = NULL;
    peer_close(&y->peer);
    cJSON_Delete(y->sent);
    buf_finish(&y->trace);
}

static inline cJSON *do_in(struct play *y, const char *text, const struct act_place *place)
{
    cJSON *what = cJSON_Parse(text), *result;
    struct act *a = act_begin(y->peer.page, place, what, clock_mono_ms());
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (act_turn(a, clock_mono_ms()) >= 0 && clock_mono_ms() < until)
        turn(y);
    result = act_result(a);
    act_end(a, true);
    cJSON_Delete(what);
    assert_non_null(result);
    return result;
}

#endif
