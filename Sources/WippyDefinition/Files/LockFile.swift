import WippyText

/// The content of the file `wippy.lock`: the folder of a project's definition files, and its modules.
public struct LockFile: Sendable {
    /// A module that the project uses, with a name such as `org/module`.
    struct Module: Sendable {
        let name: String
        let version: String
        let location: Location

        private static let nameField = "name"

        init(from fields: inout FieldReader) {
            let name: ModuleName = fields.required(Self.nameField, "The name of the module.")
            let version: ModuleVersion = fields.required("version", "The version to use.")
            (self.name, self.version) = (name.text.string, version.text.string)
            location = fields.location(of: Self.nameField)
        }
    }

    /// A folder that replaces a module.
    struct Replacement: Sendable {
        let module: String
        let path: String
        let location: Location

        private static let folderField = "to"

        init(from fields: inout FieldReader) {
            let module: ModuleName = fields.required("from", "The module to replace.")
            let folder: FolderPath = fields.required(Self.folderField, "The folder to use instead.")
            (self.module, path, location) = (
                module.text.string, folder.text.string, fields.location(of: Self.folderField)
            )
        }
    }

    /// The name of the file.
    package static let name = "wippy.lock"

    /// The folder of the definition files in a new project, and in a project without the file.
    package static let usualSources = "./src"

    /// The default folder of the modules.
    package static let usualModules = ".wippy"

    /// The field with the folder of the definition files.
    static let sourcesField = "directories.src"

    /// The folder of the definition files; nil after an error.
    let sources: (path: String, location: Location)?
    let modulesFolder: String
    let modules: [Module]
    let replacements: [Replacement]

    /// Reads the content of the file from its fields.
    public init(from fields: inout FieldReader) {
        let folder: FolderPath = fields.required(Self.sourcesField, "The folder of the definition files.")
        sources = folder == .substitute ? nil : (folder.text.string, fields.location(of: Self.sourcesField))
        modulesFolder =
            fields.optional(
                "directories.modules", default: FolderPath(text: ExactText(Self.usualModules)),
                "The folder of the modules. The module `org/name` is in `vendor/org/name` below this folder, or in "
                    + "`org/name` if this folder is itself called `vendor`. The name of the module's folder can end "
                    + "with `-` and the version."
            ).text.string
        modules = fields.list("modules", "The modules: other projects that this project uses.") { Module(from: &$0) }
        replacements = fields.list("replacements", "Folders to use instead of modules.") { Replacement(from: &$0) }
    }

    /// Reads the content of the file from its map.
    init(_ root: Node, report: inout Report) {
        var fields = FieldReader(root, unknownFields: .silence)
        self.init(from: &fields)
        report.add(fields.finish())
    }

    /// The folder that has a folder `org/module` for each module.
    var vendorFolder: String {
        modulesFolder == "vendor" || modulesFolder.hasExactSuffix("/vendor") ? modulesFolder : modulesFolder + "/vendor"
    }
}

/// A text that is not blank.
///
/// A number without quotes counts as a text.
private protocol LockText: CheckedText {}

extension LockText {
    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, !node.isNull else { throw .expected(Self.form, got: node) }
        if scalar.text.trimmed.isEmpty { throw FieldProblem("cannot be blank") }
        try self.init(checking: scalar.text, of: node)
    }
}

private struct ModuleVersion: LockText {
    let text: ExactText

    static func check(_ text: String, of node: Node) throws(FieldProblem) {}
}

private struct FolderPath: LockText {
    let text: ExactText
    static let form = FieldForm.either([.text], words: "the path of a folder")

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        try LiteralPath.check(text, of: node)
    }
}

private struct ModuleName: LockText {
    let text: ExactText
    static let form = FieldForm.pattern(shape.pattern, words: "org/module")

    private static let shape: TextShape = {
        let (any, rest, dot) = (Alphabet(allBut: "/"), Alphabet(allBut: "/."), TextShape.character(Alphabet(of: ".")))
        // A folder's name that is neither '.' nor '..'.
        let name = TextShape.choice([
            .sequence([.repeated(dot, atLeast: 0, atMost: 1), .character(rest), .any(any)]),
            .sequence([dot, dot, .word(of: any)]),
        ])
        return .sequence([name, .character(Alphabet(of: "/")), name])
    }()

    static func check(_ text: String, of node: Node) throws(FieldProblem) {
        guard shape.matches(text) else { throw .expected(form, got: node) }
    }
}
