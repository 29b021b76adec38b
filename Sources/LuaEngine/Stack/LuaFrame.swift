import CWippyLua
import CWippyLuaShim

/// A place in the call stack of a coroutine.
public struct LuaFrame: Sendable, CustomStringConvertible {
    /// At most 59 bytes of the name of the Lua text, such as an entry's id; `[C]` for a function that is not in Lua.
    public let source: String
    /// The line, counted from one; -1 for a function that is not in Lua.
    public let line: Int
    /// The function's name; empty if Lua does not know the name.
    public let name: String
    /// The kind of the function: "Lua", or "C" for a function that is not in Lua.
    public let kind: String

    /// The place as text: `app:create_task:12 in validate`.
    public var description: String {
        "\(source):\(line)" + (name.isEmpty ? "" : " in \(name)")
    }
}

extension LuaStack {
    /// Returns the frame at a level of the call stack; nil if the stack has fewer levels.
    ///
    /// Level 0 is the host function itself, and level 1 is its caller.
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

    /// Returns at most 32 frames of the call stack: the frame at a level, its caller, and so on.
    public func frames(from level: Int) -> [LuaFrame] {
        var frames: [LuaFrame] = []
        while frames.count < 32, let frame = place(level: level + frames.count) { frames.append(frame) }
        return frames
    }
}
