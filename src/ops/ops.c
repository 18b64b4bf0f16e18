/* Finding an operation's files by name: a request comes in, a path goes out. Opens nothing. */
/* SPDX-License-Identifier: ISC */
#include "ops/ops.h"

#include <string.h>

static const char *find(const struct op_file *files, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(files[i].name, name) == 0)
            return files[i].path;
    return NULL;
}

const char *op_in(const struct op_request *request, const char *name)
{
    return find(request->in, request->in_n, name);
}

const char *op_out(const struct op_request *request, const char *role)
{
    return find(request->out, request->out_n, role);
}
