import WippyText

/// The values that the component and the service of an entry show.
///
/// These are the values in their structs, enumerations, lists and links. An object shows nothing unless it is a
/// `CustomReflectable`.
struct ShownValues {
    private var values: [ExactText: any Equatable] = [:]

    /// The most values inside each other.
    ///
    /// A link can lead back to where it comes from.
    private static let maxDepth = 8

    init(of built: Any) { note(built, at: [], depth: 0) }

    private mutating func note(_ value: Any, at path: [String], depth: Int) {
        let isObject = type(of: value) is AnyClass
        guard depth < Self.maxDepth, !isObject || value is any CustomReflectable else { return }
        if !isObject, let value = value as? any Equatable {
            values[ExactText(path.joined(separator: "."))] = value
            return
        }
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .dictionary || mirror.displayStyle == .set { return }
        for (index, child) in mirror.children.enumerated() {
            let name = mirror.displayStyle == .optional ? [] : [child.label ?? "\(index)"]
            note(child.value, at: path + name, depth: depth + 1)
        }
    }

    /// Returns these values without those that differ between two others.
    func without(differencesOf first: ShownValues, and second: ShownValues) -> ShownValues {
        let differing = Set(first.paths(differingFrom: second))
        var rest = self
        rest.values = values.filter { !differing.contains($0.key) }
        return rest
    }

    /// Returns the paths of the values that are not the same in both, sorted.
    func paths(differingFrom other: ShownValues) -> [ExactText] {
        Set(values.keys).union(other.values.keys).filter { path in
            guard let value = values[path], let others = other.values[path] else { return true }
            return !value.isSame(as: others)
        }.sorted()
    }

    /// The value at a path in words.
    func words(at path: ExactText) -> String { values[path].map { "\($0)" } ?? "missing" }
}

extension Equatable {
    fileprivate func isSame(as other: any Equatable) -> Bool { other as? Self == self }
}
