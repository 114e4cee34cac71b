/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pdf_fonts.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/base.h"
#include "embedded_stamp.h"

/* The letters are part of the program, so that a paper is the same on every machine. Fontconfig
 * only takes files: each font lies in memory under a file descriptor that stays open. */

HQ_EMBED(hq_font_regular, "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf");
HQ_EMBED(hq_font_bold, "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Bold.ttf");
HQ_EMBED(hq_font_italic, "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Italic.ttf");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static FcConfig *config; /* for the life of the process */
static pthread_key_t map_key;

static bool write_all(int fd, hq_sv bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t n = write(fd, bytes.ptr + done, bytes.len - done);
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static bool add_font(FcConfig *to, const char *name, hq_sv bytes)
{
    char path[64];
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write_all(fd, bytes) && FcConfigAppFontAddFile(to, (const FcChar8 *)path)) {
        return true;
    }
    close(fd);
    return false;
}

static void free_map(void *map)
{
    g_object_unref(map);
}

static void load(void)
{
    FcConfig *made = FcInitLoadConfigAndFonts();
    if (made == NULL) {
        made = FcConfigCreate();
    }
    if (made == NULL || pthread_key_create(&map_key, free_map) != 0) {
        return;
    }
    if (add_font(made, "regular", HQ_EMBEDDED(hq_font_regular)) &&
        add_font(made, "bold", HQ_EMBEDDED(hq_font_bold)) &&
        add_font(made, "italic", HQ_EMBEDDED(hq_font_italic))) {
        config = made;
    } else {
        FcConfigDestroy(made);
    }
}

PangoFontMap *hq_pdf__fonts(void)
{
    if (pthread_once(&once, load) != 0 || config == NULL) {
        return NULL;
    }
    PangoFontMap *map = pthread_getspecific(map_key);
    if (map == NULL) {
        map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
        if (map == NULL) {
            return NULL;
        }
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
        pthread_setspecific(map_key, map);
    }
    return map;
}

#ifdef HQ_SANITIZED
/* Fontconfig keeps its patterns by offsets, which a leak checker cannot follow. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
#endif
