/* A page to look at: pictures with their words, one HTML file without a server, a script or
 * anything from outside. */
/* SPDX-License-Identifier: ISC */
#ifndef ASSETS_PAGE_H
#define ASSETS_PAGE_H

#include <cjson/cJSON.h>

#include "base/buf.h"

/* page: {"title", "subtitle", "facts": [[name, value]...], "notes": [text...], "sections":
 * [{"title", "wide": bool, "cards":
 * [{"picture", "film", "title", "state", "lines": [text...], "text", "href"}]}], "foot"}; every
 * member may be missing or null. picture, film and href are paths relative to where the page lies.
 * Appends the whole document; everything is escaped. */
void page_render(const cJSON *page, struct buf *out);

#endif
