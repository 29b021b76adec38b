import LuaSyntax
import WippySystemLua

extension FuzzTarget {
    /// Scripts in typed Lua: plain Lua, or diagnostics that lead to their places.
    package static let lua = FuzzTarget("lua") { bytes throws(Finding) in
        let script = LuaScript(bytes)
        for diagnostic in script.diagnostics { try ScriptChecks.check(diagnostic, in: bytes) }
        for call in script.literalCalls { try ScriptChecks.check(call, in: bytes) }
        try ScriptChecks.checkText(of: script, from: bytes)
    }
}

private enum ScriptChecks {
    static func check(_ diagnostic: LuaDiagnostic, in bytes: [UInt8]) throws(Finding) {
        try require(offset(of: diagnostic.location, in: bytes) != nil, "outside of the script: \(diagnostic)")
        let message = diagnostic.message.unicodeScalars
        try require(
            !message.isEmpty && message.allSatisfy { $0.value >= 0x20 }, "more or less than a line: \(diagnostic)")
        try require(message.count < 400, "a diagnostic has \(message.count) characters")
    }

    static func check(_ call: LuaLiteralCall, in bytes: [UInt8]) throws(Finding) {
        guard let offset = offset(of: call.location, in: bytes), offset < bytes.count else {
            throw Finding("outside of the script: \(call)")
        }
        try require("\"'[".utf8.contains(bytes[offset]), "no string stands at \(call.location): \(call)")
    }

    /// What Lua compiles is refused only where the dialect differs, and what was accepted compiles.
    static func checkText(of script: LuaScript, from bytes: [UInt8]) throws(Finding) {
        guard let text = script.text else {
            let first = script.diagnostics[0]
            guard (try? SystemLua.compile(bytes)) != nil else { return }
            let isOurs = differences.contains { first.message.contains($0) }
            return try require(isOurs, "Lua compiles what is refused: \(first)")
        }
        try require(ends(of: text) == ends(of: bytes), "the ends of lines are others")
        do throws(SystemLua.Failure) {
            try SystemLua.compile(text)
        } catch {
            let isTheirs = foundByLua.contains { error.description.contains($0) }
            try require(isTheirs, "what was accepted does not compile: \(error)")
        }
    }

    private static let differences = [
        "is a reserved word here", "is not part of this Lua", "the runtime reserves the name", "levels of nesting",
        // A label stands in one line, and `\z` is no escape.
        "near '::'", "this string is never closed",
    ]

    /// What only a compiler looks for.
    private static let foundByLua = [
        "label", "goto", "break outside", "to const variable", "outside a vararg function", "too many",
        "C stack overflow", "control structure", "multiple to-be-closed", "overflow",
    ]

    private static func ends(of bytes: [UInt8]) -> [UInt8] { bytes.filter { $0 == 0x0a || $0 == 0x0d } }

    private static func offset(of location: LuaLocation, in bytes: [UInt8]) -> Int? {
        var (line, start, index) = (1, 0, 0)
        while line < location.line, index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == 0x0a || byte == 0x0d else { continue }
            if index < bytes.count, bytes[index] != byte, bytes[index] == 0x0a || bytes[index] == 0x0d { index += 1 }
            (line, start) = (line + 1, index)
        }
        let offset = start + location.column - 1
        return line == location.line && location.column > 0 && offset <= bytes.count ? offset : nil
    }
}
