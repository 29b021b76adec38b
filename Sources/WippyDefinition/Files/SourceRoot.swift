import WippyText

/// A folder whose definition files belong to a project: its own source folder, or that of a module.
struct SourceRoot: Sendable {
    /// A module whose folder this is.
    struct Module: Sendable, Equatable {
        let name: String
        /// The version that the lock file names; nil for a replacement.
        let version: String?
        /// Where the lock file names it.
        let location: Location

        static func == (left: Module, right: Module) -> Bool {
            ExactText.areEqual(left.name, right.name) && left.location == right.location
                && left.version.map { ExactText($0) } == right.version.map { ExactText($0) }
        }
    }

    /// The folder as people see it: relative to the project where it can be.
    let path: String

    /// The folder's path on the disk.
    let folder: String

    /// The module, unless it is the project's own folder.
    var module: Module?
}
