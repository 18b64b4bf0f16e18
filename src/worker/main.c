/* The worker program: requests come in on a descriptor, files go out. See worker.h. */
/* SPDX-License-Identifier: ISC */
#include "worker/worker.h"

int main(int argc, char **argv)
{
    return worker_main(argc, argv);
}
