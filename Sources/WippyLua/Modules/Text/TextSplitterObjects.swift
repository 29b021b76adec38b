import LuaEngine
import WippyDefinition
import WippyTextTools
import WippyValues

extension LuaMember {
    /// `text.splitter`: divides long texts into chunks.
    static let textSplitter = LuaMember.table(
        "splitter",
        [
            .function("recursive") { stack in
                try makeSplitter(stack) { TextSplitter(from: &$0) }
            },
            .function("markdown") { stack in
                try makeSplitter(stack) { TextSplitter(markdownFrom: &$0) }
            },
        ])

    private static func makeSplitter(
        _ stack: LuaStack, _ read: (inout FieldReader) -> TextSplitter
    ) throws -> LuaVerdict {
        do throws(LuaError) {
            return stack.succeed(ScriptSplitter(try stack.options(at: 1, read)), as: ScriptSplitter.type)
        } catch {
            return stack.fail(error)
        }
    }
}

// The options of `text.splitter`.
extension TextSplitter {
    /// Reads the options of a splitter for any text.
    init(from fields: inout FieldReader) {
        self.init(from: &fields, markdown: nil)
    }

    /// Reads the options of a splitter for Markdown.
    init(markdownFrom fields: inout FieldReader) {
        let rules = MarkdownRules(
            keepsCode: fields.optional(
                "code_blocks", default: false, "Whether a block of code is a part of its own, which is not divided."),
            repeatsHeadings: fields.optional(
                "heading_hierarchy", default: false,
                "Whether a chunk begins with the headings of all sections that contain it. Otherwise it begins with "
                    + "the nearest one."))
        self.init(from: &fields, markdown: rules)
        for name in ["reference_links", "join_table_rows"] {
            fields.ignored(name, because: "links and tables are divided like other text")
        }
    }

    private static let sizeField = "chunk_size"
    private static let overlapField = "chunk_overlap"

    /// The default overlap of large chunks.
    private static let overlap = 200

    private init(from fields: inout FieldReader, markdown: MarkdownRules?) {
        let all = ScriptInteger.all.upperBound
        let size: ScriptInteger = fields.optional(
            Self.sizeField, default: 4000, in: 1...all,
            "The largest number of characters in a chunk, apart from its headings. A part without a separator can be "
                + "longer, and so can a block of code that is not divided.")
        let length = size.number
        let given: ScriptInteger? = fields.optional(
            Self.overlapField, in: 0...all,
            defaultsTo: "\(Self.overlap), or half of '\(Self.sizeField)' if that is less",
            "The largest number of characters that a chunk repeats from the one before it, apart from headings. Less "
                + "than '\(Self.sizeField)'.")
        let overlap = given?.number ?? min(Self.overlap, length / 2)
        if overlap >= length {
            fields.reject(
                Self.overlapField, "must be less than '\(Self.sizeField)', which is \(length), got \(overlap)")
        }
        let separators = fields.optional(
            "separators", default: [String](),
            "The separators, the coarsest first. `[]` means those of paragraphs, lines, words and characters.")
        self.init(
            length: length, overlap: overlap, separators: separators.isEmpty ? Self.plainSeparators : separators,
            keepsSeparators: fields.optional(
                "keep_separator", default: false, "Whether a part keeps the separator before it."),
            markdown: markdown)
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
                let values = try stack.dataValue(at: 2).list ?? []
                var pages: [(content: String, metadata: Value)] = []
                do throws(LuaError) {
                    for value in values {
                        let page = try NamedValues<PagePart>(value)
                        guard let content = page[.content]?.string else {
                            throw .invalid("each page must be a table with the string '\(PagePart.content)'")
                        }
                        pages.append((content, page[.metadata] ?? .map(ValueMap())))
                    }
                } catch {
                    return stack.fail(error)
                }
                let splitter = object.splitter
                return stack.compute { [pages] in
                    pages.flatMap { page in
                        splitter.chunks(of: page.content).map { chunk -> Value in
                            [PagePart.content.rawValue: .string(chunk), PagePart.metadata.rawValue: page.metadata]
                        }
                    }
                } then: { stack, chunks in
                    try stack.push(.list(chunks))
                    return stack.succeed()
                }
            },
        ])
}

/// The names in the table of a page, and of a chunk of it.
private enum PagePart: String, CaseIterable {
    case content, metadata
}
