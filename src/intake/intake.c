/* A listing comes in; an order, a refusal, or what it waits for goes out. The rules are asked in
 * their order; the first that fits decides. */
/* SPDX-License-Identifier: ISC */
#include "intake/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "intake/intake_priv.h"

#define DOCUMENTS_MAX 200 /* JSON files of a folder that are looked into */

/* --- answering --- */

void answer_add_fault(struct reading *r, const char *code, const char *place, const char *found,
                      const char *expected, const char *cure)
{
    faults_add(&r->answer->faults, code, place, found, expected, cure);
}

void answer_add_missing(struct reading *r, const char *name, const char *code, const char *place,
                        const char *found, const char *expected)
{
    struct intake_answer *a = r->answer;
    a->missing = mem_grow(a->missing, a->missing_n + 1, sizeof *a->missing);
    a->missing[a->missing_n++] = mem_dup(name);
    if (code)
        faults_add(&r->pending, code, place, found, expected, "Add it, and drop everything again.");
}

const char *why_code(const struct listed *f, char *out, size_t out_len, const char **ret_sentence)
{
    size_t len = strcspn(f->why, " ");
    (void)str_format(out, out_len, "%.*s", (int)len, f->why);
    *ret_sentence = f->why[len] ? f->why + len + 1 : f->why;
    return out;
}

struct order_file *order_add_file(struct order *o, const char *name, const struct listed *file)
{
    struct order_file *f;
    o->files = mem_grow(o->files, o->files_n + 1, sizeof *o->files);
    f = &o->files[o->files_n++];
    *f = (struct order_file){
        .name = mem_dup(name), .media = file->media, .width = file->width, .height = file->height};
    memcpy(f->sha256, file->sha256, sizeof f->sha256);
    return f;
}

void order_add_sibling(struct order *o, const char *name)
{
    for (size_t i = 0; i < o->siblings_n; i++) {
        if (str_eq(o->siblings[i], name))
            return;
    }
    o->siblings = mem_grow(o->siblings, o->siblings_n + 1, sizeof *o->siblings);
    o->siblings[o->siblings_n++] = mem_dup(name);
}

/* --- one document --- */

/* Everything that is not in the listing but shapes the result counts for the identity: pictures
 * from elsewhere, texts from beside, and for a folder that is a drop its name, which says what it
 * is. */
static void seal(struct order *o)
{
    struct digest *d;
    const cJSON *texts = json_get(o->doc, "texts");
    char *carried;
    bool plain = !texts;
    for (size_t i = 0; i < o->files_n; i++)
        plain = plain && str_starts(o->files[i].frozen, "input/") && !o->siblings_n;
    memcpy(o->digest, o->listing->digest, sizeof o->digest);
    if (plain)
        return;
    d = digest_begin();
    digest_text(d, o->listing->digest);
    for (size_t i = 0; i < o->files_n; i++) {
        digest_text(d, o->files[i].name);
        digest_text(d, o->files[i].sha256);
    }
    if (texts) {
        carried = json_canonical(texts);
        digest_text(d, carried);
        digest_text(d, o->entry);
        free(carried);
    }
    digest_end(d, o->digest);
}

/* What the rule that fits says of the drop. */
static void take_kind(struct reading *r, const cJSON *rule)
{
    free(r->order->kind);
    free(r->order->plan);
    r->order->kind = mem_dup(json_str(rule, "kind", ""));
    r->order->plan = mem_dup(json_str(rule, "plan", NULL));
}

/* Takes tree. */
static void read_document(struct reading *r, const cJSON *rule, const char *path, cJSON *tree)
{
    char *name = document_name(r, path), *disk = document_path(r, path), *folder;
    const char *folder_at = json_str(rule, "/document/folder_at", NULL), *named;
    bool formed;
    take_kind(r, rule);
    free(r->order->doc_path);
    r->order->doc_path = mem_dup(path);
    document_normalise(r, rule, name, &tree);
    r->order->doc = tree;
    formed = r->answer->faults.n == 0;
    urls_check(r, rule, name, tree);
    if (formed) {
        folder = path_dir(path);
        document_add_texts(r, rule, str_eq(folder, ".") ? "" : folder, tree);
        document_add_pictures(r, rule, str_eq(folder, ".") ? "" : folder, tree);
        references_find(r, rule, name, tree);
        named = folder_at ? json_str(tree, folder_at, NULL) : NULL;
        if (named)
            folder_read_named(r, rule, named);
        free(folder);
    }
    lines_add(r, name, disk);
    free(disk);
    free(name);
}

static const cJSON *rule_for(const struct reading *r, cJSON *tree)
{
    const cJSON *rule;
    cJSON_ArrayForEach(rule, rules_kind(r->rules, "intake"))
    {
        if (recognise_document(rule, tree))
            return rule;
    }
    return NULL;
}

/* --- a single file --- */

static void wait_for_whole(struct reading *r, const struct listed *f)
{
    char code[32], *name = document_name(r, f->path);
    const char *sentence;
    why_code(f, code, sizeof code, &sentence);
    r->answer->percent = f->percent;
    answer_add_missing(r, name, str_eq(code, "EMPTY") ? "JSON_EMPTY" : code, name,
                       str_eq(code, "EMPTY") ? "an empty file" : sentence, "the whole file");
    free(name);
}

static void read_json_file(struct reading *r, const struct listed *f)
{
    cJSON *tree = document_read(r, f, &r->answer->faults);
    const cJSON *rule = tree ? rule_for(r, tree) : NULL;
    if (!tree)
        return;
    if (rule) {
        read_document(r, rule, f->path, tree);
    } else {
        recognise_refuse(r, tree, &r->answer->faults);
        cJSON_Delete(tree);
    }
}

static void refuse_why(struct reading *r, const struct listed *f)
{
    char code[32], *name = document_name(r, f->path);
    const char *sentence;
    why_code(f, code, sizeof code, &sentence);
    answer_add_fault(r, code, name, sentence, "a file that slated can take",
                     "Make it smaller or whole, and drop it again.");
    free(name);
}

static void read_zip(struct reading *r)
{
    if (cJSON_IsTrue(rules_policy(r->rules, "/intake/unpack")))
        r->answer->verdict = INTAKE_UNPACK;
    else
        answer_add_fault(r, "TYPE_UNSUPPORTED", r->list->name, "a zip",
                         "a file or a folder; intake.unpack is off in policy.json",
                         "Unpack it and drop the folder.");
}

static void read_file(struct reading *r)
{
    const struct listed *f = &r->list->files[0];
    char code[32];
    const char *sentence;
    why_code(f, code, sizeof code, &sentence);
    if (f->media == MEDIA_JSON && (f->complete ? !*f->why : !str_eq(code, "CHANGING")))
        read_json_file(r, f); /* one that ends too early is read for its place */
    else if (!f->complete)
        wait_for_whole(r, f);
    else if (*f->why && !str_eq(code, "IMAGE_TAIL"))
        refuse_why(r, f);
    else if (f->media == MEDIA_ZIP)
        read_zip(r);
    else if (media_is_picture(f->media))
        r->answer->verdict = INTAKE_LOOSE;
    else
        recognise_refuse(r, NULL, &r->answer->faults);
}

/* --- a folder --- */

/* A JSON file of the folder that a rule knows. */
struct candidate {
    const struct listed *file;
    const cJSON *rule;
    cJSON *tree; /* owned until it is read */
};

struct candidates {
    struct candidate list[DOCUMENTS_MAX];
    size_t n;
    struct faults faults; /* of JSON files that cannot be read: told when nothing else decides */
};

static int depth_of(const char *path)
{
    int n = 0;
    for (; *path; path++)
        n += *path == '/';
    return n;
}

/* Documents lie at the top of a folder, or one level below (a zip often wraps a folder). */
static void find_candidates(struct reading *r, struct candidates *c)
{
    for (size_t i = 0; i < r->list->files_n && c->n < DOCUMENTS_MAX; i++) {
        const struct listed *f = &r->list->files[i];
        struct candidate found = {.file = f};
        if (f->media != MEDIA_JSON || depth_of(f->path) > 1)
            continue;
        if (f->complete && *f->why)
            continue;
        found.tree = document_read(r, f, &c->faults);
        found.rule = found.tree ? rule_for(r, found.tree) : NULL;
        if (found.rule)
            c->list[c->n++] = found;
        else
            cJSON_Delete(found.tree);
    }
}

/* Which of several is meant is the person's to say, whatever their kinds. */
static void refuse_several(struct reading *r, const struct candidates *c)
{
    struct buf found;
    buf_init(&found, 200);
    for (size_t i = 0; i < c->n; i++)
        buf_printf(&found, "%s%s (%s)", i ? ", " : "", c->list[i].file->path,
                   json_str(c->list[i].rule, "kind", ""));
    answer_add_fault(r, "FOLDER_DOCUMENTS", r->list->name, found.data, "one document in a folder",
                     "Drop each in a folder of its own.");
    buf_finish(&found);
}

static bool read_by_rule(struct reading *r, struct candidates *c, const cJSON *rule)
{
    if (c->n == 1 && c->list[0].rule == rule) {
        cJSON *tree = c->list[0].tree;
        c->list[0].tree = NULL;
        read_document(r, rule, c->list[0].file->path, tree);
        return true;
    }
    if (!recognise_folder(rule, r->list))
        return false;
    take_kind(r, rule);
    folder_read(r, rule);
    return true;
}

/* Nobody knows it. Without any document the one that tells may still be on its way, for a folder is
 * often filled slowly. */
static void read_unknown(struct reading *r)
{
    bool documents = false;
    for (size_t i = 0; i < r->list->files_n; i++)
        documents = documents || r->list->files[i].media == MEDIA_JSON;
    if (!documents)
        answer_add_missing(r, "a file that says what is wanted", NULL, NULL, NULL, NULL);
    recognise_refuse(r, NULL, documents ? &r->answer->faults : &r->pending);
}

/* Nothing in it says what is wanted: pictures and catalogs wait for the drop that names them. */
static void read_unnamed(struct reading *r, struct candidates *c)
{
    const cJSON *rule;
    bool loose = r->list->files_n > 0, beside = false;
    for (size_t i = 0; i < r->list->files_n; i++)
        loose = loose && media_is_picture(r->list->files[i].media);
    cJSON_ArrayForEach(rule, rules_kind(r->rules, "intake"))
    {
        beside = beside || recognise_beside(rule, r->list);
    }
    if (c->faults.n) {
        r->answer->faults = c->faults;
        c->faults = (struct faults){0};
    } else if (r->answer->missing_n) {
        /* a document is still arriving */
    } else if (loose || beside) {
        r->answer->verdict = INTAKE_LOOSE;
    } else {
        read_unknown(r);
    }
}

static void warn_left_out(struct reading *r)
{
    for (size_t i = 0; i < r->list->left_n; i++) {
        char *name = document_name(r, r->list->left[i].path);
        faults_add(&r->order->warnings, r->list->left[i].code, name, "not read",
                   "a regular file of its own",
                   "Put a copy in its place if it belongs to the drop.");
        free(name);
    }
}

static void read_folder(struct reading *r)
{
    struct candidates *c = mem_alloc(sizeof *c);
    const cJSON *rule;
    bool settled;
    find_candidates(r, c);
    settled = c->n > 1;
    if (settled)
        refuse_several(r, c);
    cJSON_ArrayForEach(rule, rules_kind(r->rules, "intake"))
    {
        settled = settled || read_by_rule(r, c, rule);
    }
    if (!settled)
        read_unnamed(r, c);
    warn_left_out(r);
    for (size_t i = 0; i < c->n; i++)
        cJSON_Delete(c->list[i].tree);
    faults_finish(&c->faults);
    free(c);
}

/* --- the whole --- */

static void conclude(struct reading *r)
{
    struct intake_answer *a = r->answer;
    if (a->faults.n) {
        a->verdict = INTAKE_REFUSED;
    } else if (a->missing_n) {
        a->verdict = INTAKE_WAIT;
        a->faults = r->pending;
        r->pending = (struct faults){0};
    } else if (a->verdict == INTAKE_ORDER) {
        seal(r->order);
        a->order = r->order;
        r->order = NULL;
    }
    faults_finish(&r->pending);
    order_free(r->order);
}

void intake_read(const struct rules *rules, const struct intake_place *place,
                 struct listing *listing, struct intake_answer *ret_answer)
{
    struct order *order = mem_alloc(sizeof *order);
    struct reading r = {.rules = rules, .place = place, .answer = ret_answer, .order = order};
    *ret_answer = (struct intake_answer){.verdict = INTAKE_ORDER, .percent = -1};
    order->entry = mem_dup(listing->name);
    order->doc_path = mem_dup("");
    order->listing = listing;
    r.list = listing;
    if (listing->folder)
        read_folder(&r);
    else if (listing->files_n)
        read_file(&r);
    else
        recognise_refuse(&r, NULL, &ret_answer->faults);
    conclude(&r);
}

void intake_answer_finish(struct intake_answer *a)
{
    order_free(a->order);
    faults_finish(&a->faults);
    for (size_t i = 0; i < a->missing_n; i++)
        free(a->missing[i]);
    free(a->missing);
    *a = (struct intake_answer){0};
}

void order_free(struct order *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->files_n; i++) {
        free(o->files[i].name);
        free(o->files[i].now);
        free(o->files[i].frozen);
    }
    for (size_t i = 0; i < o->siblings_n; i++)
        free(o->siblings[i]);
    free(o->files);
    free(o->siblings);
    free(o->kind);
    free(o->plan);
    free(o->entry);
    free(o->doc_path);
    cJSON_Delete(o->doc);
    listing_free(o->listing);
    faults_finish(&o->warnings);
    free(o);
}

const struct order_file *order_file(const struct order *o, const char *name)
{
    for (size_t i = 0; i < o->files_n; i++) {
        if (str_eq(o->files[i].name, name))
            return &o->files[i];
    }
    return NULL;
}
