/* A tab that is wanted no more before it is there. The test plays the browser. */
/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "browser/page.h"
#include "browser/peer.h"

#define PATIENCE_MS 5000

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    (void)session;
    peer_event_noted(ctx, method, params);
}

static cJSON *next_command(struct peer *p)
{
    cJSON *command = NULL;
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (!command && clock_mono_ms() < until) {
        peer_turn(p, clock_mono_ms());
        command = peer_take(p);
    }
    return command;
}

static void test_a_tab_that_comes_when_nobody_wants_it_is_closed(void **state)
{
    struct peer p;
    (void)state;
    peer_open(&p, on_event, 0);
    struct page *page = page_create(p.cdp, 800, 600, clock_mono_ms());
    cJSON *made = next_command(&p);
    assert_string_equal(json_str(made, "method", ""), "Target.createTarget");
    page_destroy(page, true, clock_mono_ms());
    assert_false(cdp_rests(p.cdp));
    peer_answer(&p, json_int(made, "id", 0), "{\"targetId\": \"T7\"}");
    cJSON *closed = next_command(&p);
    assert_non_null(closed);
    assert_string_equal(json_str(closed, "method", ""), "Target.closeTarget");
    assert_string_equal(json_str(closed, "/params/targetId", ""), "T7");
    peer_answer(&p, json_int(closed, "id", 0), "{}");
    peer_turn(&p, clock_mono_ms());
    assert_true(cdp_rests(p.cdp));
    cJSON_Delete(made);
    cJSON_Delete(closed);
    peer_close(&p);
}

/* Its conversation ends first: there is nothing to close it with. */
static void test_a_tab_that_never_comes_is_forgotten_with_its_browser(void **state)
{
    struct peer p;
    (void)state;
    peer_open(&p, on_event, 0);
    page_destroy(page_create(p.cdp, 800, 600, clock_mono_ms()), true, clock_mono_ms());
    peer_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tab_that_comes_when_nobody_wants_it_is_closed),
        cmocka_unit_test(test_a_tab_that_never_comes_is_forgotten_with_its_browser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
