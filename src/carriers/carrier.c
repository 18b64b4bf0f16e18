/* Fills, asks and releases what requests and responses own. */
/* SPDX-License-Identifier: ISC */
#include "carriers/carrier.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static void headers_free(struct header *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].name);
        free(list[i].value);
    }
    free(list);
}

void request_add_header(struct request *r, const char *name, const char *value)
{
    r->headers = mem_grow(r->headers, r->headers_n + 1, sizeof(*r->headers));
    r->headers[r->headers_n++] = (struct header){mem_dup(name), mem_dup(value)};
}

static void add_piece(struct request *r, struct body_piece piece)
{
    r->body = mem_grow(r->body, r->body_n + 1, sizeof(*r->body));
    r->body[r->body_n++] = piece;
}

void request_add_text(struct request *r, char *takes_text)
{
    add_piece(r, (struct body_piece){.text = takes_text});
}

void request_add_file(struct request *r, const char *path, bool base64)
{
    add_piece(r, (struct body_piece){.path = mem_dup(path), .base64 = base64});
}

const char *response_header(const struct response *r, const char *name)
{
    for (size_t i = 0; i < r->headers_n; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}

void request_finish(struct request *r)
{
    cJSON_Delete(r->line);
    free(r->method);
    free(r->url);
    headers_free(r->headers, r->headers_n);
    for (size_t i = 0; i < r->body_n; i++) {
        free(r->body[i].text);
        free(r->body[i].path);
    }
    free(r->body);
    free(r->path);
    memset(r, 0, sizeof(*r));
}

void response_finish(struct response *r)
{
    free(r->error);
    cJSON_Delete(r->body);
    free(r->media);
    free(r->text);
    headers_free(r->headers, r->headers_n);
    memset(r, 0, sizeof(*r));
}
