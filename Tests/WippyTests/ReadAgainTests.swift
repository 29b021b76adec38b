import Testing
import Wippy
import WippyRuntime
import WippyTesting

@testable import WippyDefinition

@Suite("A project that is read again")
struct ReadAgainTests {
    private static let limits = SourceLimits.standard

    /// The projects of all golden files.
    private static func cases() throws -> [GoldenCase] {
        try ["WippyTests", "WippyDefinitionTests"].flatMap { name in
            try GoldenCase.all(in: GoldenTests.folder.replacing("/WippyTests/", with: "/\(name)/"))
        }
    }

    /// A file with entries one below the other, as people write them.
    private static func file(_ namespace: String, entries: Int) -> String {
        let texts = (0..<entries).map { number in
            switch number % 4 {
            case 0: "  - name: e\(number)\n    kind: registry.entry\n    meta:\n      title: é\n    text: a\n"
            case 1: "  - {name: e\(number), kind: registry.entry, text: \"{a}\"}\n"
            case 2: "  # note\n  - name: e\(number)\n    kind: registry.entry\n    text: |\n      a\n      - b\n\n"
            default: "  - name: e\(number)\n    kind: http.endpoint\n    method: GET\n    path: /\(number)/{id}\n"
            }
        }
        return "namespace: \(namespace)\nmeta: {owner: us}\nentries:\n" + texts.joined()
    }

    @Test("What a file's text has in common with what it was is kept, and the result is as if it were composed whole")
    func composing() throws {
        let written = try Self.cases().flatMap(\.files).map(\.text)
        let texts = written + (1...100).map { Self.file("app", entries: $0 % 30) }
        var keptCount = 0
        for (number, text) in texts.enumerated() {
            var edit = RandomEdit(seed: UInt64(number))
            var before = text
            var file = ComposedFile(SourceFile(path: "f.yaml", text: text), limits: Self.limits)
            for _ in 0..<40 {
                let after = edit.edited(before)
                let next = ComposedFile(SourceFile(path: "f.yaml", text: after), limits: Self.limits, keeping: file)
                let whole = ComposedText.compose(SourceFile(path: "f.yaml", text: after), limits: Self.limits)
                try #require(next.text.shown == whole.shown, "\(before)\n=== and then\n\(after)")
                if after != before, next.keptPlaces.contains(where: { $0 != nil }) { keptCount += 1 }
                // Mostly goes back to what was right.
                guard edit.below(4) == 0 || whole.problems.isEmpty else { continue }
                (before, file) = (after, next)
            }
        }
        #expect(keptCount > 200)
    }

    @Test("A file is as deep, and as large, as it may be, whatever of it is kept")
    func limits() {
        func composed(_ limits: SourceLimits, _ first: String, _ second: String) -> (ComposedFile, ComposedText) {
            let texts = [first, second].map { SourceFile(path: "f.yaml", text: "entries:\n  - a: b\n  - \($0)\n") }
            let old = ComposedFile(texts[0], limits: limits)
            return (
                ComposedFile(texts[1], limits: limits, keeping: old), ComposedText.compose(texts[1], limits: limits)
            )
        }
        for limit in 1...12 {
            var depth = SourceLimits.standard
            depth.nesting = limit
            let (deep, deepWhole) = composed(depth, "a", "[[[[a]]]]")
            #expect(deep.text.shown == deepWhole.shown)
            var size = SourceLimits.standard
            size.nodes = limit
            let (large, largeWhole) = composed(size, "a", "[a, b, c]")
            #expect(large.text.shown == largeWhole.shown)
        }
    }

    /// A project on the disk, which random edits change.
    private struct Live {
        let folder: TemporaryFolder
        var files: [(path: String, text: String)]
        let program = Program(
            handlers: HandlerTable([any Handler.Type]()), kinds: KindCatalog(.standard))

        init(_ files: [(path: String, text: String)]) throws {
            self.files = files
            folder = try TemporaryFolder()
            for file in files { try folder.write(file.text, to: file.path) }
        }

        func read(_ options: [String], isLenient: Bool) -> CheckedProject {
            CheckedProject(at: folder.path, overrides: options, isLenient: isLenient, in: program)
        }
    }

    @Test("It is what reading it afresh gives, after any edits: plan, places and diagnostics")
    func edits() throws {
        var projects = try Self.cases().map { golden in
            (golden.files.map { ($0.path, $0.text) }, golden.values(of: "-o"))
        }
        let casesCount = projects.count
        for entries in [3, 20, 60, 61, 62] {
            let files = [
                ("src/_index.yaml", Self.file("app", entries: entries)), ("src/text.txt", "text"),
                ("src/b/_index.yaml", Self.file("b", entries: entries)),
                ("src/one.yaml", "namespace: app\nname: one\nkind: registry.entry\n"),
                (".wippy.yaml", "disable:\n  entries: [\"app:e1\"]\noverride:\n  app:e2:text: x\n"),
                ("wippy.lock", "directories: {modules: .wippy, src: ./src}\n"),
            ]
            projects.append((files, ["b:e0:text=other"]))
            projects.append((files, []))
        }
        for (number, (files, options)) in projects.enumerated() {
            var edit = RandomEdit(seed: UInt64(number))
            var live = try Live(files)
            var kept = live.read(options, isLenient: number.isMultiple(of: 2))
            for _ in 0..<(number < casesCount ? 8 : 40) {
                let place = edit.below(live.files.count)
                let before = live.files[place]
                live.files[place].text = edit.edited(before.text)
                try live.folder.write(live.files[place].text, to: before.path)
                let again = kept.readAgain()
                let fresh = live.read(options, isLenient: number.isMultiple(of: 2))
                try #require(
                    again.shown == fresh.shown,
                    "\(before.path)\n\(before.text)\n=== and then\n\(live.files[place].text)")
                try #require(PlanDifference(from: fresh.plan, to: again.plan).isEmpty)
                try #require(
                    PlanDifference(from: kept.plan, to: again.plan) == PlanDifference(from: kept.plan, to: fresh.plan))
                if fresh.report.isValid || edit.below(3) == 0 {
                    kept = again
                } else {
                    live.files[place] = before
                    try live.folder.write(before.text, to: before.path)
                }
            }
        }
    }

    @Test("With other overrides, a project that is read again is the same as a new one")
    func overridden() throws {
        let live = try Live([
            ("src/_index.yaml", Self.file("app", entries: 20)), ("src/b.yaml", Self.file("b", entries: 3)),
        ])
        let before = live.read(["b:e0:text=first"], isLenient: false)
        for overrides in [[], ["b:e0:text=other"], ["app:none:text=a"], ["app:e2:text=x", "b:e1:text=y"]] {
            let again = before.readAgain(overriding: overrides)
            let fresh = live.read(overrides, isLenient: false)
            #expect(again.shown == fresh.shown)
            #expect(PlanDifference(from: fresh.plan, to: again.plan).isEmpty)
        }
    }

    @Test("An entry that is written as before is the same object, wherever others were changed")
    func kept() throws {
        let text = Self.file("app", entries: 40).replacing(
            "kind: http.endpoint\n    method: GET\n    path", with: "kind: registry.entry\n    path")
        let live = try Live([("src/_index.yaml", text), ("src/b.yaml", Self.file("b", entries: 1))])
        let before = live.read([], isLenient: false)
        try #require(before.report.isValid, "\(before.report.diagnostics)")
        try live.folder.write(text.replacing("/23/", with: "/23x/"), to: "src/_index.yaml")
        let after = before.readAgain()
        let changed = zip(before.plan.entries, after.plan.entries).filter { $0 !== $1 }.map { "\($1.id)" }
        #expect(changed == ["app:e23"])
        #expect("\(PlanDifference(from: before.plan, to: after.plan))" == "~ app:e23")
    }
}

extension ComposedText {
    /// All that it says, with its places.
    fileprivate var shown: [String] {
        var lines = problems.map(\.description)
        lines.append("\(count) \(standsAlone) \(wasAbandoned)")
        root?.show(in: &lines)
        return lines
    }
}

extension Node {
    fileprivate func show(in lines: inout [String]) {
        switch content {
        case .scalar(let scalar): lines.append("\(location.range) \(scalar.style) \(scalar.value) \(scalar.text)")
        case .sequence(let nodes):
            lines.append("\(location.range) list \(nodes.count)")
            for node in nodes { node.show(in: &lines) }
        case .mapping(let pairs):
            lines.append("\(location.range) map \(pairs.count)")
            for pair in pairs {
                lines.append("\(pair.keyLocation.range) \(pair.key)")
                pair.value.show(in: &lines)
            }
        }
    }
}

extension Location {
    fileprivate var range: String { "\(self) to \(endLine ?? 0):\(endColumn ?? 0)" }
}

extension CheckedProject {
    /// What was found, and each entry with its places.
    fileprivate var shown: [String] {
        report.diagnostics.map(\.description)
            + plan.entries.map { entry in
                let fields = ["meta.router", "method", "path", "func", "text", "addr", "file", "queue", "driver"]
                let places = fields.map { "\(entry.entry(configuredAs: (any Sendable).self)?.location(of: $0) as Any)" }
                return "\(entry.id) \(entry.kind) \(entry.location) \(entry.kindLocation) \(entry.references) \(places)"
            }
    }
}
