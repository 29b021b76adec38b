import WippyDefinition
import WippyText

/// The fields of a map, in their nested form.
struct FieldTree: Sendable {
    /// A field, a map of fields, or a list of maps with fields.
    struct Branch: Sendable {
        var name: String
        /// The description of the field; nil for a map that only contains other fields.
        var field: FieldDescription?
        /// True if this is an older name of the field.
        var isOlder = false
        /// The name of its schema, if the schema is used in several places.
        ///
        /// This is the case in a map with whole names.
        var definition: String?
        /// The fields below it.
        var tree = FieldTree()
        /// The fields of each element, if this is a list of maps.
        var elements: FieldTree?

        /// True if every map of these fields must have the field under this name.
        ///
        /// A required field in a map with whole names is required only if the entry names the code that reads it, such
        /// as a middleware. It can also be written in nested form.
        var isRequired: Bool { field?.presence == .required && field?.flatMap == nil && !isOlder }
    }

    private(set) var branches: [Branch] = []
    /// True if each key of this map is the whole name of a field, even if the key contains dots.
    ///
    /// They may also be written in nested form.
    private(set) var isFlat = false

    init() {}

    /// Creates the tree of the fields of a kind, a handler or an element of a list.
    ///
    /// - Parameter owner: the owner of the fields. The names of their definitions begin with its name.
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

    /// Returns the tree without the branch with a name.
    func without(_ name: String) -> FieldTree {
        var tree = self
        tree.branches.removeAll { ExactText.areEqual($0.name, name) }
        return tree
    }

    /// True if a map of these fields also takes any other field.
    var takesEverything: Bool { self[FieldReader.anyPath] != nil }

    /// True if no field of the tree is read.
    var hasNoEffect: Bool {
        branches.allSatisfy { branch in
            branch.field.map { $0.presence == .ignored || $0.presence == .refused } ?? branch.tree.hasNoEffect
        }
    }

    /// The branches that have names.
    var named: [Branch] { branches.filter { !ExactText.areEqual($0.name, FieldReader.anyPath) } }

    /// True if one of the fields must be written.
    var isRequired: Bool {
        branches.contains { branch in
            branch.field == nil ? branch.tree.isRequired : branch.isRequired
        }
    }

    /// Returns the names on the path to a field.
    private static func names(of path: String, flatMap: String?) -> [String] {
        guard let flatMap else { return parts(of: path) }
        return parts(of: flatMap) + [path.dropping(flatMap + ".")]
    }

    private static func parts(of path: String) -> [String] {
        path.unicodeScalars.split(separator: ".").map(String.init)
    }

    /// The branches of the tree whose schemas are definitions.
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
