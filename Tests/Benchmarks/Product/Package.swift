// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "small",
    dependencies: [.package(name: "wippy-swift", path: "../../..")],
    targets: [
        .executableTarget(
            name: "Small", dependencies: [.product(name: "Wippy", package: "wippy-swift")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
