/* slated: argv comes in, an exit code goes out. Everything is in the rooms. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
