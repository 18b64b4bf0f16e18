/* The ends of a returned file that replaces nothing: known already, or refused. It is moved where a
 * person finds it with the reason, and remembered; nothing is ever deleted here. */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/returns.h"

#define NAMES_MAX 10000

char *back_move(struct engine *en, const char *from, const char *dir, const char *name,
                struct err *e)
{
    char *stem = path_stem(name), *to = path_join(dir, name);
    const char *ext = path_ext(name);
    int rc = file_make_dirs(dir, e);
    (void)en;
    for (int i = 2; !rc && file_exists(to) && i < NAMES_MAX; i++) {
        free(to);
        to = *ext ? mem_printf("%s/%s (%d).%s", dir, stem, i, ext)
                  : mem_printf("%s/%s (%d)", dir, stem, i);
    }
    if (!rc)
        rc = file_move(from, to, e);
    free(stem);
    if (rc)
        mem_free(to);
    return to;
}

void back_remember(struct engine *en, const struct back *b, const char *state, const char *why,
                   const cJSON *body)
{
    struct err e = {0};
    char *text = body ? json_compact(body) : NULL;
    struct return_row row = {.bytes = json_int(b->facts, "bytes", 0),
                             .at_s = en->now_s,
                             .name = b->shown,
                             .state = (char *)state,
                             .why = (char *)why,
                             .body = text};
    (void)str_format(row.sha256, sizeof(row.sha256), "%s", json_str(b->facts, "sha256", ""));
    if (store_begin(en->store, &e) || store_add_return(en->store, &row, &e) ||
        store_commit(en->store, &e)) {
        store_rollback(en->store);
        engine_say(en, "error", "what became of %s cannot be stored: %s", b->shown, e.text);
    }
    free(text);
}

void back_known(struct engine *en, struct back *b, const char *state, const char *why)
{
    struct err e = {0};
    char *dir = path_join(en->places.returns, str_eq(state, RETURN_NOTED) ? "_notes" : "_already");
    char *to = back_move(en, b->path, dir, path_base(b->path), &e);
    if (to) {
        back_remember(en, b, state, why, NULL);
        engine_say(en, state, "%s: %s", b->shown, why);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(dir);
    back_settled(en, b);
}

void back_refuse(struct engine *en, struct back *b, const char *why)
{
    struct err e = {0};
    char *name = utf8_safe_name(path_base(b->path), 150, "file");
    char *dir = mem_printf("%s/_refused/%s", en->places.returns, name);
    if (!file_exists(b->path)) { /* a person took it away while it was looked at */
        free(dir);
        free(name);
        back_settled(en, b);
        return;
    }
    char *to = back_move(en, b->path, dir, path_base(b->path), &e);
    if (to) {
        char *path = path_join(dir, "WHY.txt");
        char *text =
            mem_printf("%s was not taken: %s.\n\nMend it and drop it into return/ again, or "
                       "delete this folder.\n",
                       b->shown, why);
        (void)file_write(path, text, strlen(text), false, NULL); /* RETURNS.txt says it too */
        back_remember(en, b, "refused", why, NULL);
        engine_say(en, "refused", "%s: %s", b->shown, why);
        free(text);
        free(path);
    } else {
        engine_say(en, "error", "%s: %s", b->shown, e.text);
    }
    free(to);
    free(dir);
    free(name);
    back_settled(en, b);
}
