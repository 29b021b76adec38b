/// A module, usually a table of functions, which a script reads with `require` or as a global.
///
/// Usually, a state makes the module when a script first requires it or first reads the global.
public struct LuaModule: Sendable {
    /// The name that scripts pass to `require`.
    public let name: String

    /// The members; nil if the module is not a table of members.
    private let members: [LuaMember]?

    let push: @Sendable (LuaStack) -> Void

    /// Creates a module that is a table, which scripts cannot change.
    public init(_ name: String, _ members: [LuaMember]) {
        let members = members.map { $0.named(in: name) }
        (self.name, self.members) = (name, members)
        push = { stack in stack.pushReadOnly(members) }
    }

    /// Creates a module that is not a table of members, but any other value, such as an object.
    ///
    /// - Parameters:
    ///   - name: the name that scripts pass to `require`.
    ///   - push: pushes exactly one value. It is called at most once for each state.
    public init(_ name: String, value push: @escaping @Sendable (LuaStack) -> Void) {
        (self.name, self.push, members) = (name, push, nil)
    }

    /// The names of the members; nil if the module is not a table of members.
    public var memberNames: [String]? { members?.map(\.name) }

    /// The functions of the module, and the methods of the objects that they return.
    ///
    /// The methods of an object are included only if the function that returns the object has the trait
    /// ``LuaFunctionTrait/returns(_:)``.
    public var functions: [LuaModuleFunction] { members?.flatMap { $0.functions() } ?? [] }
}
