import Foundation
import Testing

/// What the page about the targets says, compared with `Package.swift` and the tree.
@Suite("The page about the targets")
struct ArchitectureTests {
    private let page: String
    private let package: PackageText
    /// The targets of `Sources`.
    private let targets: [DeclaredTarget]

    init() throws {
        page = try Repository.text(of: "docs/architecture.md")
        package = try PackageText(Repository.text(of: "Package.swift"))
        targets = package.targets.filter { $0.folder.hasPrefix("Sources/") }
    }

    /// The picture: the line of each target, and the targets that a target uses in its own line.
    private func picture() throws -> (lines: [String: Int], arrows: [String: Set<String>]) {
        let picture = try #require(page.components(separatedBy: "```\n").dropFirst().first)
        var lines: [String: Int] = [:]
        var arrows: [String: Set<String>] = [:]
        for (number, line) in picture.components(separatedBy: "\n").enumerated() {
            for group in line.dropFirst(16).split(separator: #/ {2,}/#) {
                let sides = group.components(separatedBy: " → ").map { $0.components(separatedBy: ", ") }
                for name in sides.joined() { lines[name] = number }
                guard sides.count == 2 else { continue }
                for user in sides[0] { arrows[user, default: []].formUnion(sides[1]) }
            }
        }
        return (lines, arrows)
    }

    @Test("The picture has every target, and each uses only lower lines and what an arrow shows")
    func directions() throws {
        let (lines, arrows) = try picture()
        for target in targets {
            let line = try #require(lines[target.name], "\(target.name) is not in the picture")
            for used in targets where target.dependencies.contains(used.name) && used.name != target.name {
                let isLower = try #require(lines[used.name], "\(used.name) is not in the picture") > line
                #expect(
                    isLower || arrows[target.name]?.contains(used.name) == true,
                    "the picture does not show that \(target.name) uses \(used.name)")
            }
        }
    }

    /// The names in back quotes in each cell of the rows whose first cell has such a name.
    private func rows() -> [[[String]]] {
        page.components(separatedBy: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.components(separatedBy: " | ").map { $0.matches(of: #/`(\w+)`/#).map { String($0.1) } }
        }
    }

    @Test("The table of families has each family that uses another one, with those that it uses")
    func families() {
        for target in targets where package.allFamilies.contains(target.name) {
            let used = target.dependencies.intersection(package.allFamilies).subtracting([target.name])
            let row = rows().first { $0.count == 2 && $0[0] == [target.name] }
            #expect(Set(row?[1] ?? []) == used, "the row of \(target.name)")
        }
    }

    @Test("The page has each library that is a product of its own, and a driver elsewhere can have what one here has")
    func products() throws {
        let text = try Repository.text(of: "Package.swift")
        let libraries = text.matches(of: #/\.library\(name: "(\w+)"/#).map { String($0.1) }
        let about = page.components(separatedBy: "\n\n").filter { $0.contains("product") }.joined()
        for name in libraries where !["Wippy", "WippyTesting"].contains(name) {
            #expect(about.contains("`\(name)`"), "\(name) is a product")
        }
        let family = try #require(page.firstMatch(of: #/family\("WippyRedis", \[(.*?)\]\)/#))
        let needed = family.1.matches(of: #/"(\w+)"/#).map { String($0.1) }.filter { !$0.hasPrefix("C") }
        #expect(needed.count > 1)
        for name in needed { #expect(libraries.contains(name), "\(name) is no product") }
    }

    @Test("The table of tests names the libraries without unit tests")
    func untested() throws {
        let programs = ["WippySwift", "WippyTaskQueue"]
        let tested = Set(package.targets.map(\.name))
        let untested = targets.map(\.name).filter { name in
            !name.hasPrefix("C") && !programs.contains(name) && !tested.contains("\(name)Tests")
        }
        let row = try #require(rows().first { $0[0] == ["ApplicationTests"] })
        #expect(Set(row[1]) == Set(untested))
    }

    @Test("The tables have every target of Sources and every folder of Tests")
    func tables() throws {
        let named = Set(rows().flatMap { $0[0] })
        for target in targets { #expect(named.contains(target.name), "\(target.name) has no row") }
        let folders = try FileManager.default.contentsOfDirectory(
            at: Repository.root.appending(path: "Tests"), includingPropertiesForKeys: nil)
        let units = Set(targets.map { "\($0.name)Tests" })
        for folder in folders.map(\.lastPathComponent) where !units.contains(folder) && !folder.hasPrefix(".") {
            #expect(named.contains(folder), "Tests/\(folder) has no row")
        }
    }
}
