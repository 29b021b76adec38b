import WippyDefinition
import WippyRuntime
import WippyText

/// `env.variable`: a text with a name, usually from outside the project.
///
/// It is read together with the project, and the entry gives it to code.
struct EnvironmentVariableKind: EntryKind {
    static let name: KindName = "env.variable"
    static let summary =
        "A named value, usually from outside the project. Placeholders `${env:NAME}` and handlers read it."

    typealias Config = NamedVariableConfig

    func offers(_ entry: Entry<NamedVariableConfig>) -> [Offer<VariableValue>] { [Offer(.variable) { $0 }] }

    func check(all entries: [Entry<NamedVariableConfig>], in plan: CheckContext) -> [Diagnostic] {
        var first: [ExactText: Entry<NamedVariableConfig>] = [:]
        return entries.compactMap { entry in
            guard let name = entry.config.name else { return nil }
            guard let other = first[name] else {
                first[name] = entry
                return nil
            }
            let place = other.location(of: Config.nameField)
            return entry.error(Config.nameField, "is '\(name)', which is already the name of '\(other.id)' (\(place))")
                .naming(place)
        }
    }

    func build(_ entry: Entry<NamedVariableConfig>, with context: BuildContext) throws -> Built<VariableValue> {
        let value = entry.config.value
        return .component(value ?? VariableValue(text: nil, place: entry.location, isSecret: entry.config.isSecret))
    }
}
