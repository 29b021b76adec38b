extension Value: Codable {
    /// Reads any value.
    ///
    /// A ``ValueDecoder`` gives the value unchanged. Another decoder cannot distinguish all types: a float without a
    /// fraction can become an integer, and no value becomes `.bytes`.
    ///
    /// - Throws: the decoder's error if the value has none of the types.
    public init(from decoder: any Decoder) throws {
        if let decoding = decoder as? ValueDecoding {
            self = decoding.value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode(Double.self) {
            self = .float(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([Value].self) {
            self = .list(value)
        } else {
            let map = try decoder.container(keyedBy: ValueCodingName.self)
            let pairs = try map.allKeys.map { ($0.stringValue, try map.decode(Value.self, forKey: $0)) }
            self = .map(ValueMap(pairs, onRepeatedKey: .keepLast))
        }
    }

    /// Writes the value.
    ///
    /// A ``ValueEncoder`` takes the value unchanged. With any other encoder, bytes become Base64 text.
    ///
    /// - Throws: the encoder's error.
    public func encode(to encoder: any Encoder) throws {
        if let encoding = encoder as? ValueEncoding {
            encoding.set(self)
            return
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .unsigned(let value): try container.encode(value)
        case .float(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .bytes(let value): try container.encode(Base64.encode(value.span))
        case .list(let value): try container.encode(value)
        case .map(let value): try container.encode(value)
        }
    }
}

extension ValueMap: Codable {
    /// Reads a map by the rules of ``Value``.
    ///
    /// - Throws: an error if the value is not a map.
    public init(from decoder: any Decoder) throws {
        let value = try Value(from: decoder)
        if case .map(let map) = value {
            self = map
        } else if let decoding = decoder as? ValueDecoding {
            throw decoding.mismatch("a map", value)
        } else {
            throw DecodingError.typeMismatch(
                ValueMap.self, DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not a map"))
        }
    }

    /// Writes the map by the rules of ``Value``.
    ///
    /// - Throws: the encoder's error.
    public func encode(to encoder: any Encoder) throws {
        if let encoding = encoder as? ValueEncoding {
            encoding.set(.map(self))
            return
        }
        var container = encoder.container(keyedBy: ValueCodingName.self)
        for (key, value) in self {
            try container.encode(value, forKey: ValueCodingName(stringValue: key))
        }
    }
}
