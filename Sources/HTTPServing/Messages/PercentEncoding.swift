import WippyText

/// Percent-encoding of paths and queries (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// Decodes bytes as text.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    ///
    /// - Parameters:
    ///   - bytes: the encoded bytes.
    ///   - plusIsSpace: true if a `+` stands for a blank, as in the query of an HTML form. Default: false.
    /// - Returns: nil if a `%` is not followed by two hexadecimal digits.
    public static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
        guard bytes.contains(where: { $0 == percent || (plusIsSpace && $0 == plus) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        return decodedBytes(bytes, plusIsSpace: plusIsSpace).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Decodes bytes.
    ///
    /// - Parameters:
    ///   - bytes: the encoded bytes.
    ///   - plusIsSpace: true if a `+` stands for a blank, as in the query of an HTML form. Default: false.
    /// - Returns: nil if a `%` is not followed by two hexadecimal digits.
    public static func decodedBytes(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == percent {
                guard let value = escaped(at: index, in: bytes) else { return nil }
                decoded.append(value)
                index += 3
            } else {
                decoded.append(plusIsSpace && byte == plus ? Grammar.space : byte)
                index += 1
            }
        }
        return decoded
    }

    /// Encodes a name or a value for the query of an HTML form.
    ///
    /// ASCII letters, digits and `-_.~` stay. A blank becomes `+`, and every other byte is percent-encoded.
    public static func encodeForm(_ text: some Sequence<UInt8>) -> String {
        var encoded: [UInt8] = []
        for byte in text {
            switch byte {
            case Grammar.space: encoded.append(plus)
            case _ where unreserved.contains(byte): encoded.append(byte)
            default: append(byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Appends the three characters that stand for a byte.
    package static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        bytes += [percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static let unreserved = Grammar.ASCIISet(
        "-_.~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private static func escaped(at index: Int, in bytes: ArraySlice<UInt8>) -> UInt8? {
        guard bytes.endIndex - index > 2, let high = bytes[index + 1].hexDigitValue,
            let low = bytes[index + 2].hexDigitValue
        else { return nil }
        return high << 4 | low
    }

    private static let percent = UInt8(ascii: "%")
    private static let plus = UInt8(ascii: "+")
}
