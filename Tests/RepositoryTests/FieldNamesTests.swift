import Foundation
import Testing
import Wippy
import WippyRuntime

/// Checks name fields in texts, by which they find the place and say what is wrong.
@Suite("Fields that a check names")
struct FieldNamesTests {
    /// The lines of the code of a target or of the examples, without comments, by the paths of their files.
    private static func code(in folder: String) throws -> [(path: String, lines: [String])] {
        try Repository.files(in: folder, ending: ".swift").map { path in
            let lines = try Repository.text(of: path).split(separator: "\n")
            return (path, lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.map(String.init))
        }
    }

    /// The folders of the targets and of the examples.
    private static let folders = Set(
        ["Sources", "examples"].flatMap { Repository.files(in: $0, ending: ".swift") }.map {
            $0.split(separator: "/").prefix(2).joined(separator: "/")
        })

    /// Returns the text of each match of a pattern, or of the pattern's first group.
    ///
    /// It is an `NSRegularExpression`, because `Regex` is slow on all sources in a debug build.
    private static func matches(of pattern: String, in text: String) throws -> [String] {
        let text = text as NSString
        return try NSRegularExpression(pattern: pattern)
            .matches(in: text as String, range: NSRange(location: 0, length: text.length))
            .map { text.substring(with: $0.range(at: $0.numberOfRanges - 1)) }
    }

    @Test("A check names a field by a constant, so that its name is written once")
    func areConstants() throws {
        // The place and the sentence of a problem, and what asks for a field that another call has read.
        let patterns = [
            #"(?<!\blog)\.(?:error|warning|reject|warn|warnIfWritten|isWritten)\(\s*(?:below: )?"[a-z][^" ]*""#,
            #"(?:location\(of: |describe\(where: |unlessMisspelt: \[|, field: )"[a-z][^" ]*""#,
            #"olderName\("\w+", of: "[a-z][^" ]*""#,
        ]
        for folder in Self.folders {
            for (path, lines) in try Self.code(in: folder) {
                let text = lines.joined(separator: "\n")
                for match in try patterns.flatMap({ try Self.matches(of: $0, in: text) }) {
                    Issue.record("\(path): a constant must have the name of the field: \(match)")
                }
            }
        }
    }

    @Test("A sentence has the name of a field from its constant")
    func areNotInSentences() throws {
        let calls =
            "required|optional\\w*|custom|nested|base|reference\\w*|namedReferences|ignored\\w*|refused|list|flat"
        let read = #"(?:\.(?:\#(calls))\(\s*|Field = )"([a-z_.]+)""#
        let quoted = #"'([a-z_]+(?:\.[a-z_]+)*)'"#
        var count = 0
        for folder in Self.folders {
            let files = try Self.code(in: folder)
            let names = try files.flatMap { try Self.matches(of: read, in: $0.lines.joined(separator: "\n")) }
            // A sentence can name a field without the block in which it is.
            let known = Set(names.flatMap { name in [name] + Self.ends(of: name) })
            count += known.count
            for (path, lines) in files {
                let texts = lines.filter { $0.contains("\"") }.joined(separator: "\n")
                for name in try Self.matches(of: quoted, in: texts) where known.contains(name) {
                    Issue.record("\(path): a constant must have the name of the field '\(name)'")
                }
            }
        }
        #expect(count > 100, "the pattern finds no fields any more")
    }

    /// Returns the path without its first names, for each number of them.
    private static func ends(of path: String) -> [String] {
        path.indices(of: ".").ranges.map { String(path[$0.upperBound...]) }
    }

    @Test("A sentence about a field of another target names one that a kind reads")
    func areDeclared() throws {
        let manual = KindCatalog(.standard).manual
        let fields = manual.flatMap { $0.fields + $0.fieldsOfOthers } + LifecyclePolicy.descriptions
        let declared = Set(fields.map(\.path))
        let ends = Set(declared.flatMap(Self.ends))
        let targets = Set(
            KindCatalog(.standard).all.compactMap { kind in
                String(reflecting: type(of: kind)).split(separator: ".").first.map { "Sources/\($0)" }
            })
        var count = 0
        for file in try (targets + ["Sources/WippyLuaHTTP", "examples"]).flatMap({ try Self.code(in: $0) }) {
            for field in try Self.matches(
                of: #"'([a-z_]+(?:\.[a-z_]+)+)'"#, in: file.lines.joined(separator: "\n"))
            {
                count += 1
                #expect(declared.contains(field) || ends.contains(field), "\(file.path): no kind reads '\(field)'")
            }
        }
        #expect(targets.count > 5)
        #expect(count >= 1, "the pattern finds no sentences any more")
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
