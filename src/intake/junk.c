/* A name comes in; whether it is one of those that systems, browsers and editors leave behind goes
 * out. Looks at the whole name, so that "stfolder.png" and "x.hack" stay what they are. */
/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/str.h"
#include "intake/listing.h"

/* Names of their own, whatever their case. */
static const char *const names[] = {
    ".DS_Store", "Thumbs.db",       "ehthumbs.db", "desktop.ini",     "@eaDir",  ".stfolder",
    ".stignore", ".stversions",     ".Trashes",    ".Spotlight-V100", "Icon\r",  ".fseventsd",
    "__MACOSX",  ".TemporaryItems", ".localized",  ".directory",      ".slated", "$RECYCLE.BIN",
};

static const char *const prefixes[] = {"._", "~$", ".goutputstream-", ".~lock.", ".nfs", ".Trash-"};

static const char *const suffixes[] = {
    ".part", ".crdownload", ".tmp",        ".filepart",   ".swp",     ".swo",
    "~",     ".download",   ".opdownload", ".slated.txt", ".partial", ".slated-tmp",
};

bool junk_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq_nocase(name, names[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (str_starts(name, prefixes[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (len > strlen(suffixes[i]) && str_ends_nocase(name, suffixes[i]))
            return true;
    }
    return false;
}
