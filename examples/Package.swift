// swift-tools-version: 6.2
import PackageDescription

// One program for each folder. Their package is outside of wippy-swift's, as yours is.
let package = Package(
    name: "wippy-examples",
    dependencies: [.package(name: "wippy-swift", path: "..")],
    targets: [
        .executableTarget(
            name: "own-kind", dependencies: [.product(name: "Wippy", package: "wippy-swift")],
            path: "own-kind/Sources")
    ]
)
