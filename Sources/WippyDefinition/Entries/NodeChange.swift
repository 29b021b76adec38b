import WippyText

/// A value that is put into a tree of maps, at the end of a path.
struct NodeChange {
    /// The path as the user wrote it.
    let path: String
    /// The names from the current map to the position of the value.
    var names: ArraySlice<ExactText>
    let value: Node
    /// The place of the path.
    let location: Location
    /// The entry whose field is changed; nil if the tree is not an entry's.
    let entry: EntryID?

    /// Returns an error about the change.
    func problem(_ sentence: String) -> Diagnostic { .error(at: location, entry: entry, "'\(path)' \(sentence)") }
}

extension Node {
    /// Sets values in a tree of maps, in order.
    ///
    /// Missing maps on the way are created. All values are set in one pass, so that each map is searched and copied
    /// only once.
    mutating func apply(_ changes: [NodeChange], _ problems: inout [Diagnostic]) {
        // A value that is set here replaces all values that were set below it before.
        for run in changes.split(omittingEmptySubsequences: false, whereSeparator: \.names.isEmpty) {
            if run.startIndex > 0 { self = changes[run.startIndex - 1].value }
            if !run.isEmpty { applyBelow(run, &problems) }
        }
    }

    private mutating func applyBelow(_ changes: ArraySlice<NodeChange>, _ problems: inout [Diagnostic]) {
        let node = structured
        guard node.isMap || isNull else {
            for change in changes {
                // The sentence does not show the existing value, which may be a secret.
                let sentence = "cannot be set: the value at \(location) is not a map"
                problems.append(
                    change.problem("\(sentence), so it cannot hold '\(change.names.first ?? "")'").naming(location))
            }
            return
        }
        var pairs = node.pairs
        var places: [ExactText: Int] = [:]
        for (place, pair) in pairs.enumerated() { places[pair.key] = place }
        var below: [Int: [NodeChange]] = [:]
        for var change in changes {
            guard let name = change.names.popFirst() else { continue }
            let location = change.location
            let place = places[name] ?? pairs.count
            if place == pairs.count {
                places[name] = place
                pairs.append(Pair(key: name.string, keyLocation: location, value: Node(.mapping([]), at: location)))
            } else if change.names.isEmpty {
                pairs[place] = Pair(key: name.string, keyLocation: location, value: pairs[place].value)
            }
            below[place, default: []].append(change)
        }
        for (place, changes) in below { pairs[place].value.apply(changes, &problems) }
        content = .mapping(pairs)
    }
}
