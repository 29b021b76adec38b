#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "CWippyLuaShim.h"

/// Has the hook called before the coroutine's next instruction. A signal's handler may call it.
void wippy_lua_arm(lua_State *lua);

/// Raises the error for which the call has to end. It has the place of the function at a level of the stack.
int wippy_lua_raise_ending(lua_State *lua, wippy_lua_state *state, int level);

#endif
