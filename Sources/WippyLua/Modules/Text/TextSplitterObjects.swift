import LuaEngine
import WippyText
import WippyValues

extension LuaMember {
    /// `text.splitter`: divides long texts into chunks.
    static let textSplitter = LuaMember.table(
        "splitter",
        [
            .function("recursive") { stack in
                try makeSplitter(stack) { _ in nil }
            },
            .function("markdown") { stack in
                try makeSplitter(stack) { options in
                    TextSplitter.MarkdownRules(
                        keepsCode: options["code_blocks"]?.bool ?? false,
                        repeatsHeadings: options["heading_hierarchy"]?.bool ?? false)
                }
            },
        ])

    private static func makeSplitter(
        _ stack: LuaStack, _ rules: (Value) -> TextSplitter.MarkdownRules?
    ) throws -> LuaVerdict {
        if !stack.isNil(at: 1) { try stack.check(.table, at: 1) }
        let options = try stack.dataValue(at: 1)
        let length = options["chunk_size"]?.integer ?? 4000
        let overlap = options["chunk_overlap"]?.integer ?? min(200, length / 2)
        guard length > 0, 0..<length ~= overlap else {
            return stack.fail(
                .invalid("chunk_size must be more than 0, and chunk_overlap at least 0 and less than chunk_size"))
        }
        let separators = options["separators"]?.list?.compactMap(\.string) ?? TextSplitter.plainSeparators
        let splitter = TextSplitter(
            length: length, overlap: overlap, separators: separators,
            keepsSeparators: options["keep_separator"]?.bool ?? false, markdown: rules(options))
        return stack.succeed(ScriptSplitter(splitter), as: ScriptSplitter.type)
    }
}

/// Divides texts, for scripts.
private final class ScriptSplitter: Sendable {
    private let splitter: TextSplitter

    init(_ splitter: TextSplitter) {
        self.splitter = splitter
    }

    static let type: LuaObjectType<ScriptSplitter> = LuaObjectType(
        "text.Splitter",
        methods: [
            "split_text": { stack, object in
                let text = try stack.checkString(at: 2)
                let splitter = object.splitter
                return stack.compute {
                    splitter.chunks(of: text)
                } then: { stack, chunks in
                    try stack.push(.list(chunks.map(Value.string)))
                    return stack.succeed()
                }
            },
            "split_batch": { stack, object in
                try stack.check(.table, at: 2)
                let pages = try stack.dataValue(at: 2).list ?? []
                guard pages.allSatisfy({ $0["content"]?.string != nil }) else {
                    return stack.fail(.invalid("each page must be a table with the string 'content'"))
                }
                let splitter = object.splitter
                return stack.compute {
                    pages.flatMap { page in
                        splitter.chunks(of: page["content"]?.string ?? "").map { chunk -> Value in
                            ["content": .string(chunk), "metadata": page["metadata"] ?? .map(ValueMap())]
                        }
                    }
                } then: { stack, chunks in
                    try stack.push(.list(chunks))
                    return stack.succeed()
                }
            },
        ])
}
