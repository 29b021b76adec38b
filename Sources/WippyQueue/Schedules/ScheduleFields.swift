import WippyDefinition
import WippyText
import WippyValues

extension CronExpression: FieldValue {
    static var form: FieldForm {
        .pattern(
            shape.pattern, words: "a cron expression such as '0 3 * * *'",
            examples: ["0 3 * * *", "*/15 8-18 * * mon-fri", "@daily"])
    }

    /// The value of a field that cannot be read: the expression for every minute.
    static var placeholder: CronExpression { everyMinute }

    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        do {
            try self.init(scalar.text)
        } catch {
            throw FieldProblem(error.message, at: node.place(ofScalar: error.offset))
        }
    }

    var written: String { text.written }
}

extension Node {
    /// Returns the place of a scalar inside the node's text, if the text has one line and is written here.
    ///
    /// Otherwise, returns the node's place.
    fileprivate func place(ofScalar offset: Int) -> Location {
        guard origin == nil, let scalar, scalar.style != .external, location.line > 0 else { return location }
        let quote = scalar.style == .quoted ? 1 : 0
        return Location(file: location.source, line: location.line, column: location.column + quote + offset)
    }
}

/// A time zone, with its name in the system's zone files, such as `Europe/Vienna`.
struct ScheduleZone: FieldValue {
    let rules: ZoneRules

    static var form: FieldForm {
        .pattern(
            ZoneRules.nameShape.pattern, words: "a time zone such as Europe/Vienna", examples: ["UTC", "Europe/Vienna"])
    }

    static var placeholder: ScheduleZone { ScheduleZone(rules: .utc) }

    static func == (left: ScheduleZone, right: ScheduleZone) -> Bool {
        ExactText.areEqual(left.rules.name, right.rules.name)
    }

    private init(rules: ZoneRules) {
        self.rules = rules
    }

    init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        guard let rules = ZoneRules(named: scalar.text) else {
            let names = ZoneRules.names
            guard !names.isEmpty else {
                throw FieldProblem("cannot be looked up: this system has no zone files; install its package 'tzdata'")
            }
            let nearest = Spelling.nearest(to: scalar.text, among: names)
            throw .expected(Self.form, got: node, nearest.map { "did you mean '\($0)'?" })
        }
        self.init(rules: rules)
    }

    var written: String { rules.name.written }
}

/// The time between two ticks, in whole seconds.
struct SchedulePeriod: FieldValue {
    let seconds: Int

    private static let range: ClosedRange<Duration> = .seconds(1) ... .days(366)

    static var form: FieldForm { Duration.form(in: range) }

    static var placeholder: SchedulePeriod { SchedulePeriod(seconds: 1) }

    private init(seconds: Int) {
        self.seconds = seconds
    }

    init(reading node: Node) throws(FieldProblem) {
        let period = try Duration(reading: node)
        guard Self.range.contains(period), let seconds = period.exactSeconds else {
            throw .expected("a whole number of seconds\(Self.form.range.map { ", \($0)" } ?? "")", got: node)
        }
        self.seconds = seconds
    }

    var written: String { Duration.seconds(seconds).written }
}
