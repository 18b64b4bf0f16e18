/* Any bytes as what a text model said: whatever is read of it has the shape that was asked for. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "words/answer.h"
#include "words/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char shape_text[] =
    "{\"type\":\"object\",\"properties\":{\"pass\":{\"type\":\"boolean\"},\"prompt\":{\"type\":"
    "\"string\",\"maxLength\":40},\"problems\":{\"type\":\"array\",\"maxItems\":3,\"items\":"
    "{\"type\":\"string\"}}},\"required\":[\"pass\"],\"additionalProperties\":false}";

static void check_again(const cJSON *shape, const cJSON *tree)
{
    struct faults faults = {0};
    if (shape_check(shape, tree, &faults))
        abort();
    faults_finish(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static cJSON *shape;
    struct err e = {0};
    cJSON *tree = NULL;
    char *text = mem_dup_n((const char *)data, len), *again;
    if (!shape)
        shape = cJSON_Parse(shape_text);
    if (answer_read(text, shape, &tree, &e) == 0) {
        check_again(shape, tree);
        cJSON_Delete(tree);
    } else if (!e.text[0]) {
        abort(); /* a model has to be told why */
    }
    again = answer_prompt_again(text, "x");
    free(again);
    free(text);
    return 0;
}
