import Synchronization
import WippyApplication
import WippyDefinition
public import WippyEnvironment
import WippyRuntime
import WippyTestTools
public import WippyValues

/// Tests a kind of storages against the rules of `VariableStorageConfig`.
///
/// ```swift
/// try await VariableStorageConformance(SecretFolderKind()) { texts, folder in
///     for file in try names(in: folder) { try remove("\(folder)/\(file)") }
///     for (name, text) in texts { try write(text, to: "\(folder)/\(name)") }
///     return ["folder": .string(folder)]
/// }.check()
/// ```
public struct VariableStorageConformance: Sendable {
    private let kind: any VariableStorageKind
    private let store: Store

    /// Stores texts where a storage finds them.
    ///
    /// The texts replace those of an earlier call.
    ///
    /// Names consist of letters, digits and `_`. Each text is one line. Each rule has a new folder, which all its calls
    /// get.
    ///
    /// - Returns: the fields of the storage's entry.
    public typealias Store =
        @Sendable (_ texts: KeyValuePairs<String, String>, _ folder: String) async throws -> ValueMap

    /// Creates a test of a kind of storages.
    ///
    /// - Parameters:
    ///   - kind: the kind.
    ///   - store: stores texts where a storage finds them. It may be called several times for each rule.
    public init(_ kind: some VariableStorageKind, _ store: @escaping Store) {
        (self.kind, self.store) = (kind, store)
    }

    /// Tests every rule.
    ///
    /// - Returns: the rules that were not tested: always none.
    /// - Throws: `BrokenRule` for the first broken rule, or `CancellationError` in its place if the task is
    ///   cancelled.
    @discardableResult
    public func check() async throws -> [String] {
        try await Rule.check(Self.rules, of: "storage of variables") {
            StorageBench(kind: kind, store: store, folder: try TemporaryFolder())
        }
    }

    private static let rules: [Rule<StorageBench>] = [
        Rule("A variable has the text that the storage has, and the text has a place", texts),
        Rule("A variable that is not in the storage has no text", absent),
        Rule("Names are told apart by their bytes", names),
        Rule("When the project is read again, the texts are those that the storage has then", again),
    ]

    private static func texts(_ test: StorageBench) async throws {
        let texts: KeyValuePairs = [
            "PLAIN": "text", "SPACES": " a  b ", "SIGNS": "a=b #c 'd' \"e\" \\n $f %", "ACCENT": "\u{e9}",
        ]
        try await test.store(texts)
        for (name, text) in texts {
            let value = try test.value(of: name)
            try require("the text of '\(name)'", value.text, is: text)
            try require(!value.place.source.isEmpty, "the text of '\(name)' must have a place")
        }
    }

    private static func absent(_ test: StorageBench) async throws {
        try await test.store(["NAME": "text"])
        for name in ["OTHER", "NAM", "NAME_"] {
            try require("the text of '\(name)'", try test.value(of: name).text, is: nil)
        }
    }

    private static func names(_ test: StorageBench) async throws {
        let texts: KeyValuePairs = ["NAME": "upper", "name": "lower", "Name": "both"]
        try await test.store(texts)
        for (name, text) in texts { try require("the text of '\(name)'", try test.value(of: name).text, is: text) }
    }

    private static func again(_ test: StorageBench) async throws {
        try await test.store(["NAME": "before", "OLD": "text"])
        try require("the text", try test.value(of: "NAME").text, is: "before")
        try await test.store(["NAME": "afterwards", "NEW": "text"])
        for (name, text) in ["NAME": "afterwards", "OLD": nil, "NEW": "text"] as KeyValuePairs<String, String?> {
            try require("the text of '\(name)' afterwards", try test.value(of: name).text, is: text)
        }
    }
}

/// A storage of variables under test.
private final class StorageBench: Sendable {
    private let kind: any VariableStorageKind
    private let put: VariableStorageConformance.Store
    private let folder: TemporaryFolder
    private let fields = Mutex(ValueMap())

    init(kind: any VariableStorageKind, store: @escaping VariableStorageConformance.Store, folder: TemporaryFolder) {
        (self.kind, put, self.folder) = (kind, store, folder)
    }

    func store(_ texts: KeyValuePairs<String, String>) async throws {
        let fields = try await put(texts, folder.path)
        self.fields.withLock { $0 = fields }
    }

    /// Returns the value of a variable of the storage, as a new reading of the project finds it.
    func value(of name: String) throws -> VariableValue {
        var storage = fields.withLock { $0 }
        storage["name"] = "storage"
        storage["kind"] = .string(type(of: kind).name.description)
        let variable: Value = [
            "name": "variable", "kind": "env.variable", "storage": "storage", "variable": .string(name),
        ]
        let project = try TemporaryFolder()
        let definitions: Value = ["version": "1.0", "namespace": "app", "entries": [.map(storage), variable]]
        try project.write(JSON.text(of: definitions), to: "src/_index.yaml")
        let others = EnvironmentKinds.all.filter { type(of: $0) as Any.Type != type(of: kind) }
        let checked = Application(project: project.path, handlers: [], kinds: others + [kind]).read()
        let errors = checked.report.diagnostics.filter { $0.severity == .error }
        try require(errors.isEmpty, "nothing is wrong, and it reports \(errors)")
        let entry = checked.plan[EntryID(namespace: "app", name: "variable")]
        guard let value = (entry?.config as? any VariableConfig)?.value else {
            throw Finding("the variable '\(name)' must be read")
        }
        return value
    }
}
