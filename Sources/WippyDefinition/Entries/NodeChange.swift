import WippyText

/// A value from outside a file, on its way down a tree of maps to the place where it belongs.
struct NodeChange {
    /// The path as it was written.
    let path: String
    /// The names that are still to go.
    var names: ArraySlice<ExactText>
    let value: Node
    /// Where the path was written.
    let location: Location
    /// The entry whose field it is, if it is an entry's.
    let entry: EntryID?

    /// What is wrong with the change.
    func problem(_ sentence: String) -> Diagnostic { .error(at: location, entry: entry, "'\(path)' \(sentence)") }
}

extension Node {
    /// Sets values in a tree of maps, in order; maps on the way are made where nothing stands.
    ///
    /// All at once, since each map is searched and copied once for all of them.
    mutating func apply(_ changes: [NodeChange], _ problems: inout [Diagnostic]) {
        // What is set here takes the place of all that was set below before.
        for run in changes.split(omittingEmptySubsequences: false, whereSeparator: \.names.isEmpty) {
            if run.startIndex > 0 { self = changes[run.startIndex - 1].value }
            if !run.isEmpty { applyBelow(run, &problems) }
        }
    }

    private mutating func applyBelow(_ changes: ArraySlice<NodeChange>, _ problems: inout [Diagnostic]) {
        let node = structured
        guard node.isMap || isNull else {
            for change in changes {
                // What stands there is not shown: it may be a secret.
                let sentence = "cannot be set: '\(change.names.first ?? "")' would stand in the value at \(location)"
                problems.append(change.problem("\(sentence), which is not a map"))
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
