/* Any bytes as a line to the worker: taken or refused with a sentence, never worse; what is refused
 * holds nothing. */
/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "worker/protocol.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct asked a;
    struct err e = {0};
    if (protocol_parse((const char *)data, size, &a, &e)) {
        if (a.tree || a.in || a.out || !e.text[0])
            abort();
        char *line = protocol_failed(a.id, &e);
        if (line[strlen(line) - 1] != '\n' || strchr(line, '\n') != line + strlen(line) - 1)
            abort();
        free(line);
        return 0;
    }
    if (!a.request.op || !a.request.params || a.id < 0 || a.request.in_n > PROTOCOL_IN_MAX ||
        a.request.out_n > PROTOCOL_OUT_MAX)
        abort();
    for (int i = 0; i < a.request.in_n; i++)
        if (a.request.in[i].path[0] != '/')
            abort();
    asked_finish(&a);
    return 0;
}
