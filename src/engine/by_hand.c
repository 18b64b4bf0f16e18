/* What was bought at an engine outside a job comes in; the ledger books it, so that the caps count
 * it. A purchase that would pass a cap is refused: it has not been made yet. */
/* SPDX-License-Identifier: ISC */
#include "engine/engine_priv.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "money/caps.h"
#include "store/money.h"

static int64_t cap_of(const cJSON *number)
{
    return cJSON_IsNumber(number) ? money_of(number->valuedouble) : -1;
}

static int look(struct engine *en, const char *scope, const char *name, struct cap *c)
{
    struct purse p;
    int rc = store_purse(en->store, scope, name, &p);
    if (!rc)
        c->spent_u = p.reserved_u + p.settled_u;
    return rc;
}

static int judge(struct engine *en, const char *engine, int64_t amount_u, struct err *e)
{
    char day[CLOCK_TEXT_LEN];
    clock_local(en->now_s, "%Y-%m-%d", day);
    char *engine_day = mem_printf("%s %s", engine, day), *today = mem_printf("%s today", engine);
    const cJSON *by_engine = rules_policy(en->rules, "/money/cap_engine_day");
    struct cap caps[] = {{"today", cap_of(rules_policy(en->rules, "/money/cap_day")), 0},
                         {today, cap_of(json_get(by_engine, engine)), 0}};
    int rc = 0;
    if (look(en, "day", day, &caps[0]) || look(en, "engine_day", engine_day, &caps[1]))
        rc = err_set(e, ERR_STORE, "what was spent cannot be read, so nothing is paid for");
    else if (caps_judge(caps, 2, amount_u, e))
        rc = err_set(e, ERR_LIMIT, "%s; raise it in rules/policy.json (money)", e->text);
    free(engine_day);
    free(today);
    return rc;
}

int by_hand_book(struct engine *en, const cJSON *command, char **ret_said, struct err *e)
{
    const char *engine = json_str(command, "engine", ""), *name = json_str(command, "name", "");
    struct purchase p = {.engine = engine,
                         .what = json_str(command, "what", "by hand"),
                         .name = name,
                         .amount_u = money_of(json_num(command, "amount", -1)),
                         .at_s = en->now_s};
    char money[MONEY_TEXT_LEN];
    bool booked = false;
    if (!*engine || !*name || p.amount_u < 0 || p.amount_u == INT64_MAX)
        return err_set(e, ERR_INPUT, "a purchase has an engine and an amount in US dollars");
    int rc = store_purchase_known(en->store, name, &booked);
    if (!rc && !booked)
        rc = judge(en, engine, p.amount_u, e);
    if (!rc && !booked)
        rc = store_begin(en->store, e);
    if (!rc && !booked) {
        rc = store_add_purchase(en->store, &p, e);
        if (!rc)
            rc = store_commit(en->store, e);
        else
            store_rollback(en->store);
    }
    money_text(p.amount_u, money);
    if (!rc)
        *ret_said = mem_printf("booked: %s at %s, %s", money, engine, p.what);
    return rc;
}
