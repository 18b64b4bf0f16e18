/* The worker as a whole: one descriptor, one request at a time, until the other end closes.
 *
 * The caller (the daemon): 1. makes a socketpair, starts the program with one end as descriptor
 * 3; 2. writes one line, reads one line; 3. kills the process when an answer takes too long and
 * starts another; 4. closes its end to be rid of it. */
/* SPDX-License-Identifier: ISC */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stddef.h>

/* Runs one request from its line to its answer's line (owned by the caller, newline included): the
 * operation, then size, digest and kind of every output, synced. When it fails every named output
 * is removed. */
char *worker_answer(const char *line, size_t len);

/* Reads lines from fd and answers each on it until the other end closes: 0, or 1 when the
 * descriptor fails. */
int worker_serve(int fd);

/* The program: no arguments or `--fd N` serves (N is 3 without), `--once FILE` runs the request in
 * a file and prints the answer. */
int worker_main(int argc, char **argv);

/* Platform (worker_linux.c, worker_mac.c). The process ends when its parent does, whatever it is
 * busy with. */
void worker_bind_to_parent(void);
/* Bytes of address space in use, 0 when it cannot be told. */
size_t worker_space_used(void);

#endif
