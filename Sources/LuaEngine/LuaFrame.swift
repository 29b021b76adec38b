import CWippyLua
import CWippyLuaShim

/// A place on a coroutine's stack.
public struct LuaFrame: Sendable, CustomStringConvertible {
    /// The chunk's name: an entry's id, or a file.
    public let source: String
    /// The line, from one; -1 in Swift functions.
    public let line: Int
    /// The function's name, where Lua knows one.
    public let name: String
    /// "Lua", "C" or "main".
    public let kind: String

    /// `app:create_task:12 in validate`.
    public var description: String {
        "\(source):\(line)" + (name.isEmpty ? "" : " in \(name)")
    }
}

extension LuaStack {
    /// The code that runs at a level: 0 is the host function itself, 1 its caller.
    public func place(level: Int) -> LuaFrame? {
        var frame = wippy_lua_frame()
        guard wippy_lua_frame_at(lua, Int32(level), &frame) else { return nil }
        return LuaFrame(
            source: withUnsafeBytes(of: frame.source) { Self.text($0) }, line: Int(frame.line),
            name: withUnsafeBytes(of: frame.name) { Self.text($0) },
            kind: withUnsafeBytes(of: frame.what) { Self.text($0) })
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The code that runs from a level on, at most 32 places.
    public func frames(from level: Int) -> [LuaFrame] {
        var frames: [LuaFrame] = []
        while frames.count < 32, let frame = place(level: level + frames.count) { frames.append(frame) }
        return frames
    }
}
