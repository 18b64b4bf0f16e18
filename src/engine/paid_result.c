/* The bytes of what was paid for are kept under .slated/results by the digest of their content, and
 * served again for nothing when the same is asked for, by whichever drop. */
/* SPDX-License-Identifier: ISC */
#include "engine/flight.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

/* A second name for the bytes; a copy where the volume knows no second names. */
static int link_or_copy(const char *from, const char *to, struct err *e)
{
    return file_exists(to) || link(from, to) == 0 ? 0 : file_copy(from, to, e);
}

int result_keep(struct engine *en, const char *hash, const struct outcome *o, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < o->made_n && !rc; i++) {
        const struct made *m = &o->made[i];
        char *path = path_join(en->places.results, m->sha256);
        struct result_row row = {.role = m->role,
                                 .media = m->media,
                                 .bytes = m->bytes,
                                 .width = m->width,
                                 .height = m->height,
                                 .at_s = en->now_s};
        str_format(row.hash, sizeof row.hash, "%s", hash);
        memcpy(row.sha256, m->sha256, sizeof row.sha256);
        rc = link_or_copy(m->path, path, e);
        if (!rc)
            rc = store_add_result(en->store, &row, e);
        free(path);
    }
    file_dirs_add(land_dirs(en), en->places.results);
    return rc;
}

static const struct result_row *of_role(const struct result_row *rows, size_t n, const char *role)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].role, role))
            return &rows[i];
    return NULL;
}

/* Copied, not linked: what lies in out/ is a person's to change. */
static bool serve_one(struct engine *en, const struct job_file *out, const struct result_row *row,
                      struct outcome *o)
{
    char *path = path_join(en->places.results, row->sha256), hex[DIGEST_LEN] = "";
    uint64_t len = 0;
    bool good = digest_file(path, hex, &len, NULL) == 0 && str_eq(hex, row->sha256) &&
                file_copy(path, out->path, NULL) == 0;
    free(path);
    if (!good)
        return false;
    o->made = mem_grow(o->made, o->made_n + 1, sizeof(*o->made));
    struct made *m = &o->made[o->made_n++];
    *m = (struct made){.role = mem_dup(out->name),
                       .path = mem_dup(out->path),
                       .media = mem_dup(row->media),
                       .bytes = row->bytes,
                       .width = row->width,
                       .height = row->height};
    memcpy(m->sha256, row->sha256, sizeof m->sha256);
    return true;
}

bool result_serve(struct engine *en, struct flight *f, struct outcome *ret_outcome)
{
    struct result_row *rows = NULL;
    size_t n = 0;
    if (store_results(en->store, f->hash, &rows, &n))
        n = 0;
    bool all = n > 0 && f->files.out_n > 0;
    for (size_t i = 0; i < f->files.out_n && all; i++) {
        const struct result_row *row = of_role(rows, n, f->files.out[i].name);
        all = row && serve_one(en, &f->files.out[i], row, ret_outcome);
    }
    for (size_t i = 0; i < n; i++)
        result_row_finish(&rows[i]);
    free(rows);
    if (!all)
        outcome_finish(ret_outcome);
    return all;
}
