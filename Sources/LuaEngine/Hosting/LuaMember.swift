import CWippyLua
import CWippyLuaShim

/// A member of a module's table: a name and a value.
public struct LuaMember: Sendable {
    enum Content: Sendable {
        case function(HostFunction)
        case value(LuaValue)
        case table([LuaMember])
        case object(@Sendable (LuaStack) -> Void)
    }

    let name: String
    let content: Content
    /// True if the member is a function that always fails.
    private(set) var isAbsent = false

    /// Creates a member that is a function.
    public static func function(_ name: String, _ body: @escaping LuaBody) -> LuaMember {
        LuaMember(name: name, content: .function(HostFunction(name, body)))
    }

    /// Creates a member that is a function that does not work yet.
    ///
    /// Each call returns nil and an error of the kind `Invalid`, such as `process.send is not supported yet`.
    ///
    /// - Parameters:
    ///   - name: the function's name.
    ///   - module: the name by which scripts reach the function, such as `process` or `process.registry`.
    public static func absent(_ name: String, of module: String) -> LuaMember {
        var member = function(name) { stack in
            stack.fail(LuaError(kind: "Invalid", "\(module).\(name) is not supported yet", retryable: false))
        }
        member.isAbsent = true
        return member
    }

    /// The names of the functions in the member that do not work yet, such as `send` and `registry.lookup`.
    var absentNames: [String] {
        if case .table(let members) = content { return members.flatMap(\.absentNames).map { "\(name).\($0)" } }
        return isAbsent ? [name] : []
    }

    /// Creates a member that is a copy of a value, such as a number or a text.
    public static func value(_ name: String, _ value: LuaValue) -> LuaMember {
        LuaMember(name: name, content: .value(value))
    }

    /// Creates a member that is any Lua value, such as a Swift object.
    ///
    /// `push` pushes exactly one value.
    public static func object(_ name: String, _ push: @escaping @Sendable (LuaStack) -> Void) -> LuaMember {
        LuaMember(name: name, content: .object(push))
    }

    /// Creates a member that is a table of other members.
    ///
    /// Scripts cannot change the table.
    public static func table(_ name: String, _ members: [LuaMember]) -> LuaMember {
        LuaMember(name: name, content: .table(members))
    }

    /// Sets the member in the table at a position.
    func set(on stack: LuaStack, at index: Int) {
        let table = Int(lua_absindex(stack.lua, Int32(index)))
        switch content {
        case .function(let function): stack.push(function)
        case .value(let value): stack.push(value)
        case .table(let members): stack.pushReadOnly(members)
        case .object(let push): push(stack)
        }
        stack.setField(name, at: table)
    }
}
