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

    /// Creates a member that is a function.
    ///
    /// - Parameters:
    ///   - name: the function's name.
    ///   - traits: what tools know of the function. Default: nothing.
    ///   - body: the code of the function.
    public static func function(
        _ name: String, traits: [any LuaFunctionTrait] = [], _ body: @escaping LuaBody
    ) -> LuaMember {
        LuaMember(name: name, content: .function(HostFunction(name, traits: traits, body)))
    }

    /// Creates a member that is a function that does not work yet.
    ///
    /// Each call returns nil and an error of the kind `Invalid`, such as `process.send is not supported yet`.
    public static func absent(_ name: String) -> LuaMember {
        LuaMember(name: name, content: .function(HostFunction(absent: name, of: "")))
    }

    /// Returns the member as one of a module, so that the error of a function that does not work yet names the module.
    ///
    /// - Parameter module: the name by which scripts reach the member's table, such as `process` or `process.registry`.
    func named(in module: String) -> LuaMember {
        switch content {
        case .function(let function) where function.isAbsent:
            LuaMember(name: name, content: .function(HostFunction(absent: name, of: "\(module).")))
        case .table(let members): .table(name, members.map { $0.named(in: "\(module).\(name)") })
        default: self
        }
    }

    /// Returns the functions in the member, and the methods of the objects that they return.
    ///
    /// - Parameter table: the path of the member's table, with a dot after it; empty for the module's own table.
    func functions(in table: String = "") -> [LuaModuleFunction] {
        let path = table + name
        return switch content {
        case .function(let function):
            [LuaModuleFunction(path, function)]
                + function.traits.compactMap { $0 as? LuaResultTrait }.flatMap(\.type.methods).map {
                    LuaModuleFunction("\(path)():\($0.name)", $0)
                }
        case .table(let members): members.flatMap { $0.functions(in: "\(path).") }
        case .value, .object: []
        }
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
