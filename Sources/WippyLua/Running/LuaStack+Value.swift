import LuaEngine
import WippyRuntime
import WippyValues

extension LuaStack {
    /// Pushes a value; nil elements of a map are left out, and bytes are a string.
    func push(_ value: Value) throws(LuaRaise) {
        try reserve(4)
        switch value {
        case .null: pushNil()
        case .bool(let value): push(value)
        case .integer(let value): push(value)
        case .unsigned(let value): push(Double(value))
        case .float(let value): push(value)
        case .string(let value): push(value)
        case .bytes(let value): push(value)
        case .list(let elements):
            pushTable(elements: elements.count)
            for (index, element) in elements.enumerated() {
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
        }
    }

    /// A copy of the value at a position: a string that is no text is bytes, a table without elements a map.
    func dataValue(at index: Int) throws(LuaRaise) -> Value { Value(try value(at: index)) }
}

extension Value {
    /// What a script's value is to others.
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
    /// The fields of a script's table, those left out that are nil for others.
    fileprivate init(_ pairs: [(key: [UInt8], value: LuaValue)]) {
        self.init(
            pairs.compactMap { pair in
                pair.value == .nil ? nil : (String(decoding: pair.key, as: UTF8.self), Value(pair.value))
            }, onRepeatedKey: .keepLast)
    }
}
