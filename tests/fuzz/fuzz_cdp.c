/* Any lines as what a browser says while acts are under way: a line that begins with "=" is the
 * result of the oldest command, one with "!" its refusal, with "@" an event of the page, any other
 * a message as it stands. The first byte chooses the act. Every act ends with a result, and no file
 * lies beside the one that was meant. */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "browser/act.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const acts[] = {
    "{\"act\":\"click\",\"on\":{\"css\":\"b\"},\"within_ms\":50}",
    "{\"act\":\"double_click\",\"at\":[1,2],\"within_ms\":50}",
    "{\"act\":\"type\",\"text\":\"a\\u00e9\",\"key_ms\":1,\"select_all\":true,\"within_ms\":50}",
    "{\"act\":\"key\",\"key\":\"Control+A\",\"within_ms\":50}",
    "{\"act\":\"go\",\"to\":\"http://x/\",\"within_ms\":50}",
    "{\"act\":\"reload\",\"within_ms\":50}",
    "{\"act\":\"wait\",\"for\":{\"seen\":\"b\"},\"within_ms\":50}",
    "{\"act\":\"list\",\"of\":\"b\",\"within_ms\":50}",
    "{\"act\":\"survey\",\"within_ms\":50}",
    "{\"act\":\"evaluate\",\"script\":\"1\",\"within_ms\":50}",
    "{\"act\":\"console\"}",
    "{\"act\":\"fetch\",\"from\":[\"http://x/a\",\"data:1\"],\"to\":\"p\",\"pick\":\"largest\","
    "\"again_after_ms\":1,\"within_ms\":50}",
    "{\"act\":\"screenshot\",\"to\":\"p.png\",\"within_ms\":50}",
    "{\"act\":\"html\",\"to\":\"p\",\"within_ms\":50}",
    "{\"act\":\"download\",\"on\":\"b\",\"to\":\"p\",\"within_ms\":50}",
    "{\"act\":\"choose_file\",\"on\":\"b\",\"file\":\"/etc/passwd\",\"within_ms\":50}"};

static char dir[] = "/tmp/slated-fuzz-XXXXXX";

struct talk {
    struct loop *loop;
    struct cdp *cdp;
    struct page *page;
    int in, out; /* of the browser */
    int64_t heard, answered;
    bool ended;
};

static void on_opened(void *ctx)
{
    (void)ctx;
}

static void on_event(void *ctx, const char *session, const char *method, const cJSON *params)
{
    struct talk *t = ctx;
    if (t->page)
        page_hear(t->page, session, method, params, clock_mono_ms());
}

static void on_ended(void *ctx, const char *why)
{
    (void)why;
    ((struct talk *)ctx)->ended = true;
}

static void remove_dir(void)
{
    (void)file_remove_tree(dir, NULL);
}

static void talk_open(struct talk *t)
{
    static bool once;
    int commands[2], answers[2];
    struct cdp_ears ears = {on_opened, on_event, on_ended, t, 0};
    if (!once && (!mkdtemp(dir) || atexit(remove_dir) || signal(SIGPIPE, SIG_IGN) == SIG_ERR))
        abort();
    once = true;
    if (pipe(commands) || pipe(answers))
        abort();
    memset(t, 0, sizeof *t);
    t->loop = loop_create();
    t->in = commands[0];
    t->out = answers[1];
    (void)fcntl(t->in, F_SETFL, O_NONBLOCK);
    (void)fcntl(t->out, F_SETFL, O_NONBLOCK);
    t->cdp = cdp_pipe(t->loop, answers[0], commands[1], &ears);
}

/* Each command has the next number, so they need only be counted. */
static void hear(struct talk *t)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(t->in, piece, sizeof piece)) > 0)
        for (ssize_t i = 0; i < n; i++)
            t->heard += piece[i] == '\0';
}

static void turn(struct talk *t)
{
    int64_t now = clock_mono_ms();
    loop_wait(t->loop, now, now);
    if (!t->ended)
        (void)cdp_turn(t->cdp, now);
    hear(t);
}

static void put(struct talk *t, char *takes_text)
{
    size_t len = strlen(takes_text) + 1;
    if (len < 60000 && write(t->out, takes_text, len) < 0)
        t->answered = t->answered; /* a full pipe: it is not said */
    free(takes_text);
    turn(t);
}

static void say(struct talk *t, const char *line)
{
    bool owed = t->answered < t->heard;
    if (*line == '=' && owed)
        put(t, mem_printf("{\"id\":%lld,\"result\":%s}", (long long)++t->answered, line + 1));
    else if (*line == '!' && owed)
        put(t, mem_printf("{\"id\":%lld,\"error\":{\"message\":\"%s\"}}", (long long)++t->answered,
                          line + 1));
    else if (*line == '@')
        put(t, mem_printf("{\"sessionId\":\"S\",%s}", line + 1));
    else
        put(t, mem_dup(line));
}

/* A page that is ready, unless the browser would not have it so. */
static void make_page(struct talk *t)
{
    static const char *const answers[] = {"={\"targetId\":\"T\"}",
                                          "={\"sessionId\":\"S\"}",
                                          "={}",
                                          "={}",
                                          "={}",
                                          "={}",
                                          "={}",
                                          "={}",
                                          "={\"frameTree\":{\"frame\":{\"id\":\"F\"}}}"};
    t->page = page_create(t->cdp, 800, 600, clock_mono_ms());
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        turn(t);
        say(t, answers[i]);
    }
    if (page_state(t->page) != PAGE_READY)
        abort();
}

static void do_act(struct talk *t, const char *text, char *lines)
{
    const struct act_place place = {dir, "http://x/"};
    cJSON *what = cJSON_Parse(text), *result;
    struct act *a = act_begin(t->page, &place, what, clock_mono_ms());
    int64_t now = clock_mono_ms();
    char *rest = lines;
    for (const char *line; act_turn(a, now) >= 0 && (line = strsep(&rest, "\n"));
         now = clock_mono_ms()) {
        turn(t);
        say(t, line);
    }
    for (int i = 0; act_turn(a, now) >= 0; i++, now += 1000) /* nothing more comes */
        if (i > 100)
            abort();
    result = act_result(a);
    if (!result || (!json_bool(result, "ok", false) && !json_str(result, "error", NULL)))
        abort();
    act_end(a, !t->ended);
    cJSON_Delete(result);
    cJSON_Delete(what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct talk t;
    if (len < 1)
        return 0;
    char *lines = mem_dup_n((const char *)data + 1, len - 1);
    talk_open(&t);
    make_page(&t);
    do_act(&t, acts[data[0] % (sizeof acts / sizeof *acts)], lines);
    turn(&t);
    page_destroy(t.page, !t.ended, clock_mono_ms());
    t.page = NULL;
    turn(&t);
    cdp_destroy(t.cdp);
    loop_destroy(t.loop);
    close(t.in);
    close(t.out);
    free(lines);
    return 0;
}
