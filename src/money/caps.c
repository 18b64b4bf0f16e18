/* Caps and an amount come in, a yes or the cap that is reached goes out. Fails closed: what cannot
 * be added is over. */
/* SPDX-License-Identifier: ISC */
#include "money/caps.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

int64_t money_of(double dollars)
{
    double u = ceil(dollars * MONEY_UNIT - 1e-3);
    return isfinite(u) && u >= 0 && u < 9e18 ? (int64_t)u : INT64_MAX;
}

void money_text(int64_t amount_u, char ret_text[MONEY_TEXT_LEN])
{
    long long whole = amount_u / MONEY_UNIT, part = amount_u % MONEY_UNIT;
    str_format(ret_text, MONEY_TEXT_LEN, "%lld.%06lld", whole, part < 0 ? -part : part);
    size_t len = strlen(ret_text);
    while (ret_text[len - 1] == '0' && ret_text[len - 3] != '.')
        ret_text[--len] = '\0';
}

#define OVER "more would pass the cap for"

bool caps_said(const char *sentence)
{
    return strstr(sentence, OVER) != NULL;
}

int caps_judge(const struct cap *caps, int n, int64_t amount_u, struct err *e)
{
    for (int i = 0; i < n; i++) {
        const struct cap *c = &caps[i];
        char want[MONEY_TEXT_LEN], spent[MONEY_TEXT_LEN], cap[MONEY_TEXT_LEN];
        int64_t sum;
        bool fits = amount_u >= 0 && !__builtin_add_overflow(c->spent_u, amount_u, &sum) &&
                    (c->cap_u < 0 || sum <= c->cap_u);
        if (fits)
            continue;
        money_text(amount_u, want);
        money_text(c->spent_u, spent);
        money_text(c->cap_u, cap);
        return err_set(e, ERR_LIMIT, "%s " OVER " %s: %s of %s is spent or set aside", want,
                       c->what, spent, cap);
    }
    return 0;
}
