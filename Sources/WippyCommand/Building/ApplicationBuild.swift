import Glibc
import Wippy
import WippyDefinition

/// The Swift package in a project's folder: its application is built, and the program becomes it.
///
/// Lua projects have none and run in place. An application never builds: it is deployed without a toolchain.
struct ApplicationBuild {
    private let product: String
    private let programs: ChildPrograms

    /// Where the project's folder holds a Swift package, builds its application and replaces this program with it,
    /// which then gets the same arguments.
    ///
    /// Returns otherwise. For the program's first thread, while it is the only one.
    ///
    /// - Parameter signals: those that the program has taken over; those of a build are, in any case.
    /// - Throws: ``BuildFailure`` when there is no one application in the package, or it does not build;
    ///   ``ChildPrograms/Interruption`` when a signal came.
    static func becomeApplication(
        of tool: CommandLineTool, settings: Application.Settings, signals: Signals? = nil
    ) throws {
        guard tool.buildsApplications, unsafe access("Package.swift", R_OK) == 0 else { return }
        // The application says what is wrong with the settings, beside all else that is wrong with the project.
        var report = Report()
        let project = Project(
            at: ".", settingsFile: settings.settingsFile, profiles: settings.profiles,
            assignments: settings.assignments, report: &report)
        let programs = ChildPrograms(try signals ?? Signals())
        let product = try project.settings.swiftProduct ?? onlyApplication(programs)
        let build = ApplicationBuild(product: product, programs: programs)
        try build.run()
        try build.become(Array(CommandLine.arguments.dropFirst()))
    }

    /// The package's only executable product that depends on Wippy.
    private static func onlyApplication(_ programs: ChildPrograms) throws -> String {
        let description = try programs.output(of: ["swift", "package", "describe", "--type", "json"])
        let names = try PackageDescription(json: description).applications
        guard let name = names.first, names.count == 1 else {
            let found = names.isEmpty ? "no executable product that depends on Wippy" : names.joined(separator: ", ")
            throw BuildFailure(
                "the package has \(found); name the application's product in 'swift.product' of "
                    + ".wippy.yaml")
        }
        return name
    }

    private var arguments: [String] {
        ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product]
    }

    /// Builds the product; the compiler's output is shown on standard error as it comes.
    private func run() throws {
        Console.error("building \(product)…")
        guard try programs.run(arguments) == 0 else {
            throw BuildFailure("cannot build \(product); see the compiler's messages above")
        }
    }

    /// Replaces this program with the product.
    private func become(_ arguments: [String]) throws {
        let folder = try programs.output(of: ["swift", "build", "-c", "release", "--show-bin-path"])
        let path = String(folder.prefix { $0 != "\n" }) + "/" + product
        throw programs.replaceProgram(with: path, arguments)
    }
}

/// Why an application could not be built.
struct BuildFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
