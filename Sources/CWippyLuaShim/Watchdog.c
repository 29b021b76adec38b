// The limit of running time. Normally no hook is set. Every two milliseconds, the watchdog's own thread checks the
// stretch that each thread runs. It sends a signal to a thread that has run the same stretch for ten milliseconds. The
// signal's handler arms the hook.

#include "Watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// It is ignored by default, so a signal that comes late does no harm.
#define WATCHDOG_SIGNAL SIGURG

static const uint64_t slice_nanoseconds = 10 * 1000 * 1000;
static const struct timespec tick = {0, 2 * 1000 * 1000};
static const int ticks_until_rest = 100;

/// The watchdog's record of a thread.
typedef struct slot {
    /// Odd while the thread runs a stretch.
    ///
    /// Each stretch has its own number.
    _Atomic uint64_t generation;
    /// The state of the stretch, for the thread itself and its signal's handler.
    wippy_lua_state *volatile state;
    pid_t thread;
    // For the watchdog: the generation that it last saw, and the time since when.
    uint64_t seen, since;
    /// The generation for which the last signal was meant.
    _Atomic uint64_t overdue;
    struct slot *next;
} slot;

static _Thread_local __attribute__((tls_model("initial-exec"))) slot *own_slot;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static slot *slots;
static _Atomic bool is_resting;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// MARK: The hook

/// Raises a message with the place of the function at a level of the stack.
static int raise_message(lua_State *lua, int level, const char *message) {
    luaL_where(lua, level);
    lua_pushstring(lua, message);
    lua_concat(lua, 2);
    return lua_error(lua);
}

int wippy_lua_raise_ending(lua_State *lua, wippy_lua_state *state, int level) {
    switch (state->ending) {
        case WIPPY_LUA_CANCELLED: return raise_message(lua, level, "the call was cancelled");
        case WIPPY_LUA_BROKE_CEILING: return raise_message(lua, level, "not enough memory");
        default: return raise_message(lua, level, "the script ran too long without waiting");
    }
}

void wippy_lua_note_time(wippy_lua_state *state) {
    if (!state->overdue) return;
    state->overdue = 0;
    // Processor time counts, because a busy machine is not the script's fault. It is read only once a slice is over,
    // and counts as the whole of the first slice.
    uint64_t now = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    state->run += state->run == 0 ? slice_nanoseconds : now - state->entered;
    state->entered = now;
    if (state->run >= state->run_limit) state->ending = WIPPY_LUA_RAN_TOO_LONG;
}

static void hook(lua_State *lua, lua_Debug *frame) {
    (void)frame;
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (state->ending != WIPPY_LUA_GOES_ON) {
        wippy_lua_raise_ending(lua, state, 0);
        return;
    }
    lua_sethook(lua, NULL, 0, 0);
    bool canYield = state->base != NULL && state->locked == 0 && lua_isyieldable(lua);
    if (state->swollen && canYield && !state->out_of_memory) {
        state->outward = WIPPY_LUA_OUTWARD_MEMORY;
        lua_yield(lua, 0);
    } else if (state->swollen || state->out_of_memory) {
        // The first instruction after a yield runs without a hook, and may have released memory.
        state->swollen = state->out_of_memory = 0;
        lua_gc(lua, LUA_GCCOLLECT);
        if (state->used > state->limit) raise_message(lua, 0, "not enough memory");
    } else if (state->overdue) {
        wippy_lua_note_time(state);
        if (state->ending != WIPPY_LUA_GOES_ON) {
            wippy_lua_arm(lua);
            wippy_lua_raise_ending(lua, state, 0);
        } else if (canYield) {
            state->outward = WIPPY_LUA_OUTWARD_SLICE;
            lua_yield(lua, 0);
        }
    }
}

void wippy_lua_arm(lua_State *lua) { lua_sethook(lua, hook, LUA_MASKCOUNT, 1); }

// MARK: The thread's side

static void handle_signal(int number) {
    (void)number;
    slot *own = own_slot;
    if (own == NULL) return;
    uint64_t generation = atomic_load_explicit(&own->generation, memory_order_relaxed);
    wippy_lua_state *state = own->state;
    if (generation % 2 == 0 || generation != atomic_load(&own->overdue) || state == NULL) return;
    // The handler of the first signal resets this. Arming the hook walks through all calls in progress. With a few
    // hundred thousand calls that takes as long as the time to the next signal.
    if (state->overdue) return;
    state->overdue = 1;
    lua_State *running = state->running;
    if (running != NULL) wippy_lua_arm(running);
}

static void *watch(void *unused) {
    (void)unused;
    int quiet = 0;
    for (;;) {
        nanosleep(&tick, NULL);
        pthread_mutex_lock(&lock);
        uint64_t now = nanoseconds(CLOCK_MONOTONIC);
        quiet++;
        for (slot *each = slots; each != NULL; each = each->next) {
            uint64_t generation = atomic_load(&each->generation);
            if (generation != each->seen) {
                each->seen = generation;
                each->since = now;
                quiet = 0;
            } else if (generation % 2 == 1) {
                quiet = 0;
                if (now - each->since < slice_nanoseconds) continue;
                each->since = now;
                atomic_store(&each->overdue, generation);
                syscall(SYS_tgkill, getpid(), each->thread, WATCHDOG_SIGNAL);
            }
        }
        if (quiet > ticks_until_rest) {
            atomic_store(&is_resting, true);
            bool isQuiet = true;
            for (slot *each = slots; each != NULL; each = each->next)
                isQuiet = isQuiet && atomic_load(&each->generation) == each->seen;
            while (isQuiet && atomic_load(&is_resting)) pthread_cond_wait(&wake, &lock);
            atomic_store(&is_resting, false);
            quiet = 0;
        }
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void forget_thread(void *forgotten) {
    pthread_mutex_lock(&lock);
    for (slot **link = &slots; *link != NULL; link = &(*link)->next) {
        if (*link != forgotten) continue;
        *link = (*link)->next;
        break;
    }
    pthread_mutex_unlock(&lock);
    own_slot = NULL;
    free(forgotten);
}

static void start_watching(void) {
    pthread_key_create(&key, forget_thread);
    struct sigaction action = {.sa_handler = handle_signal, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    sigaction(WATCHDOG_SIGNAL, &action, NULL);

    // The watchdog's thread blocks all signals.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    pthread_create(&thread, &attributes, watch, NULL);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static slot *register_thread(void) {
    pthread_once(&once, start_watching);
    slot *own = calloc(1, sizeof(slot));
    if (own == NULL) return NULL;
    own->thread = (pid_t)syscall(SYS_gettid);
    pthread_setspecific(key, own);
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, WATCHDOG_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &watched, NULL);
    pthread_mutex_lock(&lock);
    own->next = slots;
    slots = own;
    pthread_mutex_unlock(&lock);
    own_slot = own;
    return own;
}

void wippy_lua_enter(wippy_lua_state *state) {
    slot *own = own_slot;
    if (own == NULL) own = register_thread();
    if (own == NULL) return;
    own->state = state;
    if (state->run > 0) state->entered = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    atomic_fetch_add(&own->generation, 1);
    if (atomic_load(&is_resting)) {
        pthread_mutex_lock(&lock);
        atomic_store(&is_resting, false);
        pthread_cond_signal(&wake);
        pthread_mutex_unlock(&lock);
    }
}

void wippy_lua_leave(wippy_lua_state *state) {
    (void)state;
    slot *own = own_slot;
    if (own == NULL) return;
    uint64_t generation = atomic_load_explicit(&own->generation, memory_order_relaxed);
    atomic_store_explicit(&own->generation, generation + 1, memory_order_release);
    own->state = NULL;
}
