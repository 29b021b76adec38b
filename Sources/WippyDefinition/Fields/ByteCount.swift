import WippyText

/// A size in bytes, as in definition files: `10MiB`, `64KiB`, `512`.
public struct ByteCount: Hashable, Sendable {
    /// How many bytes; never negative.
    public let bytes: Int

    /// Creates a size.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// A number of units of 1,024 bytes.
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }

    /// A number of units of 1,048,576 bytes.
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    /// The units as they are written, each with its bytes; from the one for whole numbers of bytes no two differ.
    package static let units = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1), ("", 1),
    ]
}

extension ByteCount: Comparable {
    /// Orders by size.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

extension ByteCount: OrderedFieldValue {
    /// The form of a field whose values are in a range.
    public static func form(in range: ClosedRange<ByteCount>) -> FieldForm { .size(in: range) }

    /// A stand-in for a value that cannot be read.
    public static var placeholder: ByteCount { ByteCount(0) }

    /// Every value.
    public static var all: ClosedRange<ByteCount> { ByteCount(0)...ByteCount(.max) }

    /// Reads the value; anything else is a problem.
    public init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar?.text ?? ""
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int(digits), let unit = Self.units.first(where: { ExactText.areEqual($0.0, String(suffix)) }),
            case (let bytes, false) = count.multipliedReportingOverflow(by: unit.1)
        else { throw .expected(Self.form, got: node) }
        self.init(bytes)
    }

    /// The value as a definition file has it.
    public var written: String {
        let unit = Self.units.prefix(3).first { bytes >= $0.1 && bytes % $0.1 == 0 } ?? ("", 1)
        return "\(bytes / unit.1)\(unit.0)"
    }
}
