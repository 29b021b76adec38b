public import WippyDefinition
public import WippyRuntime

/// The driver of a queue, the queue's settings, and its options for the driver.
///
/// A kind of queues reads the setup from the fields of an entry, and keeps it in its ``QueueConfig``. The setup makes
/// and changes the queue of the entry:
///
/// ```swift
/// func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<any MessageQueue> {
///     .component(try entry.config.setup.makeQueue(with: context))
/// }
/// ```
///
/// The driver's kind checks the setup, whatever the kind of the queue is: see ``QueueDriverKind``.
public struct QueueSetup: Sendable, Equatable {
    /// The driver that keeps the queue's messages.
    public let driver: Base<any QueueDriver>

    /// The settings of the queue.
    public var settings: QueueSettings

    /// The options for each driver of the program.
    let options: DriverOptions

    /// Reads the fields that every queue with a driver has: `driver`, the fields of ``QueueSettings``, and
    /// `driver_options`.
    ///
    /// - Parameters:
    ///   - fields: reads the queue's fields.
    ///   - program: the program, whose drivers have options.
    public init(from fields: inout FieldReader, in program: Program) {
        driver = fields.base(QueueSettings.driverField, .queueDriver, "The driver that keeps the messages.")
        settings = QueueSettings(from: &fields)
        options = DriverOptions(from: &fields, in: program)
    }

    /// Makes the queue by its driver, and measures it as ``MeasuredQueue`` does.
    ///
    /// Call it in `build(_:with:)` of the queue's kind.
    ///
    /// - Throws: the error of the driver, or an error when the driver or the queue for dead letters cannot be built. Do
    ///   not catch the error.
    public func makeQueue(with context: BuildContext) throws -> any MessageQueue {
        let kind = context.kind(of: driver)
        func made(by driver: some QueueDriver) throws -> any MessageQueue {
            try driver.makeQueue(
                context.id, settings: settings, options: options.options(of: kind),
                deadLetters: deadLetters(with: context))
        }
        return MeasuredQueue(try made(by: try context.target(of: driver)), of: context.id, in: context.environment)
    }

    /// Asks the driver to change a queue in place.
    ///
    /// Call it in `update(_:from:to:with:)` of the queue's kind. The driver is not asked if one of its
    /// ``QueueDriver/queueFieldsBuiltAnew`` has another value, or if the queue has another type than the queues of the
    /// driver.
    ///
    /// - Parameters:
    ///   - queue: the queue in the plan in force: the result of ``makeQueue(with:)``, or a ``WrappingQueue`` around it.
    ///   - old: the setup of the queue in the plan in force.
    ///   - context: the context in which the entry is built.
    /// - Returns: the change; nil if the queue must be built anew.
    /// - Throws: the errors of ``makeQueue(with:)``. Do not catch the error.
    public func update(
        _ queue: any MessageQueue, from old: QueueSetup, with context: BuildContext
    ) throws -> Update? {
        func update<Driver: QueueDriver>(by driver: Driver) throws -> Update? {
            guard let queue = queue.ability(Driver.Queue.self) else { return nil }
            let kind = context.kind(of: self.driver)
            func values(of setup: QueueSetup) -> QueueField<Driver.Options>.Values {
                .init(
                    id: context.id, driver: setup.driver.id, settings: setup.settings,
                    options: setup.options.options(of: kind))
            }
            let (before, after) = (values(of: old), values(of: self))
            let fields = Driver.queueFieldsBuiltAnew ?? []
            guard fields.allSatisfy({ $0.hasOneValue(in: before, and: after) }) else { return nil }
            return try driver.update(
                queue, settings: after.settings, options: after.options, deadLetters: deadLetters(with: context))
        }
        return try update(by: try context.target(of: driver))
    }

    /// Returns a sentence in Markdown about each driver of the program that has ``QueueDriver/queueFieldsBuiltAnew``;
    /// nil if none has them.
    ///
    /// If your kind of queues calls ``update(_:from:with:)``, return this text from the kind's `whenChanged(in:)`. Add
    /// the kind's own note if it has one.
    public static func whenChanged(in program: Program) -> String? {
        let notes = program.kinds.queueDrivers.compactMap { $0.whenQueueChanged }
        return notes.isEmpty ? nil : notes.joined(separator: " ")
    }

    private func deadLetters(with context: BuildContext) throws -> DeadLetters? {
        try settings.deadLetterQueue.map { reference in
            DeadLetters(
                id: reference.id, queue: try context.resolve(reference), maxAttempts: settings.deadLetterMaxAttempts)
        }
    }
}
