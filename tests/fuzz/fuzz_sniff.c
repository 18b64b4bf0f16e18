/* Any bytes as a dropped file: what it is, how large, whether it is whole. Also every start of it,
 * for a file is looked at while it arrives. Links with: src/intake (what looks at files), src/base.
 */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "intake/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void look(const uint8_t *data, size_t len)
{
    struct sniff_from from = {.fd = -1, .bytes = data, .len = len};
    struct sniffed s;
    sniff(&from, "drop.json", &s);
    if (s.percent < -1 || s.percent > 100 || s.width < 0 || s.width > SNIFF_SIDE_MAX ||
        s.height < 0 || s.height > SNIFF_SIDE_MAX || (!s.complete && !*s.why))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    look(data, len);
    for (size_t n = 0; n < len; n += 1 + len / 16)
        look(data, n);
    return 0;
}
