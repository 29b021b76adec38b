import WippyText
import WippyValues

/// Writes a log record as a line for people: time, level, entry, message, and the data as `key=value`.
struct LogTextLine {
    var isColored: Bool
    var isTimeLocal: Bool

    private enum Color: String {
        case dim = "\u{1B}[2m"
        case green = "\u{1B}[32m"
        case cyan = "\u{1B}[36m"
        case yellow = "\u{1B}[33m"
        case red = "\u{1B}[31m"
        case boldRed = "\u{1B}[1;31m"
        case normal = "\u{1B}[0m"

        init(_ level: LogLevel) {
            switch level {
            case .trace, .debug: self = .dim
            case .info: self = .green
            case .notice: self = .cyan
            case .warning: self = .yellow
            case .error: self = .red
            case .critical: self = .boldRed
            }
        }
    }

    /// Appends the line without a line feed.
    func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        color(.dim, &bytes)
        if isTimeLocal {
            record.time.appendLocalTimeOfDay(to: &bytes)
        } else {
            record.time.appendUTC(to: &bytes)
        }
        color(.normal, &bytes)
        bytes.append(UInt8(ascii: " "))
        color(Color(record.level), &bytes)
        let level = record.level.name
        bytes.append(contentsOf: level.utf8)
        color(.normal, &bytes)
        // The longest level has eight letters.
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 9 - level.utf8.count))
        if let entry = record.entry {
            color(.cyan, &bytes)
            appendVisible(entry, to: &bytes)
            color(.normal, &bytes)
            bytes.append(contentsOf: ": ".utf8)
            if let columns = record.columns { pad(columns.entry, &bytes) { $0.appendVisible(entry, to: &$1) } }
        }
        appendVisible(record.message, to: &bytes)
        if let columns = record.columns, !record.metadata.isEmpty {
            pad(columns.message, &bytes) { $0.appendVisible(record.message, to: &$1) }
        }
        for (index, field) in record.metadata.fields.enumerated() {
            bytes.append(UInt8(ascii: " "))
            append(field, to: &bytes)
            guard let columns = record.columns, index < min(record.metadata.fields.count - 1, columns.fields.count)
            else { continue }
            pad(columns.fields[index], &bytes) { $0.append(field, to: &$1) }
        }
    }

    /// Returns the number of characters that a part of a line has.
    static func width(of part: (LogTextLine, inout [UInt8]) -> Void) -> Int {
        var bytes: [UInt8] = []
        part(LogTextLine(isColored: false, isTimeLocal: false), &bytes)
        return String(decoding: bytes, as: UTF8.self).count
    }

    /// Appends the spaces that follow a part in its column.
    private func pad(_ width: Int, _ bytes: inout [UInt8], behind part: (LogTextLine, inout [UInt8]) -> Void) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, width - Self.width(of: part))))
    }

    func append(_ field: LogMetadata.Field, to bytes: inout [UInt8]) {
        color(.dim, &bytes)
        appendWord(field.key, to: &bytes)
        bytes.append(UInt8(ascii: "="))
        color(.normal, &bytes)
        switch field.value {
        case .redacted: bytes.append(contentsOf: LogValue.redactedText.utf8)
        case .value(.string(let text)): appendWord(text, to: &bytes)
        case .value(let value):
            if let json = try? JSON.encode(value) {
                appendVisible(String(decoding: json, as: UTF8.self), to: &bytes)
            } else {
                bytes.append(contentsOf: value.description.utf8)
            }
        }
    }

    /// Appends a text, in quotation marks if it is not a plain word, so that a space or an equals sign cannot end it.
    private func appendWord(_ text: String, to bytes: inout [UInt8]) {
        guard text.isEmpty || !text.utf8.allSatisfy(isPlain) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            VisibleText.append(scalar, to: &quoted)
        }
        bytes.append(contentsOf: quoted.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: "{"),
            UInt8(ascii: "["):
            false
        case 0x21...0x7E: true
        default: false
        }
    }

    func appendVisible(_ text: String, to bytes: inout [UInt8]) {
        guard !text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(contentsOf: text.visible.utf8)
    }

    private func color(_ color: Color, _ bytes: inout [UInt8]) {
        if isColored { bytes.append(contentsOf: color.rawValue.utf8) }
    }
}
