#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "CWippyLuaShim.h"

/// Makes Lua call the hook before the coroutine's next instruction.
///
/// It is safe in a signal's handler.
void wippy_lua_arm(lua_State *lua);

/// Raises the reason why the call must end, with the place of the function at a level of the stack.
int wippy_lua_raise_ending(lua_State *lua, wippy_lua_state *state, int level);

#endif
