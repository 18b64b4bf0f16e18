/* spend: the ledger comes in, read only; what was spent and is set aside goes out by drop, project,
 * shot, engine or day, or whether the ledger is sound. */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/ask.h"
#include "money/caps.h"
#include "store/money.h"
#include "store/words.h"

#define DAY_S 86400

static void print_sum(const struct spend_row *rows, size_t n)
{
    int64_t settled_u = 0, reserved_u = 0;
    char settled[MONEY_TEXT_LEN], reserved[MONEY_TEXT_LEN];
    for (size_t i = 0; i < n; i++) {
        settled_u += rows[i].settled_u;
        reserved_u += rows[i].reserved_u;
    }
    money_text(settled_u, settled);
    money_text(reserved_u, reserved);
    printf("%10s  US dollars in all", settled);
    printf(reserved_u ? ", %s set aside\n" : "\n", reserved);
}

static void print_rows(const struct spend_row *rows, size_t n)
{
    if (!n)
        puts("nothing was spent");
    for (size_t i = 0; i < n; i++) {
        char settled[MONEY_TEXT_LEN], reserved[MONEY_TEXT_LEN];
        money_text(rows[i].settled_u, settled);
        money_text(rows[i].reserved_u, reserved);
        bool apart = rows[i].project && !str_eq(rows[i].project, rows[i].name);
        printf("%10s  %s%s%s, %d attempt%s", settled, apart ? rows[i].project : "",
               apart ? ": " : "", rows[i].name, rows[i].attempts_n,
               rows[i].attempts_n == 1 ? "" : "s");
        printf(rows[i].reserved_u ? ", %s set aside\n" : "\n", reserved);
    }
    if (n)
        print_sum(rows, n);
}

/* What text models were asked, a line each. */
static void print_calls(const struct call_sum *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char cost[MONEY_TEXT_LEN];
        money_text(calls[i].cost_u, cost);
        printf("%10s  of it texts of %s at %s: %lld answer%s, %lld used, %lld tokens in, %lld out, "
               "%.1f s each\n",
               cost, calls[i].model, calls[i].engine, (long long)calls[i].calls_n,
               calls[i].calls_n == 1 ? "" : "s", (long long)calls[i].used_n,
               (long long)calls[i].tokens_in, (long long)calls[i].tokens_out,
               (double)calls[i].ms / 1000 / (double)calls[i].calls_n);
    }
}

static cJSON *calls_json(const struct call_sum *calls, size_t n)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < n; i++) {
        cJSON *row = cJSON_CreateObject();
        json_set_str(row, "engine", calls[i].engine);
        json_set_str(row, "model", calls[i].model);
        json_set_num(row, "answers", (double)calls[i].calls_n);
        json_set_num(row, "used", (double)calls[i].used_n);
        json_set_num(row, "tokens_in", (double)calls[i].tokens_in);
        json_set_num(row, "tokens_out", (double)calls[i].tokens_out);
        json_set_num(row, "spent", (double)calls[i].cost_u / MONEY_UNIT);
        json_set_num(row, "ms", (double)calls[i].ms);
        cJSON_AddItemToArray(list, row);
    }
    return list;
}

static void print_json(const char *by, const struct spend_row *rows, size_t n,
                       const struct call_sum *calls, size_t calls_n)
{
    cJSON *all = cJSON_CreateObject(), *list = cJSON_CreateArray();
    json_set_str(all, "by", by);
    for (size_t i = 0; i < n; i++) {
        cJSON *row = cJSON_CreateObject();
        json_set_str(row, "name", rows[i].name);
        if (rows[i].project)
            json_set_str(row, "project", rows[i].project);
        json_set_num(row, "spent", (double)rows[i].settled_u / MONEY_UNIT);
        json_set_num(row, "reserved", (double)rows[i].reserved_u / MONEY_UNIT);
        json_set_num(row, "attempts", rows[i].attempts_n);
        cJSON_AddItemToArray(list, row);
    }
    json_set(all, "rows", list);
    json_set(all, "texts", calls_json(calls, calls_n));
    char *text = json_pretty(all);
    fputs(text, stdout);
    free(text);
    cJSON_Delete(all);
}

static int check(struct store *store)
{
    struct err e = {0};
    int64_t n = 0;
    if (store_check_ledger(store, &n, &e))
        return cli_fail("%s", e.text);
    printf("the ledger is sound: %lld rows\n", (long long)n);
    return CLI_OK;
}

/* A day as the ledger writes it; false when it is none. */
static bool read_day(const char *word, char ret_day[CLOCK_TEXT_LEN])
{
    int64_t now_s = clock_wall_s();
    int y = 0, m = 0, d = 0, len = 0;
    if (str_eq(word, "today") || str_eq(word, "yesterday")) {
        clock_local(now_s - (str_eq(word, "today") ? 0 : DAY_S), "%Y-%m-%d", ret_day);
        return true;
    }
    bool good = sscanf(word, "%4d-%2d-%2d%n", &y, &m, &d, &len) == 3 && len == 10 && !word[len];
    if (good)
        (void)str_format(ret_day, CLOCK_TEXT_LEN, "%s", word); /* ten letters */
    return good && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

static int spend(const struct cli *cli, struct store *store)
{
    const char *by = !cli->by ? "drop" : str_eq(cli->by, "provider") ? "engine" : cli->by;
    char day[CLOCK_TEXT_LEN];
    struct spend_row *rows = NULL;
    struct call_sum *calls = NULL;
    size_t n = 0, calls_n = 0;
    if (cli->day && !read_day(cli->day, day))
        return cli_fail("--day takes today, yesterday or a day as 2026-11-21, not %s", cli->day);
    int rc = store_spend(store, by, cli->day ? day : NULL, &rows, &n);
    if (rc == ERR_INPUT)
        return cli_fail("--by takes drop, project, shot, engine or day, not %s", by);
    if (rc)
        return cli_fail("the ledger cannot be read; nothing is paid for");
    if (cli->day || store_call_sums(store, &calls, &calls_n))
        calls_n = 0; /* they are of all days */
    if (cli->json)
        print_json(by, rows, n, calls, calls_n);
    else
        print_rows(rows, n);
    if (!cli->json)
        print_calls(calls, calls_n);
    for (size_t i = 0; i < calls_n; i++)
        call_sum_finish(&calls[i]);
    free(calls);
    for (size_t i = 0; i < n; i++)
        spend_row_finish(&rows[i]);
    free(rows);
    return CLI_OK;
}

static cJSON *card_command(const struct cli *cli)
{
    cJSON *c = cJSON_CreateObject();
    json_set_str(c, "verb", "card");
    json_set_str(c, "card", cli->args[0]);
    json_set_bool(c, "yes", false);
    return c;
}

/* add ENGINE AMOUNT: what was bought by hand. */
static int spend_add(const struct cli *cli)
{
    char *end = NULL, *name;
    double amount = cli->args_n == 3 ? strtod(cli->args[2], &end) : -1;
    if (cli->args_n != 3 || !str_eq(cli->args[0], "add"))
        return cli_fail("usage: slated spend [add ENGINE AMOUNT]");
    if (cli->json || cli->check || cli->by || cli->day)
        return cli_fail("spend add takes --note and nothing else");
    if (*end || end == cli->args[2] || !(amount >= 0))
        return cli_fail("an amount in US dollars is written as in 0.04, not %s", cli->args[2]);
    cJSON *c = cJSON_CreateObject();
    name = mem_printf("by hand %lld-%ld", (long long)clock_mono_ms(), (long)getpid());
    json_set_str(c, "verb", "spent");
    json_set_str(c, "engine", cli->args[1]);
    json_set_num(c, "amount", amount);
    json_set_str(c, "what", cli->note ? cli->note : "bought by hand");
    json_set_str(c, "name", name);
    free(name);
    return ask_root(cli, c);
}

int cli_run_spend(const struct cli *cli)
{
    if (cli->args_n)
        return spend_add(cli);
    if (cli->note)
        return cli_fail("--note belongs to spend add");
    if (cli->check && (cli->by || cli->day))
        return cli_fail("--check looks at the whole ledger: it takes neither --by nor --day");
    struct store *store = ask_store(cli);
    if (!store)
        return CLI_ERROR;
    int code = cli->check ? check(store) : spend(cli, store);
    store_close(store);
    return code;
}

int cli_run_refuse(const struct cli *cli)
{
    return ask_root(cli, card_command(cli));
}
