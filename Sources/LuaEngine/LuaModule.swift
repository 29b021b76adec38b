/// What a script reaches by `require` or as a global: usually a table of functions.
///
/// It is made in a state at the first `require`, or when the global is first read.
public struct LuaModule: Sendable {
    /// What `require` is asked for.
    public let name: String
    let push: @Sendable (LuaStack) -> Void

    /// A table that scripts cannot change.
    public init(_ name: String, _ members: [LuaMember]) {
        self.name = name
        push = { stack in stack.pushReadOnly(members) }
    }

    /// Another value, such as an object.
    ///
    /// - Parameters:
    ///   - name: the name by which scripts require it.
    ///   - push: pushes exactly one value; called once for each state.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        self.name = name
        self.push = push
    }
}
