import WippyText

/// The data of a log line: names and values, in the order in which the names were added.
///
/// Each name occurs once.
public struct LogMetadata: Sendable, Hashable {
    /// A name and its value.
    public struct Field: Sendable, Hashable {
        /// The name.
        public let key: String
        /// The value.
        public var value: LogValue
    }

    /// The fields in order.
    public private(set) var fields: [Field] = []

    /// Creates metadata without fields.
    public init() {}

    /// The value of a name; nil if there is no such name.
    ///
    /// If you set a new name, it goes to the end. If you set nil, the name is removed.
    public subscript(key: String) -> LogValue? {
        get { fields.first { ExactText.areEqual($0.key, key) }?.value }
        set {
            let index = fields.firstIndex { ExactText.areEqual($0.key, key) }
            switch (newValue, index) {
            case (let value?, let index?): fields[index].value = value
            case (let value?, nil): fields.append(Field(key: key, value: value))
            case (nil, let index?): fields.remove(at: index)
            case (nil, nil): break
            }
        }
    }

    /// True if there are no fields.
    public var isEmpty: Bool { fields.isEmpty }

    /// Copies all fields of other metadata into this metadata.
    ///
    /// If both have a field with the same name, the other value replaces the value here, and the field keeps its
    /// position.
    public mutating func merge(_ other: LogMetadata) {
        if fields.isEmpty {
            fields = other.fields
        } else {
            for field in other.fields {
                self[field.key] = field.value
            }
        }
    }
}

extension LogMetadata: ExpressibleByDictionaryLiteral {
    /// Creates metadata from pairs, in order.
    ///
    /// If a name appears twice, the last value is kept.
    public init(dictionaryLiteral elements: (String, LogValue)...) {
        fields.reserveCapacity(elements.count)
        for (key, value) in elements {
            self[key] = value
        }
    }
}
