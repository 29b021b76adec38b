/// A set of characters of which a text is made.
public struct Alphabet: Sendable {
    /// 0 to 9.
    public static let digits = Alphabet("0"..."9")

    private let ranges: [ClosedRange<Unicode.Scalar>]
    private let isExcluding: Bool

    /// The characters of some ranges.
    public init(_ ranges: ClosedRange<Unicode.Scalar>...) { (self.ranges, isExcluding) = (ranges, false) }

    /// These characters.
    public init(of text: String) { (ranges, isExcluding) = (text.unicodeScalars.map { $0...$0 }, false) }

    /// All characters but these.
    public init(allBut text: String) { (ranges, isExcluding) = (text.unicodeScalars.map { $0...$0 }, true) }

    /// Whether the character is one of them.
    public func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar) } != isExcluding
    }

    /// Whether a text has such characters alone, and at least one.
    public func spells(_ text: String) -> Bool { !text.isEmpty && text.unicodeScalars.allSatisfy(contains) }

    /// The regular expression of the texts that it spells.
    public var pattern: String { TextShape.word(of: self).pattern }

    /// The regular expression of one of the characters.
    fileprivate var piece: String {
        let pieces = ranges.map { range in
            range.lowerBound == range.upperBound
                ? Self.escaped(range.lowerBound) : "\(Self.escaped(range.lowerBound))-\(Self.escaped(range.upperBound))"
        }
        return "[\(isExcluding ? "^" : "")\(pieces.joined())]"
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\t": "\\t"
        case "\\", "]", "[", "^", "-": "\\\(scalar)"
        default: "\(scalar)"
        }
    }
}

/// A pattern for texts.
///
/// It checks a text, and gives the same pattern as a regular expression. So a field's schema and its reading cannot
/// disagree.
public indirect enum TextShape: Sendable {
    /// One of some characters.
    case character(Alphabet)
    /// One shape after the other.
    case sequence([TextShape])
    /// One of several shapes.
    case choice([TextShape])
    /// A shape so many times; nil is any number of times from the least on.
    case repeated(TextShape, atLeast: Int, atMost: Int?)

    /// At least one of some characters.
    public static func word(of alphabet: Alphabet) -> TextShape {
        .repeated(.character(alphabet), atLeast: 1, atMost: nil)
    }

    /// Any number of some characters.
    public static func any(_ alphabet: Alphabet) -> TextShape {
        .repeated(.character(alphabet), atLeast: 0, atMost: nil)
    }

    /// Shapes with a character between each two.
    public static func list(of element: TextShape, separatedBy separator: Unicode.Scalar) -> TextShape {
        let next = TextShape.sequence([.character(Alphabet(separator...separator)), element])
        return .sequence([element, .repeated(next, atLeast: 0, atMost: nil)])
    }

    /// Exactly a text, in letters of either case.
    public static func ignoringCase(_ text: String) -> TextShape {
        .sequence(
            text.unicodeScalars.map { scalar in
                let (lower, upper) = ("\(scalar)".lowercasedASCII, "\(scalar)".uppercasedASCII)
                return .character(Alphabet(of: lower == upper ? lower : lower + upper))
            })
    }

    /// Whether the whole text has the shape.
    public func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        return ends(in: scalars, from: [0]).contains(scalars.count)
    }

    /// The regular expression of ECMA 262 for the whole text.
    public var pattern: String { "^\(piece)$" }

    /// Where the shape can end in a text if it begins at one of some places.
    private func ends(in scalars: [Unicode.Scalar], from starts: Set<Int>) -> Set<Int> {
        switch self {
        case .character(let alphabet):
            return Set(starts.lazy.filter { $0 < scalars.count && alphabet.contains(scalars[$0]) }.map { $0 + 1 })
        case .sequence(let parts):
            return parts.reduce(starts) { $1.ends(in: scalars, from: $0) }
        case .choice(let shapes):
            return shapes.reduce(into: []) { $0.formUnion($1.ends(in: scalars, from: starts)) }
        case .repeated(let shape, let least, let most):
            var (places, found) = (starts, least == 0 ? starts : [])
            var count = 0
            while !places.isEmpty, count < most ?? .max {
                places = shape.ends(in: scalars, from: places)
                count += 1
                guard count >= least else { continue }
                places.subtract(found)
                found.formUnion(places)
            }
            return found
        }
    }

    private var piece: String {
        switch self {
        case .character(let alphabet): return alphabet.piece
        case .sequence(let parts): return parts.map(\.piece).joined()
        case .choice(let shapes): return "(\(shapes.map(\.piece).joined(separator: "|")))"
        case .repeated(let shape, let least, let most):
            let times =
                switch (least, most) {
                case (0, nil): "*"
                case (1, nil): "+"
                case (0, 1): "?"
                case (_, least): "{\(least)}"
                default: "{\(least),\(most.map(String.init) ?? "")}"
                }
            if case .sequence = shape { return "(\(shape.piece))\(times)" }
            return shape.piece + times
        }
    }
}
