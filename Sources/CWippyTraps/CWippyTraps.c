#include "CWippyTraps.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// This is C, because a signal's handler may neither allocate nor take a lock. Swift's compiler does not promise that.

static const struct {
    int number;
    const char *name;
} traps[] = {
    {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"}, {SIGSEGV, "SIGSEGV"},
    {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"},
};
enum { trap_count = sizeof traps / sizeof *traps, stack_size = 64 * 1024 };

static struct sigaction before[trap_count];
static wippy_traps_entry running_entry;
static atomic_bool is_reporting;
static atomic_flag is_said = ATOMIC_FLAG_INIT;
static _Thread_local bool is_prepared;

static size_t add(char *line, size_t length, size_t room, const char *text) {
    for (; *text && length < room; text++) line[length++] = *text;
    return length;
}

static void say(const char *signal_name) {
    enum { room = 500 };
    char line[room + 32];
    const char *entry = running_entry();
    size_t length = add(line, 0, room, "Error: ");
    length = add(line, length, room, signal_name);
    length = add(line, length, room, entry ? " in the code of " : " outside of every entry's code");
    if (entry) length = add(line, length, room, entry);
    length = add(line, length, room + 32, "; the process ends\n");
    // A pipe without a reader must not keep the process alive.
    struct pollfd output = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 100) == 1 && write(STDERR_FILENO, line, length) < 0) return;
}

static void trapped(int number, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    for (int index = 0; index < trap_count; index++) {
        if (traps[index].number != number) continue;
        if (!atomic_flag_test_and_set(&is_said)) say(traps[index].name);
        sigaction(number, &before[index], NULL);
    }
    // A faulty instruction runs again and faults again. An abort, a breakpoint or another process's signal does not
    // come again, so it is raised here.
    if (info->si_code <= 0 || number == SIGABRT || number == SIGTRAP) raise(number);
    errno = error;
}

void wippy_traps_report(wippy_traps_entry entry) {
    // A second call would keep this file's own handler as the former one, so a trap would be handled for ever.
    if (atomic_exchange(&is_reporting, true)) return;
    running_entry = entry;
    // The first call may create values. So it is made here, and not in the signal's handler.
    (void)entry();
    wippy_traps_prepare_thread();
    struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (int index = 0; index < trap_count; index++) sigaction(traps[index].number, &action, &before[index]);
}

void wippy_traps_prepare_thread(void) {
    if (is_prepared || !atomic_load_explicit(&is_reporting, memory_order_relaxed)) return;
    is_prepared = true;
    stack_t stack;
    if (sigaltstack(NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE)) return;
    // The stack lives as long as the thread, and so as long as the process.
    stack = (stack_t){.ss_sp = malloc(stack_size), .ss_size = stack_size};
    if (stack.ss_sp) sigaltstack(&stack, NULL);
}
