#include <uv.h>

/* What libuv does not offer. The functions are glibc's and musl's; their headers show them to GNU sources only,
   and Swift's view of the C library is not one. */
#include <linux/filter.h>
#include <sched.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *__restrict address, socklen_t *__restrict length, int flags);
