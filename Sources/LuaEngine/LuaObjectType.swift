import CWippyLua
import CWippyLuaShim

/// A type of Swift objects that scripts can hold and whose methods they can call.
///
/// Make one instance per type, for the whole process: `static let type = LuaObjectType<Statement>("sql.Statement", …)`.
/// Each state makes its table of methods when the first object of the type is pushed. A script cannot change it.
public final class LuaObjectType<Object: AnyObject>: Sendable {
    /// A method: it gets its object, which is also the stack's first value.
    public typealias Method = @Sendable (LuaStack, Object) throws -> LuaVerdict

    let key: ObjectTypeKey

    /// What the type is called, in messages and by `tostring`.
    public var name: String { key.name }

    /// - Parameters:
    ///   - name: what scripts and messages call the type.
    ///   - methods: what scripts call with a colon.
    ///   - metamethods: what Lua calls by itself, by their names with underscores: `__tostring`, `__call`, `__concat`,
    ///     `__eq`, `__len`, and `__index` for fields that are no methods.
    ///   - text: what `tostring` gives for an object; nil for the type's name and an address.
    ///   - keepsIdentity: whether pushing an object twice gives the same value, while the script holds it.
    ///   - keepsArguments: whether an object holds what the call that pushes it was given: then it counts for as much
    ///     memory of the state.
    public convenience init(
        _ name: String, methods: KeyValuePairs<String, Method> = [:], metamethods: [LuaMember] = [],
        text: (@Sendable (Object) -> String)? = nil, keepsIdentity: Bool = false,
        keepsArguments: Bool = false
    ) {
        self.init(
            name, methods: methods.map { ($0, $1) }, metamethods: metamethods, text: text, keepsIdentity: keepsIdentity,
            keepsArguments: keepsArguments)
    }

    /// The same with a list of methods that is put together.
    public init(
        _ name: String, methods: [(name: String, method: Method)], metamethods: [LuaMember] = [],
        text: (@Sendable (Object) -> String)? = nil, keepsIdentity: Bool = false, keepsArguments: Bool = false
    ) {
        let key = ObjectTypeKey(
            name, metamethods: metamethods, keepsIdentity: keepsIdentity, keepsArguments: keepsArguments)
        key.methods = methods.map { name, method in
            HostFunction(name) { [unowned key] stack in try method(stack, try stack.receiver(of: key)) }
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

/// What a type of objects is, whatever its Swift type.
///
/// `@unchecked Sendable`: its variables are set before the type is handed out, and never again.
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

    /// What an object takes at least.
    private static let bytesMin = 64

    /// - Parameter bytes: what the object holds beside its call's arguments.
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

    /// Makes the metatable, once for each state.
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
    /// How many bytes the values on the stack hold, roughly; what tables hold that are nested deep does not count.
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

    /// The object of a method: the first argument.
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
