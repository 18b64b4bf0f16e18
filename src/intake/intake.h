/* One settled entry comes in; an order goes out, or every reason why not, or the names it still waits for.
 * The caller: 1. listing_make (itself for a file, through the worker for a folder) 2. intake_read 3. acts on the verdict
 * 4. intake_answer_finish. This room never moves or writes a file and knows no store. */
/* SPDX-License-Identifier: ISC */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "base/fault.h"
#include "intake/listing.h"
#include "rules/rules.h"

enum intake_verdict {
    INTAKE_ORDER,   /* answer.order is filled */
    INTAKE_WAIT,    /* answer.missing names what is not there or not complete yet */
    INTAKE_REFUSED, /* answer.faults says why */
    INTAKE_UNPACK,  /* a zip: unpack it into a folder and read that */
    INTAKE_LOOSE,   /* a picture nobody has named yet: wait a while for the drop that does */
};

/* A file an order uses, and where it will lie once the drop is taken. */
struct order_file {
    char *name;              /* how the document or the kind names it: "/products/0/reference_image", "combos/C-U-001/ui.png" */
    char *now;               /* absolute path before the taking */
    char *frozen;            /* path below taken/<drop-id>/: "input/<entry>/refs/a.png", "refs/01_lamp.jpg" */
    bool copy;               /* not part of the drop: has to be copied to frozen when the drop is taken */
    char sha256[DIGEST_LEN];
    enum media media;
    int width, height;
};

/* A validated wish. Owns everything below. */
struct order {
    char *kind;              /* "products", "storyboard", "combos" */
    char *plan;              /* the file of rules/plans it is planned with; NULL: that of its kind */
    char *entry;             /* the inbox entry's name */
    char digest[DIGEST_LEN]; /* content identity: the listing's, and of every file outside the drop */
    cJSON *doc;              /* the checked document with defaults filled in; for a folder without one an empty object */
    char *doc_path;          /* path of the document in the listing ("" when the entry is the document) */
    struct listing *listing; /* owned */
    struct order_file *files;
    size_t files_n;
    char **siblings;         /* names of further inbox entries that belong to this drop and are taken along */
    size_t siblings_n;
    struct faults warnings;  /* things a person should know that refuse nothing */
};

struct intake_answer {
    enum intake_verdict verdict;
    struct order *order;     /* owned */
    struct faults faults;    /* REFUSED: why. WAIT: why it is refused should the missing things never come */
    char **missing;          /* paths as the document names them */
    size_t missing_n;
    int arrived_n, wanted_n; /* "18 of 30" when a manifest tells, else 0 */
    int percent;             /* arrival by the format's own word, -1 unknown */
};

/* Where things lie; all absolute, borrowed for the call. */
struct intake_place {
    const char *root;
    const char *dir;         /* the folder the entry lies in (root/inbox; a staging folder for a zip) */
};

/* Takes ownership of listing in every case. Reads the entry's documents (at most a few MiB) and nothing else. */
void intake_read(const struct rules *rules, const struct intake_place *place, struct listing *listing,
                 struct intake_answer *ret_answer);
void intake_answer_finish(struct intake_answer *a);
void order_free(struct order *o);

/* The file the order holds under that name, or NULL. */
const struct order_file *order_file(const struct order *o, const char *name);

#endif
