import WippyText
import WippyValues

/// Composes a JSON text into located nodes, under the same limits as YAML.
///
/// A repeated key is reported, and the first one is kept. Any other error ends the reading.
enum JSONComposer {
    /// Reads a file.
    static func compose(_ file: SourceFile, limits: SourceLimits = .standard) -> ComposedText {
        var builder = NodeBuilder(file, limits: limits)
        do throws(JSONError) {
            let root = try JSON.read(file.text.utf8Span.span, with: &builder, maxNesting: limits.nesting)
            return ComposedText(root: root, problems: builder.problems)
        } catch {
            var cursor = NodeBuilder(file, limits: limits)
            let place = cursor.location(of: error.place?.offset ?? 0)
            let sentence = builder.isFull ? "the file holds more than \(limits.nodes) values" : error.message
            return ComposedText(problems: [.error(at: place, sentence)], wasAbandoned: true)
        }
    }
}

/// Creates nodes with the lines and columns at which they begin and end.
private struct NodeBuilder: JSONBuilder {
    /// The place where a piece begins.
    struct Start {
        let location: Location
        /// The number of bytes before it.
        let offset: Int
    }

    private(set) var problems: [Diagnostic] = []

    /// True if a value was refused because there were too many.
    private(set) var isFull = false

    private let path: String
    private let maxNodes: Int
    private var count = 0
    private var rest: String.UnicodeScalarView.Iterator
    private var passed = 0
    private var place = TextPlace()
    private let bytes: [UInt8]
    /// The number of bytes before the end of the last piece.
    private var lastEnd = 0

    init(_ file: SourceFile, limits: SourceLimits) {
        path = file.path
        maxNodes = limits.nodes
        rest = file.text.unicodeScalars.makeIterator()
        bytes = Array(file.text.utf8)
    }

    /// Returns the place of a byte.
    ///
    /// Offsets must not decrease from call to call.
    mutating func location(of offset: Int) -> Location {
        while passed < offset, let scalar = rest.next() {
            passed += UTF8.width(scalar)
            place.pass(scalar)
        }
        return Location(file: path, line: place.line, column: place.column)
    }

    mutating func place(of offset: Int) -> Start? {
        count += 1
        isFull = count > maxNodes
        return isFull ? nil : Start(location: location(of: offset), offset: offset)
    }

    /// Returns the place of a piece that ends before a byte.
    private mutating func place(from start: Start, to end: Int) -> Location {
        lastEnd = end
        return start.location.extended(to: location(of: end).asEnd)
    }

    /// Returns the place of a string or a key, which ends with the first quotation mark that is not escaped.
    private mutating func placeOfString(from start: Start) -> Location {
        var end = start.offset + 1
        while bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return place(from: start, to: end + 1)
    }

    /// Returns the place of a list or a map, which ends with the first character behind its last piece and white space.
    ///
    /// - Parameter isEmpty: true if the list or map has no pieces.
    private mutating func placeOfBrackets(from start: Start, isEmpty: Bool) -> Location {
        var end = isEmpty ? start.offset + 1 : lastEnd
        while bytes[end].isBlank { end += 1 }
        return place(from: start, to: end + 1)
    }

    private mutating func word(_ text: String, at start: Start) -> Node {
        Node(.scalar(Scalar(text, style: .plain)), at: place(from: start, to: start.offset + text.utf8.count))
    }

    mutating func null(at start: Start) -> Node { word("null", at: start) }

    mutating func bool(_ value: Bool, at start: Start) -> Node { word("\(value)", at: start) }

    /// Returns a node with the text of the number.
    ///
    /// The core schema of YAML reads it in the same way as JSON.
    mutating func number(_ value: JSONNumber, _ digits: Range<Int>, of bytes: Span<UInt8>, at start: Start) -> Node {
        word(String(decoding: digits.map { bytes[$0] }, as: UTF8.self), at: start)
    }

    mutating func string(_ text: String, at start: Start) -> Node {
        Node(.scalar(Scalar(text, style: .quoted)), at: placeOfString(from: start))
    }

    mutating func list(_ elements: consuming [Node], at start: Start) -> Node {
        let place = placeOfBrackets(from: start, isEmpty: elements.isEmpty)
        return Node(.sequence(elements), at: place)
    }

    mutating func key(_ text: String, at start: Start) -> (text: String, place: Location) {
        (text, placeOfString(from: start))
    }

    mutating func map(_ pairs: consuming [((text: String, place: Location), Node)], at start: Start) -> Node? {
        let place = placeOfBrackets(from: start, isEmpty: pairs.isEmpty)
        var unique = UniquePairs()
        for (key, value) in pairs {
            let pair = Node.Pair(key: key.text, keyLocation: key.place, value: value)
            if let first = unique.add(pair) { problems.append(pair.repeated(after: first)) }
        }
        return Node(.mapping(unique.pairs), at: place)
    }
}

extension Location {
    /// A place that ends where this one begins.
    fileprivate var asEnd: Location {
        Location(file: source, line: line, column: column, endLine: line, endColumn: column)
    }
}
