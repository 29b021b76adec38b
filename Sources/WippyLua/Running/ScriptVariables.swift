import Synchronization
import WippyDefinition
import WippyRuntime
import WippyText

/// The variables of the plan in force, by their public names and their ids.
final class ScriptVariables: Sendable {
    private struct Found {
        var changeCount = -1
        var byName: [ExactText: String] = [:]
        var byID: [ExactText: String] = [:]
    }

    private weak let registry: Registry?
    private let found = Mutex(Found())

    init(in registry: Registry?) {
        self.registry = registry
    }

    /// The text of a variable, by its public name or its id; nil if there is none.
    func text(of name: String) -> String? {
        let found = current
        return found.byName[ExactText(name)] ?? found.byID[ExactText(name)]
    }

    /// The texts of the variables that have public names.
    var all: [ExactText: String] { current.byName }

    private var current: Found {
        guard let registry else { return Found() }
        let changeCount = registry.changeCount
        return found.withLock { found in
            if found.changeCount != changeCount {
                found = Self.read(registry.current.plan)
                found.changeCount = changeCount
            }
            return found
        }
    }

    private static func read(_ plan: Plan) -> Found {
        plan.entries.reduce(into: Found()) { found, entry in
            guard let config = entry.config as? any VariableConfig, let text = config.value?.text else { return }
            found.byID[ExactText(entry.id.description)] = text
            if let name = config.name { found.byName[name] = text }
        }
    }
}
