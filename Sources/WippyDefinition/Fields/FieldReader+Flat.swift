import WippyText

extension FieldReader {
    /// Reads the fields of a map whose keys may contain dots, such as `cors.max.age` in `options`.
    ///
    /// Each key is the whole name of a field, or the first part of the name if the value is a map with the rest. A
    /// quoted value is read as the type of its field, like a value from the command line: a field for numbers reads
    /// `"60"` as a number.
    ///
    /// - Parameters:
    ///   - path: the path of the map.
    ///   - read: reads the fields.
    public mutating func flat<Value>(_ path: String, _ read: (inout FieldReader) -> Value) -> Value {
        map.flatMaps.insert(ExactText(prefix + path))
        return nested(path, read)
    }

    /// Accepts fields without effect in a map whose keys may contain dots, such as `cors.max.age`.
    ///
    /// Each such field that the entry has gets a warning with the reason.
    ///
    /// - Parameters:
    ///   - path: the path of the map.
    ///   - reason: the reason why the fields have no effect.
    ///   - read: reads the fields, to find out their names.
    public mutating func ignoredFlat<Value>(
        _ path: String, because reason: String, _ read: (inout FieldReader) -> Value
    ) {
        var unread = FieldReader(describingIn: namespace)
        _ = read(&unread)
        flat(path) { fields in
            let older = unread.map.olderNames.values.sorted().map(\.string)
            for name in unread.descriptions.map(\.path) + older { fields.ignored(name, because: reason) }
        }
    }

    /// Declares the name that a field has in older projects.
    ///
    /// Call it before you read the field. If the entry has both names, a warning says that the older one has no effect.
    ///
    /// - Parameters:
    ///   - older: the path of the field in older projects.
    ///   - path: the field's path.
    public mutating func olderName(_ older: String, of path: String) {
        let path = prefix + path
        map.olderNames[ExactText(path)] = ExactText(prefix + older)
        guard let root, map.find(path) != nil, let pair = map.find(prefix + older) else { return }
        let sentence = "'\(prefix)\(older)' has no effect: '\(path)' is set, too"
        problems.add(root.problem(.warning, at: pair.keyLocation, sentence))
    }
}

extension Node {
    /// Returns the option with a dotted name: from nested maps, as `-o` finds it, or from one whole key.
    func option(named name: String) -> Pair? {
        let map = structured
        for outer in map.pairs where name.hasExactPrefix("\(outer.key).") {
            if let found = outer.value.option(named: name.dropping("\(outer.key).")) { return found }
        }
        guard var pair = map.pair(name) else { return nil }
        pair.value = pair.value.unquoted
        return pair
    }

    /// The node, in which a quoted text is changed so that it is read as the type of its field.
    private var unquoted: Node {
        guard let scalar, scalar.style == .quoted else { return self }
        return with(.scalar(Scalar(scalar.text, style: .external)))
    }
}
