// Counts a program's allocations, and samples where they come from.
//
// Loaded in front of the system's allocator with LD_PRELOAD. The count stands in a file that the program and whoever
// measures it map into memory, so that it can be read at any moment without the program's help. The file's path is
// ALLOCATION_COUNTS; whoever measures makes it, with its whole size.
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEPTH 48
#define SAMPLES 8192

struct counts {
    // Calls that returned memory.
    _Atomic uint64_t allocations;
    // Every how many allocations a stack is kept, written by whoever measures; 0 for none.
    _Atomic uint64_t interval;
    // How many stacks were kept; more than SAMPLES when the last ones were dropped.
    _Atomic uint64_t samples;
    // Return addresses from the allocation outward; unused places are 0.
    uint64_t stacks[SAMPLES][DEPTH];
};

// The C library's own allocator, under the names that it exports for wrappers.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct counts *counts;
// Set while a stack is taken, which may allocate.
static __thread int is_sampling __attribute__((tls_model("initial-exec")));

__attribute__((constructor)) static void map_counts(void) {
    const char *path = getenv("ALLOCATION_COUNTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *memory = mmap(NULL, sizeof(struct counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED) counts = memory;
}

static void take_sample(void) {
    uint64_t index = atomic_fetch_add_explicit(&counts->samples, 1, memory_order_relaxed);
    if (index >= SAMPLES) return;
    void *stack[DEPTH + 2];
    int depth = backtrace(stack, DEPTH + 2);
    // The first two are this function and its caller.
    for (int frame = 2; frame < depth; frame++) counts->stacks[index][frame - 2] = (uint64_t)stack[frame];
}

__attribute__((noinline)) static void count(void) {
    if (!counts || is_sampling) return;
    uint64_t number = atomic_fetch_add_explicit(&counts->allocations, 1, memory_order_relaxed);
    uint64_t interval = atomic_load_explicit(&counts->interval, memory_order_relaxed);
    if (!interval || number % interval) return;
    is_sampling = 1;
    take_sample();
    is_sampling = 0;
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || alignment & (alignment - 1) || !alignment) return EINVAL;
    count();
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
