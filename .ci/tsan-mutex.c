// Tells the thread sanitizer what Swift's Mutex does when it is contended.
//
// Synchronization.Mutex takes a free lock with an atomic that the compiler inlines, which the sanitizer sees. Under
// contention it calls into the standard library, which is not instrumented: the sanitizer then reports a race between
// two critical sections of one lock. This library is loaded in front of it and adds the missing order of events.
#define _GNU_SOURCE
#include <dlfcn.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define CONTEXT __attribute__((swift_context)) void *handle
#define SWIFT __attribute__((swiftcall))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void lock_slow(unsigned seen, CONTEXT);
typedef SWIFT void unlock_slow(CONTEXT);

SWIFT void observed_lock(unsigned seen, CONTEXT) __asm__(LOCK);
SWIFT void observed_unlock(CONTEXT) __asm__(UNLOCK);

SWIFT void observed_lock(unsigned seen, CONTEXT) {
    static lock_slow *original;
    if (!original) original = (lock_slow *)dlsym(RTLD_NEXT, LOCK);
    original(seen, handle);
    __tsan_acquire(handle);
}

SWIFT void observed_unlock(CONTEXT) {
    static unlock_slow *original;
    if (!original) original = (unlock_slow *)dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(handle);
    original(handle);
}
