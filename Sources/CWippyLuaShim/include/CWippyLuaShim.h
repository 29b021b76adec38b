#ifndef CWIPPYLUASHIM_H
#define CWIPPYLUASHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What stands between Swift and Lua. Lua's errors and yields jump over C frames; they never jump over a Swift frame,
// since Swift only says what is to happen (a verdict), and the shim does it after Swift has returned.

/// What a host function wants to happen now that it has returned.
typedef enum : int32_t {
    /// The topmost `count` values are the results.
    WIPPY_LUA_RETURN,
    /// The topmost value is raised as it is.
    WIPPY_LUA_RAISE,
    /// The topmost value, a string, is raised with the caller's place before it.
    WIPPY_LUA_RAISE_WITH_PLACE,
    /// The coroutine waits; `after_wait` is asked when it goes on.
    WIPPY_LUA_WAIT,
    /// The function below the topmost `count` values is called with them; `after_call` is asked when it has returned.
    /// The value below the function is the continuation.
    WIPPY_LUA_CALL,
    /// Others have their turn; `after_call` is asked when it goes on. The topmost value is the continuation.
    WIPPY_LUA_PAUSE,
} wippy_lua_verdict_kind;

typedef struct {
    wippy_lua_verdict_kind kind;
    int32_t count;
} wippy_lua_verdict;

/// Why a coroutine that the engine resumed has come back without an end.
typedef enum : int32_t {
    WIPPY_LUA_NOT_OUTWARD,
    /// A host function waits.
    WIPPY_LUA_OUTWARD_WAIT,
    /// It ran long enough that others should have their turn.
    WIPPY_LUA_OUTWARD_SLICE,
    /// It has passed its limit of memory; a collection should find out whether it needs what it holds.
    WIPPY_LUA_OUTWARD_MEMORY,
} wippy_lua_outward;

/// Why a call has to end: an error that is raised again and again until it has.
typedef enum : int32_t {
    WIPPY_LUA_GOES_ON,
    WIPPY_LUA_RAN_TOO_LONG,
    WIPPY_LUA_CANCELLED,
    WIPPY_LUA_BROKE_CEILING,
} wippy_lua_ending;

/// Where small blocks of memory come from.
typedef struct wippy_lua_arena wippy_lua_arena;

/// What the shim knows of a Lua state; found from each of its coroutines without a search.
typedef struct wippy_lua_state {
    /// The Swift object that owns the state.
    void *_Nullable owner;
    wippy_lua_verdict (*_Nullable call)(void *_Nonnull function, lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_wait)(lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_call)(lua_State *_Nonnull lua, int32_t continuation);
    void (*_Nullable release)(void *_Nonnull object);
    /// Writes a float's text, at most 32 bytes, and returns their number.
    int32_t (*_Nullable number_text)(double number, char *_Nonnull text);

    // Memory, in bytes. Past `trigger` the hook is armed; past `ceiling` the allocator refuses.
    size_t used, trigger, limit, ceiling;
    /// NULL where every block is the system's.
    wippy_lua_arena *_Nullable arena;
    /// While this is not zero Swift works on the state: the allocator refuses nothing, since a Swift frame would be
    /// jumped over. It is one whenever no script runs.
    int32_t hosting;

    /// Whether the call runs where it holds nobody up: in the pool.
    bool is_away;
    /// Whether the host function that runs can begin anew: it has been called, or goes on after a wait.
    bool can_begin_anew;
    /// Set by a host function that has stopped half way: what it returns does not count.
    bool stopped;

    /// The coroutine whose code runs, if any; read by the signal's handler.
    lua_State *_Nullable volatile running;
    /// The coroutine that the engine has resumed.
    lua_State *_Nullable base;
    /// How many resumed coroutines stand above a frame that cannot yield.
    int32_t locked;
    wippy_lua_outward outward;
    /// Set by the signal's handler: the running slice is over.
    volatile int32_t overdue;
    /// Set by the allocator: more than `trigger` is in use.
    volatile int32_t swollen;
    /// The next hook raises that memory is out, once.
    int32_t out_of_memory;
    wippy_lua_ending ending;
    /// How much processor time the uninterrupted run has taken, zero while no slice of it is over, and how much it may
    /// take; and the thread's processor time when the running stretch began, or a slice of it. In nanoseconds.
    uint64_t run, run_limit, entered;
    /// The registry's key of the weak table of the coroutines that only the engine may resume.
    int owned;
    /// The registry's key of the weak table from read-only tables to their fields.
    int read_only;
    /// The registry's key of a Lua function that concatenates two values.
    int concatenate;
    /// The registry's keys of the system's functions that ours stand before.
    int pack, packsize;
    /// The registry's key of a Lua function that tells whether the first of two values is less.
    int less;
} wippy_lua_state;

/// What a host object is inside its userdata.
typedef struct {
    /// A retained Swift object; NULL when it has been released.
    void *_Nullable object;
    /// Identifies the type, among all types of the process.
    const void *_Nonnull type;
    /// How many bytes the object counts for in its state.
    size_t bytes;
} wippy_lua_object;

/// Makes a Lua state whose memory is counted, without libraries; NULL if there is no memory.
lua_State *_Nullable wippy_lua_open(wippy_lua_state *_Nonnull state);

/// Closes a Lua state; `wippy_lua_state` is the caller's to free.
void wippy_lua_close(lua_State *_Nonnull lua);

/// Opens the parts of the system's libraries that the engine keeps, and the coroutine library.
void wippy_lua_open_libraries(lua_State *_Nonnull lua);

static inline wippy_lua_state *_Nonnull wippy_lua_state_of(lua_State *_Nonnull lua) {
    return *(wippy_lua_state **)lua_getextraspace(lua);
}

static inline void *_Nonnull wippy_lua_owner(lua_State *_Nonnull lua) { return wippy_lua_state_of(lua)->owner; }

static inline lua_State *_Nonnull wippy_lua_new_thread(lua_State *_Nonnull lua) { return lua_newthread(lua); }

/// Begins a stretch of running on this thread; the watchdog watches until `wippy_lua_leave`.
void wippy_lua_enter(wippy_lua_state *_Nonnull state);
void wippy_lua_leave(wippy_lua_state *_Nonnull state);

/// Has everything raise from now on, if a slice is over and the run has lasted too long.
void wippy_lua_note_time(wippy_lua_state *_Nonnull state);

/// Resumes a coroutine from the engine, between `wippy_lua_enter` and `wippy_lua_leave`.
int wippy_lua_resume(wippy_lua_state *_Nonnull state, lua_State *_Nonnull coroutine, int arguments, int *_Nonnull results);

/// Whether a wait may begin in this coroutine.
bool wippy_lua_can_wait(lua_State *_Nonnull lua);

/// Has the host function that runs begin anew in the pool, once it returns; false if it is there, or cannot go.
bool wippy_lua_go_away(lua_State *_Nonnull lua);

/// Asked by a host function whose slice is over: whether it must stop, either to begin anew in the pool or since the
/// call is ending.
bool wippy_lua_must_stop(lua_State *_Nonnull lua);

/// Marks a coroutine as the engine's to resume, or no longer so.
void wippy_lua_own(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine, bool isOwned);

/// Ends a coroutine wherever it stands.
void wippy_lua_end(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine);

/// Ends every coroutine that is the engine's to resume.
void wippy_lua_end_owned(lua_State *_Nonnull lua);

/// Pushes a host function: a C closure around a Swift object that somebody else keeps.
void wippy_lua_push_host(lua_State *_Nonnull lua, void *_Nonnull function);

/// Pops `count` values into a host function, which reads them by their numbers from zero.
void wippy_lua_push_bound_host(lua_State *_Nonnull lua, void *_Nonnull function, int count);
void wippy_lua_push_bound(lua_State *_Nonnull lua, int number);

/// Pushes the function that releases a host object, for the `__gc` of a metatable.
void wippy_lua_push_release(lua_State *_Nonnull lua);

/// Pushes a userdata that holds a retained Swift object of some size; its metatable is still to be set.
void wippy_lua_push_object(
    lua_State *_Nonnull lua, void *_Nonnull object, const void *_Nonnull type, size_t bytes);

/// Sets the table on top as metatable of the value at `index`, so that its `__gc` has no effect.
void wippy_lua_set_metatable(lua_State *_Nonnull lua, int index);

/// Pushes the helper function that the operator `..` is rewritten to.
void wippy_lua_push_concatenation(lua_State *_Nonnull lua);

/// Pushes `next`, which sees tables past metatables, and what `ipairs` steps with.
void wippy_lua_push_next(lua_State *_Nonnull lua);
void wippy_lua_push_next_element(lua_State *_Nonnull lua);

/// Compiles text, which must not be bytecode, or loads what `wippy_lua_dump` has written.
int wippy_lua_load(
    lua_State *_Nonnull lua, const char *_Nullable bytes, size_t count, const char *_Nonnull name, bool isDump);

/// Writes the function on top as bytecode through `write`.
void wippy_lua_dump(
    lua_State *_Nonnull lua, int32_t (*_Nonnull write)(void *_Nonnull context, const void *_Nonnull bytes, size_t count),
    void *_Nonnull context);

/// The place of the code that runs at a level: its chunk's name and line; false if there is none.
bool wippy_lua_place(lua_State *_Nonnull lua, int level, char *_Nonnull name, size_t capacity, int *_Nonnull line);

/// The name, "(function x)", kind and place of a level of the stack; false past its end.
typedef struct {
    char source[64];
    char name[64];
    char what[16];
    int line;
} wippy_lua_frame;
bool wippy_lua_frame_at(lua_State *_Nonnull lua, int level, wippy_lua_frame *_Nonnull frame);

// Macros of Lua's that Swift does not see.
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
