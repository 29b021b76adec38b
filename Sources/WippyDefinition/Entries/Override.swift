import WippyText

/// A value that takes the place of one in an entry: from `-o`, or from the section `override` of `.wippy.yaml`.
public struct Override: Sendable {
    /// What of the entry is replaced.
    enum Part: Hashable, Sendable {
        case kind
        /// A field of `meta`, by the names on the way to it.
        case meta([ExactText])
        /// A field of the entry's data, by the names on the way to it.
        case data([ExactText])
    }

    /// The entry concerned.
    public let target: EntryID

    /// The key as written: `app:gateway:addr`.
    public let key: String

    /// The path as written, the last part of the key: `addr`.
    var path: String { key.dropping("\(target):") }

    let part: Part
    let value: Node
    let keyLocation: Location

    /// Reads the options `-o namespace:entry:path=value`, in order; the last one for a path wins.
    ///
    /// One option may hold several, separated by commas; in double quotes a comma is an ordinary character, and two
    /// double quotes are one. A path is `kind`, `meta.x`, `data.x`, or `x` alone for `data.x`.
    ///
    /// - Parameter report: gets an error for each that has another form; it is left out.
    public static func options(_ options: [String], report: inout Report) -> [Override] {
        options.flatMap(commaSeparated).compactMap { option in
            let parts = option.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let location = Location(source: "-o \(parts.first ?? "")")
            guard parts.count == 2 else {
                report.add(.error(at: location, "must be namespace:entry:path=value"))
                return nil
            }
            let value = Node(.scalar(Scalar(parts[1], style: .external)), at: location)
            return Override(key: parts[0], at: location, value: value, report: &report)
        }
    }

    /// Reads one override; nil after an error.
    init?(key: String, at keyLocation: Location, value: Node, report: inout Report) {
        let colons = key.unicodeScalars.indices.filter { key.unicodeScalars[$0] == ":" }
        guard let first = colons.first, let last = colons.last, first < last,
            let target = EntryID(String(key[..<last]), relativeTo: ""),
            let part = Part(String(key.unicodeScalars[last...].dropFirst()))
        else {
            report.add(.error(at: keyLocation, "'\(key)' must be namespace:entry:path"))
            return nil
        }
        (self.key, self.target, self.part, self.value, self.keyLocation) = (key, target, part, value, keyLocation)
    }

    /// Splits an option as a line of comma-separated values.
    private static func commaSeparated(_ text: String) -> [String] {
        var values: [String] = []
        var value = ""
        var isQuoted = false
        var characters = Array(text)[...]
        while let character = characters.popFirst() {
            switch character {
            case "\"" where isQuoted && characters.first == "\"":
                value.append(character)
                characters.removeFirst()
            case "\"" where isQuoted: isQuoted = false
            case "\"" where value.isEmpty: isQuoted = true
            case "," where !isQuoted:
                values.append(value)
                value = ""
            default: value.append(character)
            }
        }
        return values + [value]
    }
}

extension Override.Part {
    fileprivate init?(_ path: String) {
        let parts = path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        let names = parts.map { ExactText(String($0)) }
        guard names.allSatisfy({ !$0.string.allSatisfy(\.isWhitespace) }) else { return nil }
        switch names.first {
        case "kind" where names.count == 1: self = .kind
        case "meta" where names.count > 1: self = .meta(Array(names.dropFirst()))
        case "data" where names.count > 1: self = .data(Array(names.dropFirst()))
        case "meta", "data": return nil
        default: self = .data(names)
        }
    }
}

extension EntryDeclaration {
    /// Puts an override's value in its place.
    mutating func apply(_ override: Override) throws(FieldProblem) {
        switch override.part {
        case .kind:
            guard let scalar = override.value.scalar, scalar.isText, !scalar.text.allSatisfy(\.isWhitespace) else {
                throw .expected("a text", got: override.value)
            }
            kind = scalar.text.trimmed
            kindLocation = override.value.location
        case .meta(let names): try meta.set(names[...], to: override.value, at: override.keyLocation)
        case .data(let names): try data.set(names[...], to: override.value, at: override.keyLocation)
        }
    }
}

extension Node {
    /// Sets a value in a tree of maps; maps on the way are made where nothing stands.
    fileprivate mutating func set(
        _ names: ArraySlice<ExactText>, to value: Node, at keyLocation: Location
    ) throws(FieldProblem) {
        guard let name = names.first else {
            self = value
            return
        }
        var pairs = self.pairs
        guard isMap || isNull else {
            throw FieldProblem("cannot be set: '\(name)' would stand in \(found) (\(location)), which is not a map")
        }
        let index = pairs.firstIndex { $0.key == name }
        var child = index.map { pairs[$0].value } ?? Node(.mapping([]), at: keyLocation)
        try child.set(names.dropFirst(), to: value, at: keyLocation)
        let pair = Node.Pair(key: name.string, keyLocation: keyLocation, value: child)
        if let index, names.count > 1 {
            pairs[index].value = child
        } else if let index {
            pairs[index] = pair
        } else {
            pairs.append(pair)
        }
        content = .mapping(pairs)
    }
}

extension String {
    /// The text without white space around it.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
