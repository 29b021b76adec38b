/// A module, usually a table of functions, which a script reads with `require` or as a global.
///
/// Usually, a state makes the module when a script first requires it or first reads the global.
public struct LuaModule: Sendable {
    /// The name that scripts pass to `require`.
    public let name: String

    /// The names of the members; nil if the module is not a table of members.
    public let memberNames: [String]?

    /// The names of the module's functions that do not work yet, such as `send` and `registry.lookup`.
    public let absentNames: [String]

    let push: @Sendable (LuaStack) -> Void

    /// Creates a module that is a table, which scripts cannot change.
    public init(_ name: String, _ members: [LuaMember]) {
        self.name = name
        memberNames = members.map(\.name)
        absentNames = members.flatMap(\.absentNames)
        push = { stack in stack.pushReadOnly(members) }
    }

    /// Creates a module that is not a table of members, but any other value, such as an object.
    ///
    /// - Parameters:
    ///   - name: the name that scripts pass to `require`.
    ///   - push: pushes exactly one value. It is called at most once for each state.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        self.name = name
        self.push = push
        memberNames = nil
        absentNames = []
    }
}
