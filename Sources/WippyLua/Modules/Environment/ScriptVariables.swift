import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// The variables of the plan in force, by their public names and their ids.
///
/// Each has its text: the one that code has set, or the one that it had when the project was read.
final class ScriptVariables: Sendable {
    /// A variable as the project declares it.
    private struct Declared {
        /// The variable's value when the project was read.
        let value: VariableValue
        /// The variable's name in its storage.
        let name: ExactText
        let isReadOnly: Bool
        /// The variable's storage; nil for the process's environment.
        let storage: (id: EntryID, component: VariableStorage)?

        var current: String? { storage.map { $0.component.text(of: name, in: $0.id, or: value) } ?? value.text }
    }

    private struct Found {
        var changeCount = -1
        var byName: [ExactText: Declared] = [:]
        var byID: [ExactText: Declared] = [:]

        subscript(name: String) -> Declared? { byName[ExactText(name)] ?? byID[ExactText(name)] }
    }

    private weak let registry: Registry?
    private let found = Mutex(Found())

    init(in registry: Registry?) {
        self.registry = registry
    }

    /// Returns the text of a variable, by its public name or its id; nil if the variable has no text.
    func text(of name: String) -> String? { current[name]?.current }

    /// The texts of the variables that have public names.
    var all: [ExactText: String] { current.byName.compactMapValues(\.current) }

    /// Sets the text of a variable.
    ///
    /// The text lasts as long as the storage's entry runs. An empty text ends the one that code has set before.
    ///
    /// - Throws: `WippyError` of kind `NotFound` when the variable is not declared, and of kind `PermissionDenied` when
    ///   code cannot set the variable.
    func set(_ text: String, of name: String) throws(WippyError) {
        guard let variable = current[name] else {
            throw WippyError(.notFound, "there is no variable '\(name)'", isRetryable: false)
        }
        let reason =
            variable.isReadOnly
            ? "it is read-only"
            : "its storage is read-only; declare the variable in a storage that code can change"
        guard !variable.isReadOnly, let written = variable.storage?.component.written else {
            throw WippyError(.permissionDenied, "code cannot set '\(name)': \(reason)", isRetryable: false)
        }
        written[variable.name] = text
    }

    private var current: Found {
        guard let registry else { return Found() }
        let changeCount = registry.changeCount
        return found.withLock { found in
            if found.changeCount != changeCount {
                found = Self.read(registry)
                found.changeCount = changeCount
            }
            return found
        }
    }

    private static func read(_ registry: Registry) -> Found {
        registry.current.plan.entries.reduce(into: Found()) { found, entry in
            guard let config = entry.config as? any VariableConfig else { return }
            let storage = config.storage.flatMap { storage in
                registry.link(to: storage.id, as: .variableStorage).map { (id: storage.id, component: $0.target) }
            }
            let noValue = VariableValue(text: nil, place: entry.location, isSecret: config.isSecret)
            let variable = Declared(
                value: config.value ?? noValue, name: config.name ?? ExactText(entry.id.name),
                isReadOnly: config.isReadOnly, storage: storage)
            found.byID[ExactText(entry.id.description)] = variable
            if let name = config.name { found.byName[name] = variable }
        }
    }
}

extension EntryContext {
    /// The project's variables.
    var variables: ScriptVariables { shared { ScriptVariables(in: $0.registry) } }
}
