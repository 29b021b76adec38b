#ifndef CWIPPYLUASHIM_H
#define CWIPPYLUASHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The layer between Swift and Lua. Lua's errors and yields jump over C frames. They must never jump over a Swift frame.
// So Swift only returns a verdict, and the shim carries it out after Swift has returned.

/// The next step that a host function asks for when it returns.
typedef enum : int32_t {
    /// The topmost `count` values are the results.
    WIPPY_LUA_RETURN,
    /// The topmost value is raised unchanged.
    WIPPY_LUA_RAISE,
    /// The topmost value, a string, is raised with the caller's place before it.
    WIPPY_LUA_RAISE_WITH_PLACE,
    /// The coroutine waits.
    ///
    /// `after_wait` is called when it goes on.
    WIPPY_LUA_WAIT,
    /// The function below the topmost `count` values is called with them.
    ///
    /// `after_call` is called when it has returned. The value below the function is the continuation.
    WIPPY_LUA_CALL,
    /// Other coroutines run, and `after_call` is called when this one goes on.
    ///
    /// The topmost value is the continuation.
    WIPPY_LUA_PAUSE,
} wippy_lua_verdict_kind;

typedef struct {
    wippy_lua_verdict_kind kind;
    int32_t count;
} wippy_lua_verdict;

/// The reason why a coroutine that the engine resumed has come back although it has not ended.
typedef enum : int32_t {
    /// The coroutine has not come back, or it has ended.
    WIPPY_LUA_NOT_OUTWARD,
    /// A host function waits.
    WIPPY_LUA_OUTWARD_WAIT,
    /// Other coroutines should run, or the call should continue on the threads of scripts.
    WIPPY_LUA_OUTWARD_SLICE,
    /// The state uses more than `trigger` bytes.
    ///
    /// A garbage collection must find out whether the state needs the memory.
    WIPPY_LUA_OUTWARD_MEMORY,
} wippy_lua_outward;

/// The reason why a call must end.
///
/// It is raised again and again until the call has ended.
typedef enum : int32_t {
    WIPPY_LUA_GOES_ON,
    WIPPY_LUA_RAN_TOO_LONG,
    WIPPY_LUA_CANCELLED,
    WIPPY_LUA_BROKE_CEILING,
} wippy_lua_ending;

/// The arena for small blocks of memory.
typedef struct wippy_lua_arena wippy_lua_arena;

/// The shim's record of a Lua state.
///
/// Each of the state's coroutines leads to it without a search.
typedef struct wippy_lua_state {
    /// The Swift object that owns the state.
    void *_Nullable owner;
    wippy_lua_verdict (*_Nullable call)(void *_Nonnull function, lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_wait)(lua_State *_Nonnull lua);
    wippy_lua_verdict (*_Nullable after_call)(lua_State *_Nonnull lua, int32_t continuation);
    void (*_Nullable release)(void *_Nonnull object);
    /// Writes a float's text, at most 32 bytes, and returns the number of bytes.
    int32_t (*_Nullable number_text)(double number, char *_Nonnull text);

    // Memory, in bytes. Beyond `trigger` the hook is armed. Beyond `ceiling` the allocator refuses.
    size_t used, trigger, limit, ceiling;
    /// The state's own arena; NULL if the system allocates every block.
    wippy_lua_arena *_Nullable arena;
    /// The arena that the state has borrowed because its own is full, if any.
    wippy_lua_arena *_Nullable borrowed;
    /// Not zero while Swift works on the state.
    ///
    /// The allocator then refuses nothing, because the error would jump over a Swift frame. The number is 1 whenever no
    /// script runs.
    int32_t hosting;

    /// Whether the call runs on the threads of scripts, where it blocks nobody.
    bool is_away;
    /// Whether the current host function can begin again: it was just called, or goes on after a wait.
    bool can_begin_anew;
    /// Set when a host function has stopped half way, so that its result does not count.
    bool stopped;

    /// The coroutine whose code runs, if any.
    ///
    /// The handler of the watchdog's signal reads it.
    lua_State *_Nullable volatile running;
    /// The coroutine that the engine has resumed, if any.
    lua_State *_Nullable base;
    /// The number of coroutines that were resumed by code that cannot yield.
    int32_t locked;
    wippy_lua_outward outward;
    /// Set by the handler of the watchdog's signal when the running slice is over.
    volatile int32_t overdue;
    /// Set by the allocator when more than `trigger` is in use.
    volatile int32_t swollen;
    /// Set by the engine after a collection when more than `limit` is still in use.
    ///
    /// The next hook collects once more, and raises an error if that does not help.
    int32_t out_of_memory;
    wippy_lua_ending ending;
    /// Times in nanoseconds.
    ///
    /// `run` is the processor time of the uninterrupted run, and zero during its first slice. `run_limit` is its limit.
    /// `entered` is the thread's processor time at the beginning of the current stretch or slice.
    uint64_t run, run_limit, entered;
    /// The registry's key of the weak table of coroutines that only the engine may resume.
    int owned;
    /// The registry's key of the weak table that maps read-only tables to their fields.
    int read_only;
    /// The registry's key of a Lua function that concatenates two values.
    int concatenate;
    /// The registry's keys of the system's functions that the engine's own functions replace and call.
    int pack, packsize;
    /// The registry's key of a Lua function that returns whether the first of two values is less.
    int less;
} wippy_lua_state;

/// The content of the userdata of a host object.
typedef struct {
    /// A retained Swift object; NULL when it has been released.
    void *_Nullable object;
    /// Identifies the object's type among all types of the process.
    const void *_Nonnull type;
    /// The number of bytes that the object counts for in its state.
    size_t bytes;
} wippy_lua_object;

/// Creates a Lua state without libraries, whose memory is counted; NULL if there is no memory.
lua_State *_Nullable wippy_lua_open(wippy_lua_state *_Nonnull state);

/// Closes a Lua state.
///
/// The caller frees the `wippy_lua_state`.
void wippy_lua_close(lua_State *_Nonnull lua);

/// Gives the borrowed arena back; returns false if the arena holds a block in use, so that the state keeps it.
bool wippy_lua_give_back(wippy_lua_state *_Nonnull state);

/// Opens the system's libraries that the engine keeps, and the coroutine library.
void wippy_lua_open_libraries(lua_State *_Nonnull lua);

static inline wippy_lua_state *_Nonnull wippy_lua_state_of(lua_State *_Nonnull lua) {
    return *(wippy_lua_state **)lua_getextraspace(lua);
}

static inline void *_Nonnull wippy_lua_owner(lua_State *_Nonnull lua) { return wippy_lua_state_of(lua)->owner; }

static inline lua_State *_Nonnull wippy_lua_new_thread(lua_State *_Nonnull lua) { return lua_newthread(lua); }

/// Begins a stretch of running on this thread.
///
/// The watchdog watches it until `wippy_lua_leave`.
void wippy_lua_enter(wippy_lua_state *_Nonnull state);
void wippy_lua_leave(wippy_lua_state *_Nonnull state);

/// Decides that the call must end, if a slice is over and the run has lasted too long.
void wippy_lua_note_time(wippy_lua_state *_Nonnull state);

/// Resumes a coroutine for the engine, between `wippy_lua_enter` and `wippy_lua_leave`.
int wippy_lua_resume(wippy_lua_state *_Nonnull state, lua_State *_Nonnull coroutine, int arguments, int *_Nonnull results);

/// Returns whether a wait may begin in this coroutine.
bool wippy_lua_can_wait(lua_State *_Nonnull lua);

/// Makes the current host function begin again on the threads of scripts when it returns.
///
/// Returns false if it runs there already, or cannot go there.
bool wippy_lua_go_away(lua_State *_Nonnull lua);

/// Returns whether a host function whose slice is over must stop: to begin again on the threads of scripts, or because
/// the call is ending.
bool wippy_lua_must_stop(lua_State *_Nonnull lua);

/// Sets whether only the engine may resume a coroutine.
void wippy_lua_own(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine, bool isOwned);

/// Ends a coroutine wherever it is.
void wippy_lua_end(lua_State *_Nonnull lua, lua_State *_Nonnull coroutine);

/// Ends every coroutine that only the engine may resume.
void wippy_lua_end_owned(lua_State *_Nonnull lua);

/// Pushes a host function: a C closure around a Swift object, which the caller keeps.
void wippy_lua_push_host(lua_State *_Nonnull lua, void *_Nonnull function);

/// Pops `count` values and pushes a host function that keeps them.
///
/// The function reads them with `wippy_lua_push_bound`, by their numbers from zero.
void wippy_lua_push_bound_host(lua_State *_Nonnull lua, void *_Nonnull function, int count);

/// Pushes a value that the current host function keeps.
void wippy_lua_push_bound(lua_State *_Nonnull lua, int number);

/// Pushes the function that releases a host object, for the `__gc` of a metatable.
void wippy_lua_push_release(lua_State *_Nonnull lua);

/// Pushes a userdata that holds a retained Swift object.
///
/// The object counts for `bytes` in the state's memory. The caller sets the metatable of the userdata.
void wippy_lua_push_object(
    lua_State *_Nonnull lua, void *_Nonnull object, const void *_Nonnull type, size_t bytes);

/// Pops a table, and makes it the metatable of the value at `index`.
///
/// The table's `__gc` has no effect on this value.
void wippy_lua_set_metatable(lua_State *_Nonnull lua, int index);

/// Pushes the helper function that replaces the operator `..`.
void wippy_lua_push_concatenation(lua_State *_Nonnull lua);

/// Pushes the function `next`, which ignores metatables.
void wippy_lua_push_next(lua_State *_Nonnull lua);

/// Pushes the function with which `ipairs` steps. It ignores metatables.
void wippy_lua_push_next_element(lua_State *_Nonnull lua);

/// Compiles text, which must not be bytecode, or loads the output of `wippy_lua_dump`.
int wippy_lua_load(
    lua_State *_Nonnull lua, const char *_Nullable bytes, size_t count, const char *_Nonnull name, bool isDump);

/// Writes the function on top as bytecode, by calling `write`.
void wippy_lua_dump(
    lua_State *_Nonnull lua, int32_t (*_Nonnull write)(void *_Nonnull context, const void *_Nonnull bytes, size_t count),
    void *_Nonnull context);

/// Returns the chunk's name and line of the code that runs at a level; false if there is none.
bool wippy_lua_place(lua_State *_Nonnull lua, int level, char *_Nonnull name, size_t capacity, int *_Nonnull line);

/// The source, line, name and kind of a level of the call stack.
typedef struct {
    char source[64];
    char name[64];
    char what[16];
    int line;
} wippy_lua_frame;
bool wippy_lua_frame_at(lua_State *_Nonnull lua, int level, wippy_lua_frame *_Nonnull frame);

// Macros of Lua that Swift does not see.
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
