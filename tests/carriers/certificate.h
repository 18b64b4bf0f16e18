/* A key and a certificate for one name, made anew for each run, in one file as a server wants them.
 * For the tests of TLS: it is trusted by nobody who is not told to. */
/* SPDX-License-Identifier: ISC */
#ifndef TESTS_CARRIERS_CERTIFICATE_H
#define TESTS_CARRIERS_CERTIFICATE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static char *certificate_path;

/* name is "DNS:localhost" or "IP:127.0.0.1". */
static int certificate_make(const char *name)
{
    const char *c = certificate_path = mem_printf("/tmp/slated-certificate-%d.pem", (int)getpid());
    char *command =
        mem_printf("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                   "-subj /CN=slated-test -addext subjectAltName=%s -keyout %s.key "
                   "-out %s.crt 2>/dev/null && cat %s.key %s.crt > %s; rm -f %s.key %s.crt",
                   name, c, c, c, c, c, c, c);
    int status = system(command);
    free(command);
    return status;
}

static int certificate_drop(void **state)
{
    (void)state;
    unlink(certificate_path);
    free(certificate_path);
    return 0;
}

#endif
