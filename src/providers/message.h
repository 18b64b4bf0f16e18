/* A message to people over HTTP, in two pure functions: a file of rules/notify and the message's
 * values become a request, a response becomes what it means. The file's bodies, addresses and
 * answers are in the words of rules/providers. */
/* SPDX-License-Identifier: ISC */
#ifndef PROVIDERS_MESSAGE_H
#define PROVIDERS_MESSAGE_H

#include "providers/provider.h"

/* Fills request but its id. values: params.NAME of the body; picture: a file that is shown with it,
 * by the step "picture", or NULL. Both are borrowed for the call, the file until it has left. */
int message_build(const struct rules *rules, const char *notifier, const cJSON *values,
                  const char *picture, struct request *ret_request, struct err *e);

struct message_answer {
    enum outcome_class class; /* ok, rate_limited, auth, bad_request or transient */
    int wait_s;
    char *say, *cure; /* owned; say NULL when ok, without a secret */
};
void message_read(const struct rules *rules, const char *notifier, const struct response *response,
                  struct message_answer *ret_answer);
void message_answer_finish(struct message_answer *a);

#endif
