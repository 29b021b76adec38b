import WippyText
import WippyValues

/// A log record as a JSON object.
enum LogJSONLine {
    private static let time = JSONKey("time")
    private static let level = JSONKey("level")
    private static let entry = JSONKey("entry")
    private static let message = JSONKey("message")

    /// Appends the object without a line feed.
    static func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        let start = bytes.count
        var time: [UInt8] = []
        time.reserveCapacity(24)
        record.time.appendUTC(to: &time)
        var writer = JSONWriter(appendingTo: exchange(&bytes, with: []))
        writer.beginMap()
        writer.key(Self.time)
        writer.string(utf8: time.span)
        writer.key(level)
        writer.string(record.level.name)
        if let entry = record.entry {
            writer.key(Self.entry)
            writer.string(entry)
        }
        writer.key(message)
        writer.string(record.message)
        for field in record.metadata.fields {
            writer.key(name(of: field, in: record.metadata))
            append(field.value, to: &writer)
        }
        writer.endMap()
        bytes = writer.finish()
        escapeHidden(&bytes, from: start)
    }

    /// Escapes characters that JSON allows in a string, but that a terminal must not see.
    ///
    /// Such characters occur only in strings.
    private static func escapeHidden(_ bytes: inout [UInt8], from start: Int) {
        guard bytes[start...].contains(where: { $0 >= 0x7F }) else { return }
        let line = String(decoding: bytes[start...], as: UTF8.self)
        guard line.unicodeScalars.contains(where: VisibleText.isHidden) else { return }
        bytes.removeSubrange(start...)
        for scalar in line.unicodeScalars {
            if VisibleText.isHidden(scalar) {
                let digits = String(scalar.value, radix: 16)
                bytes.append(contentsOf: "\\u".utf8)
                bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(4 - digits.utf8.count, 0)))
                bytes.append(contentsOf: digits.utf8)
            } else {
                bytes.append(contentsOf: String(scalar).utf8)
            }
        }
    }

    /// The key of the field, which differs from the keys of the line's own fields.
    private static func name(of field: LogMetadata.Field, in metadata: LogMetadata) -> String {
        guard ["time", "level", "entry", "message"].contains(field.key) else { return field.key }
        var name = field.key + "_"
        while metadata[name] != nil { name += "_" }
        return name
    }

    private static func append(_ value: LogValue, to writer: inout JSONWriter) {
        switch value {
        case .redacted:
            writer.string(LogValue.redactedText)
        case .value(let value):
            if case .list = value {
                appendNested(value, to: &writer)
            } else if case .map = value {
                appendNested(value, to: &writer)
            } else {
                try? writer.value(value)
            }
        }
    }

    /// Writes a list or a map.
    ///
    /// If it nests too deeply for JSON, its description is written.
    private static func appendNested(_ value: Value, to writer: inout JSONWriter) {
        if let json = try? JSON.encode(value) {
            writer.raw(json.span)
        } else {
            writer.string(value.description)
        }
    }
}
