import CWippyLua

/// The system's Lua 5.4 as it is, to compare with.
package enum SystemLua {
    /// A program that could not be compiled, or that raised an error.
    package struct Failure: Error, CustomStringConvertible {
        /// What Lua says of it.
        package let description: String
    }

    /// Runs a program with all of Lua's libraries.
    ///
    /// - Parameter arguments: what the program gets as `...`.
    /// - Returns: the program's result, which must be a string.
    package static func run(_ program: String, _ arguments: [[UInt8]]) throws(Failure) -> [UInt8] {
        try withState { lua throws(Failure) in
            luaL_openlibs(lua)
            try load(Array(program.utf8), in: lua)
            for argument in arguments { push(argument, on: lua) }
            guard lua_pcallk(lua, Int32(arguments.count), 1, 0, 0, nil) == LUA_OK else { throw failure(in: lua) }
            return string(in: lua)
        }
    }

    /// Compiles a text, and does not run it.
    package static func compile(_ text: [UInt8]) throws(Failure) {
        try withState { lua throws(Failure) in try load(text, in: lua) }
    }

    private static func withState<Result>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let lua = luaL_newstate() else { throw Failure(description: "not enough memory") }
        defer { lua_close(lua) }
        return try body(lua)
    }

    private static func load(_ text: [UInt8], in lua: OpaquePointer) throws(Failure) {
        let status = withCharacters(of: text) { luaL_loadbufferx(lua, $0.baseAddress, $0.count, "=t", "t") }
        guard status == LUA_OK else { throw failure(in: lua) }
    }

    private static func push(_ bytes: [UInt8], on lua: OpaquePointer) {
        _ = withCharacters(of: bytes) { lua_pushlstring(lua, $0.baseAddress, $0.count) }
    }

    private static func withCharacters<Result>(
        of bytes: [UInt8], _ body: (UnsafeBufferPointer<CChar>) -> Result
    ) -> Result {
        bytes.withUnsafeBufferPointer { bytes in bytes.withMemoryRebound(to: CChar.self, body) }
    }

    private static func failure(in lua: OpaquePointer) -> Failure {
        Failure(description: String(decoding: string(in: lua), as: UTF8.self))
    }

    private static func string(in lua: OpaquePointer) -> [UInt8] {
        var count = 0
        guard let bytes = lua_tolstring(lua, -1, &count) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}
