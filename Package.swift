// swift-tools-version: 6.2
import PackageDescription

// Targets in dependency order: each knows only what stands above it.

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

let exportedByWippy: [Target.Dependency] = [
    "WippyKinds", "WippyLog", "WippyRuntime", "WippyDefinition", "WippyValues", "HTTPServing", "WippyText",
]

let package = Package(
    name: "wippy-swift",
    products: [
        .executable(name: "wippy-swift", targets: ["WippySwift"]),
        .executable(name: "task-queue", targets: ["WippyTaskQueue"]),
        .library(name: "Wippy", targets: ["Wippy", "WippyCommand"]),
        .library(name: "WippyTesting", targets: ["WippyTesting"]),
    ],
    targets: [
        // The system's libraries.
        .systemLibrary(name: "CWippyUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
        .systemLibrary(
            name: "CWippySQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(name: "CWippyLinux"),
        .systemLibrary(
            name: "CWippyYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),

        // Parts that know nothing of wippy.
        .target(name: "WippyText", swiftSettings: memorySafe),
        .target(name: "WippyValues", dependencies: ["WippyText"], swiftSettings: memorySafe),
        .target(name: "WippyLog", dependencies: ["WippyText", "WippyValues"], swiftSettings: memorySafe),
        .target(name: "EventLoops", dependencies: ["CWippyUV", "WippyText"], swiftSettings: settings),
        .target(name: "HTTPServing", dependencies: ["EventLoops", "WippyText"], swiftSettings: memorySafe),
        .target(name: "WippySQLite", dependencies: ["CWippySQLite", "WippyText"], swiftSettings: settings),

        // What a trap says; in C, since a signal's handler may do next to nothing.
        .target(name: "CWippyTraps"),

        // The runtime: definition files to a running application, whatever its kinds.
        .target(
            name: "WippyDefinition", dependencies: ["CWippyYAML", "WippyText", "WippyValues"], swiftSettings: memorySafe
        ),
        .target(
            name: "WippyRuntime",
            dependencies: ["CWippyTraps", "WippyDefinition", "WippyLog", "WippyText", "WippyValues"],
            swiftSettings: memorySafe),
        .target(
            name: "WippyKinds",
            dependencies: [
                "WippyLog", "WippyRuntime", "WippyDefinition", "HTTPServing", "EventLoops", "WippySQLite", "WippyText",
                "WippyValues",
            ],
            swiftSettings: memorySafe),

        // The front door for programs, and the command line.
        .target(
            name: "Wippy",
            dependencies: [
                "WippyKinds", "WippyLog", "WippyRuntime", "WippyDefinition", "HTTPServing", "EventLoops", "WippyText",
                "WippyValues",
            ],
            swiftSettings: memorySafe),
        .target(
            name: "WippyCommand",
            dependencies: [
                "CWippyLinux", "Wippy", "WippyLog", "WippyRuntime", "WippyDefinition", "EventLoops", "WippyText",
                "WippyValues",
            ],
            swiftSettings: memorySafe),
        .executableTarget(name: "WippySwift", dependencies: ["WippyCommand"], swiftSettings: memorySafe),
        // What Wippy exports again is named, too, so that a change of it compiles these anew.
        .executableTarget(
            name: "WippyTaskQueue", dependencies: ["WippyCommand", "Wippy"] + exportedByWippy,
            path: "Sources/TaskQueue", swiftSettings: memorySafe),
        .executableTarget(
            name: "WippyProbe", dependencies: ["WippyCommand", "Wippy"] + exportedByWippy, path: "Tests/Probe",
            exclude: ["src"],
            swiftSettings: memorySafe),
        .target(
            name: "WippyTesting", dependencies: ["WippyLog", "WippyRuntime", "WippyDefinition", "WippyText"],
            swiftSettings: memorySafe),
        .executableTarget(
            name: "WippyFuzz",
            dependencies: [
                "WippyKinds", "WippyLog", "WippyRuntime", "WippyDefinition", "WippyTesting", "WippyText", "WippyValues",
                "HTTPServing", "EventLoops",
            ],
            path: "Tests/Fuzz", exclude: ["Corpora", "Crashers", "Dictionaries"], swiftSettings: settings),

        .testTarget(name: "EventLoopsTests", dependencies: ["EventLoops"], swiftSettings: settings),
        .testTarget(name: "HTTPServingTests", dependencies: ["HTTPServing", "EventLoops"], swiftSettings: settings),
        .testTarget(name: "SQLiteTests", dependencies: ["WippySQLite"], swiftSettings: settings),
        .testTarget(
            name: "WippyValuesTests", dependencies: ["WippyValues", "WippyText", "WippyTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "WippyLogTests", dependencies: ["WippyLog", "WippyValues"], swiftSettings: settings),
        .testTarget(
            name: "WippyDefinitionTests", dependencies: ["WippyDefinition", "WippyText", "WippyTesting"],
            exclude: ["Golden"],
            swiftSettings: settings),
        .testTarget(
            name: "WippyRuntimeTests",
            dependencies: ["WippyLog", "WippyRuntime", "WippyDefinition", "WippyText", "WippyTesting", "WippyValues"],
            swiftSettings: settings),
        .testTarget(
            name: "WippyKindsTests",
            dependencies: [
                "WippyKinds", "WippyLog", "WippyRuntime", "WippyDefinition", "WippyTesting", "HTTPServing",
                "EventLoops",
                "WippySQLite",
                "WippyText", "WippyValues", "CWippySQLite", "WippyFuzz",
            ],
            exclude: ["Golden"], swiftSettings: settings),
        .testTarget(
            name: "ApplicationTests",
            dependencies: [
                "Wippy", "WippyDefinition", "WippyLog", "WippyRuntime", "WippyTesting", "WippyText", "WippyValues",
                "WippySQLite",
                "WippyTaskQueue", "WippySwift", "WippyProbe",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RepositoryTests",
            dependencies: ["WippyKinds", "WippyLog", "WippyRuntime", "WippyDefinition", "WippyText"],
            swiftSettings: settings),
    ]
)
