import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText

/// `queue.driver.sql`: keeps the messages of queues in tables of a database.
struct QueueDriverSQLKind: QueueDriverKind {
    static let name: KindName = "queue.driver.sql"
    static let summary =
        "Keeps the messages of queues in a database. In a file, accepted messages survive a crash of the process."
    static let role: ServiceRole? = .resource

    static let metrics = SQLQueue.metrics

    struct Config: EntryConfig {
        fileprivate static let databaseField = "database"
        fileprivate static let durabilityField = "durability"

        let database: Base<any QueueDatabase>
        let durability: Durability

        init(from fields: inout FieldReader) {
            database = fields.base(
                Self.databaseField, .queueDatabase,
                "The database that keeps the messages, in tables whose names begin with 'wippy_queue_'.")
            durability = fields.inPlace {
                $0.optional(
                    Self.durabilityField, default: .full,
                    "The durability of a commit to a file. full: accepted messages survive a power failure. normal: "
                        + "the database's own setting decides. In both cases accepted messages survive a crash of "
                        + "the process.")
            }
        }
    }

    /// The value of the field `durability`.
    enum Durability: String, FieldChoice {
        case full, normal

        var ofCommits: CommitDurability { self == .full ? .full : .asConfigured }
    }

    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        let database = plan.entries(configuredAs: (any SQLFileConfig).self).first { $0.id == entry.config.database.id }
        guard let database else { return [] }
        if let misfit = database.config.storedInteger(QueueSchema.storedVersion).flatMap(QueueSchema.misfit) {
            return [entry.error(Config.databaseField, "names '\(database.id)': \(misfit)")]
        }
        guard database.config.file == nil else { return [] }
        return [
            entry.warning(
                Config.databaseField,
                "names '\(database.id)', which is in memory: the messages are lost when the process ends, whatever "
                    + "'\(Config.durabilityField)' says")
        ]
    }

    /// Finds queues of two drivers that would have the same messages, and databases without room for the tables.
    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        queuesOfTwoDrivers(entries, in: plan) + databasesWithoutRoom(entries, in: plan)
    }

    private func databasesWithoutRoom(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let named = Set(entries.map(\.config.database.id))
        return plan.entries(configuredAs: (any QueueDatabaseConfig).self).compactMap { database in
            guard named.contains(database.id),
                let lack = database.config.lackOfRoom(for: QueueSchema.creation(with: database.config))
            else { return nil }
            return database.error(
                lack.field,
                "is \(lack.limit), but the tables of the queues in this database need \(lack.need)")
        }
    }

    private func queuesOfTwoDrivers(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let files = plan.entries(configuredAs: (any SQLFileConfig).self).compactMap { database in
            database.config.file.map { (database.id, FileIdentity($0)) }
        }
        let fileOfDatabase = Dictionary(files) { first, _ in first }
        let storage = entries.map { driver in
            let database = driver.config.database.id
            return (driver.id, fileOfDatabase[database].map(Storage.file) ?? .entry(database))
        }
        let storageOfDriver = Dictionary(storage) { first, _ in first }
        let queues = plan.entries(configuredAs: (any QueueConfig).self)
        var first: [StoredName: Entry<any QueueConfig>] = [:]
        return queues.compactMap { queue in
            guard let storage = storageOfDriver[queue.config.setup.driver.id] else { return nil }
            let key = SQLQueueDriver.key(of: queue.id, queue.config.setup.settings)
            let name = StoredName(storage: storage, key: key)
            guard let other = first[name] else {
                first[name] = queue
                return nil
            }
            guard other.config.setup.driver.id != queue.config.setup.driver.id else { return nil }
            let (named, owner) = queue.config.setup.settings.name == nil ? (other, queue) : (queue, other)
            let place = owner.location(of: QueueSettings.nameField)
            return named.error(
                QueueSettings.nameField,
                "is '\(key)', which is also the name of '\(owner.id)' (\(place)) in the database: two drivers cannot "
                    + "keep the same messages; give one of the queues another name"
            ).naming(place)
        }
    }

    /// The place of a driver's tables.
    private enum Storage: Hashable {
        case file(FileIdentity)
        /// A database in memory.
        case entry(EntryID)
    }

    /// The name of a queue in a database.
    private struct StoredName: Hashable {
        let storage: Storage
        let key: ExactText
    }

    func check(queuesOfOne queues: [Entry<QueueSettings>]) -> [Diagnostic] {
        queuesOfOneName(among: queues) { SQLQueueDriver.key(of: $0.id, $0.config) }.map { queue, other in
            queue.warning(
                QueueSettings.nameField,
                "is also the name of '\(other.id)' in the database: both have the same messages")
        }
    }

    func check(queue: Entry<QueueSettings>, options: SQLQueueDriver.Options) -> [Diagnostic] {
        refuseOtherCodecs(of: queue)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<SQLQueueDriver> {
        let driver = SQLQueueDriver(
            database: try context.resolve(entry.config.database), durability: entry.config.durability.ofCommits,
            environment: context.environment, log: context.log)
        return .component(driver, service: driver)
    }

    /// Changes the durability in place.
    func update(
        _ built: Built<SQLQueueDriver>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let driver = built.component, try context.goesOn(entry.config.database) else { return nil }
        return Update(from: old.config.durability.ofCommits, to: entry.config.durability.ofCommits) {
            driver.change(to: $0)
        }
    }
}
