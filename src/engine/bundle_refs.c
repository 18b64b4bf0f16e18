/* A unit comes in; the pictures it was made from go into its bundle, as far as its target takes
 * them. Reads the store and looks whether files are there; writes nothing. */
/* SPDX-License-Identifier: ISC */
#include "engine/bundle_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"

struct refs {
    struct bundle_plan *b;
    int n, most;
};

/* The next reference, "refs/01_identity_nell_hero.png"; a picture that is there already, or is no
 * picture, is passed over. */
static void add_ref(struct refs *r, const char *kind, const char *label, const char *path,
                    const char *sha256)
{
    bool twice = r->n >= r->most || !path_is_picture(path) || !file_exists(path);
    for (size_t k = 0; k < r->b->pictures_n; k++)
        twice = twice || str_eq(r->b->pictures[k].sha256, sha256);
    if (twice)
        return;
    char *words = mem_printf("%s%s%s", kind, *kind ? "_" : "", label);
    char *safe = utf8_safe_name(words, 80, "reference");
    char *name = mem_printf("refs/%02d_%s.%s", ++r->n, safe, path_ext(path));
    bundle_add_picture(r->b, name, path, sha256);
    free(name);
    free(safe);
    free(words);
}

static void add_taken_ref(struct engine *en, struct refs *r, const struct unit *u, const char *kind,
                          const char *label, const cJSON *ref)
{
    char *path = mem_printf("%s/%s/%s", en->places.taken, u->drop.name, json_str(ref, "file", ""));
    add_ref(r, kind, label, path, json_str(ref, "sha256", ""));
    free(path);
}

/* What the kind's plan says shows its people and places. */
static void add_listed_refs(struct engine *en, struct refs *r, const struct unit *u,
                            const char *kind)
{
    cJSON *meta = cJSON_Parse(u->jobs[0].meta);
    const cJSON *ref;
    cJSON_ArrayForEach(ref, json_get(meta, "refs"))
    {
        if (str_eq(json_str(ref, "kind", ""), kind))
            add_taken_ref(en, r, u, kind, json_str(ref, "label", ""), ref);
    }
    cJSON_Delete(meta);
}

/* What a job outside the unit has made for one of it: a product's photo that was fetched. */
static void add_made_ref(struct engine *en, struct refs *r, const struct unit *u, const cJSON *in)
{
    struct asset_row asset = {0};
    const char *key = json_str(in, "job", "");
    for (size_t i = 0; i < u->jobs_n; i++)
        if (str_eq(u->jobs[i].key, key))
            return;
    if (store_asset_made(en->store, u->drop.id, key, json_str(in, "role", ""), &asset) == 0) {
        char *path = path_join(en->places.out, asset.path);
        add_ref(r, "", json_str(in, "name", "reference"), path, asset.sha256);
        free(path);
    }
    asset_row_finish(&asset);
}

void bundle_refs_add(struct engine *en, struct bundle_plan *b, const struct unit *u)
{
    struct refs r = {b, 0, (int)json_num(b->target, "refs_max", 0)};
    add_listed_refs(en, &r, u, "identity");
    add_listed_refs(en, &r, u, "location");
    for (size_t i = 0; i < u->jobs_n; i++) {
        cJSON *ins = cJSON_Parse(u->jobs[i].ins);
        const cJSON *in;
        cJSON_ArrayForEach(in, ins)
        {
            if (json_get(in, "file"))
                add_taken_ref(en, &r, u, "", json_str(in, "name", "reference"), in);
            else
                add_made_ref(en, &r, u, in);
        }
        cJSON_Delete(ins);
    }
}
