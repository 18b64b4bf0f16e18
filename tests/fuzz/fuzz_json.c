/* Any bytes as a JSON document: never a crash, never a hang, a complaint that points into the text;
 * and what was taken is written and read back as the same value. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fault_is_sound(const struct json_fault *f, size_t size)
{
    char text[1024];
    json_fault_text(f, text, sizeof text);
    if (!f->code || f->offset > size || f->line < 1 || f->column < 1 || !f->found[0] ||
        !f->expected[0])
        abort();
}

/* The document that it was goes once around: text, tree, text. */
static void survives(const cJSON *tree, char *(*write)(const cJSON *))
{
    struct json_limits wide = json_limits_drop;
    struct json_fault fault;
    cJSON *again = NULL;
    wide.bytes = wide.string = SIZE_MAX;
    char *first = write(tree);
    if (json_parse(first, strlen(first), &wide, &again, &fault))
        abort();
    char *second = write(again);
    if (strcmp(first, second) != 0)
        abort();
    cJSON_Delete(again);
    free(first);
    free(second);
}

static void try_limits(const uint8_t *data, size_t size, const struct json_limits *limits)
{
    struct json_fault fault = {0};
    cJSON *tree = NULL;
    if (json_parse((const char *)data, size, limits, &tree, &fault)) {
        if (tree)
            abort();
        fault_is_sound(&fault, size);
        return;
    }
    survives(tree, json_compact);
    survives(tree, json_pretty);
    survives(tree, json_canonical);
    cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy without a NUL behind it, so that a read too far is seen. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    try_limits(copy, size, &json_limits_drop);
    try_limits(copy, size, &json_limits_rules);
    free(copy);
    return 0;
}
