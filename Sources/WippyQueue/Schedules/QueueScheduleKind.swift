import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippyText
import WippyValues

/// `queue.schedule`: publishes a message at the times of a cron expression, or after each period.
struct QueueScheduleKind: EntryKind {
    static let name: KindName = "queue.schedule"
    static let summary =
        "Publishes a message to a queue again and again: at the times of a cron expression, or after each period."
    // Schedules bring work into the application. So they start last and stop first, like servers.
    static let role: ServiceRole? = .server
    static let whenChanged: String? =
        "If the times change, the schedule publishes nothing for times before the change."

    static let metrics = [QueueSchedule.publishedMessages.description]

    struct Config: EntryConfig {
        let queue: Reference<any MessageQueue>
        let timetable: Timetable
        let missed: MissedTicks
        let body: Value
        let headers: [ExactText: Value]

        init(from fields: inout FieldReader) {
            self = fields.inPlace { Config(inPlaceFrom: &$0) }
        }

        private init(inPlaceFrom fields: inout FieldReader) {
            queue = fields.reference("queue", .queue, "The queue that gets the messages.")
            timetable = Timetable(from: &fields)
            missed = fields.optional(
                "missed", default: .once,
                "The messages for missed times. once: one message. all: one for each time, at most for the last "
                    + "\(MissedTicks.mostOfAll). skip: none for the time in which the application did not run, and "
                    + "one if the queue took no message for a while. If the queue is not durable, no time counts as "
                    + "missed while the application does not run.")
            body = fields.optional("body", default: .null, "The body of each message.")
            headers = fields.optional(
                Self.headersField, default: [:],
                "The headers of each message. Some, such as priority, tell a durable queue how to keep the message.")
            rejectHeaders(in: &fields)
        }

        fileprivate static let headersField = "headers"

        private func rejectHeaders(in fields: inout FieldReader) {
            for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
                if name.string.hasExactPrefix(MessageHeader.reservedPrefix) {
                    fields.reject(
                        "\(Self.headersField).\(name)",
                        "begins with '\(MessageHeader.reservedPrefix)': the runtime reserves such headers")
                }
                switch value {
                case .list, .map, .null:
                    fields.reject("\(Self.headersField).\(name)", "must be a string, a number, true or false")
                default: rejectOption(name.string, value, in: &fields)
                }
            }
            let (period, key) = (MessageOption.uniquePeriod.header, MessageOption.uniqueKey.header)
            if headers[ExactText(key)] == nil {
                fields.warnIfWritten("\(Self.headersField).\(period)", because: "the headers have no '\(key)'")
            }
        }

        /// Rejects a header that is an option of a message and has a wrong value.
        private func rejectOption(_ name: String, _ value: Value, in fields: inout FieldReader) {
            do {
                _ = try MessageOptions(ValueMap([(name, value)], onRepeatedKey: .keepLast))
            } catch {
                fields.reject("\(Self.headersField).\(name)", "cannot be used: \(FailureReason.text(of: error))")
            }
        }

        /// The headers of each message.
        var message: ValueMap { ValueMap(headers.map { ($0.key.string, $0.value) }, onRepeatedKey: .keepLast) }
    }

    func check(all entries: [Entry<Config>], in plan: CheckContext) -> [Diagnostic] {
        let queues = plan.entries(configuredAs: (any QueueConfig).self)
        let drivers = Dictionary(uniqueKeysWithValues: queues.map { ($0.id, $0.config.setup.driver.id) })
        return entries.flatMap { entry -> [Diagnostic] in
            guard let driver = drivers[entry.config.queue.id], let kind = plan.kind(of: driver) as? any QueueDriverKind
            else { return [] }
            let supported = type(of: kind).supportedOptions
            let unsupported = MessageOption.allCases.filter { option in
                entry.config.message[option.header] != nil && !supported.contains(option)
            }
            return unsupported.map { option in
                let (field, driver) = (
                    "\(Config.headersField).\(option.header)", "the driver of the queue '\(entry.config.queue.id)'"
                )
                return option.isDecisive
                    ? entry.error(field, "is not supported by \(driver)")
                    : entry.warning(field, "has no effect: \(driver) does not support it")
            }
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> {
        .service(
            QueueSchedule(
                entry.id, try settings(of: entry, with: context), environment: context.environment, log: context.log))
    }

    /// Changes every field in place.
    func update(
        _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) throws -> Update? {
        guard let schedule = built.service as? QueueSchedule else { return nil }
        return Update(from: schedule.settings, to: try settings(of: entry, with: context)) { schedule.change(to: $0) }
    }

    private func settings(of entry: Entry<Config>, with context: BuildContext) throws -> QueueSchedule.Settings {
        QueueSchedule.Settings(
            timetable: entry.config.timetable, missed: entry.config.missed,
            queue: try context.resolve(entry.config.queue), body: entry.config.body, headers: entry.config.message)
    }
}

extension Timetable {
    private static let cronField = "cron"
    private static let zoneField = "timezone"

    /// The field with the period.
    static let everyField = "every"

    /// Reads `cron` and `timezone`, or `every`.
    init(from fields: inout FieldReader) {
        var isWritten = false
        let cron = fields.custom(
            Self.cronField, form: CronExpression.form, default: CronExpression?.none,
            "The times to publish: minute, hour, day of the month, month and weekday, or a word such as @daily. Write "
                + "either '\(Self.cronField)' or '\(Self.everyField)'."
        ) { node, _ throws(FieldProblem) in
            isWritten = true
            return try CronExpression(reading: node)
        }
        let zone: ZoneRules? = fields.optional(
            Self.zoneField, defaultsTo: "UTC", "The time zone of '\(Self.cronField)'.")
        let period = fields.custom(
            Self.everyField, form: SchedulePeriod.form, default: SchedulePeriod?.none,
            "The period in whole seconds, counted from the beginning of 1970 in UTC: 1h publishes on each full hour, "
                + "whenever the application started. Write either '\(Self.cronField)' or '\(Self.everyField)'."
        ) { node, _ throws(FieldProblem) in
            if isWritten { throw FieldProblem("cannot be used with '\(Self.cronField)': write only one of them") }
            isWritten = true
            return try SchedulePeriod(reading: node)
        }
        if !isWritten {
            fields.reject(
                Self.cronField, "must be written if '\(Self.everyField)' is missing",
                unlessMisspelt: [Self.cronField, Self.everyField])
        }
        if zone != nil, cron == nil, period != nil {
            fields.warnIfWritten(Self.zoneField, because: "'\(Self.everyField)' does not depend on a time zone")
        }
        self = period.map { .every($0.seconds) } ?? .cron(cron ?? .substitute, zone ?? .substitute)
    }
}
