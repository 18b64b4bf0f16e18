/* Conversations in the DevTools protocol with a peer that the test plays: answers find their
 * commands, late and lost ones are told, and large messages come whole. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "browser/memory.h"
#include "browser/peer.h"

#define NOW   ((int64_t)1000000)
#define LARGE ((size_t)90 << 20)

/* What came of one command. */
struct told {
    int times;
    char *value, *error;
    size_t len;
};

static void on_answer(void *ctx, const cJSON *result, const char *error)
{
    struct told *t = ctx;
    const char *value = json_str(result, "value", NULL);
    t->times++;
    t->len = value ? strlen(value) : 0;
    t->value = value && t->len < 100 ? mem_dup(value) : NULL;
    t->error = mem_dup(error);
}

static void told_finish(struct told *t)
{
    free(t->value);
    free(t->error);
    memset(t, 0, sizeof(*t));
}

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    (void)session;
    peer_event_noted(ctx, method, params);
}

static void ask(struct peer *p, const char *method, int timeout_ms, struct told *t)
{
    cdp_send(p->cdp, NULL, method, NULL, timeout_ms, NOW, t ? on_answer : NULL, t);
}

static int64_t id_of(struct peer *p, const char *method)
{
    cJSON *command = peer_take(p);
    assert_string_equal(json_str(command, "method", "none"), method);
    int64_t id = json_int(command, "id", 0);
    cJSON_Delete(command);
    return id;
}

static void test_answers_find_their_commands_in_any_order(void **state)
{
    (void)state;
    struct peer p;
    struct told a = {0}, b = {0}, c = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "A.a", 1000, &a);
    ask(&p, "B.b", 1000, &b);
    ask(&p, "C.c", 1000, &c);
    int64_t ids[] = {id_of(&p, "A.a"), id_of(&p, "B.b"), id_of(&p, "C.c")};
    peer_answer(&p, ids[2], "{\"value\": \"third\"}");
    peer_answer(&p, ids[0], "{\"value\": \"first\"}");
    peer_turn(&p, NOW);
    assert_string_equal(a.value, "first");
    assert_string_equal(c.value, "third");
    assert_int_equal(b.times, 0);
    peer_answer(&p, ids[1], "{\"value\": \"second\"}");
    peer_turn(&p, NOW);
    assert_string_equal(b.value, "second");
    peer_answer(&p, ids[1], "{\"value\": \"once more\"}");
    peer_answer(&p, 4711, "{\"value\": \"nobody's\"}");
    peer_turn(&p, NOW);
    assert_int_equal(a.times + b.times + c.times, 3);
    told_finish(&a);
    told_finish(&b);
    told_finish(&c);
    peer_close(&p);
}

static void test_a_refusal_is_a_sentence_with_the_command(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "Page.fly", 1000, &t);
    peer_refuse(&p, id_of(&p, "Page.fly"), "no such method");
    peer_turn(&p, NOW);
    assert_string_equal(t.error, "Page.fly: no such method");
    told_finish(&t);
    peer_close(&p);
}

static void test_each_command_has_its_own_time(void **state)
{
    (void)state;
    struct peer p;
    struct told quick = {0}, slow = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "A.quick", 100, &quick);
    ask(&p, "A.slow", 5000, &slow);
    int64_t late = id_of(&p, "A.quick");
    assert_int_equal(cdp_turn(p.cdp, NOW + 99), NOW + 100);
    assert_int_equal(quick.times, 0);
    assert_int_equal(cdp_turn(p.cdp, NOW + 100), NOW + 5000);
    assert_string_equal(quick.error, "A.quick: no answer within 100 ms");
    assert_int_equal(slow.times, 0);
    peer_answer(&p, late, "{\"value\": \"too late\"}");
    peer_answer(&p, id_of(&p, "A.slow"), "{\"value\": \"in time\"}");
    peer_turn(&p, NOW + 200);
    assert_int_equal(quick.times, 1);
    assert_string_equal(slow.value, "in time");
    assert_null(p.ended);
    told_finish(&quick);
    told_finish(&slow);
    peer_close(&p);
}

static void test_events_are_no_answers(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "A.a", 1000, &t);
    peer_tell(&p, "S", "Page.loadEventFired", "{\"at\": 1}");
    peer_answer(&p, id_of(&p, "A.a"), "{\"value\": \"x\"}");
    peer_tell(&p, "", "Target.targetDestroyed", "{}");
    peer_turn(&p, NOW);
    assert_int_equal(cJSON_GetArraySize(p.events), 2);
    assert_string_equal(json_str(cJSON_GetArrayItem(p.events, 0), "method", ""),
                        "Page.loadEventFired");
    assert_int_equal(t.times, 1);
    told_finish(&t);
    peer_close(&p);
}

static void test_a_conversation_lost_in_the_middle_answers_all_that_wait(void **state)
{
    (void)state;
    struct peer p;
    struct told a = {0}, b = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "A.a", 60000, &a);
    ask(&p, "B.b", 60000, &b);
    peer_answer(&p, id_of(&p, "A.a"), "{\"value\": \"whole\"}");
    assert_int_equal(write(p.out, "{\"id\": 2, \"result\": {\"va", 20), 20);
    peer_hang_up(&p);
    for (int i = 0; i < 3; i++)
        peer_turn(&p, NOW);
    assert_string_equal(a.value, "whole");
    assert_int_equal(b.times, 1);
    assert_string_equal(b.error, "the browser has ended");
    assert_string_equal(p.ended, "the browser has ended");
    told_finish(&a);
    told_finish(&b);
    peer_close(&p);
}

static void test_what_is_not_json_ends_it(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, on_event, 0);
    peer_say_text(&p, "<html>");
    peer_turn(&p, NOW);
    peer_turn(&p, NOW);
    assert_non_null(strstr(p.ended, "not JSON"));
    peer_close(&p);
}

static void test_a_forgotten_command_is_never_answered(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    peer_open(&p, on_event, 0);
    ask(&p, "A.a", 100, &t);
    cdp_forget(p.cdp, &t);
    peer_answer(&p, id_of(&p, "A.a"), "{}");
    peer_turn(&p, NOW + 1000);
    assert_int_equal(t.times, 0);
    peer_close(&p);
}

static void test_a_command_goes_out_in_pieces_when_the_pipe_is_full(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    char *text = mem_alloc(300001);
    memset(text, 'x', 300000);
    peer_open(&p, on_event, 0);
    cJSON *params = cJSON_CreateObject();
    json_set_str(params, "text", text);
    cdp_send(p.cdp, "S", "A.long", params, 1000, NOW, on_answer, &t);
    for (int i = 0; i < 100 && !cJSON_GetArraySize(p.commands); i++)
        peer_turn(&p, NOW);
    cJSON *command = peer_take(&p);
    assert_int_equal(strlen(json_str(command, "/params/text", "")), 300000);
    assert_string_equal(json_str(command, "sessionId", ""), "S");
    cJSON_Delete(command);
    told_finish(&t);
    free(text);
    peer_close(&p);
}

/* --- large messages --- */

struct large {
    int fd;
    size_t len;
};

/* {"id":1,"result":{"value":"xxx..."}} in one piece without an end before its end. */
static void *write_large(void *ctx)
{
    const struct large *l = ctx;
    char piece[65536];
    size_t left = l->len;
    ssize_t n = write(l->fd, "{\"id\":1,\"result\":{\"value\":\"", 27);
    memset(piece, 'x', sizeof(piece));
    while (n > 0 && left) {
        n = write(l->fd, piece, left < sizeof(piece) ? left : sizeof(piece));
        left -= n > 0 ? (size_t)n : 0;
    }
    return n > 0 && write(l->fd, "\"}}", 4) == 4 ? NULL : ctx; /* with its NUL */
}

static void answer_large(struct peer *p, size_t len, struct told *t)
{
    struct large l = {p->out, len};
    pthread_t thread;
    void *failed = NULL;
    ask(p, "Page.captureScreenshot", 60000, t);
    cJSON_Delete(peer_take(p));
    assert_int_equal(pthread_create(&thread, NULL, write_large, &l), 0);
    for (int64_t until = clock_mono_ms() + 30000; !t->times && clock_mono_ms() < until;)
        peer_turn(p, NOW);
    pthread_join(thread, &failed);
    assert_null(failed);
}

static void test_an_answer_of_90_mib_comes_whole_and_leaves_the_memory_flat(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    peer_open(&p, on_event, 0);
    long before = memory_kib();
    answer_large(&p, LARGE, &t);
    assert_int_equal(t.times, 1);
    assert_null(t.error);
    assert_int_equal(t.len, LARGE);
    long after = memory_kib();
    print_message("90 MiB over the pipe: %ld KiB resident before, %ld after\n", before, after);
    assert_true(after - before < 8192);
    told_finish(&t);
    peer_close(&p);
}

static void test_a_message_above_the_ceiling_ends_it_with_the_size(void **state)
{
    (void)state;
    struct peer p;
    struct told t = {0};
    char piece[40000];
    peer_open(&p, on_event, 100000);
    ask(&p, "A.a", 60000, &t);
    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(write(p.out, piece, sizeof(piece)), sizeof(piece));
        peer_turn(&p, NOW);
    }
    assert_string_equal(p.ended,
                        "the browser sent a message of more than the 100000 bytes allowed");
    assert_string_equal(t.error, p.ended);
    told_finish(&t);
    peer_close(&p);
}

static void test_many_small_messages_fit_under_the_ceiling(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, on_event, 1000);
    for (int i = 0; i < 200; i++)
        peer_tell(&p, "", "A.event", "{\"x\": 1}");
    for (int i = 0; i < 5; i++)
        peer_turn(&p, NOW);
    assert_null(p.ended);
    assert_int_equal(cJSON_GetArraySize(p.events), 200);
    peer_close(&p);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_find_their_commands_in_any_order),
        cmocka_unit_test(test_a_refusal_is_a_sentence_with_the_command),
        cmocka_unit_test(test_each_command_has_its_own_time),
        cmocka_unit_test(test_events_are_no_answers),
        cmocka_unit_test(test_a_conversation_lost_in_the_middle_answers_all_that_wait),
        cmocka_unit_test(test_what_is_not_json_ends_it),
        cmocka_unit_test(test_a_forgotten_command_is_never_answered),
        cmocka_unit_test(test_a_command_goes_out_in_pieces_when_the_pipe_is_full),
        cmocka_unit_test(test_an_answer_of_90_mib_comes_whole_and_leaves_the_memory_flat),
        cmocka_unit_test(test_a_message_above_the_ceiling_ends_it_with_the_size),
        cmocka_unit_test(test_many_small_messages_fit_under_the_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
