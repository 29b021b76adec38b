#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "CWippyLuaShim.h"

/// Makes Lua call the hook before the coroutine's next instruction.
///
/// It is safe in a signal's handler.
void wippy_lua_arm(lua_State *lua);

/// Makes the hook check the state's memory, if more than `trigger` is in use.
static inline void wippy_lua_note_growth(wippy_lua_state *state, size_t used) {
    if (used <= state->trigger || state->swollen) return;
    state->swollen = 1;
    if (state->running) wippy_lua_arm(state->running);
}

/// Raises the reason why the call must end, with the place of the function at a level of the stack.
int wippy_lua_raise_ending(lua_State *lua, wippy_lua_state *state, int level);

#endif
