// swift-tools-version: 6.3
import PackageDescription

// A program for each folder. Their package uses wippy-swift like your own package.

/// The program of a folder, and its tests.
func example(_ folder: String, _ module: String) -> [Target] {
    [
        .executableTarget(
            name: module, dependencies: [.product(name: "Wippy", package: "wippy-swift")], path: "\(folder)/Sources"),
        .testTarget(
            name: "\(module)Tests",
            dependencies: [.byName(name: module), .product(name: "WippyTesting", package: "wippy-swift")],
            path: "\(folder)/Tests"),
    ]
}

let package = Package(
    name: "wippy-examples",
    products: [
        .executable(name: "hello", targets: ["Hello"]),
        .executable(name: "retries", targets: ["Retries"]),
        .executable(name: "worker", targets: ["Worker"]),
    ],
    dependencies: [.package(name: "wippy-swift", path: "..")],
    targets: [
        .executableTarget(
            name: "own-kind", dependencies: [.product(name: "Wippy", package: "wippy-swift")],
            path: "own-kind/Sources"),
        .testTarget(
            name: "own-kindTests",
            dependencies: ["own-kind", .product(name: "WippyTesting", package: "wippy-swift")],
            path: "own-kind/Tests"),
        .executableTarget(
            // It has few kinds, so it links few libraries.
            name: "embedded",
            dependencies: ["HTTPServing", "WippyApplication", "WippyHTTP", "WippyProcess"].map {
                .product(name: $0, package: "wippy-swift")
            },
            path: "embedded/Sources"),
        .executableTarget(
            name: "streaming", dependencies: [.product(name: "Wippy", package: "wippy-swift")],
            path: "streaming/Sources"),
        .testTarget(
            name: "streamingTests",
            dependencies: ["streaming", .product(name: "WippyTesting", package: "wippy-swift")],
            path: "streaming/Tests"),
        .executableTarget(
            name: "lua-and-swift", dependencies: [.product(name: "Wippy", package: "wippy-swift")],
            path: "lua-and-swift/Sources"),
        .executableTarget(
            name: "codable", dependencies: [.product(name: "Wippy", package: "wippy-swift")], path: "codable/Sources"),
        .testTarget(
            name: "codableTests",
            dependencies: ["codable", .product(name: "WippyTesting", package: "wippy-swift")],
            path: "codable/Tests"),
    ] + example("hello", "Hello") + example("retries", "Retries") + example("worker", "Worker")
)
