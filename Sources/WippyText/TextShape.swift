/// A set of characters.
///
/// A character is one Unicode scalar here.
public struct Alphabet: Sendable {
    /// The digits 0 to 9.
    public static let digits = Alphabet("0"..."9")

    private let ranges: [ClosedRange<Unicode.Scalar>]
    private let isExcluding: Bool

    /// Creates the set of the characters in some ranges.
    public init(_ ranges: ClosedRange<Unicode.Scalar>...) { (self.ranges, isExcluding) = (ranges, false) }

    /// Creates the set of the characters in a text.
    public init(of text: String) { (ranges, isExcluding) = (text.unicodeScalars.map { $0...$0 }, false) }

    /// Creates the set of all characters that are not in a text.
    public init(allBut text: String) { (ranges, isExcluding) = (text.unicodeScalars.map { $0...$0 }, true) }

    /// Returns true if the character is in the set.
    public func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar) } != isExcluding
    }

    /// Returns true if a text has at least one character, and only characters of the set.
    public func spells(_ text: String) -> Bool { !text.isEmpty && text.unicodeScalars.allSatisfy(contains) }

    /// The regular expression for a text of at least one character, all of them in the set.
    ///
    /// It is a regular expression of ECMA 262 with the flag `u`.
    public var pattern: String { TextShape.word(of: self).pattern }

    /// The regular expression for one character of the set.
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

/// A pattern for texts, which can check a text and write itself as a regular expression.
///
/// The schema of a field and the code that reads the field can use the same shape, so that they agree.
public indirect enum TextShape: Sendable {
    /// One character of a set.
    case character(Alphabet)
    /// Several shapes, one after another.
    case sequence([TextShape])
    /// One of several shapes.
    case choice([TextShape])
    /// A shape that repeats, from `atLeast` to `atMost` times in a row.
    ///
    /// There is no upper limit if `atMost` is nil.
    case repeated(TextShape, atLeast: Int, atMost: Int?)

    /// Returns the shape of one or more characters of a set.
    public static func word(of alphabet: Alphabet) -> TextShape {
        .repeated(.character(alphabet), atLeast: 1, atMost: nil)
    }

    /// Returns the shape of any number of characters of a set, including none.
    public static func any(_ alphabet: Alphabet) -> TextShape {
        .repeated(.character(alphabet), atLeast: 0, atMost: nil)
    }

    /// Returns the shape of one or more elements, separated by a character.
    public static func list(of element: TextShape, separatedBy separator: Unicode.Scalar) -> TextShape {
        let next = TextShape.sequence([.character(Alphabet(separator...separator)), element])
        return .sequence([element, .repeated(next, atLeast: 0, atMost: nil)])
    }

    /// Returns the shape of one text, whose letters A to Z may each be in upper or lower case.
    public static func ignoringCase(_ text: String) -> TextShape {
        .sequence(
            text.unicodeScalars.map { scalar in
                let (lower, upper) = ("\(scalar)".lowercasedASCII, "\(scalar)".uppercasedASCII)
                return .character(Alphabet(of: lower == upper ? lower : lower + upper))
            })
    }

    /// Returns true if the whole text has the shape.
    public func matches(_ text: String) -> Bool {
        // The end of the first way is the end of the text for almost every text that has the shape.
        if firstEnd(in: text.unicodeScalars, from: text.startIndex) == text.endIndex { return true }
        let scalars = Array(text.unicodeScalars)
        return ends(in: scalars, from: [0]).all.last == scalars.count
    }

    /// Returns the end of the shape on the first way through it, without a search for other ways; nil if that way
    /// leads to no end.
    ///
    /// The first way repeats a shape as often as possible, and takes the first of several shapes that fits.
    private func firstEnd(in scalars: String.UnicodeScalarView, from start: String.Index) -> String.Index? {
        switch self {
        case .character(let alphabet):
            guard start < scalars.endIndex, alphabet.contains(scalars[start]) else { return nil }
            return scalars.index(after: start)
        case .sequence(let parts):
            var place = start
            for part in parts {
                guard let end = part.firstEnd(in: scalars, from: place) else { return nil }
                place = end
            }
            return place
        case .choice(let shapes):
            for shape in shapes {
                if let end = shape.firstEnd(in: scalars, from: start) { return end }
            }
            return nil
        case .repeated(let shape, let least, let most):
            var (place, count) = (start, 0)
            while count < most ?? .max, let end = shape.firstEnd(in: scalars, from: place) {
                // A shape that fits an empty text fits any number of times.
                if end == place { return place }
                (place, count) = (end, count + 1)
            }
            return count < least ? nil : place
        }
    }

    /// The regular expression for a whole text that has the shape.
    ///
    /// It is a regular expression of ECMA 262 with the flag `u`.
    public var pattern: String { "^\(piece)$" }

    /// Offsets in a text, in order.
    private struct Places: ExpressibleByArrayLiteral {
        private(set) var all: [Int] = []

        init(arrayLiteral places: Int...) {
            for place in places { insert(place) }
        }

        /// Adds an offset.
        ///
        /// - Returns: false if the offset was there already.
        @discardableResult
        mutating func insert(_ place: Int) -> Bool {
            // A new offset is almost always behind all others.
            guard let last = all.last, last >= place else {
                all.append(place)
                return true
            }
            let before = all.lastIndex { $0 <= place }
            if let before, all[before] == place { return false }
            all.insert(place, at: before.map { $0 + 1 } ?? 0)
            return true
        }
    }

    /// The offsets at which the shape can end in a text if it begins at one of the given offsets.
    private func ends(in scalars: [Unicode.Scalar], from starts: Places) -> Places {
        switch self {
        case .character(let alphabet):
            var ends: Places = []
            for place in starts.all where place < scalars.count && alphabet.contains(scalars[place]) {
                ends.insert(place + 1)
            }
            return ends
        case .sequence(let parts):
            return parts.reduce(starts) { $1.ends(in: scalars, from: $0) }
        case .choice(let shapes):
            var ends: Places = []
            for shape in shapes {
                for place in shape.ends(in: scalars, from: starts).all { ends.insert(place) }
            }
            return ends
        case .repeated(let shape, let least, let most):
            var places = starts
            var found = least == 0 ? starts : []
            var count = 0
            while !places.all.isEmpty, count < most ?? .max {
                let next = shape.ends(in: scalars, from: places)
                count += 1
                guard count >= least else {
                    places = next
                    continue
                }
                places = []
                for place in next.all where found.insert(place) { places.insert(place) }
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
            switch shape {
            case .sequence, .repeated: return "(\(shape.piece))\(times)"
            case .character, .choice: return shape.piece + times
            }
        }
    }
}
