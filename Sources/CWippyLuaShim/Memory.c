#include "CWippyLuaShim.h"

#include "Watchdog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER 1
#endif
#endif

// MARK: Arenas

enum {
    /// An idle state takes about half of its own arena.
    OWN_ARENA_SIZE = 64 << 10,
    LENT_ARENA_SIZE = 192 << 10,
    BLOCK_STEP = 8,
    BLOCK_SIZE_MAX = 512,
};

typedef struct free_block {
    struct free_block *next;
} free_block;

/// Memory for small blocks.
///
/// Lua tells the size of a block when it frees the block, so a block needs no header, and allocating it takes a few
/// instructions.
///
/// Unused parts cost no memory, because nobody has touched them.
struct wippy_lua_arena {
    size_t size;
    /// The number of bytes that have been taken from the arena for the first time.
    size_t taken;
    /// The number of blocks in use.
    size_t used;
    /// Freed blocks, by their sizes in steps.
    free_block *free[BLOCK_SIZE_MAX / BLOCK_STEP + 1];
    char blocks[];
};

static wippy_lua_arena *make_arena(size_t size) {
    wippy_lua_arena *arena = malloc(sizeof *arena + size);
    if (arena == NULL) return NULL;
    memset(arena, 0, sizeof *arena);
    arena->size = size;
    return arena;
}

static bool contains(const wippy_lua_arena *arena, const void *block) {
    return arena != NULL && (uintptr_t)block - (uintptr_t)arena->blocks < arena->size;
}

static size_t steps_of(size_t size) { return (size + BLOCK_STEP - 1) / BLOCK_STEP; }

static void *take_from(wippy_lua_arena *arena, size_t steps) {
    if (arena == NULL) return NULL;
    free_block *block = arena->free[steps];
    if (block != NULL) {
        arena->free[steps] = block->next;
    } else {
        if (arena->taken + steps * BLOCK_STEP > arena->size) return NULL;
        block = (free_block *)(arena->blocks + arena->taken);
        arena->taken += steps * BLOCK_STEP;
    }
    arena->used++;
    return block;
}

static void give_to(wippy_lua_arena *arena, void *block, size_t steps) {
    free_block *given = block;
    given->next = arena->free[steps];
    arena->free[steps] = given;
    arena->used--;
}

// MARK: Lent arenas

/// The arenas for lending that no state has borrowed.
///
/// The arena that came back last is lent first, because it is still in the processor's cache.
static struct {
    pthread_mutex_t lock;
    int count;
    wippy_lua_arena *arenas[16];
} unlent = {.lock = PTHREAD_MUTEX_INITIALIZER};

static wippy_lua_arena *borrow_arena(void) {
    wippy_lua_arena *arena = NULL;
    pthread_mutex_lock(&unlent.lock);
    if (unlent.count > 0) arena = unlent.arenas[--unlent.count];
    pthread_mutex_unlock(&unlent.lock);
    return arena != NULL ? arena : make_arena(LENT_ARENA_SIZE);
}

static void return_arena(wippy_lua_arena *arena) {
    arena->taken = arena->used = 0;
    memset(arena->free, 0, sizeof arena->free);
    pthread_mutex_lock(&unlent.lock);
    bool has_room = unlent.count < (int)(sizeof unlent.arenas / sizeof *unlent.arenas);
    if (has_room) unlent.arenas[unlent.count++] = arena;
    pthread_mutex_unlock(&unlent.lock);
    if (!has_room) free(arena);
}

bool wippy_lua_give_back(wippy_lua_state *state) {
    if (state->borrowed == NULL) return true;
    if (state->borrowed->used > 0) return false;
    return_arena(state->borrowed);
    state->borrowed = NULL;
    return true;
}

// MARK: Blocks

static void *take_block(wippy_lua_state *state, size_t size) {
    if (state->arena == NULL || size > BLOCK_SIZE_MAX) return malloc(size);
    size_t steps = steps_of(size);
    void *block = take_from(state->arena, steps);
    if (block != NULL) return block;
    if (state->borrowed == NULL) state->borrowed = borrow_arena();
    block = take_from(state->borrowed, steps);
    return block != NULL ? block : malloc(size);
}

static void give_block(wippy_lua_state *state, void *block, size_t size) {
    if (contains(state->arena, block)) {
        give_to(state->arena, block, steps_of(size));
    } else if (contains(state->borrowed, block)) {
        give_to(state->borrowed, block, steps_of(size));
    } else {
        free(block);
    }
}

static void *move_block(wippy_lua_state *state, void *block, size_t old, size_t new) {
    bool is_small = contains(state->arena, block) || contains(state->borrowed, block);
    if (!is_small && new > BLOCK_SIZE_MAX) return realloc(block, new);
    if (is_small && steps_of(old) == steps_of(new)) return block;
    void *moved = take_block(state, new);
    // Making a block smaller must not fail.
    if (moved == NULL) return new < old ? block : NULL;
    memcpy(moved, block, old < new ? old : new);
    give_block(state, block, old);
    return moved;
}

static void *allocate(void *context, void *block, size_t old, size_t new) {
    wippy_lua_state *state = context;
    if (block == NULL) old = 0;
    if (new == 0) {
        if (block != NULL) give_block(state, block, old);
        state->used -= old;
        return NULL;
    }
    size_t used = state->used - old + new;
    if (new > old) {
        if (used > state->ceiling && state->hosting == 0) {
            state->ending = WIPPY_LUA_BROKE_CEILING;
            if (state->running) wippy_lua_arm(state->running);
            return NULL;
        }
        wippy_lua_note_growth(state, used);
    }
    void *moved = block == NULL ? take_block(state, new) : move_block(state, block, old, new);
    if (moved != NULL) state->used = used;
    return moved;
}

// MARK: States

/// Lua's collector begins a cycle when the memory in use has grown to this percentage.
///
/// Most garbage is collected between two calls, when a state has borrowed an arena. Lua's collector is for the garbage
/// of long calls.
enum { GROWTH_UNTIL_COLLECTION = 300 };

lua_State *wippy_lua_open(wippy_lua_state *state) {
#ifndef HAS_ADDRESS_SANITIZER
    // The sanitizer sees the use of a freed block only if the system allocated it.
    state->arena = make_arena(OWN_ARENA_SIZE);
#endif
    lua_State *lua = lua_newstate(allocate, state);
    if (lua == NULL) {
        free(state->arena);
        return NULL;
    }
    lua_gc(lua, LUA_GCINC, GROWTH_UNTIL_COLLECTION, 0, 0);
    *(wippy_lua_state **)lua_getextraspace(lua) = state;
    return lua;
}

void wippy_lua_close(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    lua_close(lua);
    if (state->borrowed != NULL) return_arena(state->borrowed);
    free(state->arena);
}
