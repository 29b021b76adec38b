public import WippyText

/// What an entry says that declares a variable: the config of its kind.
public protocol VariableConfig: EntryConfig {
    /// Where its text is looked for; nil for the process's environment.
    var storage: Reference<VariableStorage>? { get }

    /// The name under which the storage has it, and under which placeholders find it; nil if only its id finds it.
    var name: ExactText? { get }

    /// Whether nothing may show its text.
    var isSecret: Bool { get }

    /// Whether code may not set it.
    var isReadOnly: Bool { get }

    /// What it is when the storage does not have it.
    var fallback: StoredText? { get }

    /// Its text as it has been read, ``FieldReader/variable``; nil where there is none.
    var value: VariableValue? { get }
}

/// What an entry says that is a storage of variables: the config of its kind.
public protocol VariableStorageConfig: EntryConfig {
    /// The texts of its variables.
    ///
    /// Called each time that the project is read, before any other entry is: it may read files and wait.
    func texts(with reading: StorageReading) -> StoredTexts
}

/// A text that a storage has.
public struct StoredText: Sendable {
    /// The text.
    public let text: String

    /// Where it stands.
    public let place: Location

    /// Creates it.
    public init(_ text: String, at place: Location) {
        (self.text, self.place) = (text, place)
    }
}

/// The texts of a storage.
public enum StoredTexts {
    /// What gives the text of a name; nil where there is none. Called while the project is read, for each variable that
    /// is looked for in the storage.
    case lookup((String) -> StoredText?)

    /// Other storages, which are asked one after another.
    case storages([EntryID])

    /// Texts by name; an empty one is none.
    public static func texts(_ texts: [ExactText: StoredText]) -> StoredTexts {
        .lookup { name in texts[ExactText(name)].flatMap { $0.text.isEmpty ? nil : $0 } }
    }
}

/// The kinds from whose entries a project's variables are made.
public struct VariableKinds: Sendable {
    let variables: [ExactText: any VariableConfig.Type]
    let storages: [ExactText: any VariableStorageConfig.Type]

    /// Chooses them among kinds.
    ///
    /// - Parameter configs: the types of the kinds' configs, by the kinds' names.
    public init(among configs: [ExactText: Any.Type] = [:]) {
        variables = configs.compactMapValues { $0 as? any VariableConfig.Type }
        storages = configs.compactMapValues { $0 as? any VariableStorageConfig.Type }
    }
}

/// What the texts of a storage are read with, while the project is read.
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

    /// Where the value of a field stands; the entry's own place for a field that is not written.
    ///
    /// - Parameter names: the names on the way to it.
    public func location(of names: String...) -> Location {
        var node: Node? = entry.data
        for name in names { node = node?[name] }
        return node?.location ?? entry.location
    }

    /// Notes what is wrong.
    ///
    /// No text of a storage belongs into it: it may be a secret.
    public func report(_ problem: Diagnostic) { problems.append(problem) }

    /// Reads a file; when it changes, the project may be read again.
    ///
    /// - Parameters:
    ///   - path: the file, seen from the project's folder.
    ///   - field: the field that names it, at whose place an error is told.
    ///   - mayBeAbsent: whether it is no error that there is none.
    ///   - help: what can be done if there is none, as the end of a sentence.
    /// - Returns: nil if it is absent or cannot be read.
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
