/* What the files of the secrets room share. */
/* SPDX-License-Identifier: ISC */
#ifndef SECRETS_PRIV_H
#define SECRETS_PRIV_H

#include "secrets/secrets.h"

/* One value with the forms it may take in a text, in pages of its own: locked where the system
 * allows, left out of core dumps, empty in a child. Zeroed memory is none. */
#define VAULT_FORMS 6
struct vault {
    char *pages;
    size_t pages_len;
    const char *value;
    const char *forms[VAULT_FORMS]; /* the value itself first; NULL when too short to mask */
};

/* False when there is no memory to be had for it. */
bool vault_put(struct vault *v, const char *value, size_t len);
void vault_wipe(struct vault *v);

/* Masks every form of v in text. */
void vault_mask(const struct vault *v, char *text);

/* One line of the file at a time. ret_value is borrowed from text and not terminated. */
struct credential {
    const char *name, *value;
    size_t name_len, value_len;
};

/* The whole text of the credentials file, owned, wiped by the caller; *ret_text NULL when there is
 * none. Codes as secrets_open. */
int credentials_read(const char *path, char **ret_text, struct err *e);

/* The next line of *at that holds a credential: 1, 0 at the end, or a code that names the line. */
int credentials_next(const char *path, const char **at, int *line, struct credential *ret_one,
                     struct err *e);

#endif
