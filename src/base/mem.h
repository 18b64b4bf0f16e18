/* Memory that cannot fail: exhausted memory says so and ends the process (the store makes a
 * restart cheap). Everything returned is owned by the caller and released with free(). */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_alloc(size_t len); /* zeroed */
void *mem_grow(void *old, size_t count,
               size_t width);    /* realloc to count * width; overflow ends the process */
char *mem_dup(const char *text); /* NULL stays NULL */
char *mem_dup_n(const char *bytes, size_t len); /* copies len bytes and adds a NUL */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

/* Once, at the start of a process that stays: what is freed of large blocks goes back to the system
 * at once. */
void mem_give_back(void);
/* What was freed between small blocks that stay goes back as well. It walks all there is: for
 * moments in which nobody waits. */
void mem_trim(void);

/* Frees *p and sets it to NULL. */
#define mem_free(p) (free(p), (p) = NULL)

#endif
