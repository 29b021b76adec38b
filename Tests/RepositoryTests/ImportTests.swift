import Foundation
import Testing
import WippyText

@testable import WippyCommandLine

/// A target as the text of `Package.swift` has it.
struct DeclaredTarget: CustomTestStringConvertible {
    let name: String
    /// Where its sources are.
    let folder: String
    /// The targets that it names, its own name and what is named for all of its sort included.
    let dependencies: Set<String>

    var testDescription: String { name }
}

/// The text of `Package.swift`, read without running it.
struct PackageText {
    let targets: [DeclaredTarget]
    /// The names of the families of kinds that every application has.
    let families: [String]
    /// The names of the targets for Lua modules about these families.
    let modulesForLua: [String]
    /// The names of the targets for commands about these families.
    let commands: [String]
    /// The names of the families that `Wippy` does not link.
    let optionalFamilies: [String]
    /// The names of the targets for Lua modules about optional families.
    let optionalModulesForLua: [String]
    /// The names of the targets for commands about optional families.
    let optionalCommands: [String]

    /// - Parameter text: it declares a target by a call of `target`, `executableTarget`, `testTarget` or
    ///   `systemLibrary`, or of a function of its own, whose body says what is named for each. A constant that is a list
    ///   of names stands for them.
    init(_ text: String) throws {
        let functions = text.matches(of: #/func (\w+)\((?s:.*?)\n}/#).map { (String($0.1), String($0.0)) }
        let bodies = Dictionary(uniqueKeysWithValues: functions)
        let declarations = functions.reduce(text) { $0.replacing($1.1, with: "") }
        let lists = declarations.matches(of: #/let (\w+): \[Target.Dependency\] = \[(.*?)\]/#)
        var constants = Dictionary(uniqueKeysWithValues: lists.map { (String($0.1), Self.literals(in: $0.2)) })
        let list = declarations.firstRange(of: "let targetsOfOptionalFamilies: [Target] = [")
        let start = try #require(list?.upperBound)
        let optional = Self.balanced(declarations[start...], opening: "[", closing: "]")
        func names(_ function: String) throws -> (standard: [String], optional: [String]) {
            let call = try Regex(#"\b\#(function)\(\s*"(\w+)""#, as: (Substring, Substring).self)
            let ofOptional = optional.matches(of: call).map { String($0.1) }
            let all = declarations.matches(of: call).map { String($0.1) }
            return (all.filter { !ofOptional.contains($0) }, ofOptional)
        }
        (families, optionalFamilies) = try names("family")
        (modulesForLua, optionalModulesForLua) = try names("luaModules")
        (commands, optionalCommands) = try names("command")
        constants["families"] = families
        constants["modulesForLua"] = modulesForLua
        constants["commands"] = commands
        let call = try Regex(#"[ .](?:\w*[tT]arget|systemLibrary|\#(functions.map(\.0).joined(separator: "|")))\("#)
        targets = declarations.matches(of: call).compactMap { match in
            let word = declarations[match.range].dropFirst().dropLast()
            let arguments = Self.balanced(declarations[match.range.upperBound...])
            let all = "\(arguments) \(bodies[String(word)] ?? "")"
            let words = all.matches(of: #/\w+/#).flatMap { constants[String($0.0)] ?? [] }
            guard let named = Self.literals(in: arguments).first else { return nil }
            let name = word == "tests" ? named + "Tests" : named
            let path = arguments.firstMatch(of: #/path: "(.*?)"/#).map { String($0.1) }
            let folder = name.hasSuffix("Tests") ? "Tests/\(name)" : "Sources/\(name)"
            return DeclaredTarget(
                name: name, folder: path ?? folder, dependencies: Set(Self.literals(in: all) + words))
        }
    }

    /// The names of both sorts of families.
    var allFamilies: [String] { families + optionalFamilies }
    /// The names of the targets for Lua modules about both sorts of families.
    var allModulesForLua: [String] { modulesForLua + optionalModulesForLua }
    /// The names of the targets for commands about both sorts of families.
    var allCommands: [String] { commands + optionalCommands }
    /// The names of all targets that `Wippy` and `WippyCommand` do not link.
    var optionalTargets: [String] { optionalFamilies + optionalModulesForLua + optionalCommands }

    private static func literals(in text: some StringProtocol) -> [String] {
        String(text).matches(of: #/"([^"\\]+)"/#).map { String($0.1) }
    }

    /// What stands before the parenthesis or bracket that closes.
    private static func balanced(
        _ text: Substring, opening: Character = "(", closing: Character = ")"
    ) -> String {
        var depth = 1
        return String(
            text.prefix { character in
                depth += character == opening ? 1 : character == closing ? -1 : 0
                return depth > 0
            })
    }
}

@Suite("Imports")
struct ImportTests {
    private static let package = try? PackageText(Repository.text(of: "Package.swift"))
    private static let targets = package?.targets ?? []

    @Test("The package's text tells every folder of sources and what its target names")
    func folders() throws {
        let folders = Set(Self.targets.map(\.folder))
        for file in Repository.files(in: "Sources", ending: ".swift") {
            #expect(folders.contains { file.hasPrefix("\($0)/") }, "\(file) is of no target")
        }
        let queue = try #require(Self.targets.first { $0.name == "WippySQLQueue" })
        #expect(queue.dependencies.isSuperset(of: ["WippyRuntime", "WippyMessaging", "WippySQL"]))
        #expect(queue.dependencies.isDisjoint(with: ["WippyHTTP", "WippyQueue", "SQLiteGroups", "WippySQLite"]))
    }

    @Test("An optional family with its Lua module and command is none of those that the constants stand for")
    func optionalFamilies() throws {
        let list = "let targetsOfOptionalFamilies: [Target] = ["
        let lines = #"""

                family("WippySample", ["WippyMessaging"]),
                luaModules("WippyLuaSample", ["WippySample"]),
                command("WippySampleCommand", ["WippySample"]),

            """#
        let text = try Repository.text(of: "Package.swift")
        let package = try PackageText(text.replacing(list, with: list + lines))
        #expect(package.optionalFamilies.contains("WippySample") && !package.families.contains("WippySample"))
        let target = try #require(package.targets.first { $0.name == "WippySample" })
        #expect(target.dependencies.isSuperset(of: ["WippyMessaging", "WippyRuntime"]))
        #expect(package.optionalTargets == ["WippySample", "WippyLuaSample", "WippySampleCommand"])
        let users = package.targets.filter { !$0.dependencies.isDisjoint(with: package.optionalTargets) }
        #expect(users.map(\.name).sorted() == ["WippyLuaSample", "WippySample", "WippySampleCommand"])
        #expect(package.families == Self.package?.families)
        #expect(package.modulesForLua == Self.package?.modulesForLua)
        #expect(package.commands == Self.package?.commands)
    }

    @Test("Nothing that this package's programs and tests of handlers link needs an optional family")
    func optionalFamiliesAlone() throws {
        let package = try #require(Self.package)
        for name in Self.fronts + ["WippySwift"] {
            let unwanted = Self.closure(of: name).intersection(package.optionalTargets).sorted()
            #expect(unwanted.isEmpty, "\(name) would link \(unwanted) into programs without their kinds")
        }
    }

    /// The targets of `Sources` that may name families or commands about them: what puts the standard kinds and
    /// commands together, what tests them, and the suites for contracts.
    private static let fronts = ["Wippy", "WippyCommand", "WippyConformance", "WippyTaskQueue", "WippyTesting"]

    @Test("Only families, their Lua modules and their commands name a family, and only the fronts name them all")
    func families() {
        let families = Set(Self.package?.allFamilies ?? [])
        let modules = Set(Self.package?.allModulesForLua ?? [])
        let commands = Set(Self.package?.allCommands ?? [])
        #expect(families.isSuperset(of: ["WippyHTTP", "WippyQueue"]))
        #expect(modules.isSuperset(of: ["WippyLuaHTTP", "WippyLuaSQL"]))
        #expect(commands.isSuperset(of: ["WippyQueueCommand", "WippyVerification"]))
        let parts = families.union(modules).union(commands)
        let others = parts.union(Self.fronts)
        for target in Self.targets where target.folder.hasPrefix("Sources/") && !others.contains(target.name) {
            let named = target.dependencies.intersection(parts).sorted()
            #expect(named.isEmpty, "\(target.name) names \(named): a family brings it")
        }
    }

    @Test("A family of kinds and the Lua modules about it need no application and no command line")
    func kindsAlone() throws {
        let package = try #require(Self.package)
        let above = Set(["WippyApplication", "WippyCommandLine"] + package.allCommands)
        for target in Self.targets where (package.allFamilies + package.allModulesForLua).contains(target.name) {
            let isFamily = package.allFamilies.contains(target.name)
            let others = isFamily ? above.union(package.allModulesForLua) : above
            #expect(target.dependencies.isDisjoint(with: others), "\(target.name) needs what stands above kinds")
        }
    }

    /// The targets that a target needs, directly or through others, itself included.
    private static func closure(of name: String) -> Set<String> {
        let dependencies = Dictionary(uniqueKeysWithValues: targets.map { ($0.name, $0.dependencies) })
        var (found, open) = (Set<String>(), [name])
        while let next = open.popLast() {
            if found.insert(next).inserted { open += dependencies[next] ?? [] }
        }
        return found
    }

    @Test("The suites for contracts need no SQLite, no Lua, no standard kinds and no command line")
    func suitesAlone() throws {
        let package = try #require(Self.package)
        let needed = Self.closure(of: "WippyConformance")
        #expect(needed.isSuperset(of: ["CWippyUV", "WippyMessaging", "WippySQL", "WippyStore"]))
        let others = ["CWippyLua", "CWippySQLite", "Wippy", "WippyCommandLine", "WippyLua", "WippySQLite"]
        let unwanted = needed.intersection(others + package.modulesForLua + package.commands).sorted()
        #expect(unwanted.isEmpty, "a driver's package would link \(unwanted) into its tests")
    }

    @Test("What a handler's file imports needs no command line, and neither does what tests a handler")
    func handlersAlone() throws {
        let package = try #require(Self.package)
        let commandLine = Set(["WippyCommand", "WippyCommandLine", "WippyGraph", "WippyManual"] + package.commands)
        #expect(Self.closure(of: "WippyCommand").isSuperset(of: commandLine))
        for name in ["Wippy", "WippyTesting"] {
            let needed = Self.closure(of: name)
            #expect(needed.isSuperset(of: package.families))
            let unwanted = needed.intersection(commandLine).sorted()
            #expect(unwanted.isEmpty, "\(name) would link \(unwanted) into programs without a command line")
        }
    }

    @Test("A family imports every family that it names")
    func usedFamilies() throws {
        let package = try #require(Self.package)
        let families = Set(package.allFamilies + package.modulesForLua + package.commands)
        for target in Self.targets where families.contains(target.name) {
            let files = Repository.files(in: target.folder, ending: ".swift")
            let unused = target.dependencies.intersection(families)
                .subtracting(try files.flatMap { try Self.imports(of: $0) } + [target.name])
            #expect(unused.isEmpty, "\(target.name) names \(unused.sorted()) and imports none of them")
        }
    }

    @Test("The names that a new project must not take are those of the package's targets")
    func takenModules() {
        let sources = Self.targets.filter { $0.folder.hasPrefix("Sources/") }.map(\.name)
        let others = sources.filter { name in !NewProject.ownPrefixes.contains { name.hasPrefix($0) } }
        #expect(Set(others) == Set(NewProject.ownModules.map(\.string)))
    }

    @Test("A target imports its direct dependencies alone", arguments: targets)
    func imports(_ target: DeclaredTarget) throws {
        let modules = Set(Self.targets.map(\.name))
        for file in Repository.files(in: target.folder, ending: ".swift") {
            for module in try Self.imports(of: file) where modules.contains(module) {
                #expect(
                    target.dependencies.contains(module),
                    "\(file) imports \(module), which \(target.name) does not name")
            }
        }
    }

    /// The modules that a file imports: the last word of lines such as `@testable import WippyCommandLine`.
    private static func imports(of file: String) throws -> [String] {
        try Repository.text(of: file).utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let first = line.first, "ip@".utf8.contains(first) else { return nil }
            let words = String(Substring(line)).split(separator: " ")
            return words.dropLast().contains("import") ? words.last.map(String.init) : nil
        }
    }
}
