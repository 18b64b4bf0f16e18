/* A listing as JSON and back, for the way between worker and daemon; and looking a path up in it.
 */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "intake/listing.h"

static cJSON *file_to_json(const struct listed *f)
{
    cJSON *tree = cJSON_CreateObject();
    json_set_str(tree, "path", f->path);
    json_set_num(tree, "len", (double)f->len);
    json_set_str(tree, "sha256", f->sha256);
    json_set_str(tree, "media", media_word(f->media));
    json_set_num(tree, "width", f->width);
    json_set_num(tree, "height", f->height);
    json_set_bool(tree, "complete", f->complete);
    json_set_num(tree, "percent", f->percent);
    json_set_str(tree, "why", f->why);
    return tree;
}

cJSON *listing_to_json(const struct listing *l)
{
    cJSON *tree = cJSON_CreateObject(), *files = cJSON_CreateArray(), *left = cJSON_CreateArray();
    char *name = utf8_bad_at(l->name, strlen(l->name)) < 0 ? mem_dup(l->name) : utf8_show(l->name);
    json_set_str(tree, "name", name);
    json_set_bool(tree, "folder", l->folder);
    json_set_num(tree, "junk", (double)l->junk_n);
    json_set_str(tree, "digest", l->digest);
    json_set_num(tree, "newest_ms", (double)l->newest_ms);
    for (size_t i = 0; i < l->files_n; i++)
        cJSON_AddItemToArray(files, file_to_json(&l->files[i]));
    for (size_t i = 0; i < l->left_n; i++) {
        cJSON *one = cJSON_CreateObject();
        json_set_str(one, "path", l->left[i].path);
        json_set_str(one, "code", l->left[i].code);
        cJSON_AddItemToArray(left, one);
    }
    json_set(tree, "files", files);
    json_set(tree, "left", left);
    free(name);
    return tree;
}

/* --- back --- */

/* The codes are static texts; one that is not known is not invented. */
static const char *known_code(const char *code)
{
    static const char *const codes[] = {"NOT_REGULAR", "HARDLINK", "UNREADABLE", "NAME_BAD",
                                        "NAME_CLASH"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (str_eq(codes[i], code))
            return codes[i];
    }
    return NULL;
}

static enum media media_of_word(const char *word)
{
#define X(kind, text)                                                                              \
    if (str_eq(word, text))                                                                        \
        return kind;
    MEDIA_LIST(X)
#undef X
    return MEDIA_OTHER;
}

static bool file_from_json(const cJSON *tree, struct listed *ret)
{
    const char *path = json_str(tree, "path", NULL), *sha256 = json_str(tree, "sha256", "");
    if (!path || strlen(sha256) >= DIGEST_LEN)
        return false;
    *ret = (struct listed){.path = mem_dup(path),
                           .len = (uint64_t)json_int(tree, "len", 0),
                           .media = media_of_word(json_str(tree, "media", "")),
                           .width = (int)json_int(tree, "width", 0),
                           .height = (int)json_int(tree, "height", 0),
                           .complete = json_bool(tree, "complete", false),
                           .percent = (int)json_int(tree, "percent", -1)};
    str_format(ret->sha256, sizeof ret->sha256, "%s", sha256);
    str_format(ret->why, sizeof ret->why, "%s", json_str(tree, "why", ""));
    return true;
}

static int lists_from_json(const cJSON *tree, struct listing *l, struct err *e)
{
    const cJSON *files = json_get(tree, "files"), *left = json_get(tree, "left"), *one;
    l->files = mem_alloc(((size_t)cJSON_GetArraySize(files) + 1) * sizeof *l->files);
    l->left = mem_alloc(((size_t)cJSON_GetArraySize(left) + 1) * sizeof *l->left);
    cJSON_ArrayForEach(one, files)
    {
        if (!file_from_json(one, &l->files[l->files_n]))
            return err_set(e, ERR_INPUT, "a listing names a file without a path");
        l->files_n++;
    }
    cJSON_ArrayForEach(one, left)
    {
        const char *code = known_code(json_str(one, "code", ""));
        if (!code || !json_str(one, "path", NULL))
            return err_set(e, ERR_INPUT, "a listing leaves something out without a known reason");
        l->left[l->left_n++] = (struct left_out){mem_dup(json_str(one, "path", "")), code};
    }
    return 0;
}

int listing_from_json(const cJSON *tree, struct listing **ret_listing, struct err *e)
{
    const char *name = json_str(tree, "name", NULL), *digest = json_str(tree, "digest", "");
    struct listing *l;
    int rc;
    if (!name || !cJSON_IsArray(json_get(tree, "files")) || strlen(digest) >= DIGEST_LEN)
        return err_set(e, ERR_INPUT, "a listing needs a name and its files");
    l = mem_alloc(sizeof *l);
    l->name = mem_dup(name);
    l->folder = json_bool(tree, "folder", false);
    l->junk_n = (size_t)json_int(tree, "junk", 0);
    l->newest_ms = json_int(tree, "newest_ms", 0);
    str_format(l->digest, sizeof l->digest, "%s", digest);
    rc = lists_from_json(tree, l, e);
    if (rc != 0) {
        listing_free(l);
        return rc;
    }
    *ret_listing = l;
    return 0;
}

/* --- looking up --- */

const struct listed *listing_find(const struct listing *l, const char *path, bool *ret_clash)
{
    const struct listed *exact = NULL, *loose = NULL;
    char *key = utf8_fold_key(path);
    int n = 0;
    for (size_t i = 0; i < l->files_n; i++) {
        char *other = utf8_fold_key(l->files[i].path);
        if (str_eq(l->files[i].path, path))
            exact = &l->files[i];
        if (str_eq(key, other)) {
            loose = &l->files[i];
            n++;
        }
        free(other);
    }
    free(key);
    if (ret_clash)
        *ret_clash = n > 1;
    return exact ? exact : n == 1 ? loose : NULL;
}
