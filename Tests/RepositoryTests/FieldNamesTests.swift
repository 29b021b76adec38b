import Foundation
import Testing
import Wippy
import WippyRuntime

/// Checks name fields in texts, by which they find the place and say what is wrong.
@Suite("Fields that a check names")
struct FieldNamesTests {
    @Test("Each is a field that a kind reads")
    func areDeclared() throws {
        let manual = KindCatalog(.standard).manual
        let fields = manual.flatMap { $0.fields + $0.fieldsOfOthers } + LifecyclePolicy.descriptions
        let declared = Set(fields.map(\.path))
        let targets = Set(
            KindCatalog(.standard).all.compactMap { kind in
                String(reflecting: type(of: kind)).split(separator: ".").first.map(String.init)
            })
        let pattern = /(?<subject>\w+)(?:\.error\(\s*|\.warning\(\s*|\.location\(of: )"(?<field>[^"\\ ]+)"/
        // A sentence names a field in quotes, if need be without the block in which the field is.
        let quoted = /'(?<field>[a-z_]+(?:\.[a-z_]+)+)'/
        let ends = Set(declared.flatMap { path in path.indices(of: ".").ranges.map { String(path[$0.upperBound...]) } })
        var (count, quotedCount) = (0, 0)
        for path in (targets.map { "Sources/\($0)" } + ["examples"]).flatMap({
            Repository.files(in: $0, ending: ".swift")
        }) {
            let text = try Repository.text(of: path)
            for match in text.matches(of: pattern) where match.subject != "log" {
                count += 1
                #expect(declared.contains(String(match.field)), "\(path): no kind reads '\(match.field)'")
            }
            for match in text.matches(of: quoted) {
                quotedCount += 1
                let field = String(match.field)
                #expect(declared.contains(field) || ends.contains(field), "\(path): no kind reads '\(field)'")
            }
        }
        #expect(targets.count > 5)
        #expect(count >= 5, "the pattern finds no checks any more")
        #expect(quotedCount >= 3, "the pattern finds no sentences any more")
    }

    @Test("The names of the lifecycle block and of settings that code names again are written in one place each")
    func areWrittenOnce() throws {
        let pattern = /["'](?<name>lifecycle|override|disable|vars)["'.:]/
        var places: [String: [String]] = [:]
        for path in Repository.files(in: "Sources", ending: ".swift") where !path.hasPrefix("Sources/WippyCommandLine/")
        {
            for match in try Repository.text(of: path).matches(of: pattern) {
                places[String(match.name), default: []].append(path)
            }
        }
        #expect(
            places == [
                "lifecycle": ["Sources/WippyRuntime/Supervision/LifecyclePolicy.swift"],
                "override": ["Sources/WippyDefinition/Files/ProjectSettings.swift"],
                "disable": ["Sources/WippyDefinition/Entries/DisableRules.swift"],
                "vars": ["Sources/WippyDefinition/Files/SettingsFile.swift"],
            ])
    }
}
