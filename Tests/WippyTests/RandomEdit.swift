import WippyTesting

/// Changes texts as people do, and as nobody should.
struct RandomEdit {
    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    /// The text after an edit or two.
    mutating func edited(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0...Int.random(in: 0...1, using: &generator) { edit(&lines) }
        return lines.joined(separator: "\n")
    }

    private mutating func edit(_ lines: inout [String]) {
        guard let place = lines.indices.randomElement(using: &generator) else {
            lines = ["entries:"]
            return
        }
        let other = lines.indices.randomElement(using: &generator) ?? place
        switch Int.random(in: 0..<14, using: &generator) {
        case 0...4: exchangeLetter(of: &lines[place])
        case 5, 6: lines[place] += Self.endings.randomElement(using: &generator) ?? ""
        case 7: lines.remove(at: place)
        case 8: lines.insert(lines[other], at: place)
        case 9: lines.swapAt(place, other)
        case 10: lines[place] = String(repeating: " ", count: Int.random(in: 0...6, using: &generator)) + lines[place]
        case 11: lines.removeSubrange(min(place, other)...max(place, other))
        default: lines.insert(Self.strange.randomElement(using: &generator) ?? "", at: place)
        }
    }

    private mutating func exchangeLetter(of line: inout String) {
        guard let place = line.indices.randomElement(using: &generator) else { return }
        let letter = "abgxz019:-#\"'{}[]&*!| \t".randomElement(using: &generator) ?? "a"
        line.replaceSubrange(place...place, with: String(letter))
    }

    /// A random number below a limit.
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    private static let endings = [
        "2", " # note", " ", "\r", "\u{85}", "\u{2028}  - x", "\t", ": 1", " x", " \"", " '", " |", " >+", " &a", " *a",
        " {",
    ]

    private static let strange = [
        "", "# note", "      # note", "entries:", "namespace: other", "meta: {a: b}", "---", "...", "- a", "  - a",
        "  -",
        "  - name: &a x", "    x: *a", "    <<: {kind: registry.entry}", "  - {name: new, kind: registry.entry}",
        "  - name: new2\n    kind: registry.entry\n    text: |+\n      a\n\n", "    text: \"a", "  - b\"",
        "    text: [1,",
        "  - 2]", "\t- a", "  \tx", "    kind: registry.entry", "    func: nothing:there", "    text: file://text.txt",
        "    text: >-\n     a\n  # b\n     c", "%YAML 1.2", "  - ? a\n    : b", "  -\n    - a",
        "    lifecycle: {auto_start: 1}",
    ]
}
