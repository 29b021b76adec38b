public import WippyText

/// The config of a kind that declares variables.
public protocol VariableConfig: EntryConfig {
    /// The storage of its text; nil for the process's environment.
    var storage: Reference<VariableStorage>? { get }

    /// The name in the storage and in placeholders; nil if only its id finds it.
    var name: ExactText? { get }

    /// Whether commands, the log and errors hide its text.
    var isSecret: Bool { get }

    /// Whether code can only read it.
    var isReadOnly: Bool { get }

    /// Its text if the storage has none.
    var fallback: StoredText? { get }

    /// Its value, from ``FieldReader/variable``; nil if it has none.
    var value: VariableValue? { get }
}

/// The config of a kind that stores variables.
public protocol VariableStorageConfig: EntryConfig {
    /// The texts of its variables.
    ///
    /// It is called whenever the project is read, before any other entry is read. It may read files and block.
    func texts(with reading: StorageReading) -> StoredTexts
}

/// The text of a variable in a storage.
public struct StoredText: Sendable {
    /// The text.
    public let text: String

    /// The place of the text.
    public let place: Location

    /// Creates it.
    public init(_ text: String, at place: Location) {
        (self.text, self.place) = (text, place)
    }
}

/// The texts of a storage.
public enum StoredTexts {
    /// Looks up the text of a name; nil if there is none. It is called while the project is read, for each variable
    /// that is looked up in the storage.
    case lookup((String) -> StoredText?)

    /// Other storages, to ask in order.
    case storages([EntryID])

    /// Texts by name.
    ///
    /// An empty text counts as none.
    public static func texts(_ texts: [ExactText: StoredText]) -> StoredTexts {
        .lookup { name in texts[ExactText(name)].flatMap { $0.text.isEmpty ? nil : $0 } }
    }
}

/// The kinds of variables and of their storages.
public struct VariableKinds: Sendable {
    let variables: [ExactText: any VariableConfig.Type]
    let storages: [ExactText: any VariableStorageConfig.Type]

    /// Selects them among the configs of kinds.
    ///
    /// - Parameter configs: the types of the kinds' configs, by the kinds' names.
    public init(among configs: [ExactText: Any.Type] = [:]) {
        variables = configs.compactMapValues { $0 as? any VariableConfig.Type }
        storages = configs.compactMapValues { $0 as? any VariableStorageConfig.Type }
    }
}

/// Helps a storage to read its texts while the project is read.
public final class StorageReading {
    /// The variables of the process's environment.
    public let system: SystemVariables

    /// The files that were looked for, found or not.
    private(set) var places: [String] = []
    private(set) var problems: [Diagnostic] = []

    private let entry: EntryDeclaration
    private let folder: String
    private let limits: SourceLimits

    init(_ entry: EntryDeclaration, system: SystemVariables, folder: String, limits: SourceLimits) {
        (self.entry, self.system, self.folder, self.limits) = (entry, system, folder, limits)
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The place of a field's value; the entry's own place if the field is not written.
    ///
    /// - Parameter names: the keys that lead to the field.
    public func location(of names: String...) -> Location {
        var node: Node? = entry.data
        for name in names { node = node?[name] }
        return node?.location ?? entry.location
    }

    /// Reports a mistake.
    ///
    /// Never put a text of the storage into it, because it may be a secret.
    public func report(_ problem: Diagnostic) { problems.append(problem) }

    /// Reads a file.
    ///
    /// If the file changes, `run --watch` reads the project again.
    ///
    /// - Parameters:
    ///   - path: the file, relative to the project's folder.
    ///   - field: the field that names the file, where an error is reported.
    ///   - mayBeAbsent: whether the file may be missing.
    ///   - help: what to do about a missing file, as the end of a sentence.
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
