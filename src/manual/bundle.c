/* A shot's facts and a target come in; the texts of its bundle go out. Opens no file. */
/* SPDX-License-Identifier: ISC */
#include "manual/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"

void bundle_plan_finish(struct bundle_plan *b)
{
    for (size_t i = 0; i < b->pictures_n; i++) {
        free(b->pictures[i].name);
        free(b->pictures[i].path);
    }
    free(b->pictures);
    free(b->unit);
    free(b->drop);
    free(b->asset_name);
    free(b->job);
    free(b->role);
    free(b->negative);
    free(b->enhanced);
    free(b->remark);
    free(b->schema);
    free(b->ratio);
    free(b->size);
    free(b->note);
    free(b->tag);
    free(b->prompt);
    free(b->instructions);
    cJSON_Delete(b->doc);
    cJSON_Delete(b->warnings);
    memset(b, 0, sizeof(*b));
}

void bundle_add_picture(struct bundle_plan *b, const char *name, const char *path,
                        const char *sha256)
{
    b->pictures = mem_grow(b->pictures, b->pictures_n + 1, sizeof(*b->pictures));
    struct bundle_picture *p = &b->pictures[b->pictures_n++];
    *p = (struct bundle_picture){.name = mem_dup(name), .path = mem_dup(path)};
    memcpy(p->sha256, sha256, sizeof(p->sha256));
}

/* The first picture whose name begins so, or NULL. Borrowed. */
static const char *picture_named(const struct bundle_plan *b, const char *prefix)
{
    for (size_t i = 0; i < b->pictures_n; i++)
        if (str_starts(b->pictures[i].name, prefix))
            return b->pictures[i].name;
    return NULL;
}

/* The first 130 bits of a digest in 26 letters and digits (RFC 4648's alphabet, small). */
static void token_of(const char *hex, char ret_token[BUNDLE_TOKEN_LEN])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned value = 0;
    int bits = 0, n = 5;
    memcpy(ret_token, "slb1-", 5);
    for (const char *c = hex; *c && n < BUNDLE_TOKEN_LEN - 1; c++) {
        value = value << 4 | (unsigned)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
        bits += 4;
        if (bits >= 5) {
            bits -= 5;
            ret_token[n++] = alphabet[(value >> bits) & 31];
        }
    }
    ret_token[n] = 0;
}

static void make_token(struct bundle_plan *b)
{
    struct digest *d = digest_begin();
    char hex[DIGEST_LEN];
    digest_text(d, b->drop);
    digest_text(d, b->unit);
    digest_text(d, b->target->string);
    digest_text(d, b->job);
    digest_text(d, b->prompt);
    digest_text(d, b->negative);
    digest_text(d, b->instructions);
    digest_text(d, b->schema);
    for (size_t i = 0; i < b->pictures_n; i++) {
        digest_text(d, b->pictures[i].name);
        digest_text(d, b->pictures[i].sha256);
    }
    digest_end(d, hex);
    token_of(hex, b->token);
}

/* A target that takes none has no use for one; what the job says goes before the target's own. */
static void choose_negative(struct bundle_plan *b)
{
    const char *own = json_str(b->target, "negative", NULL);
    bool clip = str_eq(json_str(b->target, "kind", ""), "clip");
    if (str_eq(json_str(b->target, "kind", ""), "text") || (clip && !own))
        mem_free(b->negative);
    else if (!b->negative)
        b->negative = mem_dup(own);
}

void bundle_compose(struct bundle_plan *b)
{
    struct buf steps;
    b->wording.edited = b->prompt_edited || b->enhanced;
    b->prompt = target_prompt(b->target, &b->wording, &b->warnings);
    choose_negative(b);
    struct target_facts facts = {.unit = b->unit,
                                 .ratio = b->ratio,
                                 .size = b->size,
                                 .note = b->note,
                                 .tag = b->tag,
                                 .seconds = b->seconds,
                                 .start = picture_named(b, "start_frame."),
                                 .end = picture_named(b, "end_frame."),
                                 .warnings = b->warnings,
                                 .negative = b->negative != NULL,
                                 .schema = b->schema != NULL,
                                 .refs = picture_named(b, "refs/") != NULL};
    buf_init(&steps, 65536);
    target_steps(b->target, &facts, &steps);
    b->instructions = buf_take(&steps);
    make_token(b);
}

static cJSON *expects(const struct bundle_plan *b)
{
    const char *kind = json_str(b->target, "kind", "still");
    cJSON *list = cJSON_CreateArray(), *one = cJSON_CreateObject(), *ext = cJSON_CreateArray();
    static const char *const forms[3][4] = {
        {"mp4", "mov", NULL}, {"png", "jpg", "webp", NULL}, {"json", "txt", "md", NULL}};
    int row = str_eq(kind, "clip") ? 0 : str_eq(kind, "still") ? 1 : 2;
    json_set_str(one, "role", b->role);
    for (int i = 0; forms[row][i]; i++)
        cJSON_AddItemToArray(ext, cJSON_CreateString(forms[row][i]));
    json_set(one, "ext", ext);
    cJSON_AddItemToArray(list, one);
    return list;
}

cJSON *bundle_record(const struct bundle_plan *b, const char *name, cJSON *takes_files)
{
    cJSON *doc = cJSON_CreateObject();
    char hex[DIGEST_LEN];
    digest_bytes(b->prompt, strlen(b->prompt), hex);
    json_set_str(doc, "bundle", name);
    json_set_str(doc, "shot_id", b->unit);
    json_set_str(doc, "asset_name", b->asset_name);
    json_set_str(doc, "job", b->job);
    json_set_str(doc, "drop", b->drop);
    json_set_str(doc, "target_model", b->target->string);
    json_set_str(doc, "token", b->token);
    json_set(doc, "expects", expects(b));
    json_set_str(doc, "prompt_sha256", hex);
    json_set_num(doc, "prompt_words", words_count(b->prompt));
    json_set_bool(doc, "prompt_edited", b->prompt_edited);
    json_set_bool(doc, "prompt_enhanced", b->enhanced != NULL);
    if (b->enhanced)
        json_set_str(doc, "enhanced_by", b->enhanced);
    json_set_bool(doc, "model_changed", b->model_changed);
    if (b->tag)
        json_set_str(doc, "failure_type", b->tag);
    if (b->note)
        json_set_str(doc, "note", b->note);
    const cJSON *avoid = json_get(b->target, "avoid");
    if (avoid)
        json_set(doc, "avoid", cJSON_Duplicate(avoid, true));
    json_set(doc, "warnings", cJSON_Duplicate(b->warnings, true));
    json_set(doc, "files", takes_files);
    return doc;
}

char *bundle_name(const struct bundle_plan *b, int version)
{
    bool text = str_eq(json_str(b->target, "kind", ""), "text"); /* a shot may have several */
    char *unit = utf8_safe_name(text ? b->asset_name : b->unit, 100, "shot");
    const char *slug = json_str(b->target, "slug", "bundle");
    char *name = version > 1 ? mem_printf("%s_%s_v%d", unit, slug, version)
                             : mem_printf("%s_%s", unit, slug);
    free(unit);
    return name;
}
