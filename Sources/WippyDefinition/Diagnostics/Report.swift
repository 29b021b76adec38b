import WippyText

/// All diagnostics of one reading of a project.
public struct Report: Sendable {
    private var found: Set<Diagnostic> = []

    /// The places that no excerpt shows, because they have or may have secrets: lines and whole files.
    private(set) var secretPlaces: Set<Location> = []

    /// Creates an empty report.
    public init() {}

    /// Adds a diagnostic.
    ///
    /// Equal diagnostics are kept only once.
    public mutating func add(_ diagnostic: Diagnostic) {
        found.insert(diagnostic)
    }

    /// Adds several diagnostics.
    public mutating func add(_ diagnostics: some Sequence<Diagnostic>) {
        found.formUnion(diagnostics)
    }

    /// Adds the diagnostics of another report that this one does not have, as warnings.
    ///
    /// - Parameters:
    ///   - other: the report of the same project under a condition.
    ///   - condition: the condition, as the beginning of each sentence, such as `with the profile 'test'`.
    package mutating func addWarnings(of other: Report, if condition: String) {
        add(other.found.subtracting(found).map { $0.asWarning(if: condition) })
        secretPlaces.formUnion(other.secretPlaces)
    }

    /// Hides lines from all excerpts: those at which the given places begin.
    public mutating func hide(_ places: some Sequence<Location>) {
        secretPlaces.formUnion(places.map { Location(file: $0.source, line: $0.line, column: 1) })
    }

    /// Hides a whole file from all excerpts.
    ///
    /// If a file could not be parsed, nobody knows where its secrets are.
    mutating func hide(_ file: SourceFile) {
        secretPlaces.insert(Location(source: file.path))
    }

    /// The diagnostics, sorted by place, and then by their text.
    public var diagnostics: [Diagnostic] {
        found.map { (diagnostic: $0, line: $0.description) }.sorted { left, right in
            let (place, other) = (left.diagnostic.location, right.diagnostic.location)
            return place == other ? ExactText.precedes(left.line, right.line) : place < other
        }.map(\.diagnostic)
    }

    /// The numbers of errors and warnings in words: `10 errors`, `1 error, 2 warnings`, `no problems`.
    public var summary: String {
        let counts = [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
        guard !counts.isEmpty else { return "no problems" }
        return counts.map { count, word in "\(count) \(word)\(count == 1 ? "" : "s")" }.joined(separator: ", ")
    }

    /// The number of errors.
    public var errorCount: Int { found.count { $0.severity == .error } }

    /// The number of warnings.
    public var warningCount: Int { found.count - errorCount }

    /// True if the report has no error.
    public var isValid: Bool { !found.contains { $0.severity == .error } }

    /// Throws ``InvalidProject`` if the report has an error.
    public func throwIfInvalid() throws(InvalidProject) {
        guard isValid else { throw InvalidProject(report: self) }
    }
}

/// The error for a project whose report has an error.
public struct InvalidProject: Error, CustomStringConvertible {
    /// The report with at least one error.
    public let report: Report

    /// The number of entries that were read; nil if it is not known.
    public let entryCount: Int?

    /// The texts of the files, for excerpts; nil if the error has none.
    public let sources: SourceSet?

    /// Creates the error from a report that has errors.
    ///
    /// - Parameters:
    ///   - report: the report with at least one error.
    ///   - entryCount: the number of entries that were read. Default: nil, not known.
    ///   - sources: the texts of the files. Default: nil, without excerpts.
    public init(report: Report, entryCount: Int? = nil, sources: SourceSet? = nil) {
        self.report = report
        self.entryCount = entryCount
        self.sources = sources
    }

    /// A line for each diagnostic, without excerpts, and a summary in the last line.
    public var description: String { DiagnosticPrinter().text(of: report, on: entryCount) }
}
