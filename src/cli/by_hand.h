/* A browser of the policy, driven from the terminal while somebody looks on.
 *
 * The caller: 1. by_hand_open 2. by_hand_run, by_hand_rest and by_hand_line as often as it likes;
 * each answers false once ctrl-C was pressed 3. by_hand_close, which closes the tab. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_BY_HAND_H
#define CLI_BY_HAND_H

#include "browser/browser.h"
#include "carriers/carrier.h"
#include "rules/rules.h"

struct by_hand {
    const struct rules *rules;
    const cJSON *site; /* its site.json; borrowed */
    char *dir;         /* .slated/browser of the root */
    struct loop *loop;
    struct websockets *sockets;
    struct browser *browser;
    const char **urls;
    int64_t last_id;
    bool tab;    /* one of ours is open */
    bool told;   /* to stop */
    bool ending; /* what is left to do is done whatever is told */
};

/* The at-th browser of the policy alone, or, with -1, the first that is free. Borrows rules and
 * site until by_hand_close. ERR_MISSING: none is configured; ERR_BUSY with the process that drives
 * it. */
int by_hand_open(struct by_hand *h, const struct rules *rules, const char *site_name,
                 const char *root, int at, struct err *e);
void by_hand_close(struct by_hand *h); /* safe on zeroed memory */

/* How many browsers the policy names, and what the at-th is called. Owned. */
int by_hand_count(const struct rules *rules);
char *by_hand_name(const struct rules *rules, int at);

/* Does acts (taken) in the tab of this conversation, which stays when keep is set; files go to dir.
 * The response is the caller's. */
bool by_hand_run(struct by_hand *h, const char *dir, cJSON *takes_acts, int timeout_ms, bool keep,
                 struct response *ret_response);

/* Lets time go by. */
bool by_hand_rest(struct by_hand *h, int ms);

/* The next line of stdin without its end (owned), NULL at its end. */
bool by_hand_line(struct by_hand *h, char **ret_line);

#endif
