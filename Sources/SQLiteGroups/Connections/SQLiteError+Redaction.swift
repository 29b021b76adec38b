import Glibc

extension SQLiteError {
    /// Hides the texts and blobs among a statement's arguments in SQLite's message about the statement.
    ///
    /// Extensions such as FTS quote a text that they cannot read. A trigger may compute its message. Both texts may
    /// come from an argument, or be a part of one.
    ///
    /// Dots replace each occurrence of an argument of at least three bytes, and each word of at least four bytes that
    /// occurs in an argument. Shorter texts are in too many messages.
    ///
    /// - Parameters:
    ///   - message: SQLite's message.
    ///   - arguments: the statement's arguments.
    ///   - meaning: SQLite's own words for the code. They are the result if the search would take too long.
    static func redacted(_ message: String, hiding arguments: [SQLiteValue], or meaning: String) -> String {
        guard !arguments.isEmpty, message != meaning else { return message }
        let bytes = Array(message.utf8)
        let words = words(of: bytes)
        // Each word is looked for in every argument, and every argument in the message. At worst, each byte of the one
        // is compared with each byte of the other.
        let length = arguments.reduce(0) { $0 + $1.hiddenBytes { $0.count } }
        guard length <= maxCompared / max(bytes.count, 1) else { return meaning }
        var hidden = [Bool](repeating: false, count: bytes.count)
        func hide(_ range: Range<Int>) {
            for index in range { hidden[index] = true }
        }
        bytes.withUnsafeBytes { message in
            for argument in arguments {
                argument.hiddenBytes { argument in
                    for range in occurrences(of: argument, in: message) { hide(range) }
                    for word in words where !hidden[word.lowerBound] {
                        if find(UnsafeRawBufferPointer(rebasing: message[word]), in: argument) != nil { hide(word) }
                    }
                }
            }
        }
        var shown: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if !hidden[index] {
                shown.append(byte)
            } else if index == 0 || !hidden[index - 1] {
                shown += "...".utf8
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// The largest number of bytes that are compared for one message: 256 Mi.
    private static let maxCompared = 256 << 20
    /// The number of bytes from which on an argument is hidden as a whole.
    private static let minArgument = 3
    /// The number of bytes from which on a word that is a part of an argument is hidden.
    private static let minWord = 4

    /// The ranges of the words of a message that may have to be hidden.
    ///
    /// A word consists of ASCII letters, digits and `_`, and of all characters outside ASCII.
    private static func words(of message: [UInt8]) -> [Range<Int>] {
        message.indices.split { index in
            switch message[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): false
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: false
            default: true
            }
        }.filter { $0.count >= minWord }
    }

    /// The ranges at which an argument is in a message, which ends at the first NUL of its text.
    private static func occurrences(
        of argument: UnsafeRawBufferPointer, in message: UnsafeRawBufferPointer
    ) -> [Range<Int>] {
        let wanted = UnsafeRawBufferPointer(rebasing: argument.prefix { $0 != 0 })
        guard wanted.count >= minArgument else { return [] }
        var ranges: [Range<Int>] = []
        var start = 0
        while let found = find(wanted, in: UnsafeRawBufferPointer(rebasing: message[start...])) {
            ranges.append(start + found..<start + found + wanted.count)
            start += found + wanted.count
        }
        return ranges
    }

    /// The first offset of `wanted` in `bytes`; nil if it is not there.
    private static func find(_ wanted: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress, let wantedStart = wanted.baseAddress, let first = wanted.first else {
            return nil
        }
        var offset = 0
        while offset + wanted.count <= bytes.count,
            let candidate = memchr(start + offset, CInt(first), bytes.count - wanted.count + 1 - offset)
        {
            offset = UnsafeRawPointer(candidate) - start
            if memcmp(start + offset, wantedStart, wanted.count) == 0 { return offset }
            offset += 1
        }
        return nil
    }
}

extension SQLiteValue {
    /// Calls `body` with the bytes of a text or a blob; with none for any other value.
    fileprivate func hiddenBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .text(var text): text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        case .blob(let blob): blob.withUnsafeBytes(body)
        case .null, .integer, .real: body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }
}
