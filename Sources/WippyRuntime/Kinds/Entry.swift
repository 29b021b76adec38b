public import WippyDefinition
public import WippyText

/// An entry that its kind has decoded.
public struct Entry<Config: Sendable>: Sendable {
    /// The entry's full id.
    public let id: EntryID

    /// The place of the entry's name.
    public let location: Location

    /// The entry's fields, with defaults.
    public let config: Config

    private let places: [ExactText: Location]

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - id: the entry's full id.
    ///   - location: the place of the entry's name.
    ///   - config: the decoded fields.
    ///   - places: the places of the values of the written fields, by the fields' paths. Default: none.
    public init(id: EntryID, location: Location, config: Config, places: [ExactText: Location] = [:]) {
        self.id = id
        self.location = location
        self.config = config
        self.places = places
    }

    /// Returns the entry with a part of its config instead of the whole config.
    public func map<Part: Sendable>(_ part: (Config) -> Part) -> Entry<Part> {
        Entry<Part>(id: id, location: location, config: part(config), places: places)
    }

    /// Returns the place of a field's value.
    ///
    /// If the kind has read no value at this path, the result is the place of the nearest value around it that the kind
    /// has read as a field, such as the list around an element. If there is none, this is the entry's own place.
    public func location(of field: String) -> Location {
        if let place = places[ExactText(field)] { return place }
        let end = field.unicodeScalars.lastIndex { $0 == "." || $0 == "[" }
        return end.map { location(of: String(field[..<$0])) } ?? location
    }

    /// Returns true if the declaration of the entry has a value for the field, even null.
    ///
    /// The result is false for a path that the kind did not read as a field of its own, such as an element of a list.
    public func isWritten(_ field: String) -> Bool { places[ExactText(field)] != nil }

    /// Returns the paths of the written fields below a path, sorted.
    public func writtenFields(below path: String) -> [String] {
        places.keys.filter { $0.string.hasExactPrefix(path + ".") }.sorted().map(\.string)
    }

    /// Returns an error at the place of a field.
    ///
    /// - Parameters:
    ///   - field: the field's path.
    ///   - sentence: the rest of the sentence that begins with the field's name, such as `names the queue itself`.
    public func error(_ field: String, _ sentence: String) -> Diagnostic {
        .error(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }

    /// Returns a warning at the place of a field, for a field that has no effect or is probably wrong.
    ///
    /// The parameters are those of ``error(_:_:)``.
    public func warning(_ field: String, _ sentence: String) -> Diagnostic {
        .warning(at: location(of: field), entry: id, "'\(field)' \(sentence)")
    }
}
