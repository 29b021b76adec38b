import WippyCommand

/// `ticks`: prints the number of ticks in the database, whether or not a process runs the project.
struct CountTicks: Command {
    static let name = "ticks"
    static let summary = "Print the number of ticks in the database."

    private let application: Application

    init(from options: inout OptionReader) {
        application = options.application()
    }

    func run() async throws -> Int32 {
        let project = application.check()
        try project.report.throwIfInvalid()
        let id = EntryID(namespace: "app", name: "db")
        let count = try await OpenedEntries.open([id], of: project) { entries in
            // Before the first start there is no file, and so no database.
            guard let database = entries.offered(by: id, as: .database) else { return 0 }
            return try await database.query("SELECT count(*) FROM ticks", as: Int.self).first ?? 0
        }
        print(count)
        return 0
    }
}
