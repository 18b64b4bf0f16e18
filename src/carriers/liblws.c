/* Finds libwebsockets at run time and hands out its functions; see liblws.h for why. */
/* SPDX-License-Identifier: ISC */
#include "carriers/liblws.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* The library says "4.1.6-" and its packager's words; the headers say the number. */
static bool liblws_fits(void *library)
{
    const char *(*version)(void) = NULL;
    void *found = dlsym(library, "lws_get_library_version");
    memcpy(&version, &found, sizeof(found));
    return version && str_starts(version(), LWS_LIBRARY_VERSION);
}

static void *liblws_open(void)
{
    static const char *const names[] = {"libwebsockets.so.17", "libwebsockets.so.16",
                                        "libwebsockets.so.18", "libwebsockets.so.19",
                                        "libwebsockets.so.20", "libwebsockets.so.21",
                                        "libwebsockets.so",    "libwebsockets.dylib"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library && liblws_fits(library))
            return library;
        if (library)
            dlclose(library);
    }
    return NULL;
}

const struct liblws *liblws_load(struct err *e)
{
    static struct liblws table;
    static bool loaded;
    if (loaded)
        return &table;
    void *library = liblws_open(), *found;
    if (!library) {
        err_set(e, ERR_MISSING,
                "libwebsockets " LWS_LIBRARY_VERSION
                " cannot be loaded; install it, e.g. apt-get install libwebsockets-dev, and build "
                "slated again when its version is another one");
        return NULL;
    }
#define X(name)                                                                                    \
    found = dlsym(library, #name);                                                                 \
    if (!found) {                                                                                  \
        err_set(e, ERR_MISSING, "this libwebsockets has no " #name "; install a complete one");    \
        return NULL;                                                                               \
    }                                                                                              \
    memcpy(&table.name, &found, sizeof(found));
    LIBLWS_LIST(X)
#undef X
    loaded = true;
    return &table;
}
