/* Releases what requests and responses own. */
/* SPDX-License-Identifier: ISC */
#include "carriers/carrier.h"

#include <stdlib.h>
#include <string.h>

void request_finish(struct request *r)
{
    cJSON_Delete(r->line);
    free(r->url);
    free(r->path);
    memset(r, 0, sizeof(*r));
}

void response_finish(struct response *r)
{
    free(r->error);
    cJSON_Delete(r->body);
    free(r->media);
    memset(r, 0, sizeof(*r));
}
