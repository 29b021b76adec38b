import CWippyLua
import CWippyLuaShim
import WippyText

/// Reads JSON onto a stack.
struct LuaJSONReader {
    let text: UnsafeBufferPointer<UInt8>
    let stack: LuaStack
    var index = 0
    /// The number of values read so far.
    private var count = 0

    init(text: UnsafeBufferPointer<UInt8>, stack: LuaStack) {
        self.text = text
        self.stack = stack
    }

    typealias Problem = LuaJSON.ReadingError

    func problem(_ text: String) -> Problem { Problem(problem: text, offset: index) }

    var byte: UInt8? { index < text.count ? text[index] : nil }

    mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    mutating func readDocument() throws(Problem) {
        skipBlanks()
        try readValue(depth: 0)
        skipBlanks()
        guard index == text.count else { throw problem("unexpected text after the value") }
    }

    mutating func readValue(depth: Int) throws(Problem) {
        count &+= 1
        if count & 0x3ff == 0, stack.mustStop { throw problem("the reading has been stopped") }
        switch byte {
        case UInt8(ascii: "{"): try readObject(depth: depth)
        case UInt8(ascii: "["): try readArray(depth: depth)
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "t"):
            try expect("true")
            stack.push(true)
        case UInt8(ascii: "f"):
            try expect("false")
            stack.push(false)
        case UInt8(ascii: "n"):
            try expect("null")
            stack.pushNil()
        case nil: throw problem("unexpected end")
        default: try readNumber()
        }
    }

    mutating func expect(_ word: StaticString) throws(Problem) {
        let count = word.utf8CodeUnitCount
        guard index + count <= text.count else { throw problem("unexpected end") }
        for offset in 0..<count where text[index + offset] != word.utf8Start[offset] {
            throw problem("unexpected character")
        }
        index += count
    }

    /// Reserves space on the stack for a table and its fields.
    func enter(_ depth: Int) throws(Problem) {
        guard depth < LuaStack.maxDepth else { throw problem("nested deeper than \(LuaStack.maxDepth) levels") }
        guard lua_checkstack(stack.lua, 6) != 0 else { throw problem("nested too deeply") }
    }

    mutating func readObject(depth: Int) throws(Problem) {
        try enter(depth)
        index += 1
        skipBlanks()
        if byte == UInt8(ascii: "}") {
            index += 1
            stack.pushTable()
            stack.markAsObject(at: -1)
            return
        }
        stack.pushTable(fields: 4)
        var isEmpty = true
        while true {
            guard byte == UInt8(ascii: "\"") else { throw problem("expected a key") }
            try readString()
            skipBlanks()
            guard byte == UInt8(ascii: ":") else { throw problem("expected ':'") }
            index += 1
            skipBlanks()
            try readValue(depth: depth + 1)
            isEmpty = isEmpty && stack.isNil(at: -1)
            lua_rawset(stack.lua, -3)
            skipBlanks()
            switch byte {
            case UInt8(ascii: ","):
                index += 1
                skipBlanks()
            case UInt8(ascii: "}"):
                index += 1
                if isEmpty { stack.markAsObject(at: -1) }
                return
            case nil: throw problem("unexpected end")
            default: throw problem("expected ',' or '}'")
            }
        }
    }

    mutating func readArray(depth: Int) throws(Problem) {
        try enter(depth)
        index += 1
        skipBlanks()
        if byte == UInt8(ascii: "]") {
            index += 1
            stack.pushTable()
            return
        }
        stack.pushTable(elements: 4)
        var number = 1
        while true {
            try readValue(depth: depth + 1)
            stack.setElement(number, at: -2)
            number += 1
            skipBlanks()
            switch byte {
            case UInt8(ascii: ","):
                index += 1
                skipBlanks()
            case UInt8(ascii: "]"):
                index += 1
                return
            case nil: throw problem("unexpected end")
            default: throw problem("expected ',' or ']'")
            }
        }
    }

    mutating func readString() throws(Problem) {
        index += 1
        let start = index
        index += LuaJSON.plainCount(of: UnsafeBufferPointer(rebasing: text[start...]))
        if index < text.count, text[index] == UInt8(ascii: "\"") {
            stack.push(UnsafeBufferPointer(rebasing: text[start..<index]))
            index += 1
            return
        }
        var bytes = Array(text[start..<index])
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                stack.push(bytes)
                return
            case UInt8(ascii: "\\"):
                index += 1
                try readEscape(into: &bytes)
            case 0..<0x20: throw problem("a control character in a string")
            default:
                bytes.append(byte)
                index += 1
            }
        }
        throw problem("unexpected end")
    }

    private mutating func readEscape(into bytes: inout [UInt8]) throws(Problem) {
        guard let byte else { throw problem("unexpected end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "u"):
            var code = try readCode()
            if 0xd800...0xdbff ~= code, index + 1 < text.count, text[index] == UInt8(ascii: "\\"),
                text[index + 1] == UInt8(ascii: "u")
            {
                let after = index
                index += 2
                let low = try readCode()
                if 0xdc00...0xdfff ~= low {
                    code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
                } else {
                    index = after
                }
            }
            // One half of a surrogate pair is not a character.
            bytes += Array(String(Unicode.Scalar(code) ?? "\u{fffd}").utf8)
        default: throw problem("unknown escape")
        }
    }

    private mutating func readCode() throws(Problem) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte else { throw problem("unexpected end") }
            guard let digit = byte.hexDigitValue else { throw problem("four hexadecimal digits expected") }
            code = code << 4 | UInt32(digit)
            index += 1
        }
        return code
    }

    private mutating func readNumber() throws(Problem) {
        let start = index
        let isNegative = byte == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var value = 0
        var isExact = true
        guard let first = byte, first.isDigit else { throw problem("unexpected character") }
        while let byte, byte.isDigit {
            let digit = Int(byte - UInt8(ascii: "0"))
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            // Counting downwards also reaches the least number.
            let (sum, isTooSmall) = product.subtractingReportingOverflow(digit)
            isExact = isExact && !isTooLarge && !isTooSmall
            value = sum
            index += 1
        }
        if first == UInt8(ascii: "0"), index > start + (isNegative ? 2 : 1) { throw problem("a leading zero") }
        var isFloat = false
        if byte == UInt8(ascii: ".") {
            isFloat = true
            index += 1
            try readDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isFloat = true
            index += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
            try readDigits()
        }
        if !isFloat, isExact, isNegative || value != .min {
            stack.push(isNegative ? value : -value)
            return
        }
        stack.push(Double(String(decoding: text[start..<index], as: UTF8.self)) ?? 0)
    }

    private mutating func readDigits() throws(Problem) {
        guard let first = byte, first.isDigit else { throw problem("a digit expected") }
        while let byte, byte.isDigit { index += 1 }
    }
}
