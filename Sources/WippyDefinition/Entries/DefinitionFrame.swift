package import WippyText

/// The fields of a definition file and of an entry that do not depend on the kinds of entries.
///
/// The reader of the files and the schema of the files both use these declarations.
package enum DefinitionFrame {
    package static let version = FrameField("version", .anything, "The version of the file's format.", usually: "1.0")
    package static let namespace = FrameField(
        "namespace", .wordWithoutColon, "The first part of the entries' ids: app in app:db.", usually: "app")
    package static let sharedMeta = FrameField("meta", .map, "Fields for the meta of every entry in the file.")
    /// A field of wippy's files that has no effect here.
    package static let requirements = FrameField("requirements", .anything, nil)
    package static let entries = FrameField(
        "entries", .list, "The entries of the namespace.", purpose: "the list of the namespace's entries")

    package static let name = FrameField("name", .word, "The second part of the entry's id: db in app:db.")
    package static let kind = FrameField("kind", .word, "The kind of the entry.")
    package static let meta = FrameField(
        "meta", .map, "Data about the entry. Code and commands can find entries by it. Some kinds read fields of it.")
    /// The fields of the entry's kind, if they do not stand beside its name.
    package static let data = FrameField(
        "data", .anything, "The fields of the entry, if they do not stand beside its name.", isOffered: false)

    /// The fields of a file.
    package static let ofFile = [version, namespace, sharedMeta, requirements, entries]

    /// The fields of an entry, beside which the fields of its kind stand.
    package static let ofEntry = [name, kind, meta]

    /// Returns true if a path leads into a field of the frame, so that it cannot be a field of a kind.
    ///
    /// A kind can have fields in `meta`.
    package static func owns(_ path: String) -> Bool {
        let name = path.utf8.prefix { $0 != UInt8(ascii: ".") }
        return reserved.contains { $0.elementsEqual(name) } && !path.hasExactPrefix("\(meta.key).")
    }

    private static let reserved = (ofFile + ofEntry + [data]).map { Array($0.key.string.utf8) }
}

/// A field of a definition file or of an entry that does not depend on the kind of an entry.
package struct FrameField: Sendable {
    /// The values that a field takes.
    package enum Form: Sendable {
        /// A text that is not blank.
        case word
        /// A text that is not blank and has no colon.
        case wordWithoutColon
        /// A map, or nothing.
        case map
        /// A list, or nothing.
        case list
        /// Any value.
        case anything
    }

    /// The key of the field.
    package let key: ExactText
    package let form: Form
    /// One or more sentences for an editor; nil for a field that no editor shows.
    package let help: String?
    /// The usual value, which an editor fills in; nil if there is none.
    package let usual: String?
    /// False if an editor should not offer the field.
    package let isOffered: Bool
    /// The purpose of the field, as the end of a sentence about its absence.
    package let purpose: String

    /// - Parameter purpose: the purpose of the field, as the end of a sentence about its absence. Default: nil, for the
    ///   help up to its first colon or full stop.
    fileprivate init(
        _ key: ExactText, _ form: Form, _ help: String?, usually usual: String? = nil, isOffered: Bool = true,
        purpose: String? = nil
    ) {
        (self.key, self.form, self.help, self.usual, self.isOffered) = (key, form, help, usual, isOffered)
        let beginning = String((help ?? "").unicodeScalars.prefix { $0 != ":" && $0 != "." })
        self.purpose = purpose ?? beginning.prefix(1).lowercasedASCII + beginning.dropFirst()
    }
}

extension Node {
    /// Returns the value of a field; nil if the node is not a map or lacks the field.
    subscript(field: FrameField) -> Node? { self[field.key.string] }

    /// Returns the pair of a field; nil if the node is not a map or lacks the field.
    func pair(_ field: FrameField) -> Pair? { pair(field.key.string) }
}

extension FrameField: CustomStringConvertible {
    /// The key, for sentences.
    package var description: String { key.string }
}
