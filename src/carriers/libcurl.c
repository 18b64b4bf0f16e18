/* Finds libcurl at run time and hands out its functions; see libcurl.h for why. */
/* SPDX-License-Identifier: ISC */
#include "carriers/libcurl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* The names of its fourth interface, which has been the current one since 2006, on Linux and macOS.
 */
static void *libcurl_open(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib",
                                        "libcurl.dylib"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library;
}

const struct libcurl *libcurl_load(struct err *e)
{
    static struct libcurl table;
    static bool loaded;
    if (loaded)
        return &table;
    void *library = libcurl_open(), *found;
    if (!library) {
        err_set(e, ERR_MISSING,
                "libcurl cannot be loaded (%s); install it, e.g. apt-get install libcurl4",
                dlerror());
        return NULL;
    }
#define X(name)                                                                                    \
    found = dlsym(library, #name);                                                                 \
    if (!found) {                                                                                  \
        err_set(e, ERR_MISSING, "this libcurl has no " #name "; install a newer one");             \
        return NULL;                                                                               \
    }                                                                                              \
    memcpy(&table.name, &found, sizeof(found));
    LIBCURL_LIST(X)
#undef X
    loaded = true;
    return &table;
}
