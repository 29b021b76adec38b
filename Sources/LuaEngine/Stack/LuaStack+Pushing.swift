import CWippyLua
import CWippyLuaShim

extension LuaStack {
    /// Pushes nil.
    public func pushNil() { lua_pushnil(lua) }

    /// Pushes true or false.
    public func push(_ value: Bool) { lua_pushboolean(lua, value ? 1 : 0) }

    /// Pushes a whole number.
    public func push(_ value: Int) { lua_pushinteger(lua, lua_Integer(value)) }

    /// Pushes a float.
    ///
    /// A float without a fraction stays a float.
    public func push(_ value: Double) { lua_pushnumber(lua, value) }

    /// Pushes a text as a string.
    public func push(_ text: String) {
        // Nearly every text allows this, which needs no copy.
        if text.utf8.withContiguousStorageIfAvailable({ bytes in push(bytes) }) != nil { return }
        var text = text
        text.withUTF8 { bytes in push(bytes) }
    }

    /// Pushes a text that was known when the Swift code was compiled.
    public func push(_ text: StaticString) {
        text.withUTF8Buffer { bytes in push(bytes) }
    }

    /// Pushes bytes as a string.
    public func push(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in push(bytes) }
    }

    /// Pushes bytes as a string.
    public func push(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { bytes in push(bytes) }
    }

    /// Pushes bytes as a string.
    public func push(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else {
            lua_pushlstring(lua, "", 0)
            return
        }
        UnsafeRawPointer(start).withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
            _ = lua_pushlstring(lua, start, bytes.count)
        }
    }

    /// Pushes a Swift object.
    ///
    /// The state retains the object as long as scripts can reach it, and releases it at some time after that.
    ///
    /// `bytes` is the number of bytes that the object holds and that did not come from the script. They count towards
    /// the memory limit of the state.
    public func push<Object>(_ object: Object, as type: LuaObjectType<Object>, holding bytes: Int = 0) {
        type.key.push(Unmanaged.passUnretained(object).toOpaque(), retaining: object, bytes: bytes, on: self)
    }

    /// Pushes a copy of the value at a position.
    public func pushCopy(of index: Int) { lua_pushvalue(lua, Int32(index)) }

    /// Pushes the value of a reference.
    public func push(_ reference: LuaReference) {
        _ = lua_rawgeti(lua, wippy_lua_registry(), lua_Integer(reference.key))
    }

    func push(_ function: HostFunction) {
        wippy_lua_push_host(lua, Unmanaged.passUnretained(function).toOpaque())
    }

    /// Pushes the text of a value, as `tostring` does, but without a call of `__tostring`.
    ///
    /// The text of a ``LuaError`` is its message.
    public func pushText(at index: Int) {
        switch type(at: index) {
        case .string: pushCopy(of: index)
        case .number where isInteger(at: index): push(String(lua_tointegerx(lua, Int32(index), nil)))
        case .number: push(LuaNumber.text(of: lua_tonumberx(lua, Int32(index), nil)))
        case .boolean: push(isTrue(at: index) ? "true" as StaticString : "false")
        case .nil, .none: push("nil" as StaticString)
        case let type:
            if let error = object(at: index, as: LuaError.objectType) {
                push(error.message)
            } else {
                let address = UInt(bitPattern: lua_topointer(lua, Int32(index)))
                push("\(type.name): 0x" + String(address, radix: 16))
            }
        }
    }
}
