import WippyText

/// A size in bytes, such as `10MiB` in a definition file.
public struct ByteCount: Hashable, Sendable {
    /// The number of bytes, at least 0.
    public let bytes: Int

    /// Creates a size from a number of bytes, which must be at least 0.
    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Returns a size of `count` KiB.
    ///
    /// A KiB is 1,024 bytes.
    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }

    /// Returns a size of `count` MiB.
    ///
    /// A MiB is 1,048,576 bytes.
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    /// The units in definition files, each with its number of bytes.
    ///
    /// A size is written with one of the first three units, or as a number of bytes.
    package static let units = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1), ("", 1),
    ]
}

extension ByteCount: Comparable {
    /// Orders sizes by their numbers of bytes.
    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

extension ByteCount: OrderedFieldValue {
    /// Returns the form of a field that takes a size in a range.
    public static func form(in range: ClosedRange<ByteCount>) -> FieldForm { .size(in: range) }

    /// The value that stands in for one that cannot be read: 0 bytes.
    public static var substitute: ByteCount { ByteCount(0) }

    /// The range of all sizes.
    public static var all: ClosedRange<ByteCount> { ByteCount(0)...ByteCount(.max) }

    /// Reads a size such as `10MiB`.
    ///
    /// - Throws: ``FieldProblem`` for anything else.
    public init(reading node: Node) throws(FieldProblem) {
        let text = node.scalar?.text ?? ""
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst(digits.count).drop { $0 == " " }
        guard let count = Int(digits), let unit = Self.units.first(where: { ExactText.areEqual($0.0, String(suffix)) }),
            case (let bytes, false) = count.multipliedReportingOverflow(by: unit.1)
        else { throw .expected(Self.form, got: node) }
        self.init(bytes)
    }

    /// The size as it is written in a definition file, such as `10MiB`.
    public var written: String {
        let unit = Self.units.prefix(3).first { bytes >= $0.1 && bytes % $0.1 == 0 } ?? ("", 1)
        return "\(bytes / unit.1)\(unit.0)"
    }
}
