public import WippyText

/// The declaration of a metric, for code that counts or measures.
///
/// The type of the figure is ``Counter``, ``MetricTimer`` or ``Gauge``. A kind declares its metrics as constants, uses
/// them with ``Metrics``, and lists them in ``EntryKind/metrics``:
///
/// ```swift
/// static let called = Metric<Counter>("ticker.calls", of: "a ticker", unit: "calls", "The calls of the function.")
/// static let metrics = [called.description]
/// ```
public struct Metric<Figure: MetricFigure>: Hashable, Sendable {
    /// The name, type, subject, unit and meaning of the metric.
    public let description: MetricDescription

    private init(_ name: String, of subject: String, in unit: String, _ help: String) {
        description = MetricDescription(
            name: ExactText(name), type: Figure.metricType, subject: subject, unit: unit, help: help)
    }
}

extension Metric where Figure == Counter {
    /// Declares a counter.
    ///
    /// - Parameters:
    ///   - name: the name: lower-case words joined by dots.
    ///   - subject: the sort of entry that has the counter, with its article, such as `a consumer`.
    ///   - unit: the things that are counted, such as `messages`.
    ///   - help: the meaning, with a full stop at its end.
    public init(_ name: String, of subject: String, unit: String, _ help: String) {
        self.init(name, of: subject, in: unit, help)
    }
}

extension Metric where Figure == MetricTimer {
    /// Declares a timer, whose unit is the second.
    ///
    /// - Parameters:
    ///   - name: the name: lower-case words joined by dots.
    ///   - subject: the sort of entry that has the timer, with its article, such as `a consumer`.
    ///   - help: the meaning, with a full stop at its end.
    public init(_ name: String, of subject: String, _ help: String) {
        self.init(name, of: subject, in: "seconds", help)
    }
}

extension Metric where Figure == Gauge {
    /// Declares a gauge.
    ///
    /// - Parameters:
    ///   - name: the name: lower-case words joined by dots.
    ///   - subject: the sort of entry that has the gauge, with its article, such as `a queue`.
    ///   - unit: the unit of the value, such as `seconds`.
    ///   - help: the meaning, with a full stop at its end.
    public init(_ name: String, of subject: String, unit: String, _ help: String) {
        self.init(name, of: subject, in: unit, help)
    }
}

/// The description of a metric, for the manual and for programs that export it.
public struct MetricDescription: Hashable, Sendable {
    /// The name: lower-case words joined by dots, such as `messages.handled`.
    public let name: ExactText

    /// The type of the figure.
    public let type: MetricType

    /// The sort of entry that has the metric, with its article, such as `a consumer`.
    public let subject: String

    /// The unit of the figure, such as `messages` or `seconds`.
    public let unit: String

    /// The meaning, with a full stop at its end.
    public let help: String
}

/// The type of a metric's figure.
public enum MetricType: String, Hashable, Sendable, CaseIterable {
    /// A number that only grows.
    case counter
    /// Durations: their number, their sum and the longest one.
    case timer
    /// A value that is measured when somebody reads it.
    case gauge
}

/// A figure that a ``Metric`` can have: a ``Counter``, a ``MetricTimer`` or a ``Gauge``.
public protocol MetricFigure: Sendable {
    /// The type of the figure.
    static var metricType: MetricType { get }
}

/// A figure without an object of its own: a closure measures it when somebody reads it.
///
/// Register the closure by ``Metrics/measure(_:of:by:)``.
public enum Gauge: MetricFigure {
    /// The type `gauge`.
    public static var metricType: MetricType { .gauge }
}

/// A table of metrics in Markdown, for the manual.
public struct MetricTable: CustomStringConvertible {
    private let metrics: [MetricDescription]

    /// Creates a table of metrics.
    public init(_ metrics: [MetricDescription]) {
        self.metrics = metrics
    }

    /// The table as lines of Markdown.
    public var description: String {
        let rows = metrics.map { metric in
            let cells = ["`\(metric.name)`", metric.type.rawValue, metric.unit, metric.subject, metric.help]
            return "| \(cells.joined(separator: " | ")) |"
        }
        return (["| metric | type | unit | of | description |", "| --- | --- | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }
}
