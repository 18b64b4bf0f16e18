/* Things found by name in one step: text keys (any bytes but NUL) to pointers. Keeps neither copies
 * of the keys nor the things; takes the memory of a table only. One thread. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
    const char *key; /* borrowed until removed; NULL: never used; map_gone: was used */
    void *value;
};

/* Zeroed memory is an empty map. */
struct map {
    struct map_slot *slots;
    size_t room; /* a power of two, or 0 */
    size_t used; /* slots with a key, those of removed ones included */
    size_t n;    /* keys in the map */
};

void map_finish(struct map *m); /* frees the table; safe on zeroed memory */

/* The value of key, or NULL. */
void *map_get(const struct map *m, const char *key);

/* Puts value (not NULL) under key; an older value of that key is replaced. The key must stay as it
 * is until it is removed: usually it is a member of value. */
void map_put(struct map *m, const char *key, void *value);

/* Takes key out; its value, or NULL when it was not there. */
void *map_remove(struct map *m, const char *key);

/* Walks all values: start with *at = 0, ends with NULL. Removing the value just given is allowed on
 * the way, putting is not. No order. */
void *map_next(const struct map *m, size_t *at);

/* 64 well-mixed bits of len bytes, the same in every run of one build. */
uint64_t map_hash(const void *bytes, size_t len, uint64_t seed);

#endif
