import WippyDefinition
import WippyText

/// The fields of a map as they nest in it.
struct FieldTree: Sendable {
    /// A field, a map of fields, or a list of maps with fields.
    struct Branch: Sendable {
        var name: String
        /// What the field says of itself; nil for a map that only holds others.
        var field: FieldDescription?
        /// Whether this is an older name of the field.
        var isOlder = false
        /// What its schema is called, if it has several places: in a map of whole names.
        var definition: String?
        /// The fields below it.
        var tree = FieldTree()
        /// The fields of each of its elements, if it is a list of maps.
        var elements: FieldTree?
    }

    private(set) var branches: [Branch] = []
    /// Whether names below it are whole, dots included, and may also be written in parts that nest.
    private(set) var isFlat = false

    init() {}

    /// The tree of the fields that a kind, a handler or an element of a list has.
    ///
    /// - Parameter owner: whose fields they are: the beginning of the names of their definitions.
    init(_ fields: some Sequence<FieldDescription>, of owner: String? = nil) {
        for field in fields {
            for (path, isOlder) in [(field.path, false)] + (field.olderName.map { [($0, true)] } ?? []) {
                let definition = field.flatMap == nil ? nil : owner.map { "\($0).\(path)" }
                let leaf = Branch(name: "", field: field, isOlder: isOlder, definition: definition)
                insert(leaf, at: Self.names(of: path, flatMap: field.flatMap)[...])
            }
        }
    }

    subscript(name: String) -> Branch? { branches.first { ExactText.areEqual($0.name, name) } }

    /// The tree without what stands under a name.
    func without(_ name: String) -> FieldTree {
        var tree = self
        tree.branches.removeAll { ExactText.areEqual($0.name, name) }
        return tree
    }

    /// Whether a map of these fields takes any others, too.
    var takesEverything: Bool { self[FieldReader.anyPath] != nil }

    /// Whether none of its fields is read.
    var hasNoEffect: Bool {
        branches.allSatisfy { branch in
            branch.field.map { $0.presence == .ignored || $0.presence == .refused } ?? branch.tree.hasNoEffect
        }
    }

    /// The branches with names of their own.
    var named: [Branch] { branches.filter { !ExactText.areEqual($0.name, FieldReader.anyPath) } }

    /// Whether one of the fields must be written.
    var isRequired: Bool {
        branches.contains { branch in
            branch.field.map { $0.presence == .required && !branch.isOlder } ?? branch.tree.isRequired
        }
    }

    /// The names on the way to a field.
    private static func names(of path: String, flatMap: String?) -> [String] {
        guard let flatMap else { return parts(of: path) }
        return parts(of: flatMap) + [path.dropping(flatMap + ".")]
    }

    private static func parts(of path: String) -> [String] {
        path.unicodeScalars.split(separator: ".").map(String.init)
    }

    /// The branches in it whose schemas are definitions.
    var defined: [Branch] {
        branches.flatMap { branch in (branch.definition == nil ? [] : [branch]) + branch.tree.defined }
    }

    private mutating func insert(_ leaf: Branch, at names: ArraySlice<String>) {
        guard let first = names.first else { return }
        let isList = first.hasExactSuffix("[]")
        let name = isList ? String(first.unicodeScalars.dropLast(2)) : first
        let known = branches.firstIndex { ExactText.areEqual($0.name, name) }
        let index = known ?? branches.endIndex
        if known == nil { branches.append(Branch(name: name)) }
        let rest = names.dropFirst()
        if rest.isEmpty {
            branches[index].field = leaf.field
            branches[index].isOlder = leaf.isOlder
            branches[index].definition = leaf.definition
        } else if isList {
            branches[index].elements = branches[index].elements ?? FieldTree()
            branches[index].elements?.insert(leaf, at: rest)
        } else {
            branches[index].tree.isFlat = branches[index].tree.isFlat || (leaf.field?.flatMap != nil && rest.count == 1)
            branches[index].tree.insert(leaf, at: rest)
        }
    }
}
