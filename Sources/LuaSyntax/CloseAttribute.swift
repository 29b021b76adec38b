/// Finds `local x <close>`, which is refused because its code would run without any limit.
package enum CloseAttribute {
    /// Returns the place of the first `<close>`; nil if the text has none.
    ///
    /// - Throws: an error if the text cannot be divided into tokens.
    package static func location(in text: [UInt8]) throws(LuaDiagnostic) -> LuaLocation? {
        let lexer = try Lexer(text)
        var rest = lexer.tokens[...]
        while let token = rest.popFirst() {
            guard token.kind == .local else { continue }
            // Names with their attributes, up to the first token of another kind.
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
