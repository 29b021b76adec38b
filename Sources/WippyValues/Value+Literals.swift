extension Value: ExpressibleByNilLiteral {
    /// `nil` is `.null`.
    @inlinable public init(nilLiteral: ()) {
        self = .null
    }
}

extension Value: ExpressibleByBooleanLiteral {
    /// `true` and `false` are `.bool`.
    @inlinable public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension Value: ExpressibleByIntegerLiteral {
    /// A literal without a point is `.integer`.
    @inlinable public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}

extension Value: ExpressibleByFloatLiteral {
    /// A literal with a point is `.float`.
    @inlinable public init(floatLiteral value: Double) {
        self = .float(value)
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// A text literal is `.string`.
    @inlinable public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension Value: ExpressibleByArrayLiteral {
    /// An array literal is `.list`.
    @inlinable public init(arrayLiteral elements: Value...) {
        self = .list(elements)
    }
}

extension Value: ExpressibleByDictionaryLiteral {
    /// A dictionary literal is `.map`; of a key that appears twice the last one counts.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .map(ValueMap(elements, onRepeatedKey: .keepLast))
    }
}
