/* Which addresses belong to the open internet. */
/* SPDX-License-Identifier: ISC */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for loopback, private, link-local, shared, multicast, reserved and unspecified addresses of
 * IPv4 and IPv6 (also mapped, 6to4 and NAT64 forms of those), and for other families. Ranges: IANA
 * special-purpose registries. */
bool address_is_public(const struct sockaddr *address);

#endif
