/* One request to a service, sent and answered while the command waits. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_REACH_H
#define CLI_REACH_H

#include "carriers/carrier.h"

/* Sends it with the keys that are open and waits at most so long for its response, which the caller
 * finishes. False: none came. */
bool reach_service(struct request *takes_request, int within_ms, struct response *ret_response);

#endif
