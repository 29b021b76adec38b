// What a host of Lua in C takes for a call, for a new state and in memory: the measure for the engine in Swift.
//
// usage: host call|state|memory COUNT
//
// Prints one number: nanoseconds of a call, microseconds of a state, or how many bytes the process holds for a state that
// has run one call.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// The same text as in Calls.swift.
static const char script[] =
    "local function handler(id, count)\n"
    "    local result = {id = id, count = count + 1, status = \"queued\"}\n"
    "    return result\n"
    "end\n"
    "return {handler = handler}\n";
static const char id[] = "01930d1c-8a4c-7c3e-9f5e-1f1f6a3b2c4d";

struct text {
    char *bytes;
    size_t count;
};

static struct text bytecode;

static void check(int is_well, const char *what) {
    if (is_well) return;
    fprintf(stderr, "error: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static long resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    check(file != NULL && fscanf(file, "%*d %ld", &pages) == 1, "no resident pages");
    fclose(file);
    return pages * getpagesize();
}

static int write_bytecode(lua_State *lua, const void *bytes, size_t count, void *context) {
    (void)lua;
    struct text *text = context;
    text->bytes = realloc(text->bytes, text->count + count);
    check(text->bytes != NULL, "no memory");
    memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
    return 0;
}

static void compile(void) {
    lua_State *lua = luaL_newstate();
    check(luaL_loadstring(lua, script) == LUA_OK, "no Lua");
    check(lua_dump(lua, write_bytecode, &bytecode, 0) == 0, "no bytecode");
    lua_close(lua);
}

/// A state with the libraries and the script's function, and a coroutine for the calls.
static lua_State *open(lua_State **coroutine, int *function) {
    lua_State *lua = luaL_newstate();
    check(lua != NULL, "no state");
    luaL_openlibs(lua);
    check(luaL_loadbufferx(lua, bytecode.bytes, bytecode.count, "=script", "b") == LUA_OK, "the script is not loaded");
    check(lua_pcall(lua, 0, 1, 0) == LUA_OK, "the script failed");
    check(lua_getfield(lua, -1, "handler") == LUA_TFUNCTION, "no function");
    *function = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_settop(lua, 0);
    *coroutine = lua_newthread(lua);
    return lua;
}

/// Calls the function in the coroutine and reads two fields of its result.
static void call(lua_State *coroutine, int function, lua_Integer number) {
    int results;
    lua_rawgeti(coroutine, LUA_REGISTRYINDEX, function);
    lua_pushlstring(coroutine, id, sizeof id - 1);
    lua_pushinteger(coroutine, number);
    check(lua_resume(coroutine, NULL, 2, &results) == LUA_OK && results == 1, "the call failed");
    lua_pushlstring(coroutine, "id", 2);
    lua_rawget(coroutine, 1);
    check(lua_rawlen(coroutine, -1) == sizeof id - 1, "the id is wrong");
    lua_pushlstring(coroutine, "count", 5);
    lua_rawget(coroutine, 1);
    check(lua_tointeger(coroutine, -1) == number + 1, "the count is wrong");
    lua_settop(coroutine, 0);
}

int main(int count, char **words) {
    long times = count == 3 ? atol(words[2]) : 0;
    check(times > 0, "usage: host call|state|memory COUNT");
    compile();
    lua_State *coroutine;
    int function;
    if (!strcmp(words[1], "state")) {
        double begin = now();
        for (long index = 0; index < times; index++) lua_close(open(&coroutine, &function));
        printf("%.3f\n", (now() - begin) / times * 1e6);
        return 0;
    }
    if (!strcmp(words[1], "memory")) {
        long before = resident_bytes();
        for (long index = 0; index < times; index++) {
            open(&coroutine, &function);
            call(coroutine, function, 1);
        }
        printf("%ld\n", (resident_bytes() - before) / times);
        return 0;
    }
    open(&coroutine, &function);
    for (long index = 0; index < times / 10; index++) call(coroutine, function, index);
    double begin = now();
    for (long index = 0; index < times; index++) call(coroutine, function, index);
    printf("%.3f\n", (now() - begin) / times * 1e9);
    return 0;
}
