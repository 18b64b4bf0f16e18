/* A text of a model and the shape that was asked for come in; the checked value, or what is wrong
 * with it, goes out. Keeps nothing. */
/* SPDX-License-Identifier: ISC */
#include "words/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "words/shape.h"

#define LOOKS_MAX 200 /* braces that are tried as a beginning */
#define TOLD_MAX  6   /* faults that a model is told at once */

static const struct json_limits limits = {1 << 20, 32, 20000, 1000, 1 << 18, false};

static const char again_mark[] = "\n\nAn earlier answer was not used: ";

/* The end of the value that begins at from, just behind its last bracket; NULL when it is cut. */
static const char *value_end(const char *from)
{
    int depth = 0;
    bool quoted = false;
    for (const char *c = from; *c; c++) {
        if (quoted) {
            if (*c == '\\' && c[1])
                c++;
            else if (*c == '"')
                quoted = false;
        } else if (*c == '"') {
            quoted = true;
        } else if (*c == '{' || *c == '[') {
            depth++;
        } else if ((*c == '}' || *c == ']') && --depth == 0) {
            return c + 1;
        }
    }
    return NULL;
}

/* Which kind of bracket an answer of that shape begins with. */
static char opening(const cJSON *shape)
{
    return str_eq(json_str(shape, "type", "object"), "array") ? '[' : '{';
}

static char *first_faults(const struct faults *faults)
{
    struct buf out;
    buf_init(&out, 8192);
    for (size_t i = 0; i < faults->n && i < TOLD_MAX; i++) {
        const struct fault *f = &faults->list[i];
        buf_printf(&out, "%s%s: found %s, expected %s", i ? "; " : "", f->place, f->found,
                   f->expected);
    }
    return buf_take(&out);
}

/* A fault's place as it is counted in the whole text. */
static void move_place(struct json_fault *fault, const char *text, const char *from)
{
    int lines = 0;
    const char *start = text;
    for (const char *c = text; c < from; c++)
        if (*c == '\n') {
            lines++;
            start = c + 1;
        }
    if (fault->line == 1)
        fault->column += (int)(from - start);
    fault->line += lines;
}

/* One candidate in a text: 0 when it has the shape. Else why, in place of an older reason. */
static int try_value(const char *text_start, const char *from, size_t len, const cJSON *shape,
                     cJSON **ret_tree, char **why)
{
    struct json_fault fault;
    struct faults faults = {0};
    cJSON *tree = NULL;
    char text[512];
    free(*why);
    if (json_parse(from, len, &limits, &tree, &fault)) {
        move_place(&fault, text_start, from);
        json_fault_text(&fault, text, sizeof text);
        *why = mem_printf("it is no sound JSON: %s", text);
        return ERR_INPUT;
    }
    size_t n = shape ? shape_check(shape, tree, &faults) : 0;
    *why = n ? first_faults(&faults) : NULL;
    faults_finish(&faults);
    if (n) {
        cJSON_Delete(tree);
        return ERR_INPUT;
    }
    *ret_tree = tree;
    return 0;
}

int answer_read(const char *text, const cJSON *shape, cJSON **ret_tree, struct err *e)
{
    char mark = opening(shape), *why = NULL;
    const char *from = strchr(text, mark);
    bool cut = false;
    for (int i = 0; from && i < LOOKS_MAX; i++) {
        const char *end = value_end(from);
        cut = cut || !end;
        if (end && try_value(text, from, (size_t)(end - from), shape, ret_tree, &why) == 0)
            return 0;
        from = strchr(end ? end : from + 1, mark);
    }
    int rc = err_set(e, ERR_INPUT, "%s",
                     cut   ? "the JSON ends too early"
                     : why ? why
                           : "there is no JSON in it");
    free(why);
    return rc;
}

char *answer_prompt_again(const char *prompt, const char *wrong)
{
    const char *old = strstr(prompt, again_mark);
    size_t len = old ? (size_t)(old - prompt) : strlen(prompt);
    return mem_printf("%.*s%s%s.\nAnswer again, and mind this.", (int)len, prompt, again_mark,
                      wrong);
}
