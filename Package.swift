// swift-tools-version: 6.3
import PackageDescription

// Targets in dependency order: each knows only what stands above it. The families of kinds, their Lua modules and their
// commands have lists of their own, which others name as a whole: the place of the families and of the Lua modules is
// below `WippyLoops`, that of the commands below `WippyCommandLine`.

/// The settings of every target.
///
/// The language features are those that the next Swift makes the default.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For every target that wraps no C library: unsafe constructs are errors unless they are marked.
let memorySafe = settings + [.strictMemorySafety()]

/// What every kind stands on.
let runtime: [Target.Dependency] = ["WippyDefinition", "WippyLog", "WippyRuntime", "WippyText", "WippyValues"]

/// The targets for the families of kinds that every application has, each with what it needs beside the runtime.
///
/// WippyMessaging is no family, because it has no kinds: several families share it, to speak about messages and queues.
/// WippySQLite and WippySQLQueue use the contract of a database in WippySQL. The entries of WippyLua can name the policies
/// of WippySecurity. No other family uses another one.
let targetsOfFamilies = [
    family("WippyEnvironment"),
    family("WippyHTTP", ["EventLoops", "HTTPServing", "WippyLoops"]),
    family("WippyQueue", ["WippyCollections", "WippyMessaging"]),
    family("WippySQL", ["WippyMessaging"]),
    family("WippySQLQueue", ["WippyCollections", "WippyMessaging", "WippySQL"]),
    family("WippySQLite", ["SQLiteGroups", "WippySQL", "WippySystem"]),
    family("WippySecurity"),
    family("WippyStore", ["WippyCollections"]),
    family("WippyProcess", ["WippySystem", "WippyThreads"]),
    family("WippyRegistry"),
    family("WippyLua", ["LuaEngine", "LuaSyntax", "WippyCollections", "WippySecurity", "WippyTextTools"]),
]

/// The targets for families of kinds that few applications have, such as one for a server with a client library in C,
/// and for the Lua modules and the commands about these families.
///
/// Each is a product. Neither `Wippy` nor `WippyCommand` links it: a program that has it adds its list to the standard
/// kinds or commands.
let targetsOfOptionalFamilies: [Target] = []

/// The targets for the Lua modules about families of kinds, each with the libraries that it needs.
///
/// They are apart from the kinds, so that no program needs a family because scripts of other programs use it. `Wippy`
/// links all of them. One about an optional family is in the list above.
let targetsOfLuaModules = [
    luaModules(
        "WippyLuaHTTP", ["EventLoops", "HTTPRequesting", "HTTPServing", "WippyCollections", "WippyHTTP", "WippyLoops"]),
    luaModules("WippyLuaQueue", ["WippyMessaging"]),
    luaModules("WippyLuaSQL", ["WippyLuaQueue", "WippyMessaging", "WippySQL"]),
    luaModules("WippyLuaStore", ["WippyStore"]),
]

/// The targets for the commands about families of kinds, each with the libraries that it needs.
///
/// They are apart from the kinds, so that no kind needs the command line. `WippyCommand` links all of them. One about an
/// optional family is in the list of optional families.
let targetsOfCommands = [
    command("WippyQueueCommand", ["WippyMessaging"]),
    command(
        "WippyVerification",
        [
            "EventLoops", "HTTPServing", "WippyHTTP", "WippyMessaging", "WippySQL", "WippySQLQueue", "WippySystem",
            "WippyThreads",
        ]),
]

let families = targetsOfFamilies.map { Target.Dependency.byName(name: $0.name) }
let modulesForLua = targetsOfLuaModules.map { Target.Dependency.byName(name: $0.name) }
let commands = targetsOfCommands.map { Target.Dependency.byName(name: $0.name) }

func family(_ name: String, _ libraries: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: runtime + libraries, swiftSettings: memorySafe)
}

func luaModules(_ name: String, _ libraries: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: runtime + ["LuaEngine", "WippyLua"] + libraries, swiftSettings: memorySafe)
}

func command(_ name: String, _ libraries: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: runtime + ["WippyApplication", "WippyCommandLine"] + libraries,
        swiftSettings: memorySafe)
}

/// A program with handlers.
///
/// What Wippy exports again is named, too, so that a change of it compiles the program anew.
func application(_ name: String, path: String, exclude: [String] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: runtime + families + modulesForLua + [
            "HTTPServing", "Wippy", "WippyApplication", "WippyCommand", "WippyCommandLine", "WippyMessaging",
        ],
        path: path, exclude: exclude, swiftSettings: memorySafe)
}

/// The tests of a target.
func tests(of name: String, _ libraries: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + libraries, exclude: exclude, swiftSettings: settings
    )
}

let package = Package(
    name: "wippy-swift",
    products: [
        .executable(name: "wippy-swift", targets: ["WippySwift"]),
        .executable(name: "task-queue", targets: ["WippyTaskQueue"]),
        .library(name: "Wippy", targets: ["Wippy", "WippyCommand"]),
        .library(name: "WippyTesting", targets: ["WippyTesting"]),
        // For a package with only a driver, a database or other kinds: the suites for contracts.
        .library(name: "WippyConformance", targets: ["WippyConformance"]),
        // For a program with few kinds, beside the families that it needs.
        .library(name: "WippyApplication", targets: ["WippyApplication"]),
        .library(name: "WippyCommandLine", targets: ["WippyCommandLine"]),
        .library(name: "WippyMessaging", targets: ["WippyMessaging"]),
        // For a driver or another kind that waits for sockets on the application's event loops.
        .library(name: "WippyLoops", targets: ["WippyLoops"]),
        // What is useful without wippy.
        .library(name: "EventLoops", targets: ["EventLoops"]),
        .library(name: "HTTPServing", targets: ["HTTPServing"]),
        .library(name: "LuaEngine", targets: ["LuaEngine"]),
        .library(name: "SQLiteGroups", targets: ["SQLiteGroups"]),
    ],
    targets: [
        // The system's libraries.
        .systemLibrary(name: "CWippyUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
        .systemLibrary(
            name: "CWippySQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(name: "CWippyLinux"),
        .systemLibrary(
            name: "CWippyYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(name: "CWippyLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),

        // What knows nothing of wippy.
        .target(name: "WippyText", swiftSettings: memorySafe),
        .target(name: "WippySystem", dependencies: ["CWippyLinux"], swiftSettings: memorySafe),
        .target(name: "WippyCollections", swiftSettings: memorySafe),
        .target(name: "WippyThreads", dependencies: ["CWippyLinux", "WippyCollections"], swiftSettings: memorySafe),
        .target(name: "WippyValues", dependencies: ["WippyText"], swiftSettings: memorySafe),
        .target(
            name: "WippyLog", dependencies: ["WippySystem", "WippyText", "WippyThreads", "WippyValues"],
            swiftSettings: memorySafe),
        .target(
            name: "EventLoops",
            dependencies: ["CWippyUV", "WippyCollections", "WippySystem", "WippyText", "WippyThreads"],
            swiftSettings: settings),
        .target(
            name: "HTTPServing", dependencies: ["EventLoops", "WippyText", "WippyThreads"], swiftSettings: memorySafe),
        .target(
            name: "HTTPRequesting", dependencies: ["EventLoops", "HTTPServing", "WippyText"], swiftSettings: memorySafe),
        .target(
            name: "SQLiteGroups",
            dependencies: ["CWippySQLite", "WippyCollections", "WippySystem", "WippyText", "WippyThreads"],
            swiftSettings: settings),
        .target(name: "WippyTestTools", dependencies: ["WippyText", "WippyValues"], swiftSettings: memorySafe),
        .target(name: "WippyTextTools", dependencies: ["WippyText", "WippyValues"], swiftSettings: memorySafe),
        .target(name: "LuaPatterns", dependencies: ["WippyText"], swiftSettings: memorySafe),
        .target(name: "LuaSyntax", dependencies: ["WippyText"], swiftSettings: memorySafe),
        // What stands between Swift and Lua's errors, which jump; in C, since they would jump over Swift's frames.
        .target(name: "CWippyLuaShim", dependencies: ["CWippyLua"]),
        .target(
            name: "LuaEngine",
            dependencies: [
                "CWippyLua", "CWippyLuaShim", "LuaPatterns", "LuaSyntax", "WippyCollections", "WippyText",
                "WippyThreads",
            ],
            swiftSettings: settings),

        // What a trap says; in C, since a signal's handler may do next to nothing.
        .target(name: "CWippyTraps"),

        // The runtime: definition files to a running application, whatever its kinds.
        .target(
            name: "WippyDefinition", dependencies: ["CWippyYAML", "WippySystem", "WippyText", "WippyValues"],
            swiftSettings: memorySafe),
        .target(
            name: "WippyRuntime",
            dependencies: [
                "CWippyTraps", "WippyCollections", "WippyDefinition", "WippyLog", "WippyText", "WippyValues",
            ],
            swiftSettings: memorySafe),

        // Messages and queues, whatever keeps them.
        .target(name: "WippyMessaging", dependencies: runtime, swiftSettings: memorySafe),

        .target(name: "WippyLoops", dependencies: ["EventLoops", "WippyRuntime"], swiftSettings: memorySafe),

        // An application, whatever its kinds.
        .target(
            name: "WippyApplication", dependencies: runtime + ["EventLoops", "WippyCollections", "WippyLoops"],
            swiftSettings: memorySafe),

        // The front door for handlers: the standard kinds.
        .target(
            name: "Wippy",
            dependencies: runtime + families + modulesForLua + [
                "EventLoops", "HTTPServing", "LuaEngine", "WippyApplication", "WippyLoops", "WippyMessaging",
                "WippySystem",
            ],
            swiftSettings: memorySafe),

        // The suites for contracts, on what owns the contracts. No SQLite, no Lua and no command line is among it.
        .target(
            name: "WippyConformance",
            dependencies: runtime + [
                "EventLoops", "HTTPServing", "WippyApplication", "WippyEnvironment", "WippyHTTP", "WippyLoops",
                "WippyMessaging", "WippySQL", "WippySQLQueue", "WippyStore", "WippySystem", "WippyTestTools",
            ],
            swiftSettings: memorySafe),

        // The command line of an application, whatever its kinds.
        .target(
            name: "WippyGraph", dependencies: ["WippyDefinition", "WippyRuntime", "WippyText", "WippyValues"],
            swiftSettings: memorySafe),
        .target(
            name: "WippyManual", dependencies: ["WippyDefinition", "WippyRuntime", "WippyText", "WippyValues"],
            swiftSettings: memorySafe),
        .target(
            name: "WippyCommandLine",
            dependencies: runtime + [
                "CWippyLinux", "EventLoops", "WippyApplication", "WippyGraph", "WippyManual", "WippySystem",
                "WippyThreads",
            ],
            swiftSettings: memorySafe),

        // The front doors for programs and for tests.
        .target(
            name: "WippyCommand",
            dependencies: commands + ["Wippy", "WippyApplication", "WippyCommandLine", "WippyRuntime"],
            swiftSettings: memorySafe),
        .executableTarget(
            name: "WippySwift", dependencies: ["WippyCommand", "WippyCommandLine"], swiftSettings: memorySafe),
        application("WippyTaskQueue", path: "Sources/TaskQueue"),
        .target(
            name: "WippyTesting",
            dependencies: runtime + families + [
                "EventLoops", "HTTPServing", "Wippy", "WippyApplication", "WippyConformance", "WippyLoops",
                "WippyMessaging", "WippySystem", "WippyTestTools", "WippyThreads",
            ],
            swiftSettings: memorySafe),

        // The tests, and what only they need.
        .target(
            name: "WippyTestClient", dependencies: ["EventLoops"], path: "Tests/TestClient", swiftSettings: settings),
        .target(
            name: "WippyRunningApplication",
            dependencies: ["EventLoops", "Wippy", "WippyLog", "WippyTestClient", "WippyTesting"],
            path: "Tests/RunningApplication", swiftSettings: settings),
        .target(
            name: "WippySystemLua", dependencies: ["CWippyLua"], path: "Tests/SystemLua", swiftSettings: settings),
        application("WippyProbe", path: "Tests/Probe", exclude: ["src"]),
        .executableTarget(
            name: "WippyLuaCalls", dependencies: ["LuaEngine"], path: "Tests/Benchmarks/Calls",
            swiftSettings: settings),
        .executableTarget(
            name: "WippyFuzz",
            dependencies: runtime + families + [
                "EventLoops", "HTTPServing", "LuaEngine", "LuaPatterns", "LuaSyntax", "Wippy", "WippyLoops",
                "WippyMessaging", "WippySystemLua", "WippyTesting",
            ],
            path: "Tests/Fuzz", exclude: ["Corpora", "Crashers", "Dictionaries"], swiftSettings: settings),

        tests(of: "WippyText", ["WippyValues"]),
        tests(of: "WippySystem"),
        tests(of: "WippyCollections", ["WippyTestTools"]),
        tests(of: "WippyThreads"),
        tests(of: "EventLoops", ["WippyTestClient", "WippyTestTools", "WippyText"]),
        tests(of: "HTTPServing", ["EventLoops", "WippyTestClient", "WippyTestTools"]),
        tests(of: "HTTPRequesting", ["EventLoops", "HTTPServing"]),
        tests(of: "SQLiteGroups", ["WippyCollections", "WippyTestTools"]),
        tests(of: "WippyTextTools"),
        tests(of: "LuaPatterns", ["WippySystemLua", "WippyTestTools"]),
        tests(of: "LuaSyntax", ["WippySystemLua"]),
        tests(of: "LuaEngine", ["WippyTestTools"]),
        tests(of: "WippyValues", ["WippyText"]),
        tests(of: "WippyTestTools"),
        tests(of: "WippyLog", ["WippyValues"]),
        tests(
            of: "WippyDefinition",
            ["WippyEnvironment", "WippyRuntime", "WippyTestTools", "WippyText", "WippyValues"], exclude: ["Golden"]),
        tests(
            of: "WippyRuntime",
            ["WippyDefinition", "WippyLog", "WippyText", "WippyValues", "WippyTesting"]),
        tests(of: "WippyGraph", ["WippyDefinition", "WippyRuntime", "WippyTestTools"]),
        tests(of: "WippyManual", ["WippyDefinition", "WippyValues"]),
        tests(of: "WippyConformance", ["WippyRuntime"]),
        tests(of: "WippyTesting", runtime + ["Wippy"]),
        tests(of: "WippyEnvironment", ["WippyDefinition", "WippyText"]),
        tests(of: "WippyStore", ["WippyConformance", "WippyRuntime", "WippyText", "WippyValues"]),
        tests(
            of: "WippyHTTP",
            runtime + [
                "EventLoops", "HTTPServing", "Wippy", "WippyRunningApplication", "WippyTestClient", "WippyTesting",
            ]),
        tests(of: "WippyMessaging", ["WippyDefinition"]),
        tests(of: "WippyQueue", runtime + ["Wippy", "WippyMessaging", "WippyQueueCommand", "WippyTesting"]),
        tests(of: "WippyQueueCommand", runtime + ["WippyCommandLine", "WippyMessaging", "WippyTesting"]),
        tests(of: "WippySQL", runtime),
        tests(
            of: "WippySQLite",
            runtime + [
                "CWippySQLite", "SQLiteGroups", "Wippy", "WippyRunningApplication", "WippySQL", "WippyTestClient",
                "WippyTesting",
            ]),
        tests(
            of: "WippySQLQueue",
            runtime + ["SQLiteGroups", "Wippy", "WippyMessaging", "WippySQL", "WippySQLite", "WippyTesting"]),
        tests(of: "WippyLua", runtime + ["LuaEngine", "LuaSyntax", "Wippy", "WippySystemLua", "WippyTesting"]),
        tests(
            of: "WippyLuaHTTP",
            ["EventLoops", "Wippy", "WippyRunningApplication", "WippyTestClient", "WippyTesting"]),
        tests(of: "WippyLuaQueue", ["LuaEngine", "Wippy", "WippyTesting"]),
        tests(of: "WippyLuaSQL", ["Wippy", "WippyTesting"]),
        tests(of: "WippyLuaStore", ["Wippy", "WippyTesting"]),
        tests(
            of: "WippyCommandLine",
            runtime + ["WippyApplication", "WippyQueueCommand", "WippyTestClient", "WippyTestTools"]),
        tests(
            of: "WippyProcess",
            ["Wippy", "WippyRunningApplication", "WippyRuntime", "WippyTestTools", "WippyTesting"]),
        tests(
            of: "WippyVerification",
            runtime + ["Wippy", "WippyMessaging", "WippySQL", "WippySQLQueue", "WippyTesting"]),
        tests(of: "Wippy", runtime + ["HTTPServing", "WippyFuzz", "WippyManual", "WippyTesting"], exclude: ["Golden"]),
        .testTarget(
            name: "ApplicationTests",
            dependencies: runtime + [
                "CWippyLinux", "EventLoops", "HTTPServing", "SQLiteGroups", "Wippy", "WippyApplication", "WippyCommand",
                "WippyCommandLine", "WippyHTTP", "WippyLoops", "WippyManual", "WippyMessaging", "WippyProbe",
                "WippyQueueCommand", "WippyRunningApplication", "WippySQL", "WippySQLite", "WippySecurity",
                "WippySwift", "WippySystem", "WippyTaskQueue", "WippyTestClient", "WippyTesting", "WippyThreads",
            ],
            exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "WippyTaskQueueTests", dependencies: ["Wippy", "WippyTaskQueue", "WippyTesting"],
            path: "Tests/TaskQueueTests", swiftSettings: settings),
        .testTarget(
            name: "RepositoryTests",
            dependencies: runtime + [
                "EventLoops", "LuaEngine", "SQLiteGroups", "Wippy", "WippyCommand", "WippyCommandLine", "WippyGraph",
                "WippyLua", "WippyLuaHTTP", "WippyLuaSQL", "WippyManual", "WippyMessaging", "WippyQueueCommand",
                "WippySQL", "WippyTaskQueue", "WippyTesting", "WippyTextTools",
            ],
            exclude: ["Golden"], swiftSettings: settings),
    ]
)

let targetsOfParts = targetsOfFamilies + targetsOfOptionalFamilies + targetsOfLuaModules + targetsOfCommands
package.targets += targetsOfParts
package.products += targetsOfParts.map { .library(name: $0.name, targets: [$0.name]) }
