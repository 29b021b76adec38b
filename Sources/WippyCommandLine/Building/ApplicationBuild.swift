import Glibc
import WippyApplication
import WippyDefinition

/// Builds the application of the Swift package in a project's folder, and replaces this program with it.
///
/// A Lua project has no package, so it runs in this program. An application never builds itself, because it is deployed
/// without a toolchain.
struct ApplicationBuild {
    private let product: String
    private let programs: ChildPrograms

    /// Builds the application and replaces this program with it, if the project's folder has a Swift package.
    ///
    /// The application gets the same arguments. Without a package, the call returns. Call this on the program's first
    /// thread, before other threads start.
    ///
    /// - Throws: ``CommandError`` when the package does not have exactly one application, or when the build fails;
    ///   ``ChildPrograms/Interruption`` when a signal comes.
    static func becomeApplication(of tool: CommandLineTool, settings: Application.Settings) throws {
        guard tool.buildsApplications, unsafe access("Package.swift", R_OK) == 0 else { return }
        // The application reports errors in the settings, together with all other errors of the project.
        var report = Report()
        let project = Project(
            at: ".", settingsFile: settings.settingsFile, profiles: settings.profiles,
            assignments: settings.assignments, sections: [SwiftSettings.self], report: &report)
        let programs = ChildPrograms(try Signals())
        let product = try project.settings[SwiftSettings.self].product ?? onlyApplication(programs)
        let build = ApplicationBuild(product: product, programs: programs)
        try build.run()
        try build.become(Array(CommandLine.arguments.dropFirst()))
    }

    /// Returns the only executable product of the package that depends on Wippy.
    private static func onlyApplication(_ programs: ChildPrograms) throws -> String {
        let description = try programs.output(of: ["swift", "package", "describe", "--type", "json"])
        let names = try PackageDescription(json: description).applications
        guard let name = names.first, names.count == 1 else {
            let found = names.isEmpty ? "no executable product that depends on Wippy" : names.joined(separator: ", ")
            throw CommandError(
                "the package has \(found); name the application's product in 'swift.product' of .wippy.yaml")
        }
        return name
    }

    private var arguments: [String] {
        ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product]
    }

    /// Builds the product.
    ///
    /// The compiler's output goes to standard error.
    private func run() throws {
        Console.error("building \(product)…")
        guard try programs.run(arguments) == 0 else {
            throw CommandError("cannot build \(product); see the compiler's messages above")
        }
    }

    /// Replaces this program with the product.
    private func become(_ arguments: [String]) throws {
        let folder = try programs.output(of: ["swift", "build", "-c", "release", "--show-bin-path"])
        let path = String(folder.prefix { $0 != "\n" }) + "/" + product
        throw programs.replaceProgram(with: path, arguments)
    }
}
