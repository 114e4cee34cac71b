/* SPDX-License-Identifier: Apache-2.0 */
#include "server/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096

static hq_status refuse(hq_why *why, hq_arena *arena, hq_sv address, hq_status s, const char *vi,
                        const char *en)
{
    *why = (hq_why){ .vi = hq_arena_printf(arena, "%.*s: %s", HQ_SV_FMT(address), vi),
                     .en = hq_arena_printf(arena, "%.*s: %s", HQ_SV_FMT(address), en) };
    return s;
}

/* "[::1]:80" -> "::1", "80". */
static bool split(hq_sv *host, hq_sv *port, hq_sv address)
{
    size_t at = address.len;
    while (at > 0 && address.ptr[at - 1] != ':') {
        at--;
    }
    int64_t number;
    if (at == 0) {
        return false;
    }
    *host = hq_sv_sub(address, 0, at - 1);
    *port = hq_sv_sub(address, at, address.len);
    if (host->len > 2 && host->ptr[0] == '[' && hq_sv_ends(*host, HQ_SV("]"))) {
        *host = hq_sv_sub(*host, 1, host->len - 2);
    } else if (memchr(host->ptr, ':', host->len) != NULL) {
        return false;
    }
    return host->len > 0 && hq_sv_digits(*port) && hq_sv_i64(&number, *port) && number <= 65535;
}

static int open_socket(const struct addrinfo *at)
{
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    /* Accepted sockets inherit it: an answer leaves at once. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = { 0 };
    socklen_t len = sizeof at;
    if (getsockname(fd, &at.any, &len) != 0) {
        return 0;
    }
    return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

static hq_status explain(hq_why *why, hq_arena *arena, hq_sv address, int error)
{
    if (error == EADDRINUSE) {
        return refuse(why, arena, address, HQ_FAIL(BUSY),
                      "địa chỉ này đang có chương trình khác dùng; chọn cổng khác bằng --listen",
                      "another program listens there; choose another port with --listen");
    }
    if (error == EACCES) {
        return refuse(why, arena, address, HQ_FAIL(FORBIDDEN),
                      "không được phép dùng cổng này; chọn cổng từ 1024 trở lên",
                      "not permitted to listen there; choose a port from 1024 on");
    }
    if (error == EADDRNOTAVAIL) {
        return refuse(why, arena, address, HQ_FAIL(USAGE), "máy này không có địa chỉ đó",
                      "this machine has no such address");
    }
    return refuse(why, arena, address, HQ_FAIL(IO), "không mở được cổng", "cannot listen there");
}

hq_status hq_listen(int *fd, int *port, hq_sv address, hq_arena *arena, hq_why *why)
{
    hq_sv host;
    hq_sv service;
    struct addrinfo *found = NULL;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    if (!split(&host, &service, address)) {
        return refuse(why, arena, address, HQ_FAIL(USAGE), "cần ĐỊA CHỈ:CỔNG, ví dụ 127.0.0.1:8080",
                      "needs ADDRESS:PORT, for example 127.0.0.1:8080");
    }
    char *name = hq_arena_cstr(arena, host);
    char *number = hq_arena_cstr(arena, service);
    if (name == NULL || number == NULL) {
        return HQ_FAIL(NOMEM);
    }
    if (getaddrinfo(name, number, &hints, &found) != 0) {
        return refuse(why, arena, address, HQ_FAIL(USAGE), "không có địa chỉ này",
                      "there is no such address");
    }
    *fd = open_socket(found);
    int error = errno;
    freeaddrinfo(found);
    if (*fd < 0) {
        return explain(why, arena, address, error);
    }
    *port = port_of(*fd);
    return HQ_DONE;
}

int hq_raise_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    /* Refused: the next line reads what holds. */
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1000000) {
        return 1000000;
    }
    return (int)limit.rlim_cur;
}
