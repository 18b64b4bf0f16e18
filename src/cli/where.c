/* Where the root, the rules and the worker program are when nobody says. */
/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/self.h"

/* The folder this program lies in. Owned. */
static char *own_folder(void)
{
    char *self = self_path(), *dir = self ? path_dir(self) : mem_dup(".");
    free(self);
    return dir;
}

static char *if_there(char *takes_path)
{
    if (takes_path && file_exists(takes_path))
        return takes_path;
    free(takes_path);
    return NULL;
}

static const char *given(const char *option, const char *variable)
{
    const char *value = option ? option : getenv(variable);
    return value && *value ? value : NULL;
}

/* A checkout is where build/slated lies beside rules/ and watchdirs/. */
static char *in_checkout(const char *name)
{
    char *dir = own_folder(), *path = mem_printf("%s/../%s", dir, name);
    free(dir);
    return if_there(path);
}

char *cli_root(const struct cli *cli)
{
    const char *said = given(cli->root, "SLATED_ROOT");
    if (said)
        return mem_dup(said);
    char *checkout = in_checkout("watchdirs");
    const char *home = getenv("HOME");
    return checkout ? checkout : mem_printf("%s/Slated", home && *home ? home : ".");
}

char *cli_rules(const struct cli *cli)
{
    const char *said = given(cli->rules, "SLATED_RULES");
    if (said)
        return mem_dup(said);
    char *root = cli_root(cli), *found = if_there(path_join(root, "rules"));
    free(root);
    if (!found)
        found = in_checkout("rules");
    if (!found)
        found = in_checkout("share/slated/rules"); /* wherever it was installed to */
    return found ? found : mem_dup(SLATED_PREFIX "/share/slated/rules");
}

char *cli_worker(void)
{
    char *dir = own_folder(), *beside = if_there(path_join(dir, "slated-worker"));
    if (!beside)
        beside = if_there(mem_printf("%s/../libexec/slated/slated-worker", dir));
    free(dir);
    return beside ? beside : mem_dup(SLATED_PREFIX "/libexec/slated/slated-worker");
}
