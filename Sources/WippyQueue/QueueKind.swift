import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyText

/// `queue.queue`: keeps messages in its driver until a handler has done its work.
struct QueueKind: EntryKind {
    static let name: KindName = "queue.queue"
    static let summary =
        "Keeps messages until a handler has done its work. If the handler fails, the message is tried again."

    static let whenChanged: String? =
        "If the driver cannot make a change in place, the queue is built anew, and its messages move to the new queue. "
        + "If they cannot move, as with some drivers of your own, the reload is refused while the queue holds "
        + "messages, unless a reload may discard them."

    static let metrics = MeasuredQueue.metrics

    /// Returns a sentence about each of the program's drivers that makes changes in place, and then the kind's own
    /// note.
    func whenChanged(in program: Program) -> String? {
        let notes = program.kinds.queueDrivers.map { $0.whenQueueChanged } + [Self.whenChanged]
        return notes.compactMap { $0 }.joined(separator: " ")
    }

    struct Config: QueueConfig, Equatable {
        let driver: Base<any QueueDriver>
        let settings: QueueSettings
        let options: DriverOptions
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        Config(
            driver: fields.base(QueueSettings.driverField, .queueDriver, "The driver that keeps the messages."),
            settings: QueueSettings(from: &fields), options: DriverOptions(from: &fields, in: program))
    }

    func offers(_ entry: Entry<Config>) -> [Offer<any MessageQueue>] { .queue { $0 } }

    func check(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        let isOwnDeadLetterQueue = entry.config.settings.deadLetterQueue?.id == entry.id
        let own =
            isOwnDeadLetterQueue
            ? [
                entry.error(
                    QueueSettings.deadLetterField,
                    "names the queue itself; name another queue, or leave the field out to try messages for ever")
            ]
            : []
        let driver = plan.kind(of: entry.config.driver.id) as? any QueueDriverKind
        return own + (driver?.check(entry) ?? []) + optionsOfOtherDrivers(entry, in: plan)
    }

    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        Dictionary(grouping: entries, by: \.config.driver.id).flatMap { id, queues in
            (plan.kind(of: id) as? any QueueDriverKind)?.check(queuesOfOne: queues.map { $0.map(\.settings) }) ?? []
        }
    }

    private func optionsOfOtherDrivers(_ entry: Entry<Config>, in plan: CheckContext) -> [Diagnostic] {
        guard let driver = plan.kind(of: entry.config.driver.id) else { return [] }
        let own = (driver as? any QueueDriverKind).map { type(of: $0).optionsPath }
        return entry.writtenFields(below: QueueSettings.driverOptionsField).compactMap { field in
            if let own, field.hasExactPrefix(own + ".") { return nil }
            let kind = type(of: driver).name.withArticle
            return entry.warning(field, "has no effect: the queue's driver is \(entry.config.driver.id), \(kind)")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any MessageQueue> {
        func made(by driver: some QueueDriver) throws -> any MessageQueue {
            try driver.makeQueue(
                entry.id, settings: entry.config.settings, options: options(of: entry, with: context),
                deadLetters: try deadLetters(of: entry, with: context))
        }
        let made = try made(by: try context.target(of: entry.config.driver))
        return .component(MeasuredQueue(made, of: entry.id, in: context.environment))
    }

    /// Asks the driver to change the queue in place, unless a field has changed that its queues cannot take so.
    ///
    /// The driver may be another one of the same type.
    func update(
        _ built: Built<any MessageQueue>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        func update<Driver: QueueDriver>(by driver: Driver) throws -> Update? {
            guard let queue = built.component?.ability(Driver.Queue.self) else { return nil }
            let kind = context.kind(of: entry.config.driver)
            func values(of version: Entry<Config>) -> QueueField<Driver.Options>.Values {
                let config = version.config
                return .init(
                    id: version.id, driver: config.driver.id, settings: config.settings,
                    options: config.options.options(of: kind))
            }
            let (before, after) = (values(of: old), values(of: entry))
            let fields = Driver.queueFieldsBuiltAnew ?? []
            guard fields.allSatisfy({ $0.hasOneValue(in: before, and: after) }) else { return nil }
            return try driver.update(
                queue, settings: after.settings, options: after.options,
                deadLetters: try deadLetters(of: entry, with: context))
        }
        return try update(by: try context.target(of: entry.config.driver))
    }

    private func options<Options: EntryConfig>(of entry: Entry<Config>, with context: BuildContext) -> Options {
        entry.config.options.options(of: context.kind(of: entry.config.driver))
    }

    private func deadLetters(of entry: Entry<Config>, with context: BuildContext) throws -> DeadLetters? {
        let settings = entry.config.settings
        return try settings.deadLetterQueue.map { reference in
            DeadLetters(
                id: reference.id, queue: try context.resolve(reference), maxAttempts: settings.deadLetterMaxAttempts)
        }
    }
}

extension QueueDriverKind {
    fileprivate func check(_ queue: Entry<QueueKind.Config>) -> [Diagnostic] {
        check(queue: queue.map(\.settings), options: queue.config.options.options(of: Self.name))
    }

    /// Returns an error for each field in `queueFieldsBuiltAnew` that no queue has.
    ///
    /// - Parameter paths: the paths of the fields of a queue.
    fileprivate static func mistakes(among paths: [String]) -> [String] {
        (Component.queueFieldsBuiltAnew ?? []).map { $0.path(withOptionsAt: optionsPath) }.filter { path in
            !paths.contains { ExactText.areEqual($0, path) || $0.hasExactPrefix("\(path).") }
        }.map { path in
            "the queue driver '\(driverName)' (\(String(reflecting: Self.self))) names the field '\(path)' in "
                + "'queueFieldsBuiltAnew', but a queue has no such field"
                + Spelling.suggestion(Spelling.nearest(to: path, among: paths))
        }
    }

    /// The sentence about the fields of a queue that the driver changes in place, in Markdown; nil if it changes none.
    fileprivate static var whenQueueChanged: String? {
        guard let fields = Component.queueFieldsBuiltAnew else { return nil }
        let paths = fields.map { $0.path(withOptionsAt: optionsPath) }
        let exceptions = paths.isEmpty ? "" : " except \(paths.listInMarkdown)"
        let driver = QueueSettings.driverField
        let condition = paths.contains(driver) ? "" : ", `\(driver)` only if it names another `\(name)`"
        return "With a `\(name)`, every field\(exceptions) changes in place\(condition)."
    }
}
