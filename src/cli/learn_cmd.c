/* learn: the store comes in, read only; what was mended by hand and what can be learned from it
 * goes out, as lines or as JSON. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "base/json.h"
#include "cli/ask.h"
#include "engine/learned.h"
#include "manual/learn.h"
#include "store/manual.h"

static void print(const cJSON *found, bool json)
{
    struct buf out;
    buf_init(&out, 16 * 1024 * 1024);
    if (json) {
        char *text = json_pretty(found);
        buf_text(&out, text);
        free(text);
    } else {
        learn_text(found, &out);
    }
    fputs(out.data ? out.data : "", stdout);
    buf_finish(&out);
}

int cli_run_learn(const struct cli *cli)
{
    struct store *store = ask_store(cli);
    struct fix_row *fixes = NULL;
    size_t n = 0;
    int code = CLI_OK;
    if (!store)
        return CLI_ERROR;
    if (store_fixes(store, 0, NULL, &fixes, &n)) {
        code = cli_fail("what was mended by hand cannot be read");
    } else {
        cJSON *found = learned_from(fixes, n);
        print(found, cli->json);
        cJSON_Delete(found);
    }
    for (size_t i = 0; i < n; i++)
        fix_row_finish(&fixes[i]);
    free(fixes);
    store_close(store);
    return code;
}
