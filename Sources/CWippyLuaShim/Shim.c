#include "CWippyLuaShim.h"

#include "Watchdog.h"

#include <stdio.h>
#include <string.h>

// MARK: Verdicts

/// Carries out the verdict of a host function.
///
/// It loops, so that a thousand calls back take no more stack than one.
static int carry_out(lua_State *lua, wippy_lua_state *state, wippy_lua_verdict verdict);

/// Makes a stopped host function begin again in the pool, unless the call is ending.
static int stop(lua_State *lua, wippy_lua_state *state, int count, lua_KFunction again) {
    state->stopped = false;
    if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
    lua_settop(lua, count);
    state->outward = WIPPY_LUA_OUTWARD_SLICE;
    return lua_yieldk(lua, 0, 0, again);
}

static int after_wait(lua_State *lua, int status, lua_KContext context) {
    (void)status, (void)context;
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
    int count = lua_gettop(lua);
    state->hosting++;
    state->can_begin_anew = true;
    wippy_lua_verdict verdict = state->after_wait(lua);
    state->can_begin_anew = false;
    state->hosting--;
    if (state->stopped) return stop(lua, state, count, after_wait);
    return carry_out(lua, state, verdict);
}

static int after_call(lua_State *lua, int status, lua_KContext continuation) {
    (void)status;
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
    state->hosting++;
    wippy_lua_verdict verdict = state->after_call(lua, (int32_t)continuation);
    state->hosting--;
    return carry_out(lua, state, verdict);
}

static int carry_out(lua_State *lua, wippy_lua_state *state, wippy_lua_verdict verdict) {
    for (;;) {
        switch (verdict.kind) {
            case WIPPY_LUA_RETURN: return verdict.count;
            case WIPPY_LUA_RAISE: return lua_error(lua);
            case WIPPY_LUA_RAISE_WITH_PLACE:
                luaL_where(lua, 1);
                lua_insert(lua, -2);
                lua_concat(lua, 2);
                return lua_error(lua);
            case WIPPY_LUA_WAIT:
                state->outward = WIPPY_LUA_OUTWARD_WAIT;
                return lua_yieldk(lua, 0, 0, after_wait);
            case WIPPY_LUA_CALL: {
                if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
                int continuation = lua_gettop(lua) - verdict.count - 1;
                lua_callk(lua, verdict.count, LUA_MULTRET, continuation, after_call);
                state->hosting++;
                verdict = state->after_call(lua, continuation);
                state->hosting--;
                break;
            }
            case WIPPY_LUA_PAUSE: {
                if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
                int continuation = lua_gettop(lua);
                if (wippy_lua_can_wait(lua)) {
                    state->outward = WIPPY_LUA_OUTWARD_SLICE;
                    return lua_yieldk(lua, 0, continuation, after_call);
                }
                wippy_lua_note_time(state);
                state->hosting++;
                verdict = state->after_call(lua, continuation);
                state->hosting--;
                break;
            }
        }
    }
}

static int host(lua_State *lua);

static int host_again(lua_State *lua, int status, lua_KContext context) {
    (void)status, (void)context;
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (state->ending != WIPPY_LUA_GOES_ON) return wippy_lua_raise_ending(lua, state, 1);
    return host(lua);
}

/// A smaller state holds no text that takes long to read.
static const size_t small = 1 << 20;
/// The length from which reading a text takes more than a moment.
static const size_t long_text = 1 << 18;

/// Whether an argument is a long text and the call can go on in the pool.
static bool should_go_away(lua_State *lua, wippy_lua_state *state, int arguments) {
    if (state->used < small || state->is_away) return false;
    for (int index = 1; index <= arguments && index <= 4; index++)
        if (lua_type(lua, index) == LUA_TSTRING && lua_rawlen(lua, index) > long_text) return wippy_lua_can_wait(lua);
    return false;
}

static int host(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    int arguments = lua_gettop(lua);
    if (should_go_away(lua, state, arguments)) {
        state->outward = WIPPY_LUA_OUTWARD_SLICE;
        return lua_yieldk(lua, 0, 0, host_again);
    }
    state->hosting++;
    state->can_begin_anew = true;
    wippy_lua_verdict verdict = state->call(lua_touserdata(lua, lua_upvalueindex(1)), lua);
    state->can_begin_anew = false;
    state->hosting--;
    if (state->stopped) return stop(lua, state, arguments, host_again);
    if (verdict.kind == WIPPY_LUA_RETURN) return verdict.count;
    return carry_out(lua, state, verdict);
}

void wippy_lua_push_host(lua_State *lua, void *function) {
    lua_pushlightuserdata(lua, function);
    lua_pushcclosure(lua, host, 1);
}

void wippy_lua_push_bound_host(lua_State *lua, void *function, int count) {
    lua_pushlightuserdata(lua, function);
    lua_insert(lua, -1 - count);
    lua_pushcclosure(lua, host, count + 1);
}

void wippy_lua_push_bound(lua_State *lua, int number) { lua_pushvalue(lua, lua_upvalueindex(number + 2)); }

// MARK: Objects

static int release(lua_State *lua) {
    wippy_lua_object *held = lua_touserdata(lua, 1);
    if (held != NULL && held->object != NULL) {
        wippy_lua_state *state = wippy_lua_state_of(lua);
        void *object = held->object;
        held->object = NULL;
        state->used -= held->bytes;
        state->hosting++;
        state->release(object);
        state->hosting--;
    }
    return 0;
}

void wippy_lua_push_release(lua_State *lua) { lua_pushcfunction(lua, release); }

void wippy_lua_push_object(lua_State *lua, void *object, const void *type, size_t bytes) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    wippy_lua_object *held = lua_newuserdatauv(lua, sizeof(wippy_lua_object), 0);
    *held = (wippy_lua_object){object, type, bytes};
    state->used += bytes;
    wippy_lua_note_growth(state, state->used);
}

void wippy_lua_set_metatable(lua_State *lua, int index) {
    index = lua_absindex(lua, index);
    lua_pushliteral(lua, "__gc");
    lua_rawget(lua, -2);
    if (lua_isnil(lua, -1)) {
        lua_pop(lua, 1);
        lua_setmetatable(lua, index);
        return;
    }
    // Lua looks for the field when it sets the metatable, and never again for this value.
    lua_pushliteral(lua, "__gc");
    lua_pushnil(lua);
    lua_rawset(lua, -4);
    lua_pushvalue(lua, -2);
    lua_setmetatable(lua, index);
    lua_pushliteral(lua, "__gc");
    lua_insert(lua, -2);
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
}

// MARK: Coroutines

void wippy_lua_own(lua_State *lua, lua_State *coroutine, bool isOwned) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, wippy_lua_state_of(lua)->owned);
    lua_pushthread(coroutine);
    lua_xmove(coroutine, lua, 1);
    if (isOwned) lua_pushboolean(lua, 1);
    else lua_pushnil(lua);
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
}

static bool is_owned(lua_State *lua, lua_State *coroutine) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, wippy_lua_state_of(lua)->owned);
    lua_pushthread(coroutine);
    lua_xmove(coroutine, lua, 1);
    lua_rawget(lua, -2);
    bool isOwned = lua_toboolean(lua, -1);
    lua_pop(lua, 2);
    return isOwned;
}

/// Ends a coroutine wherever it is.
///
/// Code of `__close` fields runs then, and the watchdog watches it like any other code.
static int end_coroutine(lua_State *lua, lua_State *coroutine) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    lua_State *before = state->running;
    state->locked++;
    state->running = coroutine;
    wippy_lua_arm(coroutine);
    int status = lua_resetthread(coroutine);
    state->running = before;
    state->locked--;
    return status;
}

void wippy_lua_end(lua_State *lua, lua_State *coroutine) {
    end_coroutine(lua, coroutine);
    lua_settop(coroutine, 0);
}

void wippy_lua_end_owned(lua_State *lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, wippy_lua_state_of(lua)->owned);
    int owned = lua_gettop(lua);
    for (lua_pushnil(lua); lua_next(lua, owned);) {
        lua_pop(lua, 1);
        lua_State *coroutine = lua_tothread(lua, -1);
        wippy_lua_end(lua, coroutine);
        lua_pushvalue(lua, -1);
        lua_pushnil(lua);
        lua_rawset(lua, owned);
    }
    lua_pop(lua, 1);
}

/// Returns whether the hook has work to do.
static bool is_wanted(wippy_lua_state *state) {
    return state->overdue || state->swollen || state->out_of_memory || state->ending != WIPPY_LUA_GOES_ON;
}

/// Resumes a coroutine, and makes it the one that the watchdog watches.
///
/// Requests that come in between are checked afterwards.
static int switch_to(wippy_lua_state *state, lua_State *from, lua_State *coroutine, int arguments, int *results) {
    state->running = coroutine;
    if (is_wanted(state)) wippy_lua_arm(coroutine);
    int status = lua_resume(coroutine, from, arguments, results);
    state->running = from;
    if (from != NULL && is_wanted(state)) wippy_lua_arm(from);
    return status;
}

int wippy_lua_resume(wippy_lua_state *state, lua_State *coroutine, int arguments, int *results) {
    state->base = coroutine;
    state->outward = WIPPY_LUA_NOT_OUTWARD;
    state->hosting--;
    int status = switch_to(state, NULL, coroutine, arguments, results);
    state->hosting++;
    state->base = NULL;
    return status;
}

bool wippy_lua_can_wait(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    return state->base != NULL && state->locked == 0 && lua_isyieldable(lua);
}

bool wippy_lua_go_away(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (state->is_away || !state->can_begin_anew || state->ending != WIPPY_LUA_GOES_ON) return false;
    if (!wippy_lua_can_wait(lua)) return false;
    state->stopped = true;
    return true;
}

bool wippy_lua_must_stop(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    if (wippy_lua_go_away(lua)) return true;
    wippy_lua_note_time(state);
    if (state->ending == WIPPY_LUA_GOES_ON) return false;
    state->stopped = state->can_begin_anew;
    return true;
}

static lua_State *coroutine_argument(lua_State *lua) {
    lua_State *coroutine = lua_tothread(lua, 1);
    luaL_argexpected(lua, coroutine, 1, "coroutine");
    return coroutine;
}

typedef enum { RUNNING, DEAD, SUSPENDED, NORMAL } coroutine_status;

static coroutine_status status_of(lua_State *lua, lua_State *coroutine) {
    if (lua == coroutine) return RUNNING;
    switch (lua_status(coroutine)) {
        case LUA_YIELD: return SUSPENDED;
        case LUA_OK: {
            lua_Debug frame;
            if (lua_getstack(coroutine, 0, &frame)) return NORMAL;
            return lua_gettop(coroutine) == 0 ? DEAD : SUSPENDED;
        }
        default: return DEAD;
    }
}

static int after_outward(lua_State *lua, int status, lua_KContext is_wrap);

/// Resumes a coroutine for a script.
///
/// A yield that is meant for the engine is passed on.
static int resume_for_script(lua_State *lua, lua_State *coroutine, int arguments, bool is_wrap) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    int locked = !lua_isyieldable(lua);
    state->locked += locked;
    int results;
    int status = switch_to(state, lua, coroutine, arguments, &results);
    state->locked -= locked;
    if (status == LUA_YIELD && state->outward != WIPPY_LUA_NOT_OUTWARD) {
        wippy_lua_own(lua, coroutine, true);
        return lua_yieldk(lua, 0, is_wrap, after_outward);
    }
    if (status == LUA_OK || status == LUA_YIELD) {
        if (!lua_checkstack(lua, results + 1)) {
            lua_pop(coroutine, results);
            if (is_wrap) return luaL_error(lua, "too many results to resume");
            lua_pushboolean(lua, 0);
            lua_pushliteral(lua, "too many results to resume");
            return 2;
        }
        if (!is_wrap) lua_pushboolean(lua, 1);
        lua_xmove(coroutine, lua, results);
        return is_wrap ? results : results + 1;
    }
    if (!is_wrap) lua_pushboolean(lua, 0);
    lua_xmove(coroutine, lua, 1);
    return is_wrap ? lua_error(lua) : 2;
}

static int after_outward(lua_State *lua, int status, lua_KContext is_wrap) {
    (void)status;
    lua_State *coroutine = lua_tothread(lua, is_wrap ? lua_upvalueindex(1) : 1);
    wippy_lua_own(lua, coroutine, false);
    return resume_for_script(lua, coroutine, 0, is_wrap);
}

/// The reason why a script may not resume a coroutine; NULL if it may.
static const char *refusal(lua_State *lua, lua_State *coroutine, int arguments) {
    coroutine_status status = status_of(lua, coroutine);
    if (status == DEAD) return "can not resume a dead thread";
    if (status != SUSPENDED || is_owned(lua, coroutine)) return "cannot resume non-suspended coroutine";
    return lua_checkstack(coroutine, arguments) ? NULL : "too many arguments to resume";
}

static int coroutine_resume(lua_State *lua) {
    lua_State *coroutine = coroutine_argument(lua);
    int arguments = lua_gettop(lua) - 1;
    const char *refused = refusal(lua, coroutine, arguments);
    if (refused != NULL) {
        lua_pushboolean(lua, 0);
        lua_pushstring(lua, refused);
        return 2;
    }
    lua_xmove(lua, coroutine, arguments);
    return resume_for_script(lua, coroutine, arguments, false);
}

static int wrapped(lua_State *lua) {
    lua_State *coroutine = lua_tothread(lua, lua_upvalueindex(1));
    int arguments = lua_gettop(lua);
    const char *refused = refusal(lua, coroutine, arguments);
    if (refused != NULL) return luaL_error(lua, "%s", refused);
    lua_xmove(lua, coroutine, arguments);
    return resume_for_script(lua, coroutine, arguments, true);
}

static int coroutine_create(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    lua_State *coroutine = lua_newthread(lua);
    lua_pushvalue(lua, 1);
    lua_xmove(lua, coroutine, 1);
    return 1;
}

static int coroutine_wrap(lua_State *lua) {
    coroutine_create(lua);
    lua_pushcclosure(lua, wrapped, 1);
    return 1;
}

static int coroutine_yield(lua_State *lua) {
    if (lua == wippy_lua_state_of(lua)->base) return luaL_error(lua, "attempt to yield from outside a coroutine");
    return lua_yield(lua, lua_gettop(lua));
}

static int coroutine_status_text(lua_State *lua) {
    static const char *const texts[] = {"running", "dead", "suspended", "normal"};
    lua_pushstring(lua, texts[status_of(lua, coroutine_argument(lua))]);
    return 1;
}

static int coroutine_running(lua_State *lua) {
    lua_pushthread(lua);
    lua_pushboolean(lua, lua == wippy_lua_state_of(lua)->base);
    return 2;
}

static int coroutine_isyieldable(lua_State *lua) {
    lua_State *coroutine = lua_isthread(lua, 1) ? lua_tothread(lua, 1) : lua;
    lua_pushboolean(lua, coroutine != wippy_lua_state_of(lua)->base && lua_isyieldable(coroutine));
    return 1;
}

static int close_again(lua_State *lua, int status, lua_KContext context);

static int coroutine_close(lua_State *lua) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    lua_State *coroutine = coroutine_argument(lua);
    coroutine_status status = status_of(lua, coroutine);
    // Code of its open variables may run for long, and cannot be suspended meanwhile.
    if (lua_status(coroutine) == LUA_YIELD && !state->is_away && wippy_lua_can_wait(lua)) {
        state->outward = WIPPY_LUA_OUTWARD_SLICE;
        return lua_yieldk(lua, 0, 0, close_again);
    }
    if ((status != DEAD && status != SUSPENDED) || is_owned(lua, coroutine))
        return luaL_error(lua, "cannot close a running coroutine");
    status = end_coroutine(lua, coroutine);
    if (is_wanted(state)) wippy_lua_arm(lua);
    lua_pushboolean(lua, (int)status == LUA_OK);
    if ((int)status == LUA_OK) return 1;
    lua_xmove(coroutine, lua, 1);
    return 2;
}

static int close_again(lua_State *lua, int status, lua_KContext context) {
    (void)status, (void)context;
    return coroutine_close(lua);
}

static const luaL_Reg coroutine_functions[] = {
    {"create", coroutine_create},   {"resume", coroutine_resume},
    {"wrap", coroutine_wrap},       {"yield", coroutine_yield},
    {"status", coroutine_status_text}, {"running", coroutine_running},
    {"isyieldable", coroutine_isyieldable}, {"close", coroutine_close},
    {NULL, NULL},
};

// MARK: The operator ..

static int after_concatenation(lua_State *lua, int status, lua_KContext count);

/// Joins the topmost `count` values, from right to left.
static int concatenate(lua_State *lua, int count) {
    wippy_lua_state *state = wippy_lua_state_of(lua);
    while (count > 1) {
        int left = lua_type(lua, -2), right = lua_type(lua, -1);
        bool areTexts = (left == LUA_TSTRING || left == LUA_TNUMBER) && (right == LUA_TSTRING || right == LUA_TNUMBER);
        if (!areTexts) {
            if (luaL_getmetafield(lua, -2, "__concat") != LUA_TNIL) lua_pop(lua, 1);
            else if (luaL_getmetafield(lua, -1, "__concat") != LUA_TNIL) lua_pop(lua, 1);
            else {
                int wrong = left == LUA_TSTRING || left == LUA_TNUMBER ? right : left;
                return luaL_error(lua, "attempt to concatenate a %s value", lua_typename(lua, wrong));
            }
            lua_rawgeti(lua, LUA_REGISTRYINDEX, state->concatenate);
            lua_insert(lua, -3);
            lua_callk(lua, 2, 1, count - 1, after_concatenation);
            count--;
            continue;
        }
        // Neighbouring texts are joined with a single copy.
        int run = 0;
        while (run < count) {
            int type = lua_type(lua, -1 - run);
            if (type != LUA_TSTRING && type != LUA_TNUMBER) break;
            run++;
        }
        for (int index = 1; index <= run; index++) {
            if (lua_type(lua, -index) != LUA_TNUMBER || lua_isinteger(lua, -index)) continue;
            char text[40];
            lua_pushlstring(lua, text, (size_t)state->number_text(lua_tonumber(lua, -index), text));
            lua_replace(lua, -index - 1);
        }
        lua_concat(lua, run);
        count -= run - 1;
    }
    return 1;
}

static int after_concatenation(lua_State *lua, int status, lua_KContext count) {
    (void)status;
    return concatenate(lua, (int)count);
}

static int concatenation(lua_State *lua) { return concatenate(lua, lua_gettop(lua)); }

void wippy_lua_push_concatenation(lua_State *lua) { lua_pushcfunction(lua, concatenation); }

// MARK: Walking through tables

/// Replaces the table at 1 by its fields if it is read-only.
///
/// Metatables are ignored.
static void look_through(lua_State *lua) {
    if (!lua_getmetatable(lua, 1)) return;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, wippy_lua_state_of(lua)->read_only);
    lua_pushvalue(lua, 1);
    if (lua_rawget(lua, -2) == LUA_TTABLE) lua_replace(lua, 1);
    lua_settop(lua, 2);
}

static int next_pair(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 2);
    look_through(lua);
    if (lua_next(lua, 1)) return 2;
    lua_pushnil(lua);
    return 1;
}

static int next_element(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer number = luaL_checkinteger(lua, 2) + 1;
    lua_settop(lua, 2);
    look_through(lua);
    lua_pushinteger(lua, number);
    return lua_rawgeti(lua, 1, number) == LUA_TNIL ? 1 : 2;
}

void wippy_lua_push_next(lua_State *lua) { lua_pushcfunction(lua, next_pair); }

void wippy_lua_push_next_element(lua_State *lua) { lua_pushcfunction(lua, next_element); }

// MARK: xpcall

static int handled(lua_State *lua, int status, lua_KContext context) {
    (void)status, (void)context;
    return 2;
}

static int protected(lua_State *lua, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(lua) - 2;
    lua_pushboolean(lua, 0);
    lua_pushvalue(lua, 2);
    lua_pushvalue(lua, -3);
    return handled(lua, lua_pcallk(lua, 1, 1, 0, 0, handled), 0);
}

/// Calls the handler after the error has left the function.
///
/// The system's function calls it from within the hook that raises. No hook would then end a handler that runs for
/// ever.
static int protected_call(lua_State *lua) {
    luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_pushboolean(lua, 1);
    lua_pushvalue(lua, 1);
    lua_rotate(lua, 3, 2);
    return protected(lua, lua_pcallk(lua, lua_gettop(lua) - 4, LUA_MULTRET, 0, 0, protected), 0);
}

// MARK: Libraries and programs

void wippy_lua_open_libraries(lua_State *lua) {
    static const struct {
        const char *name;
        lua_CFunction open;
    } libraries[] = {
        {LUA_GNAME, luaopen_base}, {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
        {LUA_TABLIBNAME, luaopen_table},
    };
    for (size_t index = 0; index < sizeof libraries / sizeof *libraries; index++) {
        lua_pushcfunction(lua, libraries[index].open);
        lua_call(lua, 0, 1);
        if (index > 0) lua_setglobal(lua, libraries[index].name);
        else lua_pop(lua, 1);
    }
    lua_getglobal(lua, LUA_STRLIBNAME);
    lua_getfield(lua, -1, "pack");
    wippy_lua_state_of(lua)->pack = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_getfield(lua, -1, "packsize");
    wippy_lua_state_of(lua)->packsize = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pop(lua, 1);
    luaL_newlib(lua, coroutine_functions);
    lua_setglobal(lua, LUA_COLIBNAME);
    lua_pushcfunction(lua, protected_call);
    lua_setglobal(lua, "xpcall");
    static const char *const absent[] = {"collectgarbage", "dofile", "load", "loadfile", "rawlen", "warn"};
    for (size_t index = 0; index < sizeof absent / sizeof *absent; index++) {
        lua_pushnil(lua);
        lua_setglobal(lua, absent[index]);
    }
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushliteral(lua, "k");
    lua_setfield(lua, -2, "__mode");
    lua_setmetatable(lua, -2);
    wippy_lua_state_of(lua)->owned = luaL_ref(lua, LUA_REGISTRYINDEX);
    (void)luaL_loadstring(lua, "local a, b = ... return a .. b");
    wippy_lua_state_of(lua)->concatenate = luaL_ref(lua, LUA_REGISTRYINDEX);
    (void)luaL_loadstring(lua, "local a, b = ... return a < b");
    wippy_lua_state_of(lua)->less = luaL_ref(lua, LUA_REGISTRYINDEX);
}

int wippy_lua_load(lua_State *lua, const char *bytes, size_t count, const char *name, bool isDump) {
    return luaL_loadbufferx(lua, bytes, count, name, isDump ? "b" : "t");
}

typedef struct {
    int32_t (*write)(void *context, const void *bytes, size_t count);
    void *context;
} dump_target;

static int write_dump(lua_State *lua, const void *bytes, size_t count, void *context) {
    (void)lua;
    dump_target *target = context;
    return target->write(target->context, bytes, count);
}

void wippy_lua_dump(
    lua_State *lua, int32_t (*write)(void *context, const void *bytes, size_t count), void *context) {
    dump_target target = {write, context};
    lua_dump(lua, write_dump, &target, 0);
}

bool wippy_lua_place(lua_State *lua, int level, char *name, size_t capacity, int *line) {
    lua_Debug frame;
    if (!lua_getstack(lua, level, &frame) || !lua_getinfo(lua, "Sl", &frame) || frame.currentline < 0) return false;
    snprintf(name, capacity, "%s", frame.short_src);
    *line = frame.currentline;
    return true;
}

bool wippy_lua_frame_at(lua_State *lua, int level, wippy_lua_frame *frame) {
    lua_Debug found;
    if (!lua_getstack(lua, level, &found) || !lua_getinfo(lua, "Sln", &found)) return false;
    snprintf(frame->source, sizeof frame->source, "%s", found.short_src);
    snprintf(frame->name, sizeof frame->name, "%s", found.name ? found.name : "");
    snprintf(frame->what, sizeof frame->what, "%s", found.what);
    frame->line = found.currentline;
    return true;
}
