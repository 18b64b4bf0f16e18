/* libwebsockets, loaded when the first socket is wanted: an idle daemon has no use for it. Its
 * structs differ between versions, so only the version that slated was built with is taken. */
/* SPDX-License-Identifier: ISC */
#ifndef CARRIERS_LIBLWS_H
#define CARRIERS_LIBLWS_H

/* It brings OpenSSL's headers along, which have a type of a name that base/err.h uses. */
#define ERR_STATE liblws_err_state
#include <libwebsockets.h>
#undef ERR_STATE

#include "base/err.h"

/* The functions that websocket_thread.c uses, under their own names. */
#define LIBLWS_LIST(X)                                                                             \
    X(lws_set_log_level)                                                                           \
    X(lws_create_context)                                                                          \
    X(lws_context_destroy)                                                                         \
    X(lws_client_connect_via_info)                                                                 \
    X(lws_service)                                                                                 \
    X(lws_cancel_service)                                                                          \
    X(lws_callback_on_writable)                                                                    \
    X(lws_write)                                                                                   \
    X(lws_is_final_fragment)                                                                       \
    X(lws_remaining_packet_payload)                                                                \
    X(lws_frame_is_binary)                                                                         \
    X(lws_add_http_header_by_name)                                                                 \
    X(lws_set_timeout)                                                                             \
    X(lws_close_reason)                                                                            \
    X(lws_callback_http_dummy)

struct liblws {
#define X(name) __typeof__(&name) name;
    LIBLWS_LIST(X)
#undef X
};

/* The loaded library, or NULL with its sentence (ERR_MISSING). Loaded once; stays until the process
 * ends. */
const struct liblws *liblws_load(struct err *e);

#endif
