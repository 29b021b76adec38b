import WippyText

/// A change at one place of a text, with some characters around it by which the place is found.
public struct TextPatch: Sendable {
    /// The place in the old text and the place in the new text, counted from 0.
    let oldStart: Int
    let newStart: Int
    let difference: TextDifference

    private func scalars(without operation: TextDifference.Operation) -> [Unicode.Scalar] {
        difference.runs.filter { $0.operation != operation }.flatMap(\.scalars)
    }

    /// The characters that the patch looks for.
    var old: [Unicode.Scalar] { scalars(without: .insert) }

    /// The characters that replace them.
    var new: [Unicode.Scalar] { scalars(without: .delete) }

    /// Returns the patches that turn one text into another.
    ///
    /// - Parameters:
    ///   - old: the first text.
    ///   - new: the second text.
    ///   - margin: the largest number of equal characters that a patch has before its first change and after its last
    ///     one, at least 0. Changes share a patch if at most twice as many characters are between them.
    public static func patches(from old: [Unicode.Scalar], to new: [Unicode.Scalar], margin: Int) -> [TextPatch] {
        var patches: [TextPatch] = []
        var (oldPlace, newPlace) = (0, 0)
        var open: (oldStart: Int, newStart: Int, runs: [TextDifference.Run])?
        let runs = TextDifference(from: old, to: new).runs
        for (index, run) in runs.enumerated() {
            let length = run.scalars.count
            if run.operation == .equal {
                let isLast = index == runs.count - 1
                if let patch = open {
                    let kept = length > 2 * margin || isLast ? Array(run.scalars.prefix(margin)) : run.scalars
                    open?.runs.append(.init(operation: .equal, scalars: kept))
                    if length > 2 * margin || isLast {
                        let all = TextDifference(patch.runs + [.init(operation: .equal, scalars: kept)])
                        patches.append(
                            TextPatch(oldStart: patch.oldStart, newStart: patch.newStart, difference: all))
                        open = nil
                    }
                }
            } else {
                if open == nil {
                    let before = old[max(0, oldPlace - margin)..<oldPlace]
                    open = (
                        oldPlace - before.count, newPlace - before.count,
                        [.init(operation: .equal, scalars: Array(before))]
                    )
                }
                open?.runs.append(run)
            }
            if run.operation != .insert { oldPlace += length }
            if run.operation != .delete { newPlace += length }
        }
        if let open {
            patches.append(
                TextPatch(
                    oldStart: open.oldStart, newStart: open.newStart, difference: TextDifference(open.runs)))
        }
        return patches
    }

    /// Applies patches.
    ///
    /// The search for a patch begins at its own place, corrected by what happened to the patches before it. If the
    /// patch's characters would go beyond the end of the text there, the search begins at the last place that has room
    /// for them. If the text has the characters at several places, the nearest of these is used.
    ///
    /// - Parameters:
    ///   - patches: the patches, in the order in which they are applied.
    ///   - text: the text to change.
    ///   - distance: the largest distance from the beginning of the search, in characters.
    /// - Returns: the text, and true if every patch was applied.
    public static func apply(
        _ patches: [TextPatch], to text: [Unicode.Scalar], within distance: Int
    ) -> (text: String, isComplete: Bool) {
        var text = text
        var isComplete = true
        var shift = 0
        for patch in patches {
            let (old, new) = (patch.old, patch.new)
            guard let place = text.place(of: old, nearestTo: patch.newStart + shift, within: distance) else {
                isComplete = false
                shift -= new.count - old.count
                continue
            }
            shift = place - patch.newStart
            text.replaceSubrange(place..<place + old.count, with: new)
        }
        return (String(text), isComplete)
    }
}

extension [Unicode.Scalar] {
    /// The place of some characters; if there are several, the one nearest to `wanted`.
    fileprivate func place(of scalars: [Unicode.Scalar], nearestTo wanted: Int, within distance: Int) -> Int? {
        let last = count - scalars.count
        guard last >= 0 else { return nil }
        let wanted = Swift.min(Swift.max(0, wanted), last)
        for away in 0...Swift.max(0, Swift.min(distance, Swift.max(wanted, last - wanted))) {
            for place in away == 0 ? [wanted] : [wanted - away, wanted + away] where 0...last ~= place {
                if self[place..<place + scalars.count].elementsEqual(scalars) { return place }
            }
        }
        return nil
    }
}

extension TextPatch {
    /// The patch as text: its places, then a line for each run.
    ///
    /// Special characters are escaped: a line feed becomes `%0A`.
    public var text: String {
        var text = "@@ -\(Self.range(oldStart, old.count)) +\(Self.range(newStart, new.count)) @@\n"
        for run in difference.runs {
            text += "\(Self.signs[run.operation] ?? " ")\(Self.escaped(run.scalars))\n"
        }
        return text
    }

    /// Reads a patch from its text; nil if the text is not a patch.
    public init?(_ text: String) {
        let lines = text.unicodeScalars.split(separator: "\n").map(String.init)
        guard let head = lines.first?.unicodeScalars.split(separator: " ").map(String.init), head.count == 4,
            ExactText(head[0]) == "@@", ExactText(head[3]) == "@@",
            let oldStart = Self.start(in: head[1], after: "-"), let newStart = Self.start(in: head[2], after: "+")
        else { return nil }
        var runs: [TextDifference.Run] = []
        for line in lines.dropFirst() {
            guard let sign = line.unicodeScalars.first,
                let operation = Self.signs.first(where: { $0.value.unicodeScalars.elementsEqual([sign]) })?.key,
                let scalars = Self.unescaped(line.dropFirst())
            else { return nil }
            runs.append(.init(operation: operation, scalars: scalars))
        }
        self.init(oldStart: oldStart, newStart: newStart, difference: TextDifference(runs))
    }

    private static let signs: [TextDifference.Operation: String] = [.equal: " ", .delete: "-", .insert: "+"]

    /// Returns the written form of a range, counted from 1.
    ///
    /// The range of an empty text is counted from 0.
    private static func range(_ start: Int, _ length: Int) -> String {
        switch length {
        case 0: "\(start),0"
        case 1: "\(start + 1)"
        case _: "\(start + 1),\(length)"
        }
    }

    /// The largest place of a patch that is read.
    ///
    /// No text reaches it, so it stands for every place beyond it. Sums of places and lengths stay far below the
    /// largest number.
    private static let maxStart = 1 << 40

    private static func start(in range: String, after sign: String) -> Int? {
        guard range.hasExactPrefix(sign) else { return nil }
        let parts = range.dropping(sign).unicodeScalars.split(separator: ",").map(String.init)
        guard let start = parts.first.flatMap(Int.init), start >= 0, parts.count <= 2 else { return nil }
        let length = parts.count == 2 ? Int(parts[1]) : 1
        return length.map { min($0 == 0 ? start : max(0, start - 1), maxStart) }
    }

    private static func escaped(_ scalars: [Unicode.Scalar]) -> String {
        scalars.map { scalar in
            if scalar.isASCII, scalar.value >= 0x20, scalar.value != 0x7F, scalar != "%" { return String(scalar) }
            return String(scalar).utf8.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }.joined()
        }.joined()
    }

    private static func unescaped(_ text: Substring) -> [Unicode.Scalar]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self).map { Array($0.unicodeScalars) }
    }
}
