/* An answer with results in it comes in; memo gets their addresses, and files in the work folder
 * where the answer brought the bytes themselves. Never follows an address. */
/* SPDX-License-Identifier: ISC */
#include "providers/http_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "money/price.h"

#define ITEMS_MAX    64
#define ITEM_LEN_MAX 8192 /* of what is kept until it is fetched: longer ones are no address */

struct harvest {
    struct talk *t;
    const cJSON *rule;
    cJSON *items;
};

/* --- base64 --- */

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* Up to the first byte that is none of base64, line breaks left out. Owned. */
static unsigned char *decode(const char *text, size_t *ret_len)
{
    unsigned char *bytes = mem_alloc(strlen(text) / 4 * 3 + 4);
    unsigned bits = 0;
    int have = 0;
    size_t n = 0;
    for (; *text; text++) {
        int d = digit_of(*text);
        if (d < 0 && (*text == '\n' || *text == '\r'))
            continue;
        if (d < 0)
            break;
        bits = bits << 6 | (unsigned)d;
        have += 6;
        if (have >= 8)
            bytes[n++] = (unsigned char)(bits >> (have -= 8));
    }
    *ret_len = n;
    return bytes;
}

static bool is_full(const struct harvest *h)
{
    return cJSON_GetArraySize(h->items) >= ITEMS_MAX;
}

/* "file" of an item is ours: it says that the bytes are here. */
static void add_bytes(struct harvest *h, const void *bytes, size_t len)
{
    char *path = mem_printf("%s/answer-%d", h->t->ask->work, cJSON_GetArraySize(h->items));
    cJSON *item = cJSON_CreateObject();
    struct err e = {0};
    if (len > 0 && file_write(path, bytes, len, true, &e) == 0) {
        json_set_str(item, "file", path);
        cJSON_AddItemToArray(h->items, item);
    } else {
        cJSON_Delete(item);
    }
    free(path);
}

static void add_base64(struct harvest *h, const char *text)
{
    size_t len;
    unsigned char *bytes = decode(text, &len);
    add_bytes(h, bytes, len);
    free(bytes);
}

static void add_address(struct harvest *h, const char *text)
{
    if (strlen(text) <= ITEM_LEN_MAX)
        cJSON_AddItemToArray(h->items, cJSON_CreateString(text));
}

/* What the download's address is made of. */
static void add_object(struct harvest *h, const cJSON *found)
{
    cJSON *item = cJSON_Duplicate(found, true);
    char *text;
    cJSON_DeleteItemFromObjectCaseSensitive(item, "file");
    text = json_compact(item);
    if (strlen(text) <= ITEM_LEN_MAX)
        cJSON_AddItemToArray(h->items, item);
    else
        cJSON_Delete(item);
    free(text);
}

/* --- texts --- */

/* The answer without the fence and the talk that models put around JSON. */
static void add_text(struct harvest *h, const char *text)
{
    const char *from = strpbrk(text, "{["), *to = strrchr(text, '}'), *list = strrchr(text, ']');
    bool json = str_eq(json_str(h->rule, "is", ""), "json");
    if (list && (!to || list > to))
        to = list;
    if (json && from && to && to > from)
        add_bytes(h, from, (size_t)(to - from) + 1);
    else if (!json)
        add_bytes(h, text, strlen(text));
}

/* Every data address and every picture address in a text: bare, or in Markdown. */
static void add_from_text(struct harvest *h, const char *text)
{
    const char *p = text, *comma;
    while (!is_full(h) && (p = strstr(p, "data:image/")) && (comma = strchr(p, ','))) {
        add_base64(h, comma + 1);
        p = comma;
    }
    if (cJSON_GetArraySize(h->items) == 0 && (p = strstr(text, "](https://"))) {
        char *url = mem_dup_n(p + 2, strcspn(p + 2, ") \t\r\n\""));
        add_address(h, url);
        free(url);
    }
}

static void add_string(struct harvest *h, const char *text)
{
    const char *is = json_str(h->rule, "is", "any"), *comma = strchr(text, ',');
    if (is_full(h) || !*text)
        return;
    if (str_eq(is, "text") || str_eq(is, "json"))
        add_text(h, text);
    else if (str_starts(text, "data:") && comma)
        add_base64(h, comma + 1);
    else if (str_eq(is, "base64"))
        add_base64(h, text);
    else if (str_starts(text, "https://") || str_starts(text, "http://") || *text == '/')
        add_address(h, text);
    else if (str_eq(is, "any"))
        add_from_text(h, text);
}

/* --- one rule of results --- */

static bool visit_item(void *ctx, const cJSON *item)
{
    struct harvest *h = ctx;
    const cJSON *value = json_get(h->rule, "value"), *found = item;
    const char *skip = json_str(h->rule, "skip", NULL);
    if (skip && cJSON_IsTrue(pointer_first(item, skip)))
        return false;
    if (value)
        found = pointer_any(item, value);
    if (cJSON_IsString(found))
        add_string(h, found->valuestring);
    else if (cJSON_IsObject(found) && !value && !is_full(h))
        add_object(h, found);
    return false;
}

static void take_some(cJSON *items, const char *take)
{
    if (str_eq(take, "last"))
        while (cJSON_GetArraySize(items) > 1)
            cJSON_DeleteItemFromArray(items, 0);
    else if (str_eq(take, "first"))
        while (cJSON_GetArraySize(items) > 1)
            cJSON_DeleteItemFromArray(items, 1);
}

/* The files lie under the numbers of the items that were taken. */
static void number_files(struct harvest *h)
{
    cJSON *item;
    int i = 0;
    cJSON_ArrayForEach(item, h->items)
    {
        const char *file = json_str(item, "file", NULL);
        char *path = mem_printf("%s/answer-%d", h->t->ask->work, i++);
        if (file && !str_eq(file, path)) {
            if (rename(file, path))
                mem_free(path);
            json_set_str(item, "file", path); /* NULL: it is not here after all */
        }
        free(path);
    }
}

/* The rules are tried in their order; the first that finds something is taken. */
size_t harvest_results(struct talk *t, const cJSON *step, const cJSON *body)
{
    struct harvest h = {.t = t, .items = cJSON_CreateArray()};
    const cJSON *results = json_get(t->model, "results");
    char *at = NULL;
    if (!results)
        results = json_get(step, "results");
    cJSON_ArrayForEach(h.rule, results)
    {
        if (cJSON_GetArraySize(h.items) > 0)
            break;
        if (text_fill(t, json_str(h.rule, "each", ""), &at, NULL) != 0)
            continue;
        (void)pointer_each(body, at, visit_item, &h); /* items says it */
        mem_free(at);
        take_some(h.items, json_str(h.rule, "take", "all"));
    }
    number_files(&h);
    size_t n = (size_t)cJSON_GetArraySize(h.items);
    json_set(t->memo, "items", h.items);
    cJSON_DeleteItemFromObjectCaseSensitive(t->memo, "sums"); /* of what lay there before */
    return n;
}

size_t harvest_missing(const struct talk *t, size_t i)
{
    const cJSON *items = json_get(t->memo, "items");
    while (i < t->ask->files->out_n && json_str(cJSON_GetArrayItem(items, (int)i), "file", NULL))
        i++;
    return i;
}

/* --- what is kept of an answer for later --- */

/* The numbers at one place or several, added up. */
static double sum_at(const cJSON *body, const cJSON *places)
{
    const cJSON *one;
    double sum = 0;
    if (cJSON_IsString(places))
        return json_num(body, places->valuestring, 0);
    cJSON_ArrayForEach(one, places) sum += json_num(body, cJSON_GetStringValue(one), 0);
    return sum;
}

/* A text whose cost the engine does not tell costs its tokens. */
static void keep_tokens(struct talk *t, const cJSON *body)
{
    const cJSON *tokens = json_get(t->file, "tokens");
    double in = sum_at(body, json_get(tokens, "in")), out = sum_at(body, json_get(tokens, "out"));
    double cost = price_of_tokens(json_get(t->model, "price"), in, out);
    if (in + out <= 0)
        return;
    json_set_num(t->memo, "tokens_in", in);
    json_set_num(t->memo, "tokens_out", out);
    if (isfinite(cost) && !json_get(t->memo, "cost"))
        json_set_num(t->memo, "cost", cost);
}

/* Of a name: where the body has it, or a header. Owned, or NULL. */
static char *text_of(const cJSON *name, const struct response *response, const cJSON *body)
{
    const char *header = json_str(name, "header", NULL);
    return header ? mem_dup(response_header(response, header))
                  : value_text(pointer_any(body, name));
}

void harvest_units(struct talk *t, const struct response *response, const cJSON *body)
{
    const cJSON *own = json_get(t->model, "price");
    char *text = text_of(json_get(t->file, "units"), response, body), *end = NULL;
    double units = text ? strtod(text, &end) : NAN;
    bool told = text && end != text && !*end && units >= 0;
    double cost = told ? price_of_units(own ? own : json_get(t->file, "price"), units) : NAN;
    if (isfinite(cost))
        json_set_num(t->memo, "cost", cost);
    free(text);
}

void harvest_cost(struct talk *t, const cJSON *step, const struct response *response,
                  const cJSON *body)
{
    const cJSON *cost = json_get(step, "cost") ? json_get(step, "cost") : json_get(t->file, "cost");
    const cJSON *found = pointer_any(body, cost);
    if (cJSON_IsNumber(found) && found->valuedouble >= 0)
        json_set_num(t->memo, "cost", found->valuedouble);
    harvest_units(t, response, body);
    keep_tokens(t, body);
}

static void keep_named(const cJSON *names, const struct response *response, const cJSON *body,
                       cJSON *to)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        char *text = text_of(name, response, body);
        if (text && strlen(text) <= 4096)
            json_set_str(to, name->string, text);
        free(text);
    }
}

static cJSON *memo_object(struct talk *t, const char *name)
{
    if (!cJSON_IsObject(json_get(t->memo, name)))
        json_set(t->memo, name, cJSON_CreateObject());
    return cJSON_GetObjectItemCaseSensitive(t->memo, name);
}

void harvest_replies(struct talk *t, const cJSON *step, const struct response *response,
                     const cJSON *body)
{
    keep_named(json_get(step, "reply"), response, body, memo_object(t, "reply"));
    keep_named(json_get(step, "facts"), response, body, memo_object(t, "facts"));
    harvest_cost(t, step, response, body);
}
