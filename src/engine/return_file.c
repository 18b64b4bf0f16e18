/* One returned file comes in; it is looked at by workers, what speaks for a shot is weighed, and it
 * goes to one of its ends: placed, unchanged, again, asked, refused. A wrong link is worse than a
 * question. */
/* SPDX-License-Identifier: ISC */
#include "engine/returns.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "engine/errand.h"

static void match_or_wait(struct engine *en, struct back *b);
static void decide(struct engine *en, struct back *b);

/* --- looking --- */

static void print_done(struct engine *en, void *ctx, const struct response *response)
{
    struct back *b = ctx;
    struct return_row known = {0};
    struct bundle_row bundle = {0};
    const char *error;
    if (!errand_ok(response, &error)) {
        back_refuse(en, b, error);
        return;
    }
    b->facts = cJSON_Duplicate(json_get(response->body, "facts"), true);
    const char *sha256 = json_str(b->facts, "sha256", "");
    if (!b->answer && store_exported(en->store, sha256, &bundle) == 0) {
        char *why = mem_printf("it is what went out in %s, unchanged", bundle.name);
        back_known(en, b, "unchanged", why);
        free(why);
    } else if (!b->answer && (store_return_of(en->store, sha256, "placed", &known) == 0 ||
                              store_return_of(en->store, sha256, "asked", &known) == 0)) {
        char *why = mem_printf("it was given back before, as %s (%s)", known.name, known.state);
        back_known(en, b, "again", why);
        free(why);
    } else {
        match_or_wait(en, b);
    }
    bundle_row_finish(&bundle);
    return_row_finish(&known);
}

static void unpack_done(struct engine *en, void *ctx, const struct response *response);

static bool is_zip(const char *path)
{
    char head[4] = "";
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool zip = fd >= 0 && pread(fd, head, 4, 0) == 4 && memcmp(head, "PK\3\4", 4) == 0;
    if (fd >= 0)
        close(fd);
    return zip;
}

static void begin_zip(struct engine *en, struct back *b)
{
    cJSON *line = errand_line("unpack");
    b->staged =
        mem_printf("%s/returns-%lld", en->places.staging, (long long)++en->manual->next_staged);
    (void)file_remove_tree(b->staged, NULL);
    (void)file_make_dirs(b->staged, NULL); /* the worker says what is wrong with it */
    json_set_str(cJSON_GetObjectItemCaseSensitive(line, "params"), "to", b->staged);
    errand_in(line, "archive", b->path);
    errand_ask(en, line, unpack_done, b);
}

void back_begin(struct engine *en, struct back *b)
{
    if (!file_exists(b->path)) {
        back_settled(en, b); /* a person took it away again */
        return;
    }
    if (is_zip(b->path) && !b->group) {
        begin_zip(en, b);
        return;
    }
    if (text_is(b->path)) {
        text_begin(en, b);
        return;
    }
    cJSON *line = errand_line("print.make");
    errand_in(line, "picture", b->path);
    errand_out(line, "print", b->print);
    errand_ask(en, line, print_done, b);
}

/* --- likeness --- */

static void match_done(struct engine *en, void *ctx, const struct response *response)
{
    struct back *b = ctx;
    const char *error;
    if (errand_ok(response, &error))
        b->match = cJSON_Duplicate(json_get(response->body, "facts"), true);
    else
        engine_say(en, "error", "%s cannot be compared: %s", b->shown, error);
    decide(en, b);
}

static void match(struct engine *en, struct back *b)
{
    const struct pool *p = en->manual->pool;
    cJSON *line = errand_line("print.match"), *shots = cJSON_CreateObject();
    const cJSON *rules = rules_get(en->rules, "gates/likeness");
    cJSON *params = rules ? cJSON_Duplicate(rules, true) : cJSON_CreateObject();
    int n = 0;
    errand_in(line, "print", b->print);
    for (size_t i = 0; i < p->items_n; i++) {
        char name[24];
        if (!file_exists(p->items[i].print))
            continue;
        (void)str_format(name, sizeof(name), "p%zu", i);
        errand_in(line, name, p->items[i].print);
        json_set_num(shots, name, p->items[i].unit);
        n++;
    }
    json_set(params, "shots", shots);
    json_set(line, "params", params);
    if (n) {
        errand_ask(en, line, match_done, b);
    } else {
        cJSON_Delete(line);
        decide(en, b);
    }
}

static void match_or_wait(struct engine *en, struct back *b)
{
    struct manual *m = en->manual;
    if (!m->pool)
        m->pool = pool_make(en);
    if (m->pool->prints_missing)
        b->waits_for_pool = true;
    else
        match(en, b);
}

void back_pool_ready(struct engine *en)
{
    struct manual *m = en->manual;
    for (size_t i = 0; i < m->backs_n;) {
        struct back *b = m->backs[i];
        if (b->waits_for_pool) {
            b->waits_for_pool = false;
            match(en, b);
        }
        i += i < m->backs_n && m->backs[i] == b;
    }
}

/* The pool's picture that the return is like, -1 none; *ret_equal: pixel by pixel. */
static int liked(const struct back *b, bool *ret_equal)
{
    const cJSON *best = cJSON_GetArrayItem(json_get(b->match, "nearest"), 0);
    const char *name = json_str(best, "name", "");
    int64_t index = -1;
    *ret_equal = json_bool(best, "equal", false);
    if (!json_bool(b->match, "one", false) || name[0] != 'p' ||
        str_int(name + 1, 0, 1000000, &index))
        return -1;
    return (int)index;
}

/* --- weighing --- */

/* Units that the evidence speaks for, by strength; -1 none. */
struct spoken {
    int answer, folder, token, name, like;
    int64_t name_job; /* the name means this job's picture in particular */
    bool name_several, equal;
    bool name_other; /* the name says a shot, and not the one it looks like */
    int like_item;
};

static int unit_of_bundle(struct engine *en, const struct pool *p, const char *name,
                          const char *token)
{
    struct bundle_row row = {0};
    int rc = name ? store_bundle_named(en->store, name, &row)
                  : store_bundle_marked(en->store, token, &row);
    int unit = rc ? -1 : pool_unit_of(p, row.unit, row.drop_id);
    if (!rc && unit < 0)
        unit = pool_unit_beside(en, p, row.unit, row.drop_id);
    bundle_row_finish(&row);
    return unit;
}

bool back_names(const struct back *b, const struct pool *p, int unit)
{
    bool found = false;
    for (size_t i = 0; i < p->names_n && !found; i++)
        if (p->names[i].unit == unit)
            found = evidence_read(b->shown, &p->names[i], 1).unit == unit;
    return found;
}

static struct spoken listen(struct engine *en, const struct back *b)
{
    const struct pool *p = en->manual->pool;
    struct spoken s = {-1, -1, -1, -1, -1, 0, false, false, false, -1};
    const char *mark = json_str(b->facts, "mark", "");
    char in_name[32];
    evidence_mark(b->shown, in_name);
    if (b->answer)
        s.answer = pool_unit_of(p, b->answer, b->answer_drop);
    if (b->answer && s.answer < 0)
        s.answer = pool_unit_beside(en, p, b->answer, b->answer_drop);
    if (b->bundle)
        s.folder = unit_of_bundle(en, p, b->bundle, NULL);
    if (*mark || *in_name)
        s.token = unit_of_bundle(en, p, NULL, *mark ? mark : in_name);
    struct evidence name = evidence_read(b->shown, p->names, p->names_n);
    s.name = name.unit;
    s.name_several = name.several;
    s.name_job = name.job >= 0 ? p->name_jobs[name.job] : 0;
    s.like_item = liked(b, &s.equal);
    s.like = s.like_item >= 0 ? p->items[s.like_item].unit : -1;
    s.name_other = s.name < 0 && (s.name_several || evidence_is_shot(path_base(b->shown))) &&
                   !back_names(b, p, s.like);
    return s;
}

/* The strongest evidence, and whether a weaker one says otherwise. */
static int weigh(const struct spoken *s, const char **ret_how, const char **ret_why)
{
    const struct {
        int unit;
        const char *how;
    } order[] = {{s->answer, "answer"},
                 {s->folder, "folder"},
                 {s->token, "token"},
                 {s->name, "name"},
                 {s->like, "likeness"}};
    int unit = -1;
    *ret_why = NULL;
    for (size_t i = 0; i < 5 && unit < 0; i++)
        if (order[i].unit >= 0) {
            unit = order[i].unit;
            *ret_how = order[i].how;
        }
    if (s->answer >= 0)
        return unit;
    for (size_t i = 1; i < 5 && unit >= 0; i++)
        if (order[i].unit >= 0 && order[i].unit != unit)
            *ret_why = "what speaks for one shot (folder, token, name) and what it looks like do "
                       "not agree";
    if (s->name_other)
        *ret_why = s->name_several ? "its name could mean more than one shot"
                                   : "its name says a shot that is not known here";
    else if (unit < 0)
        *ret_why = s->name_several ? "its name could mean more than one shot" : "";
    return unit;
}

/* --- what it replaces --- */

static const struct unit_file *file_of_job(const struct back *b, int64_t job_id, bool clip)
{
    for (size_t i = 0; i < b->files_n; i++)
        if (b->files[i].job->id == job_id && b->files[i].clip == clip)
            return &b->files[i];
    return NULL;
}

static const struct unit_file *file_of_order(const struct back *b)
{
    for (size_t i = 0; i < b->files_n && evidence_order(b->shown) == 2; i++)
        if (!b->files[i].clip && str_ends(b->files[i].job->key, ".last"))
            return &b->files[i];
    return NULL;
}

static void choose_file(struct engine *en, struct back *b, const struct spoken *s, int unit)
{
    const struct pool *p = en->manual->pool;
    bool clip = json_bool(b->facts, "clip", false);
    b->file = NULL;
    if (s->name_job && s->name == unit)
        b->file = file_of_job(b, s->name_job, clip);
    if (!b->file && s->like == unit && s->like_item >= 0)
        b->file = file_of_job(b, p->items[s->like_item].job_id, clip);
    if (!b->file && b->bundle && !clip)
        b->file = file_of_order(b);
    if (!b->file)
        b->file = unit_main(b->files, b->files_n, clip);
}

static bool is_approved(struct engine *en, const struct back *b)
{
    struct verdict_row row = {0};
    bool approved = store_verdict(en->store, b->unit.drop.id, b->unit.jobs[0].unit, &row) == 0 &&
                    str_eq(row.verdict, "approved");
    verdict_row_finish(&row);
    return approved;
}

static void wrong_kind(struct engine *en, struct back *b)
{
    char *why = mem_printf("it is a %s, and %s has none; give back a %s",
                           json_bool(b->facts, "clip", false) ? "clip" : "still picture",
                           b->unit.jobs[0].unit,
                           json_bool(b->facts, "clip", false) ? "still picture" : "clip");
    back_refuse(en, b, why);
    free(why);
}

static void decide(struct engine *en, struct back *b)
{
    const struct pool *p = en->manual->pool;
    struct spoken s = listen(en, b);
    const char *why = NULL;
    struct err e = {0};
    int unit = weigh(&s, &b->how, &why);
    if (s.equal && !b->answer && s.like >= 0 && (unit < 0 || unit == s.like)) {
        back_known(en, b, "unchanged", "it is the picture that lies in out/, unchanged");
        return;
    }
    if (unit < 0 || why || (b->answer && s.answer < 0)) {
        back_ask(en, b,
                 why && *why ? why : json_str(b->match, "why", "nothing says where it belongs"));
        return;
    }
    if (unit_of_drop(en, p->units[unit].drop_id, p->units[unit].name, &b->unit, &e)) {
        back_ask(en, b, e.text);
        return;
    }
    unit_files(en, &b->unit, &b->files, &b->files_n);
    choose_file(en, b, &s, unit);
    if (!b->file)
        wrong_kind(en, b);
    else if (is_approved(en, b) && !b->answer)
        back_ask(en, b,
                 "the shot is approved already; move the file into its folder to replace it "
                 "all the same");
    else
        back_place(en, b);
}

/* --- zips --- */

static void add_unpacked(struct engine *en, struct back *b, const char *dir, const char *shown,
                         struct back_group *group, int depth);

static void unpack_done(struct engine *en, void *ctx, const struct response *response)
{
    struct back *b = ctx;
    const char *error;
    if (!errand_ok(response, &error)) {
        (void)file_remove_tree(b->staged, NULL);
        back_refuse(en, b, error);
        return;
    }
    struct back_group *group = mem_alloc(sizeof(*group));
    *group = (struct back_group){.zip = mem_dup(b->path),
                                 .shown = mem_dup(b->shown),
                                 .staged = mem_dup(b->staged),
                                 .files = 1};
    add_unpacked(en, b, b->staged, b->shown, group, 0);
    if (group->files == 1) {
        group->files = 0;
        free(group->zip);
        free(group->shown);
        free(group->staged);
        free(group);
        back_refuse(en, b, "there is no file in it");
        return;
    }
    b->group = group; /* the zip's own part; its settling lets the last one take it away */
    back_settled(en, b);
}

static void add_unpacked(struct engine *en, struct back *b, const char *dir, const char *shown,
                         struct back_group *group, int depth)
{
    DIR *open_dir = opendir(dir);
    for (const struct dirent *entry; open_dir && depth < 10 && (entry = readdir(open_dir));) {
        char *path = path_join(dir, entry->d_name), *name = path_join(shown, entry->d_name);
        struct stat st;
        if (entry->d_name[0] != '.' && !junk_name(entry->d_name) && lstat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                add_unpacked(en, b, path, name, group, depth + 1);
            else if (S_ISREG(st.st_mode))
                back_add(en, path, name, b->tag, b->bundle, group);
        }
        free(path);
        free(name);
    }
    if (open_dir)
        closedir(open_dir);
}
