#include <uv.h>

/* Two functions of the C library that its Swift module does not show. */
#include <sys/random.h>

void *memmem(const void *where, size_t length, const void *what, size_t whatLength);
