/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a target once over each file of a folder, and over each of its beginnings. */

#include <dirent.h>

#include "fuzz.h"

enum { SEED_MAX = 1 << 20, BEGINNINGS = 400 };

static int replay(const char *folder, const char *name)
{
    static uint8_t bytes[SEED_MAX];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, len);
    for (size_t cut = 0; cut < len && cut < BEGINNINGS; cut++) {
        LLVMFuzzerTestOneInput(bytes, cut);
    }
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        fprintf(stderr, "use: %s FOLDER\n", argv[0]);
        return 2;
    }
    int bad = 0, count = 0;
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        if (e->d_name[0] != '.') {
            bad |= replay(argv[1], e->d_name);
            count++;
        }
    }
    closedir(folder);
    printf("%s: %d seeds replayed\n", bad != 0 || count == 0 ? "bad" : "ok", count);
    return bad != 0 || count == 0;
}
