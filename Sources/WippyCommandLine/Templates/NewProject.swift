import WippyDefinition
import WippyText

/// The names and the dependency of a new package that is made from a template.
struct NewProject: Sendable {
    /// The name of the package and of the program: `task-queue`.
    let name: String

    /// The name of the module: `TaskQueue`.
    var module: String

    /// The source from which the package gets wippy-swift.
    let dependency: RuntimePackage

    /// Creates the description of a package.
    ///
    /// - Throws: ``UsageError`` if the name is not allowed for a package or for its module.
    init(name: String, dependency: RuntimePackage) throws(UsageError) {
        try Self.check(name)
        guard !Self.takenPrograms.contains(ExactText(name)) else {
            throw UsageError(
                "wippy-swift has a program '\(name)' of its own, which SwiftPM would run in place of yours: "
                    + "give another '--name', such as '\(Self.usualName(in: name))'")
        }
        self.name = name
        self.dependency = dependency
        module = name.unicodeScalars.split { $0 == "-" || $0 == "_" }
            .map { String($0.prefix(1)).uppercasedASCII + String($0.dropFirst()) }.joined()
        guard !Self.isTaken(module) else {
            throw UsageError("a module '\(module)' already exists: give another '--name' than '\(name)'")
        }
    }

    /// Checks the name of a project with handlers in any language.
    ///
    /// - Throws: ``UsageError`` when the name is not allowed.
    static func check(_ name: String) throws(UsageError) {
        let scalars = name.unicodeScalars
        guard let first = scalars.first, isLetter(first),
            scalars.allSatisfy({ isLetter($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_" })
        else {
            throw UsageError(
                "no project can be called '\(name)': give '--name' letters, digits and dashes, a letter first")
        }
    }

    /// Returns the default name of a package: the name of its folder, or a similar name.
    static func usualName(in folder: String) -> String {
        takenPrograms.contains(ExactText(folder)) ? "my-\(folder)" : folder
    }

    /// The programs of wippy-swift's own package.
    private static let takenPrograms: Set<ExactText> = ["task-queue", "wippy-swift"]

    /// Returns true if the toolchain or wippy-swift itself has a module with the name.
    private static func isTaken(_ module: String) -> Bool {
        let name = ExactText(module)
        return ownPrefixes.contains { module.hasExactPrefix($0) } || ownModules.contains(name)
            || modulesOfToolchain.contains(name)
    }

    /// The beginnings of the names of most of wippy-swift's modules.
    static let ownPrefixes = ["Wippy", "CWippy"]

    /// The modules of wippy-swift whose names begin otherwise.
    static let ownModules: Set<ExactText> = [
        "EventLoops", "HTTPRequesting", "HTTPServing", "LuaEngine", "LuaPatterns", "LuaSyntax", "SQLiteGroups",
    ]

    private static let modulesOfToolchain: Set<ExactText> = [
        "Builtin", "Cxx", "CxxStdlib", "Dispatch", "Distributed", "Foundation", "FoundationEssentials",
        "FoundationNetworking", "FoundationXML", "Glibc", "Observation", "PackageDescription", "RegexBuilder", "Swift",
        "Synchronization", "Testing", "XCTest",
    ]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
