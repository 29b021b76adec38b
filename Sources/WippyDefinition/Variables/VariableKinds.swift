public import WippyText

/// The config of a kind that declares variables.
public protocol VariableConfig: EntryConfig {
    /// The storage of the variable's text; nil for the process's environment.
    var storage: Reference<VariableStorage>? { get }

    /// The variable's name in its storage and in placeholders; nil if it has no such name.
    ///
    /// If it is nil, the storage uses the name of the variable's entry, and placeholders use the entry's id.
    var name: ExactText? { get }

    /// True if the variable's text is a secret.
    var isSecret: Bool { get }

    /// True if code can read the variable but cannot set it.
    var isReadOnly: Bool { get }

    /// The default text of the variable; nil if there is none.
    var fallback: StoredText? { get }

    /// The variable's value: the ``FieldReader/variable`` of the reader from which the config was read.
    var value: VariableValue? { get }
}

/// The config of a kind that stores variables.
public protocol VariableStorageConfig: EntryConfig {
    /// Returns the texts of the storage's variables.
    ///
    /// It is called at each reading of the project, unless the storage's own fields have errors. It may read files and
    /// block the thread.
    func texts(with reading: StorageReading) -> StoredTexts
}

/// The text of a variable in a storage, with its place.
public struct StoredText: Sendable {
    /// The text.
    public let text: String

    /// The place of the text.
    public let place: Location

    /// Creates a text with its place.
    public init(_ text: String, at place: Location) {
        (self.text, self.place) = (text, place)
    }
}

/// The texts of a storage, or a way to find them.
public enum StoredTexts {
    /// A closure that returns the text of a name; nil if there is none.
    ///
    /// An empty text counts as none. The closure is called while the project is read, for each variable that is looked
    /// up in the storage.
    case lookup((String) -> StoredText?)

    /// Other storages, which are asked in this order.
    case storages([EntryID])

    /// Creates texts from a map of names to texts.
    ///
    /// An empty text counts as no text.
    public static func texts(_ texts: [ExactText: StoredText]) -> StoredTexts {
        .lookup { name in texts[ExactText(name)] }
    }
}

/// The kinds of variables and of their storages, by the names of the kinds.
public struct VariableKinds: Sendable {
    let variables: [ExactText: any VariableConfig.Type]
    let storages: [ExactText: any VariableStorageConfig.Type]

    /// Creates a list of kinds from the types of their configs.
    public init(
        variables: [ExactText: any VariableConfig.Type] = [:],
        storages: [ExactText: any VariableStorageConfig.Type] = [:]
    ) {
        (self.variables, self.storages) = (variables, storages)
    }

    /// Returns these kinds together with others.
    ///
    /// If two kinds have one name, the result has the kind of this list.
    public func adding(_ others: VariableKinds) -> VariableKinds {
        VariableKinds(
            variables: variables.merging(others.variables) { first, _ in first },
            storages: storages.merging(others.storages) { first, _ in first })
    }
}

/// Lets a storage read files and the process's environment while the project is read.
public final class StorageReading {
    /// The variables of the process's environment.
    public let system: SystemVariables

    /// The paths of the files that were searched, including missing ones.
    private(set) var places: [String] = []
    private(set) var problems: [Diagnostic] = []

    private let entry: EntryDeclaration
    private let folder: String
    private let limits: SourceLimits

    init(_ entry: EntryDeclaration, system: SystemVariables, folder: String, limits: SourceLimits) {
        (self.entry, self.system, self.folder, self.limits) = (entry, system, folder, limits)
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// Returns the place of a field's value, or the place of the entry if the field is missing.
    ///
    /// - Parameter names: the keys that lead to the field.
    public func location(of names: String...) -> Location {
        var node: Node? = entry.data
        for name in names { node = node?[name] }
        return node?.location ?? entry.location
    }

    /// Reports a diagnostic about the storage.
    ///
    /// Never put a text of the storage into the diagnostic, because it may be a secret.
    public func report(_ problem: Diagnostic) { problems.append(problem) }

    /// Reads a file that has texts of the storage.
    ///
    /// With `run --watch`, a change of the file leads to another reading of the project.
    ///
    /// - Parameters:
    ///   - path: the path of the file; absolute, or relative to the project's folder.
    ///   - field: the field that names the file. Errors are reported at its place.
    ///   - mayBeAbsent: true if a missing file is not an error. Default: false.
    ///   - help: advice about a missing file, as the end of the error's sentence. Default: nil, none.
    /// - Returns: nil if the file is missing or cannot be read.
    public func file(
        _ path: String, in field: String, mayBeAbsent: Bool = false, help: String? = nil
    ) -> SourceFile? {
        places.append(path)
        do throws(FileSystem.Failure) {
            let text = try FileSystem.text(of: Path.join(folder, path), limit: limits.fileBytes)
            return SourceFile(path: path, text: text)
        } catch {
            if error.isAbsence, mayBeAbsent { return nil }
            let help = error.isAbsence ? help.map { "; \($0)" } ?? "" : ""
            let sentence = "'\(field)' names '\(path)', which \(error.sentence)\(help)"
            report(.error(at: location(of: field), entry: entry.id, sentence))
            return nil
        }
    }
}
