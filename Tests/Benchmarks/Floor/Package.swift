// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "floor",
    targets: [
        .systemLibrary(name: "CUV", pkgConfig: "libuv"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3"),
        .executableTarget(
            name: "Floor", dependencies: ["CUV", "CSQLite"], swiftSettings: [.swiftLanguageMode(.v5)]),
    ]
)
