import CWippyLua
import CWippyLuaShim
import LuaSyntax

/// A compiled Lua text.
///
/// Compile it once, and load it into any number of states, on any thread.
public struct LuaProgram: Sendable {
    /// The program's name, which precedes the line in error messages, such as an entry's id.
    public let name: String
    let bytecode: [UInt8]

    /// Compiles a text in UTF-8.
    ///
    /// - Parameters:
    ///   - text: Lua without type annotations. Bytecode and the attribute `<close>` are refused.
    ///   - name: the program's name in error messages. Errors at run time show at most 59 bytes of it.
    /// - Throws: ``LuaSyntaxError`` for an error in the text.
    public init(_ text: [UInt8], name: String) throws(LuaSyntaxError) {
        do throws(LuaDiagnostic) {
            if let place = try CloseAttribute.location(in: text) {
                throw LuaDiagnostic(at: place, "the attribute <close> is not supported")
            }
        } catch {
            let place = error.location
            throw LuaSyntaxError(name: name, line: place.line, column: place.column, message: error.message)
        }
        self.name = name
        // The text must be complete by itself, before it is put inside a function.
        _ = try Self.compile(text, name: name)
        let operators = LuaScript.operators.joined(separator: ",")
        let head = "local \(operators)=...;return function(...) "
        bytecode = try Self.compile(Array(head.utf8) + text + Array("\nend".utf8), name: name)
    }

    /// Compiles a text, as ``init(_:name:)-([UInt8],_)`` does.
    ///
    /// - Throws: ``LuaSyntaxError`` for an error in the text.
    public init(_ text: String, name: String) throws(LuaSyntaxError) {
        try self.init(Array(text.utf8), name: name)
    }

    private static func compile(_ text: [UInt8], name: String) throws(LuaSyntaxError) -> [UInt8] {
        guard let lua = luaL_newstate() else {
            throw LuaSyntaxError(name: name, line: 1, message: "not enough memory")
        }
        defer { lua_close(lua) }
        let status = text.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                wippy_lua_load(lua, bytes.baseAddress, bytes.count, "=" + name, false)
            }
        }
        guard status == LUA_OK else {
            let message = lua_tolstring(lua, -1, nil).map { String(cString: $0) } ?? "not enough memory"
            throw LuaSyntaxError(name: name, sentence: message, in: text)
        }
        var bytecode: [UInt8] = []
        withUnsafeMutablePointer(to: &bytecode) { target in
            wippy_lua_dump(
                lua,
                { context, bytes, count in
                    let target = context.assumingMemoryBound(to: [UInt8].self)
                    target.pointee += UnsafeRawBufferPointer(start: bytes, count: count)
                    return 0
                }, target)
        }
        return bytecode
    }
}
