import WippyDefinition
import WippyText

/// The texts of an entry that Unicode can spell in more than one way.
///
/// Configs are compared by their types, and `String` treats a composed and a decomposed `é` as equal. Files, databases
/// and queues do not.
struct TextSpellings: Sendable {
    /// For each path of a text with characters outside ASCII: the path and the text, compared by their bytes.
    private var texts: [String: ExactText] = [:]

    init(of declaration: EntryDeclaration) {
        add(declaration.meta, at: DefinitionFrame.meta.key.string)
        add(declaration.data, at: DefinitionFrame.data.key.string)
    }

    private mutating func add(_ node: Node, at path: String) {
        switch node.content {
        case .scalar(let scalar):
            let text = "\(path): \(scalar.text)"
            if !text.utf8.allSatisfy(Unicode.ASCII.isASCII) { texts[path] = ExactText(text) }
        case .sequence(let elements):
            for (index, element) in elements.enumerated() { add(element, at: "\(path).\(index)") }
        case .mapping(let pairs):
            for pair in pairs { add(pair.value, at: "\(path).\(pair.key)") }
        }
    }

    /// Returns true if both have the same text at one path in two spellings.
    func differ(from other: TextSpellings) -> Bool {
        texts.contains { path, text in
            guard let theirs = other.texts[path] else { return false }
            return theirs != text && theirs.string == text.string
        }
    }
}
