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

/* A path of rules/naming/products for a product (NULL: of the set) and variant (may be NULL).
 * Owned; NULL with a fault. */
char *products_path(const struct product_set *s, const char *name, const struct product *p,
                    const char *variant);

/* The jobs of the whole set (products_jobs.c) and the documents beside them (products_docs.c). */
void products_add_jobs(struct product_set *s);
void products_add_documents(struct product_set *s);

#endif
