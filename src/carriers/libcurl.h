/* libcurl, loaded when the first request needs it: with everything it brings along it is a third of
 * what an idle daemon would hold in memory. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_LIBCURL_H
#define CARRIERS_LIBCURL_H

#include <curl/curl.h>

#include "base/err.h"

/* The functions that the HTTP carrier uses, under their own names. */
#define LIBCURL_LIST(X)                                                                            \
    X(curl_global_init)                                                                            \
    X(curl_global_cleanup)                                                                         \
    X(curl_easy_init)                                                                              \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_reset)                                                                             \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_strerror)                                                                          \
    X(curl_multi_init)                                                                             \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_assign)                                                                           \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_socket_action)                                                                    \
    X(curl_multi_info_read)                                                                        \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

/* curl's headers wrap some of these in macros that check types; a member must not be one. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

struct libcurl {
#define X(name) __typeof__(&name) name;
    LIBCURL_LIST(X)
#undef X
};

/* The loaded library, or NULL with its sentence (ERR_MISSING). Loaded once; stays until the process
 * ends. */
const struct libcurl *libcurl_load(struct err *e);

#endif
