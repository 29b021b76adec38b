public import WippyDefinition
import WippyText
public import WippyValues

extension CronExpression: FieldValue {
    /// The form of a field with a cron expression.
    public static let form = FieldForm.pattern(
        shape.pattern, words: "a cron expression such as '0 3 * * *'",
        examples: ["0 3 * * *", "*/15 8-18 * * mon-fri", "@daily"])

    /// The value of a field that cannot be read: the expression for every minute.
    public static var substitute: CronExpression { everyMinute }

    /// Reads an expression.
    ///
    /// - Throws: `FieldProblem` when the value is not a text, or when the text is not a cron expression.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        do {
            try self.init(scalar.text)
        } catch {
            throw FieldProblem(error.message, at: node.place(ofScalar: error.offset))
        }
    }

    /// The value as it is written in a definition file.
    public var written: String { text.written }
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

extension ZoneRules: FieldValue {
    /// The form of a field with a time zone.
    public static let form = FieldForm.pattern(
        nameShape.pattern, words: "a time zone such as Europe/Vienna", examples: ["UTC", "Europe/Vienna"])

    /// The value of a field that cannot be read: UTC.
    public static var substitute: ZoneRules { .utc }

    /// Reads the name of a time zone, and gets the zone's rules from the system's zone files.
    ///
    /// - Throws: `FieldProblem` when the value is not a text, or when the system has no such zone.
    public init(reading node: Node) throws(FieldProblem) {
        guard let scalar = node.scalar, scalar.isText else { throw .expected(Self.form, got: node) }
        guard let rules = ZoneRules(named: scalar.text) else {
            let names = Self.names
            guard !names.isEmpty else {
                throw FieldProblem("cannot be looked up: this system has no zone files; install its package 'tzdata'")
            }
            let nearest = Spelling.nearest(to: scalar.text, among: names)
            throw FieldProblem.expected(Self.form, got: node).suggesting(nearest)
        }
        self = rules
    }

    /// The value as it is written in a definition file.
    public var written: String { name.written }
}

/// The time between two ticks, in whole seconds.
struct SchedulePeriod: FieldValue {
    let seconds: Int

    private static let range: ClosedRange<Duration> = .seconds(1) ... .days(366)

    static var form: FieldForm { Duration.form(in: range) }

    static var substitute: SchedulePeriod { SchedulePeriod(seconds: 1) }

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
