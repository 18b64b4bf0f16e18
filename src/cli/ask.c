/* A command comes in; the daemon is asked through a file in .slated/commands and a signal, or,
 * where none runs, the root is opened here. Never changes the store beside a daemon. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/engine.h"
#include "store/store.h"

#define ANSWER_WAIT_MS 10000
#define LOOK_EVERY_MS  10

/* The daemon that holds the root's lock, 0 when none does. */
static pid_t holder(const char *root)
{
    char *path = path_join(root, ".slated/lock");
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    free(path);
    if (fd < 0)
        return 0;
    int rc = fcntl(fd, F_GETLK, &lock);
    close(fd);
    return rc == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

static int print_answer(const cJSON *answer)
{
    const char *said = json_str(answer, "said", "no answer");
    if (!json_bool(answer, "ok", false))
        return cli_fail("%s", said);
    puts(said);
    return CLI_OK;
}

static cJSON *read_answer(const char *path)
{
    char *text = NULL;
    size_t len = 0;
    struct timespec nap = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    for (int waited = 0; waited < ANSWER_WAIT_MS; waited += LOOK_EVERY_MS) {
        if (file_read(path, 1024 * 1024, &text, &len, NULL) == 0)
            break;
        nanosleep(&nap, NULL);
    }
    cJSON *answer = text ? cJSON_Parse(text) : NULL;
    if (text)
        unlink(path);
    else
        cli_fail("the daemon has not answered within %d s; the command waits for it in %s",
                 ANSWER_WAIT_MS / 1000, path);
    free(text);
    return answer;
}

/* Its answer, or NULL after having said why there is none. */
static cJSON *ask_daemon(const char *root, pid_t daemon, const cJSON *command)
{
    char *stem = mem_printf("%s/.slated/commands/%lld-%ld", root, (long long)clock_mono_ms(),
                            (long)getpid());
    char *path = mem_printf("%s.json", stem), *answer = mem_printf("%s.answer", stem);
    char *text = json_pretty(command);
    struct err e = {0};
    cJSON *said = NULL;
    if (file_write(path, text, strlen(text), true, &e))
        (void)cli_fail("%s", e.text);
    else if (kill(daemon, SIGUSR1))
        (void)cli_fail("the daemon (pid %ld) belongs to somebody else; ask as its user",
                       (long)daemon);
    else
        said = read_answer(answer);
    free(stem);
    free(path);
    free(answer);
    free(text);
    return said;
}

static int ask_here(const struct cli *cli, const char *root, const cJSON *command)
{
    char *rules = cli_rules(cli), *worker = cli_worker();
    struct engine_config config = {
        .root = root, .rules_dir = rules, .worker = worker, .once = true};
    struct engine *engine = NULL;
    struct faults faults = {0};
    struct err e = {0};
    int code;
    if (!cli->verbose)
        log_open(LOG_WARN); /* the answer says what was done */
    if (engine_open(&config, &engine, &faults, &e)) {
        code = cli_fail("%s", e.text);
    } else {
        cJSON *answer = engine_command(engine, command);
        code = print_answer(answer);
        cJSON_Delete(answer);
        engine_settle(engine);
        engine_close(engine);
        if (code == CLI_OK && !str_eq(json_str(command, "verb", ""), "bundle") &&
            !str_eq(json_str(command, "verb", ""), "spent"))
            puts("No daemon runs on this root; slated run or slated once carries it out.");
    }
    faults_finish(&faults);
    free(rules);
    free(worker);
    return code;
}

int ask_root(const struct cli *cli, cJSON *takes_command)
{
    char *root = cli_root(cli), *inbox = path_join(root, "inbox");
    int code = CLI_ERROR;
    pid_t daemon = holder(root);
    if (daemon) {
        cJSON *answer = ask_daemon(root, daemon, takes_command);
        code = answer ? print_answer(answer) : CLI_ERROR;
        cJSON_Delete(answer);
    } else if (!file_exists(inbox))
        code = cli_fail("%s is no root of slated (it has no inbox/); name one with --root", root);
    else
        code = ask_here(cli, root, takes_command);
    free(root);
    free(inbox);
    cJSON_Delete(takes_command);
    return code;
}

int ask_running(const struct cli *cli, cJSON *takes_command, char **ret_said)
{
    char *root = cli_root(cli);
    pid_t daemon = holder(root);
    cJSON *answer = daemon ? ask_daemon(root, daemon, takes_command) : NULL;
    bool ok = json_bool(answer, "ok", false);
    *ret_said = mem_dup(json_str(answer, "said", NULL));
    cJSON_Delete(answer);
    cJSON_Delete(takes_command);
    free(root);
    return ok ? CLI_OK : CLI_ERROR;
}

struct store *ask_store(const struct cli *cli)
{
    char *root = cli_root(cli), *state = path_join(root, ".slated");
    struct store *store = NULL;
    struct err e = {0};
    if (store_open(state, true, &store, &e)) {
        if (e.code == ERR_MISSING)
            cli_fail("nothing was ever dropped in %s; start with: slated run --root %s", root,
                     root);
        else
            cli_fail("%s", e.text);
        store = NULL;
    }
    free(root);
    free(state);
    return store;
}
