import WippyDefinition
import WippyRuntime
import WippyText

/// `store.memory`: keeps values by their keys as long as the application runs.
struct StoreMemoryKind: EntryKind {
    static let name: KindName = "store.memory"
    static let summary = "Keeps values in memory, each under a key, as long as the application runs."
    static let whenChanged: String? = "The values stay."

    struct Config: EntryConfig {
        /// The field with the largest number of keys.
        static let maxSizeField = "max_size"

        let maxKeys: Int
        let cleanupInterval: Duration

        init(from fields: inout FieldReader) {
            (maxKeys, cleanupInterval) = fields.inPlace { fields in
                let maxKeys = fields.optional(
                    Self.maxSizeField, default: 10_000, in: 1...10_000_000,
                    "The largest number of keys. Further keys are refused.")
                let cleanupInterval: Duration = fields.optional(
                    "cleanup_interval", default: .seconds(300), in: .milliseconds(1) ... .days(365),
                    "The time after which a write also removes all expired values. If the store is full, a write of a "
                        + "new key always does so. An expired value cannot be read, even before its removal.")
                return (maxKeys, cleanupInterval)
            }
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<MemoryStore> {
        .component(
            MemoryStore(
                maxKeys: entry.config.maxKeys, cleanupInterval: entry.config.cleanupInterval,
                clock: context.environment.clock))
    }

    func update(
        _ built: Built<MemoryStore>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let store = built.component else { return nil }
        return Update(from: old.config, to: entry.config) {
            store.change(maxKeys: $0.maxKeys, cleanupInterval: $0.cleanupInterval)
        }
    }
}
