/* What the files of the returning half of the manual loop share.
 *
 *   seen --print--> known? --(pool's prints)--> match --> decided --(converted)--> placed
 *        `--zip: unpacked, its files seen            `--> asked, unchanged, again, refused */
/* SPDX-License-Identifier: ISC */
#ifndef ENGINE_RETURNS_H
#define ENGINE_RETURNS_H

#include "engine/manual.h"
#include "manual/evidence.h"

/* --- return_pool.c: what a return may be --- */

struct pool_unit {
    char *name, *tree; /* two trees may each have an EP001_SH03: they are two units */
    int64_t drop_id;
    bool open; /* escalated, or a bundle is out */
};
struct pool_item { /* a picture that stands for a unit, made and deliverable */
    int unit;
    int64_t job_id;
    char *role, *path, *print; /* path and print absolute */
};
struct pool {
    struct pool_unit *units;
    size_t units_n;
    struct pool_item *items;
    size_t items_n;
    struct evidence_name *names; /* job: index into name_jobs, -1 */
    char **name_texts;
    int64_t *name_jobs;
    size_t names_n;
    int prints_missing; /* being made */
};
struct pool *pool_make(struct engine *en); /* asks for the prints that are missing; owned */
void pool_free(struct pool *p);
/* Index, or -1: none is called so. drop_id 0: of whichever drop, -1 when there are several. */
int pool_unit_of(const struct pool *p, const char *unit, int64_t drop_id_or_0);
/* The same in the tree of a drop, which may be an older one than the unit's. */
int pool_unit_beside(struct engine *en, const struct pool *p, const char *unit, int64_t drop_id);

/* --- returns.c --- */

/* The files that came in one zip; the zip goes when all of them have gone. */
struct back_group {
    char *zip, *shown, *staged; /* absolute; for people; folder it was unpacked into */
    int files;                  /* not settled yet */
    bool keep;                  /* one of them could be put nowhere: the zip stays */
};

/* A returned file until it is settled. */
struct back {
    char *path, *shown; /* absolute; below the root, as people see it */
    char *tag;          /* of the folder it lies in, or NULL */
    char *bundle;       /* name of the bundle whose return/ it lies in, or NULL */
    char *answer;       /* the unit that a person chose for it, or NULL */
    int64_t answer_drop;
    struct back_group *group;
    cJSON *facts; /* of print.make */
    cJSON *match; /* of print.match, or NULL */
    char *print;  /* file */
    bool waits_for_pool;

    /* decided */
    struct unit unit;
    struct unit_file *files;
    size_t files_n;
    const struct unit_file *file; /* what it replaces */
    const char *how;
    char *staged;
};

struct manual {
    struct watch *returns, *bundles;
    struct back **backs;
    size_t backs_n;
    struct pool *pool;
    int64_t pool_at_ms;    /* when it was made; old ones are made anew */
    bool log_dirty, again; /* again: something was settled that may let folders go */
    int64_t next_staged;
};

/* A file that lies at rest; takes nothing. Ignored when it is looked at already. */
void back_add(struct engine *en, const char *path, const char *shown, const char *tag,
              const char *bundle, struct back_group *group);
struct back *back_new(struct engine *en, const char *path, const char *shown);
void back_settled(struct engine *en, struct back *b); /* it is gone from the list, and freed */

/* --- return_file.c --- */
void back_begin(struct engine *en, struct back *b);
void back_pool_ready(struct engine *en);
/* Whether a file's name, which could mean several units, means this one among them. */
bool back_names(const struct back *b, const struct pool *p, int unit);

/* --- return_text.c --- */
bool text_is(const char *path); /* by its name and its first bytes */
void text_begin(struct engine *en, struct back *b);

/* --- return_place.c: b->unit, b->file, b->how are decided --- */
void back_place(struct engine *en, struct back *b);
void back_place_text(struct engine *en, struct back *b, const cJSON *document);

/* --- return_close.c: in the caller's step --- */
bool return_is_text(const cJSON *body); /* of a row that is placed */
int return_close(struct engine *en, const struct return_row *row, const cJSON *body, struct err *e);

/* --- return_end.c: it replaces nothing --- */
void back_refuse(struct engine *en, struct back *b, const char *why);
void back_known(struct engine *en, struct back *b, const char *state, const char *why);
#define RETURN_NOTED "noted" /* the state of a text that came along with other files: a note */
/* Stores what became of it; body may be NULL. */
void back_remember(struct engine *en, const struct back *b, const char *state, const char *why,
                   const cJSON *body);
/* Moves a file to dir/name, under a free name when that is taken; answers the new path, owned. */
char *back_move(struct engine *en, const char *from, const char *dir, const char *name,
                struct err *e);

/* --- return_ask.c: which shot? --- */
#define RETURN_THUMB "like-this.jpg" /* in each candidate's folder */
void back_ask(struct engine *en, struct back *b, const char *why);

/* --- return_answer.c --- */
void answers_scan(struct engine *en); /* return/_which-shot */

/* --- return_tell.c --- */
void returns_log(struct engine *en); /* return/RETURNS.txt */
void receipt_ask_tag(struct engine *en, const struct return_row *row);
void receipt_answer(struct engine *en, const char *path, const char *tag);

#endif
