import CWippyLua
import CWippyLuaShim

/// A type of Swift objects that scripts can hold, and whose methods they can call.
///
/// Create one instance for each type in the process: `static let type = LuaObjectType<Statement>("sql.Statement",
/// …)`.
public final class LuaObjectType<Object: AnyObject>: Sendable {
    let key: ObjectTypeKey

    /// The name of the type in error messages, and the result of `getmetatable` for an object.
    public var name: String { key.name }

    /// Creates a type.
    ///
    /// - Parameters:
    ///   - name: the name of the type in error messages, and the result of `getmetatable` for an object.
    ///   - methods: the methods, which scripts call with a colon. Default: none.
    ///   - metamethods: functions that Lua calls by itself, with their names in Lua, such as `__call`, `__concat` or
    ///     `__eq`. With an `__index`, scripts cannot call `methods`. Default: none.
    ///   - text: returns the text of an object for `tostring`. Default: nil, the word `userdata` and an address.
    ///   - keepsIdentity: true if an object that you push twice is the same Lua value both times, as long as the
    ///     script holds it. Default: false.
    ///   - keepsArguments: true if an object holds the arguments of the call that pushes it. Then the bytes of the
    ///     arguments count as the object's. Default: false.
    public convenience init(
        _ name: String, methods: KeyValuePairs<String, LuaMethod<Object>.Body> = [:], metamethods: [LuaMember] = [],
        text: (@Sendable (Object) -> String)? = nil, keepsIdentity: Bool = false,
        keepsArguments: Bool = false
    ) {
        self.init(
            name, methods: methods.map { name, body in LuaMethod.method(name, body) }, metamethods: metamethods,
            text: text, keepsIdentity: keepsIdentity, keepsArguments: keepsArguments)
    }

    /// Creates a type from a list of methods.
    ///
    /// Scripts call the methods with a colon. The other parameters are the same as in the initializer that takes the
    /// methods as a dictionary literal.
    public init(
        _ name: String, methods: [LuaMethod<Object>], metamethods: [LuaMember] = [],
        text: (@Sendable (Object) -> String)? = nil, keepsIdentity: Bool = false, keepsArguments: Bool = false
    ) {
        let key = ObjectTypeKey(
            name, metamethods: metamethods, keepsIdentity: keepsIdentity, keepsArguments: keepsArguments)
        key.methods = methods.map { method in
            guard let body = method.body else { return HostFunction(absent: method.name, of: "\(name):") }
            return HostFunction(method.name, traits: method.traits) { [unowned key] stack in
                try body(stack, try stack.receiver(of: key))
            }
        }
        if let text {
            key.metamethods.append(
                .function("__tostring") { [unowned key] stack in
                    stack.give(text(try stack.receiver(of: key)))
                })
        }
        self.key = key
    }
}

/// A type of objects without its Swift type.
///
/// `@unchecked Sendable`: its variables are set before the type is shared, and never after that.
final class ObjectTypeKey: @unchecked Sendable {
    let name: String
    fileprivate(set) var metamethods: [LuaMember]
    let keepsIdentity: Bool
    private let keepsArguments: Bool
    fileprivate(set) var methods: [HostFunction] = []

    init(_ name: String, metamethods: [LuaMember], keepsIdentity: Bool, keepsArguments: Bool) {
        self.keepsArguments = keepsArguments
        self.name = name
        self.metamethods = metamethods
        self.keepsIdentity = keepsIdentity
    }

    var identity: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    /// The least number of bytes that count for an object.
    private static let bytesMin = 64

    /// - Parameter bytes: the number of bytes that the object holds in addition to its call's arguments.
    func push(_ pointer: UnsafeMutableRawPointer, retaining object: AnyObject, bytes: Int, on stack: LuaStack) {
        let lua = stack.lua
        if keepsIdentity {
            _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(stack.state.identities))
            if lua_rawgetp(lua, -1, pointer) == LUA_TUSERDATA {
                wippy_lua_remove(lua, -2)
                return
            }
            stack.pop()
        }
        let size = Self.bytesMin + bytes + (keepsArguments ? stack.sizeOfValues : 0)
        wippy_lua_push_object(lua, Unmanaged.passRetained(object).toOpaque(), identity, size)
        if lua_rawgetp(lua, wippy_lua_registry(), identity) == LUA_TNIL {
            stack.pop()
            pushMetatable(on: stack)
        }
        lua_setmetatable(lua, -2)
        if keepsIdentity {
            stack.pushCopy(of: -1)
            lua_rawsetp(lua, -3, pointer)
            wippy_lua_remove(lua, -2)
        }
    }

    /// Pushes the metatable, which is made once for each state.
    private func pushMetatable(on stack: LuaStack) {
        let lua = stack.lua
        stack.state.keep(self)
        stack.pushTable(fields: metamethods.count + 4)
        if !metamethods.contains(where: { $0.name == "__index" }) {
            stack.pushTable(fields: methods.count)
            for method in methods {
                stack.push(method)
                stack.setField(method.name, at: -2)
            }
            stack.setField("__index", at: -2)
        }
        for member in metamethods { member.set(on: stack, at: -1) }
        wippy_lua_push_release(lua)
        stack.setField("__gc", at: -2)
        stack.push(name)
        stack.setField("__name", at: -2)
        stack.push(name)
        stack.setField("__metatable", at: -2)
        stack.pushCopy(of: -1)
        lua_rawsetp(lua, wippy_lua_registry(), identity)
    }
}

extension LuaStack {
    /// The approximate number of bytes that the values on the stack hold.
    ///
    /// Tables that are nested too deeply count in part only.
    fileprivate var sizeOfValues: Int { (0..<count).reduce(0) { $0 + size(at: $1 + 1, depth: 0) } }

    private func size(at index: Int, depth: Int) -> Int {
        switch type(at: index) {
        case .string: return 32 + length(at: index)
        case .table:
            guard depth < 8, lua_checkstack(lua, 4) != 0 else { return 64 }
            var size = 64
            forEachPair(at: index) {
                size += self.size(at: count - 1, depth: depth + 1) + self.size(at: count, depth: depth + 1)
            }
            return size
        case .userdata:
            guard lua_getmetatable(lua, Int32(index)) != 0 else { return 0 }
            pop()
            return lua_touserdata(lua, Int32(index))
                .map { Int($0.assumingMemoryBound(to: wippy_lua_object.self).pointee.bytes) } ?? 0
        default: return 16
        }
    }

    /// The object of a method: its first argument.
    fileprivate func receiver<Object: AnyObject>(of key: ObjectTypeKey) throws(LuaRaise) -> Object {
        guard let object: Object = object(at: 1, key: key) else {
            throw LuaRaise.argument(1, expected: key.name, got: typeName(at: 1))
        }
        return object
    }

    fileprivate func object<Object: AnyObject>(at index: Int, key: ObjectTypeKey) -> Object? {
        guard lua_type(lua, Int32(index)) == LUA_TUSERDATA, let held = lua_touserdata(lua, Int32(index)) else {
            return nil
        }
        let pointer = held.assumingMemoryBound(to: wippy_lua_object.self)
        guard pointer.pointee.type == key.identity, let object = pointer.pointee.object else { return nil }
        return Unmanaged<Object>.fromOpaque(object).takeUnretainedValue()
    }
}
