/// Finds `local x <close>`, whose code would run where no limit holds.
package enum CloseAttribute {
    /// Where the first one stands; nil if there is none.
    ///
    /// - Throws: what keeps the text from being Lua at all.
    package static func location(in text: [UInt8]) throws(LuaDiagnostic) -> LuaLocation? {
        let lexer = try Lexer(text)
        var rest = lexer.tokens[...]
        while let token = rest.popFirst() {
            guard token.kind == .local else { continue }
            // Names with their attributes, until something else comes.
            while let name = rest.first, name.kind.isWord, name.kind != .function {
                rest = rest.dropFirst()
                if rest.first?.kind == .less {
                    let attribute = rest.dropFirst().first ?? name
                    if text[attribute.start..<attribute.end].elementsEqual("close".utf8) {
                        return lexer.lines.location(of: attribute.start)
                    }
                    rest = rest.dropFirst(3)
                }
                guard rest.first?.kind == .comma else { break }
                rest = rest.dropFirst()
            }
        }
        return nil
    }
}
