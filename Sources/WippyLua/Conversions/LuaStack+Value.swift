public import LuaEngine
public import WippyValues

extension LuaStack {
    /// Pushes a value.
    ///
    /// Null elements of a map are left out. Bytes become a string. An unsigned number becomes a float.
    ///
    /// - Throws: an error when the stack has no more space, or when the copy must stop; see `mustStop`.
    public func push(_ value: Value) throws(LuaRaise) {
        try reserve(4)
        if pushScalar(value) { return }
        switch value {
        case .list(let elements):
            pushTable(elements: elements.count)
            for (index, element) in elements.enumerated() {
                if index & 0x3ff == 0x3ff, mustStop { throw LuaRaise("the copy has been stopped") }
                try push(element)
                setElement(index + 1, at: -2)
            }
        case .map(let map):
            pushTable(fields: map.count)
            for (key, value) in map where !value.isNull {
                try push(value)
                setField(key, at: -2)
            }
            if map.isEmpty { markAsObject(at: -1) }
        default: pushNil()
        }
    }

    /// Pushes a truth value, a number, a text or bytes.
    ///
    /// - Returns: false for any other value. Then nothing is pushed.
    public func pushScalar(_ value: Value) -> Bool {
        switch value {
        case .bool(let value): push(value)
        case .integer(let value): push(value)
        case .unsigned(let value): push(Double(value))
        case .float(let value): push(value)
        case .string(let value): push(value)
        case .bytes(let value): push(value)
        case .null, .list, .map: return false
        }
        return true
    }

    /// Returns a copy of the value at a position.
    ///
    /// A string that is not UTF-8 becomes bytes. A table with elements becomes a list, without the table's other
    /// fields. A table without elements becomes a map. A value that cannot leave its state, such as a function, becomes
    /// null; as a field of a map, it is left out.
    ///
    /// - Throws: an error when the value is too large or too deep, when a table in it contains itself, when the stack
    ///   has no more space, or when the copy must stop; see `mustStop`.
    public func dataValue(at index: Int) throws(LuaRaise) -> Value {
        do {
            return try tree(at: index)
        } catch {
            throw try cyclicGraph(at: index).map { LuaRaise($0.refusal) } ?? error
        }
    }

    /// Calls `body` with a copy of the value at a position; see ``dataValue(at:)``.
    ///
    /// If the value cannot be copied, returns nil and an error of kind `Invalid`.
    ///
    /// - Throws: the error of `body`.
    public func withDataValue(at index: Int, _ body: (Value) throws -> LuaVerdict) throws -> LuaVerdict {
        let value: Value
        do throws(LuaRaise) {
            value = try dataValue(at: index)
        } catch {
            return fail(.invalid("\(error)"))
        }
        return try body(value)
    }

    /// Returns a copy of the value at a position, like ``dataValue(at:)``.
    ///
    /// If a table contains itself, the error does not name the place.
    func tree(at index: Int) throws(LuaRaise) -> Value {
        var room = CopyRoom(of: self)
        return try tree(at: index, depth: 0, &room)
    }

    /// Returns the string at a position, as text; as bytes if it is not UTF-8; null if there is no string.
    public func textOrBytes(at index: Int) -> Value {
        withSpan(at: index) { bytes in
            if let text = try? UTF8Span(validating: bytes) { return .string(String(copying: text)) }
            return .bytes(unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) })
        } ?? .null
    }

    /// Returns a copy of a value that is not a table; null for a value that cannot leave its state.
    func scalar(_ type: LuaType, at index: Int, _ room: inout CopyRoom) throws(LuaRaise) -> Value {
        try room.take(bytes: type == .string ? length(at: index) : 0)
        switch type {
        case .boolean: return .bool(isTrue(at: index))
        case .number: return isInteger(at: index) ? .integer(integer(at: index) ?? 0) : .float(number(at: index) ?? 0)
        case .string: return textOrBytes(at: index)
        default: return .null
        }
    }

    private func tree(at index: Int, depth: Int, _ room: inout CopyRoom) throws(LuaRaise) -> Value {
        let type = type(at: index)
        guard type == .table else { return try scalar(type, at: index, &room) }
        try room.take()
        let top = count
        defer { setCount(top) }
        let table = try enterTable(at: index, depth: depth)
        let length = length(at: table)
        if length > 0 {
            var elements: [Value] = []
            elements.reserveCapacity(min(length, 64))
            for number in 1...length {
                pushElement(number, at: table)
                elements.append(try tree(at: -1, depth: depth + 1, &room))
                pop()
            }
            return .list(elements)
        }
        var pairs: [(String, Value)] = []
        pushNil()
        while next(at: table) {
            let key = keyText()
            try room.take(bytes: key.utf8.count)
            let value = try tree(at: -1, depth: depth + 1, &room)
            pop()
            if value.isNull { continue }
            if pairs.isEmpty { pairs.reserveCapacity(8) }
            pairs.append((key, value))
        }
        return .map(ValueMap(consume pairs, onRepeatedKey: .keepLast))
    }

    /// The text of the key below the top.
    private func keyText() -> String {
        if type(at: -2) == .string { return string(at: -2) ?? "" }
        // A copy is converted, because `next` needs the key as it is.
        pushText(at: -2)
        defer { pop() }
        return string(at: -1) ?? ""
    }
}

extension Value {
    /// The approximate number of bytes of memory that the value takes.
    var size: Int {
        switch self {
        case .null, .bool, .integer, .unsigned, .float: 16
        case .string(let text): 32 + text.utf8.count
        case .bytes(let bytes): 32 + bytes.count
        case .list(let elements): elements.reduce(32) { $0 + $1.size }
        case .map(let map): map.reduce(32) { $0 + 32 + $1.key.utf8.count + $1.value.size }
        }
    }

    /// Converts a script's value for the runtime.
    init(_ value: LuaValue) {
        self =
            switch value {
            case .nil: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .number(let value): .float(value)
            case .bytes(let bytes): String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
            case .array(let elements): .list(elements.map(Value.init))
            case .object(let pairs): .map(ValueMap(pairs))
            }
    }
}

extension ValueMap {
    /// Converts the fields of a script's table.
    ///
    /// Fields whose value becomes nil are left out.
    fileprivate init(_ pairs: [(key: [UInt8], value: LuaValue)]) {
        self.init(
            pairs.compactMap { pair in
                pair.value == .nil ? nil : (String(decoding: pair.key, as: UTF8.self), Value(pair.value))
            }, onRepeatedKey: .keepLast)
    }
}
