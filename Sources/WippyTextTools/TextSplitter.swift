import WippyText

/// Divides long texts into chunks, at the coarsest separators that suffice.
public struct TextSplitter: Sendable {
    /// The largest number of characters in a chunk, apart from its headings.
    ///
    /// A part without a separator can be longer, and so can a block of code that is not divided.
    let length: Int

    /// The largest number of characters that a chunk repeats from the one before it.
    let overlap: Int

    /// The separators, the coarsest first.
    ///
    /// An empty separator divides between any two characters.
    let separators: [[Unicode.Scalar]]

    /// True if a part keeps the separator before it.
    let keepsSeparators: Bool

    /// The rules for Markdown; nil for plain text.
    let markdown: MarkdownRules?

    /// The rules that keep the structure of Markdown.
    public struct MarkdownRules: Sendable {
        /// True if a block of code is a part of its own, which is not divided.
        let keepsCode: Bool

        /// True if each chunk begins with the headings of all sections that contain it.
        ///
        /// Otherwise the chunk begins with the nearest heading only.
        let repeatsHeadings: Bool

        /// Creates the rules.
        ///
        /// - Parameters:
        ///   - keepsCode: true if a block of code is a part of its own, which is not divided.
        ///   - repeatsHeadings: true if each chunk begins with the headings of all sections that contain it, not only
        ///     with the nearest one.
        public init(keepsCode: Bool, repeatsHeadings: Bool) {
            (self.keepsCode, self.repeatsHeadings) = (keepsCode, repeatsHeadings)
        }
    }

    /// Separators for any text: paragraphs, lines, words, characters.
    public static let plainSeparators = ["\n\n", "\n", " ", ""]

    /// Creates a splitter.
    ///
    /// - Parameters:
    ///   - length: the largest number of characters in a chunk, apart from its headings. A part without a separator can
    ///     be longer, and so can a block of code that is not divided.
    ///   - overlap: the largest number of characters that a chunk repeats from the one before it, apart from headings.
    ///     It must be less than `length`.
    ///   - separators: the separators, the coarsest first. An empty one divides between any two characters.
    ///   - keepsSeparators: true if a part keeps the separator before it.
    ///   - markdown: the rules for Markdown; nil for plain text.
    public init(
        length: Int, overlap: Int, separators: [String], keepsSeparators: Bool, markdown: MarkdownRules?
    ) {
        (self.length, self.overlap) = (length, overlap)
        self.separators = separators.map { Array($0.unicodeScalars) }
        self.keepsSeparators = keepsSeparators
        self.markdown = markdown
    }

    /// Returns the chunks of a text, without white space around them.
    public func chunks(of text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        let chunks = markdown.map { markdownChunks(of: scalars, $0) } ?? split(scalars, at: separators[...])
        return chunks.map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    private func split(_ text: [Unicode.Scalar], at separators: ArraySlice<[Unicode.Scalar]>) -> [[Unicode.Scalar]] {
        guard text.count > length else { return [text] }
        guard let index = separators.firstIndex(where: { $0.isEmpty || text.contains($0) }) else { return [text] }
        let separator = separators[index]
        let glue = keepsSeparators ? [] : separator
        var chunks: [[Unicode.Scalar]] = []
        var short: [[Unicode.Scalar]] = []
        for part in text.parts(at: separator, keepingIt: keepsSeparators) {
            if part.count <= length {
                short.append(part)
            } else {
                chunks += merged(short, with: glue)
                short = []
                chunks += split(part, at: separators[(index + 1)...])
            }
        }
        return chunks + merged(short, with: glue)
    }

    /// Joins parts into chunks that are as long as possible.
    private func merged(_ parts: [[Unicode.Scalar]], with glue: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
        var chunks: [[Unicode.Scalar]] = []
        var current: ArraySlice<[Unicode.Scalar]> = []
        var total = 0
        for part in parts {
            let added = { (isFirst: Bool) in part.count + (isFirst ? 0 : glue.count) }
            if !current.isEmpty, total + added(false) > length {
                chunks.append(Array(current.joined(separator: glue)))
                // The overlap stays if the part fits behind it.
                while let first = current.first, total > overlap || total + added(false) > length {
                    current = current.dropFirst()
                    total -= first.count + (current.isEmpty ? 0 : glue.count)
                }
            }
            total += added(current.isEmpty)
            current.append(part)
        }
        if !current.isEmpty { chunks.append(Array(current.joined(separator: glue))) }
        return chunks
    }
}

extension TextSplitter {
    /// Returns chunks.
    ///
    /// Each chunk belongs to one section and begins with the heading of this section.
    private func markdownChunks(of text: [Unicode.Scalar], _ rules: MarkdownRules) -> [[Unicode.Scalar]] {
        var headings: [(level: Int, line: [Unicode.Scalar])] = []
        var body: [[Unicode.Scalar]] = []
        var chunks: [[Unicode.Scalar]] = []
        func endSection() {
            let shown = rules.repeatsHeadings ? headings[...] : headings.suffix(1)
            let head: [Unicode.Scalar] = shown.reduce(into: []) { $0 += $1.line + ["\n"] }
            let parts = parts(ofSection: body, rules)
            chunks += parts.isEmpty && !headings.isEmpty ? [head] : parts.map { head + $0 }
            body = []
        }
        var isInCode = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" }).map(Array.init) {
            if line.beginsCode { isInCode.toggle() }
            let level = isInCode ? 0 : line.headingLevel
            if level > 0 {
                let isWithoutText = headings.last.map { $0.level >= level } ?? false
                if isWithoutText || !body.allSatisfy(\.isBlank) { endSection() }
                headings.removeAll { $0.level >= level }
                headings.append((level, line))
                body = []
            } else {
                body.append(line)
            }
        }
        endSection()
        return chunks
    }

    private func parts(ofSection lines: [[Unicode.Scalar]], _ rules: MarkdownRules) -> [[Unicode.Scalar]] {
        var blocks: [(isCode: Bool, lines: [[Unicode.Scalar]])] = [(false, [])]
        for line in lines {
            if rules.keepsCode, line.beginsCode, !blocks[blocks.count - 1].isCode {
                blocks.append((true, [line]))
            } else {
                blocks[blocks.count - 1].lines.append(line)
                if rules.keepsCode, line.beginsCode { blocks.append((false, [])) }
            }
        }
        return blocks.filter { !$0.lines.allSatisfy(\.isBlank) }.flatMap { block in
            let text = Array(block.lines.joined(separator: ["\n"]))
            return block.isCode ? [text] : split(text, at: separators[...])
        }
    }
}

extension [Unicode.Scalar] {
    /// Returns the parts between separators.
    ///
    /// Empty parts are left out.
    ///
    /// - Parameter keepsIt: true if a part begins with the separator before it.
    fileprivate func parts(at separator: [Unicode.Scalar], keepingIt keepsIt: Bool) -> [[Unicode.Scalar]] {
        guard !separator.isEmpty else { return map { [$0] } }
        var parts: [[Unicode.Scalar]] = []
        var (start, index) = (0, 0)
        while index <= count - separator.count {
            if self[index..<index + separator.count].elementsEqual(separator) {
                parts.append(Array(self[start..<index]))
                start = keepsIt ? index : index + separator.count
                index += separator.count
            } else {
                index += 1
            }
        }
        return (parts + [Array(self[start...])]).filter { !$0.isEmpty }
    }

    fileprivate var isBlank: Bool { allSatisfy(\.properties.isWhitespace) }

    /// True if the line begins or ends a block of code.
    fileprivate var beginsCode: Bool { drop { $0 == " " }.starts(with: "```".unicodeScalars) }

    /// The level of the line's heading, from 1 to 6; 0 for any other line.
    fileprivate var headingLevel: Int {
        let level = prefix { $0 == "#" }.count
        return 1...6 ~= level && dropFirst(level).first == " " ? level : 0
    }
}
