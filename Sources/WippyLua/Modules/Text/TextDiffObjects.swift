import LuaEngine
import WippyDefinition
import WippyTextTools
import WippyValues

extension LuaMember {
    /// `text.diff`: compares and patches texts.
    static let textDiff = LuaMember.table(
        "diff",
        [
            .function("new") { stack in
                do throws(LuaError) {
                    let options = try stack.options(at: 1, DifferOptions.init(from:))
                    return stack.succeed(ScriptDiffer(options), as: ScriptDiffer.type)
                } catch {
                    return stack.fail(error)
                }
            }
        ])
}

/// The options of `text.diff.new`.
struct DifferOptions: Sendable {
    /// The number of equal characters around each change of a patch.
    let margin: Int

    /// The largest distance in characters between the expected place of a patch and the place where it is applied.
    let distance: Int

    init(from fields: inout FieldReader) {
        let margin: ScriptInteger = fields.optional(
            "patch_margin", default: 4, in: 0...10_000, "The number of equal characters around each change of a patch.")
        let distance: ScriptInteger = fields.optional(
            "match_distance", default: 1000, in: 0...ScriptInteger.all.upperBound,
            "How far from its expected place a patch is applied at most, in characters.")
        (self.margin, self.distance) = (margin.number, distance.number)
        fields.ignored("diff_timeout", because: "a comparison is limited by the number of differences, not by its time")
        fields.ignored("diff_edit_cost", because: "equal characters between two differences are never left out")
        for name in ["match_threshold", "patch_delete_threshold"] {
            fields.ignored(name, because: "a patch is applied only where the text has exactly its characters")
        }
    }
}

/// Compares texts, for scripts.
private final class ScriptDiffer: Sendable {
    private let options: DifferOptions

    init(_ options: DifferOptions) {
        self.options = options
    }

    static let type: LuaObjectType<ScriptDiffer> = LuaObjectType(
        "text.Differ",
        methods: [
            "compare": { stack, _ in
                let (old, new) = (try stack.checkLetters(at: 2), try stack.checkLetters(at: 3))
                return stack.compute {
                    TextDifference(from: old, to: new).runs
                } then: { stack, runs in
                    let shown = runs.map { run -> Value in
                        [
                            RunPart.operation.rawValue: .string(run.operation.rawValue),
                            RunPart.text.rawValue: .string(run.text),
                        ]
                    }
                    try stack.push(.list(shown))
                    return stack.succeed()
                }
            },
            "summarize": { stack, _ in
                var counts: [TextDifference.Operation: Int] = [:]
                for run in try stack.difference.runs { counts[run.operation, default: 0] += run.scalars.count }
                try stack.push([
                    "insertions": .integer(counts[.insert] ?? 0), "deletions": .integer(counts[.delete] ?? 0),
                    "equals": .integer(counts[.equal] ?? 0),
                ])
                return .one
            },
            "pretty_text": { stack, _ in
                stack.push(try stack.difference.terminalText)
                return stack.succeed()
            },
            "pretty_html": { stack, _ in
                stack.push(try stack.difference.html)
                return stack.succeed()
            },
            "patch_make": { stack, differ in
                let (old, new) = (try stack.checkLetters(at: 2), try stack.checkLetters(at: 3))
                let margin = differ.options.margin
                return stack.compute {
                    TextPatch.patches(from: old, to: new, margin: margin).map(\.text)
                } then: { stack, patches in
                    try stack.push(.list(patches.map { ["text": .string($0)] }))
                    return stack.succeed()
                }
            },
            "patch_apply": { stack, differ in
                try stack.check(.table, at: 2)
                let text = try stack.checkLetters(at: 3)
                var patches: [TextPatch] = []
                for (index, value) in (try stack.dataValue(at: 2).list ?? []).enumerated() {
                    guard let patch = value["text"]?.string.flatMap({ TextPatch($0) }) else {
                        throw LuaRaise("bad argument #1 to 'patch_apply' (element \(index + 1) is not a patch)")
                    }
                    patches.append(patch)
                }
                let distance = differ.options.distance
                return stack.compute { [patches] in
                    TextPatch.apply(patches, to: text, within: distance)
                } then: { stack, result in
                    stack.push(result.text)
                    stack.push(result.isComplete)
                    return .results(2)
                }
            },
        ])
}

/// The names in the table of a part of a difference.
private enum RunPart: String, CaseIterable {
    case operation, text
}

extension LuaStack {
    fileprivate func checkLetters(at index: Int) throws -> [Unicode.Scalar] {
        Array(try checkString(at: index).unicodeScalars)
    }

    /// The differences in the second argument.
    ///
    /// They have the form that `compare` returns.
    fileprivate var difference: TextDifference {
        get throws {
            try check(.table, at: 2)
            return TextDifference(
                try (dataValue(at: 2).list ?? []).compactMap { value in
                    let run = try NamedValues<RunPart>(value)
                    guard let operation = run[.operation]?.string.flatMap(TextDifference.Operation.init) else {
                        return nil
                    }
                    return .init(operation: operation, text: run[.text]?.string ?? "")
                })
        }
    }

    /// Runs a long computation on the engine's threads.
    func compute<Result: Sendable>(
        _ compute: @escaping @Sendable () -> Result, then finish: @escaping (LuaStack, Result) throws -> LuaVerdict
    ) -> LuaVerdict {
        .wait {
            await computing(compute)
        } then: { stack, result in
            try finish(stack, try result.get())
        }
    }
}

private func computing<Result: Sendable>(_ compute: @escaping @Sendable () -> Result) async -> Result {
    @concurrent func run() async -> Result { compute() }
    return await withTaskExecutorPreference(LuaThreads.pool) { await run() }
}
