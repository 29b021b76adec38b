import WippyText

extension LuaMatcher {
    /// A piece of a replacement text of `gsub`.
    public enum ReplacementPiece: Equatable, Sendable {
        /// Bytes of the replacement text itself.
        case literal(Range<Int>)

        /// Bytes of the text in which the match was found.
        case text(Range<Int>)

        /// A position capture, as an offset from zero.
        ///
        /// Lua writes the offset plus one.
        case position(Int)
    }

    /// Calls `body` with each piece of a replacement text for the last match, in order.
    ///
    /// `%0` is the match, `%1` to `%9` are its captures, and `%%` is a percent sign. If the pattern has no captures,
    /// `%1` is the match, too. Any other `%x`, and a `%` at the end, stay unchanged, as in wippy's Lua.
    ///
    /// - Throws: ``LuaPatternError`` if there is no such capture, or if the capture was not closed.
    public func forEachPiece(
        of replacement: Span<UInt8>, _ body: (ReplacementPiece) -> Void
    ) throws(LuaPatternError) {
        var start = 0
        var index = 0
        while index < replacement.count {
            guard replacement[index] == "%", index + 1 < replacement.count else {
                index += 1
                continue
            }
            let next = replacement[index + 1]
            if next == "%" {
                body(.literal(start..<index + 1))
            } else if next.isDigit {
                if start < index { body(.literal(start..<index)) }
                let number = Int(next - UInt8(ascii: "0"))
                switch number == 0 ? .text(lastMatch) : try capture(number - 1) {
                case .text(let range): body(.text(range))
                case .position(let offset): body(.position(offset))
                }
            } else {
                index += 2
                continue
            }
            index += 2
            start = index
        }
        if start < index { body(.literal(start..<index)) }
    }
}
