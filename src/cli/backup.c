/* backup: the store of a root comes in, whether or not a daemon runs; one checked copy of it goes
 * out. The files under out/, taken/ and .slated/results are not in it. */
/* SPDX-License-Identifier: ISC */
#include "cli/ask.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/store.h"

static char *default_target(const struct cli *cli)
{
    char at[CLOCK_TEXT_LEN], *root = cli_root(cli);
    clock_local(clock_wall_s(), "%Y%m%d-%H%M%S", at);
    char *target = mem_printf("%s/backups/slated-%s.db", root, at);
    free(root);
    return target;
}

static void say(const struct cli *cli, const char *target, int64_t ledger_n)
{
    struct stat st = {0};
    if (stat(target, &st))
        st.st_size = 0; /* taken away already */
    if (!cli->json) {
        printf("%s: %.1f MB, checked, %lld rows of the ledger\n", target, (double)st.st_size / 1e6,
               (long long)ledger_n);
        return;
    }
    cJSON *answer = cJSON_CreateObject();
    json_set_str(answer, "backup", target);
    json_set_num(answer, "bytes", (double)st.st_size);
    json_set_num(answer, "ledger_rows", (double)ledger_n);
    char *text = json_pretty(answer);
    fputs(text, stdout);
    free(text);
    cJSON_Delete(answer);
}

int cli_run_backup(const struct cli *cli)
{
    struct err e = {0};
    int64_t ledger_n = 0;
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    char *target = cli->to ? mem_dup(cli->to) : default_target(cli);
    int rc = store_backup(store, target, &ledger_n, &e);
    if (!rc)
        say(cli, target, ledger_n);
    free(target);
    store_close(store);
    return rc ? cli_fail("%s", e.text) : CLI_OK;
}
