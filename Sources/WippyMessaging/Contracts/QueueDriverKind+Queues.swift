public import WippyDefinition
public import WippyRuntime
import WippyText

// What a kind of drivers says of the queues of its drivers.
extension QueueDriverKind {
    /// Checks the queues of each driver, and warns about their options for other drivers.
    public func sharedCheck(_ entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        guard !entries.isEmpty else { return [] }
        let all = plan.entries(configuredAs: (any QueueConfig).self)
        let queues = Dictionary(grouping: all) { $0.config.setup.driver.id }
        return entries.flatMap { driver in
            let own = queues[driver.id] ?? []
            return own.flatMap { problems(of: $0) + optionsOfOthers(in: $0, of: driver.id) }
                + check(queuesOfOne: own.map(Self.settings))
        }
    }

    private static func settings(of queue: Entry<any QueueConfig>) -> Entry<QueueSettings> {
        queue.map { $0.setup.settings }
    }

    private func problems(of queue: Entry<any QueueConfig>) -> [Diagnostic] {
        check(queue: Self.settings(of: queue), options: queue.config.setup.options.options(of: Self.name))
    }

    private func optionsOfOthers(in queue: Entry<any QueueConfig>, of driver: EntryID) -> [Diagnostic] {
        let others = queue.writtenFields(below: QueueSettings.driverOptionsField).filter {
            !$0.hasExactPrefix("\(Self.optionsPath).")
        }
        return others.map {
            queue.warning($0, "has no effect: the queue's driver is \(driver), \(Self.name.withArticle)")
        }
    }

    /// The sentence about the fields of a queue that the driver changes in place, in Markdown; nil if it changes none.
    static var whenQueueChanged: String? {
        guard let fields = Component.queueFieldsBuiltAnew else { return nil }
        let paths = fields.map { $0.path(withOptionsAt: optionsPath) }
        let exceptions = paths.isEmpty ? "" : " except \(paths.listInMarkdown)"
        let driver = QueueSettings.driverField
        let condition = paths.contains(driver) ? "" : ", `\(driver)` only if it names another `\(name)`"
        return "With a `\(name)`, every field\(exceptions) changes in place\(condition)."
    }
}
