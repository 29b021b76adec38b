extension Value: ExpressibleByNilLiteral {
    /// Creates `.null` from `nil`.
    @inlinable public init(nilLiteral: ()) {
        self = .null
    }
}

extension Value: ExpressibleByBooleanLiteral {
    /// Creates a `.bool` from `true` or `false`.
    @inlinable public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension Value: ExpressibleByIntegerLiteral {
    /// Creates an `.integer` from a literal such as `42`.
    @inlinable public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}

extension Value: ExpressibleByFloatLiteral {
    /// Creates a `.float` from a literal such as `0.5`.
    @inlinable public init(floatLiteral value: Double) {
        self = .float(value)
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a `.string` from a text literal.
    @inlinable public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension Value: ExpressibleByArrayLiteral {
    /// Creates a `.list` from an array literal.
    @inlinable public init(arrayLiteral elements: Value...) {
        self = .list(elements)
    }
}

extension Value: ExpressibleByDictionaryLiteral {
    /// Creates a `.map` from a dictionary literal.
    ///
    /// If a key appears twice, the last value is kept.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(ValueMap(elements, onRepeatedKey: .keepLast))
    }
}
