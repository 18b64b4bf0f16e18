/* The path of the running program; a file a platform. */
/* SPDX-License-Identifier: ISC */
#ifndef CLI_SELF_H
#define CLI_SELF_H

/* Absolute, owned by the caller; NULL when the system does not say. */
char *self_path(void);

#endif
