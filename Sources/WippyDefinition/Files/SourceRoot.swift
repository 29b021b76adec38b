import WippyText

/// A folder with definition files of a project: the project's source directory, or a module's folder.
struct SourceRoot: Sendable {
    /// The module to which a folder belongs.
    struct Module: Sendable, Equatable {
        let name: String
        /// The version in the lock file; nil for a folder that replaces a module.
        let version: String?
        /// The place of the module in the lock file.
        let location: Location

        static func == (left: Module, right: Module) -> Bool {
            ExactText.areEqual(left.name, right.name) && left.location == right.location
                && left.version.map { ExactText($0) } == right.version.map { ExactText($0) }
        }
    }

    /// The folder's path for people: relative to the project if the folder is inside it.
    let path: String

    /// The folder's path on the disk.
    let folder: String

    /// The module to which the folder belongs; nil for the project's own folder.
    var module: Module?
}
