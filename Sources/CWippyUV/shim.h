#include <uv.h>

/* Functions and types of Linux that libuv does not offer. The headers of glibc and musl show accept4 only to sources
   that define _GNU_SOURCE, and Swift reads the headers without it. */
#include <linux/filter.h>
#include <sched.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *__restrict address, socklen_t *__restrict length, int flags);
