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

/// Creates nodes with the lines and columns at which they begin.
private struct NodeBuilder: JSONBuilder {
    private(set) var problems: [Diagnostic] = []

    /// True if a value was refused because there were too many.
    private(set) var isFull = false

    private let path: String
    private let maxNodes: Int
    private var count = 0
    private var rest: String.UnicodeScalarView.Iterator
    private var passed = 0
    private var place = TextPlace()

    init(_ file: SourceFile, limits: SourceLimits) {
        path = file.path
        maxNodes = limits.nodes
        rest = file.text.unicodeScalars.makeIterator()
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

    mutating func place(of offset: Int) -> Location? {
        count += 1
        isFull = count > maxNodes
        return isFull ? nil : location(of: offset)
    }

    func null(at place: Location) -> Node { Node(.scalar(Scalar("null", style: .plain)), at: place) }

    func bool(_ value: Bool, at place: Location) -> Node {
        Node(.scalar(Scalar("\(value)", style: .plain)), at: place)
    }

    /// Returns a node with the text of the number.
    ///
    /// The core schema of YAML reads it in the same way as JSON.
    func number(_ value: JSONNumber, _ digits: Range<Int>, of bytes: Span<UInt8>, at place: Location) -> Node {
        let text = String(decoding: digits.map { bytes[$0] }, as: UTF8.self)
        return Node(.scalar(Scalar(text, style: .plain)), at: place)
    }

    func string(_ text: String, at place: Location) -> Node { Node(.scalar(Scalar(text, style: .quoted)), at: place) }

    func list(_ elements: consuming [Node], at place: Location) -> Node { Node(.sequence(elements), at: place) }

    func key(_ text: String, at place: Location) -> (text: String, place: Location) { (text, place) }

    mutating func map(_ pairs: consuming [((text: String, place: Location), Node)], at place: Location) -> Node? {
        var unique = UniquePairs()
        for (key, value) in pairs {
            if let first = unique.add(Node.Pair(key: key.text, keyLocation: key.place, value: value)) {
                problems.append(.error(at: key.place, "'\(key.text)' is written twice, first at \(first)"))
            }
        }
        return Node(.mapping(unique.pairs), at: place)
    }
}
