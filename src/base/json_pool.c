/* Small blocks of JSON trees come from here, out of a few pages that stay warm; the others, and
 * what no page is left for, from the C library. */
/* SPDX-License-Identifier: ISC */
#include "base/json_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cjson/cJSON.h>

#include "base/mem.h"

/* Under the address sanitizer a block that was given back is as forbidden as one of the C
 * library's. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(block, len) ASAN_POISON_MEMORY_REGION(block, len)
#define ALLOW(block, len)  ASAN_UNPOISON_MEMORY_REGION(block, len)
#else
#define FORBID(block, len) ((void)(block), (void)(len))
#define ALLOW(block, len)  ((void)(block), (void)(len))
#endif

#define POOL_LEN  ((size_t)512 << 10) /* so much at most is ever held */
#define PAGE_LEN  4096
#define PAGES     (POOL_LEN / PAGE_LEN)
#define SMALL_LEN 32 /* names and short texts */
#define NODE_LEN  64 /* a value, or a longer text */

enum size { SMALL, NODE, SIZES_N };
static const size_t len_of[SIZES_N] = {SMALL_LEN, NODE_LEN};

struct block {
    struct block *next;
};

static struct {
    char *pages; /* NULL: everything comes from the C library */
    unsigned char size[PAGES];
    size_t pages_n; /* given to a size so far */
    struct block *free[SIZES_N];
    bool rests;
} pool;

static void put(struct block *b, enum size size)
{
    b->next = pool.free[size];
    pool.free[size] = b;
    FORBID(b, len_of[size]);
}

/* Another page's blocks; false when there is none left. */
static bool grow(enum size size)
{
    if (pool.pages_n == PAGES)
        return false;
    char *page = pool.pages + pool.pages_n * PAGE_LEN;
    pool.size[pool.pages_n++] = (unsigned char)size;
    for (size_t at = PAGE_LEN; at; at -= len_of[size]) /* the first is given out first */
        put((struct block *)(void *)(page + at - len_of[size]), size);
    return true;
}

static void *pool_take(size_t len)
{
    enum size size = len <= SMALL_LEN ? SMALL : NODE;
    if (len > NODE_LEN || pool.rests || (!pool.free[size] && !grow(size)))
        return mem_grow(NULL, len, 1);
    struct block *b = pool.free[size];
    ALLOW(b, len_of[size]);
    pool.free[size] = b->next;
    return b;
}

static void pool_give(void *block)
{
    uintptr_t at = (uintptr_t)block - (uintptr_t)pool.pages;
    if (at >= POOL_LEN) {
        free(block);
        return;
    }
    put(block, pool.size[at / PAGE_LEN]);
}

void json_pool_open(void)
{
    cJSON_Hooks hooks = {.malloc_fn = pool_take, .free_fn = pool_give};
    void *pages;
    if (pool.pages)
        return;
    pages = mmap(NULL, POOL_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return; /* slower, and no more than that */
    pool.pages = pages;
    cJSON_InitHooks(&hooks);
}

bool json_pool_rest(bool rests)
{
    bool before = pool.rests;
    pool.rests = rests;
    return before;
}
