#ifndef CWIPPYLUASHIM_H
#define CWIPPYLUASHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The layer between Swift and Lua. Lua's errors and yields jump over C frames. They never jump over a Swift frame,
// because Swift only returns a verdict, and the shim carries it out after Swift has returned.

/// The action that a host function wants after it has returned.
typedef enum : int32_t {
    /// The topmost `count` values are the results.
    WIPPY_LUA_RETURN,
    /// The topmost value is raised unchanged.
    WIPPY_LUA_RAISE,
    /// The topmost value, a string, is raised after the caller's place.
    WIPPY_LUA_RAISE_WITH_PLACE,
    /// The coroutine waits. `after_wait` is called when it goes on.
    WIPPY_LUA_WAIT,
    /// The function below the topmost `count` values is called with them. `after_call` is called when it has returned.
    /// The value below the function is the continuation.
    WIPPY_LUA_CALL,
    /// Other coroutines have their turn. `after_call` is called when this one goes on. The topmost value is the
    /// continuation.
    WIPPY_LUA_PAUSE,
} wippy_lua_verdict_kind;

typedef struct {
    wippy_lua_verdict_kind kind;
    int32_t count;
} wippy_lua_verdict;

/// The reason why a coroutine that the engine has resumed returns before its end.
typedef enum : int32_t {
    WIPPY_LUA_NOT_OUTWARD,
    /// A host function waits.
    WIPPY_LUA_OUTWARD_WAIT,
    /// The coroutine has run so long that others should have their turn.
    WIPPY_LUA_OUTWARD_SLICE,
    /// The coroutine has exceeded its limit of memory. A collection should find out whether it needs all that it holds.
    WIPPY_LUA_OUTWARD_MEMORY,
} wippy_lua_outward;

/// The reason why a call has to end. The error is raised again and again until the call has ended.
typedef enum : int32_t {
    WIPPY_LUA_GOES_ON,
    WIPPY_LUA_RAN_TOO_LONG,
    WIPPY_LUA_CANCELLED,
    WIPPY_LUA_BROKE_CEILING,
} wippy_lua_ending;

/// The memory for small blocks.
typedef struct wippy_lua_arena wippy_lua_arena;

/// The shim's data about a Lua state. Each of the state's coroutines has a pointer to it.
typedef struct wippy_lua_state {
    /// The Swift object that owns the state.
    void *_Nullable owner;
    wippy_lua_verdict (*_Nullable call)(void *_Nonnull function, lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_wait)(lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_call)(lua_State *_Nonnull lua, int32_t continuation);
    void (*_Nullable release)(void *_Nonnull object);
    /// Writes the text of a float, at most 32 bytes, and returns its length.
    int32_t (*_Nullable number_text)(double number, char *_Nonnull text);

    // Memory, in bytes. The hook is armed when more than `trigger` is used. The allocator refuses more than `ceiling`.
    size_t used, trigger, limit, ceiling;
    /// NULL if every block comes from the system.
    wippy_lua_arena *_Nullable arena;
    /// While this is not zero, Swift works on the state. The allocator then refuses nothing, because Lua's error would
    /// jump over a Swift frame. It is one while no script runs.
    int32_t hosting;

    /// True if the call runs in the pool, where it holds nobody up.
    bool is_away;
    /// True if the running host function can begin again: it has been called, or goes on after a wait.
    bool can_begin_anew;
    /// Set by a host function that has stopped before its end. Its result does not count.
    bool stopped;

    /// The coroutine whose code runs, or NULL. The signal's handler reads it.
    lua_State *_Nullable volatile running;
    /// The coroutine that the engine has resumed.
    lua_State *_Nullable base;
    /// The number of resumed coroutines above a frame that cannot yield.
    int32_t locked;
    wippy_lua_outward outward;
    /// Set by the signal's handler when the running slice is over.
    volatile int32_t overdue;
    /// Set by the allocator when more than `trigger` is in use.
    volatile int32_t swollen;
    /// The next hook raises an error, once, because the memory is exceeded.
    int32_t out_of_memory;
    wippy_lua_ending ending;
    /// Times in nanoseconds. `run` is the processor time that the current run has taken without a pause, zero before
    /// the end of its first slice. `run_limit` is its limit. `entered` is the thread's processor time at the beginning
    /// of the running stretch or slice.
    uint64_t run, run_limit, entered;
    /// The registry's key of the weak table of coroutines that only the engine may resume.
    int owned;
    /// The registry's key of the weak table that maps read-only tables to their fields.
    int read_only;
    /// The registry's key of a Lua function that concatenates two values.
    int concatenate;
    /// The registry's keys of the system's functions behind our own `pack` and `packsize`.
    int pack, packsize;
    /// The registry's key of a Lua function that returns whether the first of two values is less.
    int less;
} wippy_lua_state;

/// The content of a host object's userdata.
typedef struct {
    /// A retained Swift object; NULL when it has been released.
    void *_Nullable object;
    /// Identifies the type among all types of the process.
    const void *_Nonnull type;
    /// The number of bytes for which the object counts in its state.
    size_t bytes;
} wippy_lua_object;

/// Creates a Lua state without libraries, whose memory is counted. Returns NULL if the memory is not enough.
lua_State *_Nullable wippy_lua_open(wippy_lua_state *_Nonnull state);

/// Closes a Lua state. The caller has to free its `wippy_lua_state`.
void wippy_lua_close(lua_State *_Nonnull lua);

/// Opens the coroutine library, and the parts of the system's libraries that the engine keeps.
void wippy_lua_open_libraries(lua_State *_Nonnull lua);

static inline wippy_lua_state *_Nonnull wippy_lua_state_of(lua_State *_Nonnull lua) {
    return *(wippy_lua_state **)lua_getextraspace(lua);
}

static inline void *_Nonnull wippy_lua_owner(lua_State *_Nonnull lua) { return wippy_lua_state_of(lua)->owner; }

static inline lua_State *_Nonnull wippy_lua_new_thread(lua_State *_Nonnull lua) { return lua_newthread(lua); }

/// Begins a stretch of running on this thread. The watchdog watches it until `wippy_lua_leave`.
void wippy_lua_enter(wippy_lua_state *_Nonnull state);
void wippy_lua_leave(wippy_lua_state *_Nonnull state);

/// If a slice is over and the run has lasted too long, everything raises an error from now on.
void wippy_lua_note_time(wippy_lua_state *_Nonnull state);

/// Resumes a coroutine for the engine. Call it between `wippy_lua_enter` and `wippy_lua_leave`.
int wippy_lua_resume(wippy_lua_state *_Nonnull state, lua_State *_Nonnull coroutine, int arguments, int *_Nonnull results);

/// Returns whether a wait may begin in this coroutine.
bool wippy_lua_can_wait(lua_State *_Nonnull lua);

/// Has the running host function begin again in the pool after it has returned. Returns false if the function is in the
/// pool already, or cannot begin again.
bool wippy_lua_go_away(lua_State *_Nonnull lua);

/// Returns whether a host function whose slice is over must stop: to begin again in the pool, or because the call is
/// ending.
bool wippy_lua_must_stop(lua_State *_Nonnull lua);

/// Marks a coroutine as one that only the engine may resume, or removes the mark.
void wippy_lua_own(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine, bool isOwned);

/// Ends a coroutine in any state.
void wippy_lua_end(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine);

/// Ends every coroutine that only the engine may resume.
void wippy_lua_end_owned(lua_State *_Nonnull lua);

/// Pushes a host function: a C closure around a Swift object. The caller keeps the object alive.
void wippy_lua_push_host(lua_State *_Nonnull lua, void *_Nonnull function);

/// Pops `count` values into a host function. The function reads them by their numbers, from zero.
void wippy_lua_push_bound_host(lua_State *_Nonnull lua, void *_Nonnull function, int count);
void wippy_lua_push_bound(lua_State *_Nonnull lua, int number);

/// Pushes the function that releases a host object, for the `__gc` of a metatable.
void wippy_lua_push_release(lua_State *_Nonnull lua);

/// Pushes a userdata with a retained Swift object of a size. The caller still has to set its metatable.
void wippy_lua_push_object(
    lua_State *_Nonnull lua, void *_Nonnull object, const void *_Nonnull type, size_t bytes);

/// Sets the table on top as the metatable of the value at `index`, without the effect of its `__gc`.
void wippy_lua_set_metatable(lua_State *_Nonnull lua, int index);

/// Pushes the helper function that replaces the operator `..`.
void wippy_lua_push_concatenation(lua_State *_Nonnull lua);

/// Pushes a `next` that ignores metatables, and the step function of `ipairs`.
void wippy_lua_push_next(lua_State *_Nonnull lua);
void wippy_lua_push_next_element(lua_State *_Nonnull lua);

/// Compiles text, which must not be bytecode, or loads bytecode that `wippy_lua_dump` has written.
int wippy_lua_load(
    lua_State *_Nonnull lua, const char *_Nullable bytes, size_t count, const char *_Nonnull name, bool isDump);

/// Writes the function on top as bytecode through `write`.
void wippy_lua_dump(
    lua_State *_Nonnull lua, int32_t (*_Nonnull write)(void *_Nonnull context, const void *_Nonnull bytes, size_t count),
    void *_Nonnull context);

/// The place of the running code at a level: its chunk's name and line. Returns false if there is no such place.
bool wippy_lua_place(lua_State *_Nonnull lua, int level, char *_Nonnull name, size_t capacity, int *_Nonnull line);

/// The name, "(function x)", kind and place of a level of the stack. The function returns false past the end of the
/// stack.
typedef struct {
    char source[64];
    char name[64];
    char what[16];
    int line;
} wippy_lua_frame;
bool wippy_lua_frame_at(lua_State *_Nonnull lua, int level, wippy_lua_frame *_Nonnull frame);

// Lua's macros that Swift does not see.
static inline void wippy_lua_pop(lua_State *_Nonnull lua, int count) { lua_settop(lua, -count - 1); }
static inline void wippy_lua_insert(lua_State *_Nonnull lua, int index) { lua_rotate(lua, index, 1); }
static inline void wippy_lua_remove(lua_State *_Nonnull lua, int index) {
    lua_rotate(lua, index, -1);
    lua_settop(lua, -2);
}
static inline void wippy_lua_replace(lua_State *_Nonnull lua, int index) {
    lua_copy(lua, -1, index);
    lua_settop(lua, -2);
}
static inline int wippy_lua_registry(void) { return LUA_REGISTRYINDEX; }
static inline void wippy_lua_push_globals(lua_State *_Nonnull lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
static inline void wippy_lua_collect(lua_State *_Nonnull lua) { lua_gc(lua, LUA_GCCOLLECT); }

#endif
