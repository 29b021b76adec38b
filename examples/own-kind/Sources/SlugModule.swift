import Wippy

extension ScriptModule {
    /// `slug`: turns texts into parts of paths.
    ///
    /// In a script, `slug.of("More ticks!")` returns `more-ticks`.
    static let slug = ScriptModule(
        "slug",
        [
            .function("of") { stack in
                let words = try stack.checkString(at: 1).lowercased().split { !$0.isLetter && !$0.isNumber }
                return stack.give(words.joined(separator: "-"))
            }
        ])
}
