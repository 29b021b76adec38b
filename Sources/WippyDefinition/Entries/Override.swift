import WippyText

/// A value for a field of an entry, which takes precedence over the value in the definition file.
public struct Override: Sendable {
    /// The part of an entry that an override replaces.
    enum Part: Hashable, Sendable {
        case kind
        /// A field of `meta`, with the names that lead to it.
        case meta([ExactText])
        /// A field of the entry's data, with the names that lead to it.
        case data([ExactText])
    }

    /// The id of the entry to change.
    public let target: EntryID

    /// The key as the user wrote it, such as `app:gateway:addr`.
    public let key: String

    /// The last part of the key, the path: `addr`.
    var path: String { key.dropping("\(target):") }

    let part: Part
    var value: Node
    let keyLocation: Location

    /// Reads the texts of options `-o`, such as `namespace:entry:path=value`, in order.
    ///
    /// A path is `kind`, `meta.x`, `data.x`, or `x` for `data.x`. If several overrides set the same path, the last
    /// one takes precedence.
    ///
    /// An option can have several overrides, with commas between them: `app:db:host=a,app:db:port=1`. A comma is a part
    /// of the value if no key such as `app:db:port=` or `"app:db:port=` follows it. In double quotes, an override can
    /// have any commas, and two quotes stand for one.
    ///
    /// If a key has other characters than letters, digits, `_`, `-`, `.` and `:`, give its override a separate `-o`.
    ///
    /// - Parameters:
    ///   - options: the texts of the options, without `-o`.
    ///   - report: receives an error for each malformed override. Such an override is left out.
    public static func options(_ options: [String], report: inout Report) -> [Override] {
        options.flatMap(separated).compactMap { option in
            let parts = option.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            let location = Location(source: "-o \(parts.first ?? "")")
            guard parts.count == 2 else {
                report.add(.error(at: location, "must be namespace:entry:path=value"))
                return nil
            }
            let value = Node(.scalar(Scalar(parts[1], style: .external)), at: location)
            if let override = Override(key: parts[0], at: location, value: value) { return override }
            report.add(.error(at: location, "'\(parts[0])' must be namespace:entry:path"))
            return nil
        }
    }

    /// Creates an override from a key; nil if the key is not `namespace:entry:path`.
    init?(key: String, at keyLocation: Location, value: Node) {
        let colons = key.unicodeScalars.indices.filter { key.unicodeScalars[$0] == ":" }
        guard let first = colons.first, let last = colons.last, first < last,
            let target = EntryID(String(key[..<last])),
            let part = Part(String(key.unicodeScalars[last...].dropFirst()))
        else { return nil }
        (self.key, self.target, self.part, self.value, self.keyLocation) = (key, target, part, value, keyLocation)
    }

    /// Splits the text of one option into overrides.
    private static func separated(_ text: String) -> [String] {
        var overrides: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            let override = popQuoted(from: &rest) ?? popPlain(from: &rest)
            overrides.append(override)
            guard rest.popFirst() != nil else { return overrides }
        }
    }

    /// Takes an override without quotes from the text, up to the comma before the next override.
    private static func popPlain(from rest: inout Substring.UnicodeScalarView) -> String {
        let text = rest
        repeat {
            rest = rest.dropFirst().drop { $0 != "," }
        } while !rest.isEmpty && !beginsOverride(rest.dropFirst())
        return String(text[..<rest.startIndex])
    }

    /// Takes an override in double quotes from the text; nil if the text does not begin with a complete one.
    private static func popQuoted(from rest: inout Substring.UnicodeScalarView) -> String? {
        guard rest.first == "\"" else { return nil }
        var text = String.UnicodeScalarView()
        var ahead = rest.dropFirst()
        while let scalar = ahead.popFirst() {
            if scalar != "\"" {
                text.append(scalar)
            } else if ahead.first == "\"" {
                text.append("\"")
                ahead.removeFirst()
            } else {
                guard ahead.isEmpty || ahead.first == "," else { return nil }
                rest = ahead
                return String(text)
            }
        }
        return nil
    }

    /// Returns true if a text begins with `namespace:entry:path=`, with or without a quote before it.
    private static func beginsOverride(_ text: Substring.UnicodeScalarView) -> Bool {
        let text = text.first == "\"" ? text.dropFirst() : text
        // The search stops at the key's end, because it runs for every comma of a long value.
        let key = text.prefix { $0 == ":" || isOfWord($0) }
        guard key.endIndex < text.endIndex, text[key.endIndex] == "=" else { return false }
        let words = key.split(omittingEmptySubsequences: false) { $0 == ":" }
        return words.count >= 3 && !words.contains(where: \.isEmpty)
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "-" || scalar == "." || scalar.properties.isAlphabetic
            || scalar.properties.numericType != nil
    }
}

extension Override.Part {
    fileprivate init?(_ path: String) {
        let parts = path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        let names = parts.map { ExactText(String($0)) }
        guard names.allSatisfy({ !$0.string.allSatisfy(\.isWhitespace) }) else { return nil }
        switch names.first {
        case DefinitionFrame.kind.key where names.count == 1: self = .kind
        case DefinitionFrame.meta.key where names.count > 1: self = .meta(Array(names.dropFirst()))
        case DefinitionFrame.data.key where names.count > 1: self = .data(Array(names.dropFirst()))
        case DefinitionFrame.meta.key, DefinitionFrame.data.key: return nil
        default: self = .data(names)
        }
    }
}

extension EntryDeclaration {
    /// Returns the declaration with the overrides applied, in order.
    ///
    /// - Parameter problems: receives errors about overrides, which are then left out.
    func applying(_ overrides: [Override], _ problems: inout [Diagnostic]) -> EntryDeclaration {
        var (kind, kindLocation, meta, data) = (kind, kindLocation, meta, data)
        var changes: (meta: [NodeChange], data: [NodeChange]) = ([], [])
        for override in overrides {
            switch override.part {
            case .kind:
                guard let scalar = override.value.scalar, scalar.isText, !scalar.text.allSatisfy(\.isWhitespace) else {
                    let change = NodeChange(override, at: [])
                    problems.append(change.problem(FieldProblem.expected("a string", got: override.value).message))
                    continue
                }
                let found = PlaceholderText.problems(
                    in: scalar.text, at: override.value.location, entry: override.target)
                problems += found
                guard !found.contains(where: { $0.severity == .error }) else { continue }
                kind = scalar.text.trimmed
                kindLocation = override.value.location
            case .meta(let names): changes.meta.append(NodeChange(override, at: names))
            case .data(let names): changes.data.append(NodeChange(override, at: names))
            }
        }
        meta.apply(changes.meta, &problems)
        data.apply(changes.data, &problems)
        return EntryDeclaration(
            id: id, kind: kind, kindLocation: kindLocation, location: location, meta: meta, data: data)
    }
}

extension NodeChange {
    fileprivate init(_ override: Override, at names: [ExactText]) {
        self.init(
            path: override.path, names: names[...], value: override.value, location: override.keyLocation,
            entry: override.target)
    }
}
