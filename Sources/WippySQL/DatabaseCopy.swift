package import WippyDefinition
package import WippyRuntime

/// The file that takes the place of a database's own file in a test or a verification.
package struct DatabaseCopy: Sendable {
    /// The id of the database's entry.
    package let id: EntryID

    /// The field that holds the path.
    package let field: String

    /// The path of the file.
    package let path: String

    /// True if no earlier database of the plan has the same file.
    package let isFirst: Bool
}

extension Plan {
    /// Returns a copy for each database in a file, in order of id.
    ///
    /// The copies of databases with the same file have the same path. The files are not made.
    ///
    /// - Parameter folder: the path of the folder for the copies.
    package func databaseCopies(in folder: String) -> [DatabaseCopy] {
        var paths: [FileIdentity: String] = [:]
        return entries.compactMap { entry in
            guard let config = entry.config as? any SQLFileConfig, let file = config.file.map({ FileIdentity($0) })
            else { return nil }
            let known = paths[file]
            let path = known ?? "\(folder)/database-\(paths.count + 1).db"
            paths[file] = path
            return DatabaseCopy(id: entry.id, field: type(of: config).fileField, path: path, isFirst: known == nil)
        }
    }

    /// The databases that may keep data where no copy can take their place, in order of id.
    ///
    /// Databases with an ``SQLFileConfig`` are not among them, in a file or in memory. Neither is a database without a
    /// service that names another database, because it keeps its data there.
    package var databasesWithoutCopy: [PlannedEntry] {
        let contracts = [Contract<any SQLDatabase>.database.erased, Contract<any QueueDatabase>.queueDatabase.erased]
        return entries.filter { entry in
            guard entry.offers.contains(where: { contracts.contains($0) }), !(entry.config is any SQLFileConfig)
            else { return false }
            let namesAnother = entry.references.contains { $0.contract.map { contracts.contains($0) } ?? false }
            return entry.role != nil || !namesAnother
        }
    }
}
