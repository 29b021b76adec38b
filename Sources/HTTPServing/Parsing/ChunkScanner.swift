import WippyText

/// Reads the framing between the chunks of a body (RFC 9112, section 7.1).
///
/// It reads one byte at a time and keeps none.
///
///     chunk      = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
///     chunk-size = 1*HEXDIG
///     chunk-ext  = *( ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
///
/// The scanner is stricter than the RFC where attackers have used leniency. A size has at most 16 digits. White space
/// before a semicolon or the line's end is an error. The extensions of all chunks of a message share one limit.
/// Otherwise they are ignored.
struct ChunkScanner {
    private var state = State.size
    private var digits = 0
    private var size = 0
    private var extensionBytes = 0

    private enum State {
        case size
        case lineFeed
        case nameStart
        case name
        case afterName
        case valueStart
        case token
        case quoted
        case quotedPair
        case afterQuoted
        case dataReturn
        case dataFeed
    }

    enum Outcome: Equatable {
        case needsMore
        /// A chunk with this number of bytes follows. The number 0 means the last chunk, and the trailer section
        /// follows.
        case chunk(Int)
        case failed
    }

    /// Call this method when the data of a chunk has been read, so that the scanner expects the data's line end.
    mutating func finishData() {
        state = .dataReturn
    }

    mutating func scan(_ bytes: Span<UInt8>, at offset: inout Int) -> Outcome {
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            if state == .lineFeed {
                guard byte == Grammar.lf else { return .failed }
                let chunk = size
                (state, size, digits) = (.size, 0, 0)
                return .chunk(chunk)
            }
            guard let next = next(byte) else { return .failed }
            state = next
        }
        return .needsMore
    }

    private mutating func next(_ byte: UInt8) -> State? {
        switch state {
        case .size: return nextInSize(byte)
        case .dataReturn: return byte == Grammar.cr ? .dataFeed : nil
        case .dataFeed: return byte == Grammar.lf ? .size : nil
        case .lineFeed: return nil
        default:
            extensionBytes += 1
            return extensionBytes <= RequestLimits.extensionBytes ? nextInExtension(byte) : nil
        }
    }

    private mutating func nextInSize(_ byte: UInt8) -> State? {
        if let digit = byte.hexDigitValue {
            digits += 1
            // The sixteenth digit must not make the size negative.
            guard digits <= 16, size <= Int.max >> 4 else { return nil }
            size = size << 4 | Int(digit)
            return .size
        }
        return digits > 0 ? afterElement(byte) : nil
    }

    private func nextInExtension(_ byte: UInt8) -> State? {
        let isBlank = byte == Grammar.space || byte == Grammar.tab
        switch state {
        case .nameStart:
            return isBlank ? .nameStart : Grammar.token.contains(byte) ? .name : nil
        case .name:
            if Grammar.token.contains(byte) { return .name }
            return isBlank ? .afterName : byte == UInt8(ascii: "=") ? .valueStart : afterElement(byte)
        case .afterName:
            return isBlank ? .afterName : byte == UInt8(ascii: "=") ? .valueStart : nil
        case .valueStart:
            if isBlank { return .valueStart }
            return byte == UInt8(ascii: "\"") ? .quoted : Grammar.token.contains(byte) ? .token : nil
        case .token:
            return Grammar.token.contains(byte) ? .token : afterElement(byte)
        case .quoted:
            if byte == UInt8(ascii: "\"") { return .afterQuoted }
            return byte == UInt8(ascii: "\\") ? .quotedPair : Grammar.isFieldValue(byte) ? .quoted : nil
        case .quotedPair:
            return Grammar.isFieldValue(byte) ? .quoted : nil
        case .afterQuoted:
            return afterElement(byte)
        case .size, .lineFeed, .dataReturn, .dataFeed:
            return nil
        }
    }

    private func afterElement(_ byte: UInt8) -> State? {
        byte == UInt8(ascii: ";") ? .nameStart : byte == Grammar.cr ? .lineFeed : nil
    }
}
