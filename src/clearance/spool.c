/* SPDX-License-Identifier: Apache-2.0 */
#include "clearance/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void hq_clr__spool_open(hq_clr__spool *spool)
{
    *spool = (hq_clr__spool){ .memory = HQ_BUF_HEAP(2 * HQ_CLR__SPOOL_MEMORY), .file = -1 };
}

void hq_clr__spool_close(hq_clr__spool *spool)
{
    hq_buf_free(&spool->memory);
    if (spool->file >= 0) {
        close(spool->file);
    }
    spool->file = -1;
}

/* A file without a name where temporary files lie. */
static int make_file(void)
{
    const char *dir = getenv("TMPDIR");
    int file = open(dir == NULL || dir[0] == '\0' ? "/tmp" : dir,
                    O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    return file >= 0 ? file : open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
}

static hq_status write_all(int file, hq_sv bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(file, bytes.ptr, bytes.len);
        if (put < 0 && errno != EINTR) {
            return hq_os_status(errno);
        }
        size_t done = put < 0 ? 0 : (size_t)put;
        bytes = hq_sv_sub(bytes, done, bytes.len);
    }
    return HQ_DONE;
}

static hq_status to_file(hq_clr__spool *spool)
{
    if (spool->file < 0) {
        spool->file = make_file();
    }
    if (spool->file < 0) {
        return hq_os_status(errno);
    }
    HQ_TRY(write_all(spool->file, hq_buf_view(&spool->memory)));
    hq_buf_clear(&spool->memory);
    return HQ_DONE;
}

void hq_clr__spool_add(hq_clr__spool *spool, hq_sv bytes)
{
    if (hq_failed(spool->failed)) {
        return;
    }
    if (spool->memory.len > 0 && spool->memory.len + bytes.len > HQ_CLR__SPOOL_MEMORY) {
        spool->failed = to_file(spool);
    }
    if (hq_ok(spool->failed) && bytes.len > HQ_CLR__SPOOL_MEMORY) {
        spool->failed = spool->file < 0 ? to_file(spool) : HQ_DONE;
        spool->failed = hq_ok(spool->failed) ? write_all(spool->file, bytes) : spool->failed;
    } else if (hq_ok(spool->failed)) {
        hq_buf_sv(&spool->memory, bytes);
        spool->failed = hq_buf_status(&spool->memory);
    }
    spool->len += bytes.len;
}

hq_status hq_clr__spool_answer(hq_clr__spool *spool, hq_request *request)
{
    HQ_TRY(spool->failed);
    if (spool->file < 0) {
        request->answer.body = spool->memory;
        return HQ_DONE;
    }
    HQ_TRY(to_file(spool));
    int copy = fcntl(spool->file, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return hq_os_status(errno);
    }
    request->answer.from_file = true;
    request->answer.file = copy;
    request->answer.file_len = spool->len;
    return HQ_DONE;
}
