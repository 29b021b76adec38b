import WippyText

/// All diagnostics of a reading, in the order in which a person reads them.
///
/// Stages add to a report and never print. Reading stops only after the last stage, so that you can fix ten mistakes at
/// once.
public struct Report: Sendable {
    private var found: Set<Diagnostic> = []

    /// Where secrets stand, or may: lines, and whole files, that no excerpt shows.
    private(set) var secretPlaces: Set<Location> = []

    /// An empty report.
    public init() {}

    /// Adds a diagnostic.
    ///
    /// An equal one is added once only.
    public mutating func add(_ diagnostic: Diagnostic) {
        found.insert(diagnostic)
    }

    /// Adds several diagnostics.
    public mutating func add(_ diagnostics: some Sequence<Diagnostic>) {
        found.formUnion(diagnostics)
    }

    /// Notes the places of secrets, so that no excerpt shows them.
    public mutating func hide(_ places: some Sequence<Location>) {
        secretPlaces.formUnion(places.map { Location(file: $0.source, line: $0.line, column: 1) })
    }

    /// Notes a file of which nobody knows where its secrets stand, since it could not be read: no excerpt shows it.
    mutating func hide(_ file: SourceFile) {
        secretPlaces.insert(Location(source: file.path))
    }

    /// The diagnostics, sorted by file, line and column, and at the same place by text.
    public var diagnostics: [Diagnostic] {
        found.map { (diagnostic: $0, line: $0.description) }.sorted { left, right in
            let (place, other) = (left.diagnostic.location, right.diagnostic.location)
            return place == other ? ExactText.precedes(left.line, right.line) : place < other
        }.map(\.diagnostic)
    }

    /// The number of diagnostics: `10 errors`, `1 error, 2 warnings`, `no problems`.
    public var summary: String {
        let counts = [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return "no problems" }
        return counts.map { count, word in "\(count) \(word)\(count == 1 ? "" : "s")" }.joined(separator: ", ")
    }

    /// How many errors there are.
    public var errorCount: Int { found.count { $0.severity == .error } }

    /// How many warnings there are.
    public var warningCount: Int { found.count - errorCount }

    /// Whether the project can run.
    public var isValid: Bool { !found.contains { $0.severity == .error } }

    /// Throws ``InvalidProject`` if the report has an error.
    public func throwIfInvalid() throws(InvalidProject) {
        guard isValid else { throw InvalidProject(report: self) }
    }
}

/// The definition files have errors, which the report lists.
public struct InvalidProject: Error, CustomStringConvertible {
    /// The diagnostics.
    public let report: Report

    /// How many entries were read; nil if none were.
    public let entryCount: Int?

    /// The texts of the files, for excerpts; nil if none were read.
    public let sources: SourceSet?

    /// Creates the error for a report that has errors.
    public init(report: Report, entryCount: Int? = nil, sources: SourceSet? = nil) {
        self.report = report
        self.entryCount = entryCount
        self.sources = sources
    }

    /// The text that `lint` prints: a line for each diagnostic, and their number on the last line.
    public var description: String { DiagnosticPrinter().text(of: report, on: entryCount) }
}
