/* What the files of the products kind share while one list is planned. */
/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PRODUCTS_PRIV_H
#define PLAN_PRODUCTS_PRIV_H

#include "plan/plan.h"

/* A product with what the kind has found out about it; the document's tree is borrowed. */
struct product {
    const cJSON *doc;
    int rank;
    const char *name;
    const struct order_file *photo; /* the local reference picture, or NULL */
    const char *photo_url; /* where one can be fetched when there is no local one, or NULL */
    char key[16];          /* "01" */
    char *fetch_key;       /* key of the job that fetches the photo, or NULL; owned */
};

/* Lives for one plan_products.fill. list is owned and sorted by rank; the rest is borrowed unless
 * it says owned. */
struct product_set {
    const struct order *order;
    const struct plan_context *ctx;
    struct plan *plan;
    struct faults *faults;
    const cJSON *rule; /* plans/products */
    const char *niche, *category;
    char *video_id, *tree; /* owned */
    struct product *list;
    size_t n;
};

/* One picture that is about to become a job; all borrowed. */
struct wanted {
    const struct product *product; /* NULL: it belongs to the set */
    const char *key, *title, *op;
    const char *asset;       /* its row in rules/plans, its type in routing and negatives */
    const char *name;        /* its name in rules/naming */
    const char *prompt_name; /* its prompt's */
    const char *prompt_rule; /* file under rules/prompts */
    const char *variant;     /* "hero"; for pictures of the set the same as the asset */
    bool photo_needed;
    const char *group;             /* in the report; NULL: the product's, or the set's */
    const struct order_file *face; /* the host's face reference, or NULL */
    const struct order_file *ref;  /* a photo that is not a product's, or NULL */
    const char *sheets[2];         /* keys of the jobs whose sheets it takes, or NULL */
    const cJSON *values;           /* more names for its prompt, or NULL */
    const cJSON *params;           /* more for its op, or NULL */
};

/* A path of rules/naming/products for a product (NULL: of the set) and variant (may be NULL).
 * Owned; NULL with a fault. */
char *products_path(const struct product_set *s, const char *name, const struct product *p,
                    const char *variant);

/* Adds the job (products_jobs.c). NULL with a fault; borrowed until the next one is added. */
struct plan_job *products_add(struct product_set *s, const struct wanted *w);

/* Whether rules/plans wants that asset made. */
bool products_wants(const struct product_set *s, const char *asset);

/* The host's name, and the picture of the face; NULL none (products_cast.c). */
const char *products_host(const struct product_set *s);
const struct order_file *products_face(const struct product_set *s);

/* Sheets of the characters and the scenes they appear in (products_cast.c). */
void products_add_cast(struct product_set *s);

/* The jobs of the whole set (products_jobs.c) and the documents beside them (products_docs.c). */
void products_add_jobs(struct product_set *s);
void products_add_documents(struct product_set *s);

#endif
