import CWippyYAML

/// Reads the events of a YAML text with libyaml, as safe values.
///
/// All unsafe use of libyaml is in this file. This value owns the parser and its input, and frees them at its end.
@safe struct YAMLEvents: ~Copyable {
    /// A place in the text.
    ///
    /// Lines and columns count from 1.
    struct Mark: Hashable {
        let line: Int
        let column: Int
    }

    /// An event, with its beginning and its end.
    struct Event {
        enum Kind {
            case documentStart
            case scalar(text: String, isPlain: Bool)
            case alias
            case sequenceStart
            case mappingStart
            /// The end of a list or a map.
            case end
            case documentEnd
            case streamEnd
        }

        let kind: Kind
        let mark: Mark
        /// The place of the event's end.
        let end: Mark
        /// The name of the event's anchor, or of the anchor that an alias names.
        var anchor: String?
        /// The tag, which libyaml has expanded: `tag:yaml.org,2002:str`.
        var tag: String?
    }

    /// The error that a text is not YAML.
    struct Failure: Error {
        let problem: String
        let mark: Mark
        /// The character at the mark; nil if there is none.
        var character: Unicode.Scalar?
        /// The step in which libyaml found the problem, such as `while parsing a block mapping`, and the place where
        /// that step began.
        var context: (words: String, mark: Mark)?
    }

    private let text: String
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Prepares the parser for a text.
    init(_ text: String) throws(Failure) {
        self.text = text
        unsafe input = .allocate(capacity: text.utf8.count)
        _ = unsafe input.initialize(from: text.utf8)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            throw Failure(problem: "there is not enough memory to read the file", mark: Mark(line: 1, column: 1))
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// Returns the next event.
    ///
    /// After the end of the stream, it returns that end again.
    mutating func next() throws(Failure) -> Event {
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { unsafe yaml_event_delete(&event) }
            if let safe = unsafe Self.event(event) { return safe }
        }
    }

    /// Returns the event as a safe value; nil for the start of the stream.
    private static func event(_ event: yaml_event_t) -> Event? {
        let mark = unsafe Mark(event.start_mark)
        let end = unsafe Mark(event.end_mark)
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, mark: mark, end: end)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, mark: mark, end: end)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return Event(kind: .end, mark: mark, end: end)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return unsafe Event(
                kind: .scalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain), mark: mark, end: end,
                anchor: string(scalar.anchor), tag: string(scalar.tag))
        case YAML_ALIAS_EVENT:
            return unsafe Event(kind: .alias, mark: mark, end: end, anchor: string(event.data.alias.anchor))
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe Event(
                kind: .sequenceStart, mark: mark, end: end, anchor: string(start.anchor), tag: string(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe Event(
                kind: .mappingStart, mark: mark, end: end, anchor: string(start.anchor), tag: string(start.tag))
        case YAML_STREAM_START_EVENT: return nil
        default: return Event(kind: .streamEnd, mark: mark, end: end)
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    private func failure() -> Failure {
        let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) }
        let problem = words ?? "there is not enough memory to read the file"
        guard unsafe parser.pointee.error != YAML_READER_ERROR else {
            return Failure(problem: problem, mark: unsafe mark(atByte: parser.pointee.problem_offset))
        }
        let mark = unsafe inText(Mark(parser.pointee.problem_mark))
        let line = SourceFile(path: "", text: text).line(mark.line)?.unicodeScalars
        let character = line?.dropFirst(mark.column - 1).first
        guard let context = unsafe parser.pointee.context else {
            return Failure(problem: problem, mark: mark, character: character)
        }
        return Failure(
            problem: problem, mark: mark, character: character,
            context: (unsafe String(cString: context), unsafe inText(Mark(parser.pointee.context_mark))))
    }

    /// Returns the mark, or the end of the text if the mark is beyond it.
    ///
    /// If the last line has no end, libyaml counts one line more.
    private func inText(_ mark: Mark) -> Mark {
        let end = self.mark(atByte: text.utf8.count)
        return mark.line > end.line ? end : mark
    }

    /// Returns the place of a byte.
    ///
    /// For a character that libyaml refuses to read, libyaml gives only the offset.
    private func mark(atByte offset: Int) -> Mark {
        var place = TextPlace()
        var bytes = 0
        for scalar in text.unicodeScalars where bytes < offset {
            bytes += UTF8.width(scalar)
            place.pass(scalar)
        }
        return Mark(line: place.line, column: place.column)
    }
}

extension YAMLEvents.Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
