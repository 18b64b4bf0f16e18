/* A tree and a pattern of places come in; each value at such a place goes to a visitor, with its
 * true pointer. */
/* SPDX-License-Identifier: ISC */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "intake/intake_priv.h"

static void visit_below(cJSON *value, const char *pattern, const char *pointer,
                        pointer_visit *visit, void *ctx);

/* "~" and "/" of a name as JSON pointers write them. */
static char *escaped(const char *name)
{
    char *out = mem_alloc(strlen(name) * 2 + 1), *to = out;
    for (; *name; name++) {
        if (*name == '~' || *name == '/') {
            *to++ = '~';
            *to++ = *name == '~' ? '0' : '1';
        } else {
            *to++ = *name;
        }
    }
    return out;
}

static void visit_child(cJSON *child, int index, const char *rest, const char *pointer,
                        pointer_visit *visit, void *ctx)
{
    char *name = child->string ? escaped(child->string) : mem_printf("%d", index);
    char *below = mem_printf("%s/%s", pointer, name);
    visit_below(child, rest, below, visit, ctx);
    free(below);
    free(name);
}

static void visit_below(cJSON *value, const char *pattern, const char *pointer,
                        pointer_visit *visit, void *ctx)
{
    size_t len;
    cJSON *child;
    int index = 0;
    char *part;
    if (!*pattern) {
        visit(ctx, value, pointer);
        return;
    }
    pattern++; /* the '/' */
    len = strcspn(pattern, "/");
    part = mem_dup_n(pattern, len);
    cJSON_ArrayForEach(child, value)
    {
        char own[24];
        (void)str_format(own, sizeof own, "%d", index);
        if (str_eq(part, "*") || str_eq(part, child->string ? child->string : own))
            visit_child(child, index, pattern + len, pointer, visit, ctx);
        index++;
    }
    free(part);
}

void pointers_each(cJSON *tree, const char *pattern, pointer_visit *visit, void *ctx)
{
    visit_below(tree, pattern, "", visit, ctx);
}

bool pattern_fits(const char *pattern, const char *text)
{
    char *whole = mem_printf("^(%s)$", pattern);
    regex_t compiled;
    bool fits = false;
    if (regcomp(&compiled, whole, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0) {
        fits = regexec(&compiled, text, 0, NULL, 0) == 0;
        regfree(&compiled);
    }
    free(whole);
    return fits;
}
