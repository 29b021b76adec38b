/* A disk that fails while a file is there: what changes a regular file ends with the error that the file's text says.
 *
 * usage: LD_PRELOAD=… DISK_FAILURE=PATH program; PATH holds a number of errno.h, or is not there.
 *
 * A log is written with write(2), which goes on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Whether the disk fails; errno says how. */
static int fails(int descriptor) {
    struct stat information;
    const char *path = getenv("DISK_FAILURE");
    if (!path || fstat(descriptor, &information) || !S_ISREG(information.st_mode)) return 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[16] = {0};
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    errno = atoi(text);
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return fails(descriptor) ? -1 : NEXT(pwrite)(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return fails(descriptor) ? -1 : NEXT(pwrite64)(descriptor, bytes, count, offset);
}

int fdatasync(int descriptor) { return fails(descriptor) ? -1 : NEXT(fdatasync)(descriptor); }

int fsync(int descriptor) { return fails(descriptor) ? -1 : NEXT(fsync)(descriptor); }

int ftruncate(int descriptor, off_t length) { return fails(descriptor) ? -1 : NEXT(ftruncate)(descriptor, length); }

int ftruncate64(int descriptor, off64_t length) {
    return fails(descriptor) ? -1 : NEXT(ftruncate64)(descriptor, length);
}
