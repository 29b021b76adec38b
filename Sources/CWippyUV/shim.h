#include <uv.h>

/* Functions and types of Linux that libuv does not offer. The headers of glibc and musl show accept4 only to sources
   that define _GNU_SOURCE, and Swift reads the headers without it. */
#include <linux/filter.h>
#include <sched.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

int accept4(int descriptor, struct sockaddr *__restrict address, socklen_t *__restrict length, int flags);

/* The monotonic time in nanoseconds, exact to a few milliseconds. It is cheaper to read than the exact time. */
static inline uint64_t coarse_monotonic_time(void) {
    struct timespec time = {0, 0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
