/* What the files of a page share. */
/* SPDX-License-Identifier: ISC */
#ifndef BROWSER_PAGE_PRIV_H
#define BROWSER_PAGE_PRIV_H

#include "browser/page.h"

struct page {
    struct cdp *cdp;
    char *target, *session, *frame, *why;
    int width, height;
    enum page_state state;
    int setup_left;
    long world; /* 0: to be made */
    int navigations, silent;
    cJSON *console, *dialogs, *chooser, *download;
    struct call *calls; /* wait for the world, or for their answers */
};

/* It cannot be worked on any more; the first reason stays. */
void page_gone(struct page *p, const char *why);

#endif
