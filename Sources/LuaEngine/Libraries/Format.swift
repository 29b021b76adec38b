import CWippyLua
import Glibc
import WippyText

/// `string.format`: the verbs of C, and wippy's `%v` and `%t`.
///
/// A format that wippy prints raises no error here.
struct Format {
    private let stack: LuaStack
    private var argument = 1
    private var text: [UInt8] = []

    /// The largest width of a field.
    private static let maxWidth = 10_000

    /// Returns the text of the format at position 1 with the arguments after it.
    static func text(of stack: LuaStack) throws -> [UInt8] {
        var format = Format(stack: stack)
        let pattern = stack.bytes(at: 1) ?? []
        var index = 0
        while index < pattern.count {
            let percent = pattern[index...].firstIndex(of: UInt8(ascii: "%")) ?? pattern.count
            format.text += pattern[index..<percent]
            guard percent < pattern.count else { break }
            index = percent + 1
            var item = Item()
            index = try item.read(pattern, from: index)
            guard index < pattern.count else {
                format.text += Array("%!(NOVERB)".utf8)
                break
            }
            try format.append(item, verb: pattern[index])
            index += 1
            guard format.text.count <= stack.state.roomForText else { throw LuaRaise("not enough memory") }
        }
        return format.text
    }

    /// Flags, width and precision.
    private struct Item {
        var isLeft = false, hasPlus = false, hasBlank = false, hasZeros = false, isAlternate = false
        var width = 0
        var precision: Int?

        mutating func read(_ pattern: [UInt8], from start: Int) throws -> Int {
            var index = start
            flags: while index < pattern.count {
                switch pattern[index] {
                case UInt8(ascii: "-"): isLeft = true
                case UInt8(ascii: "+"): hasPlus = true
                case UInt8(ascii: " "): hasBlank = true
                case UInt8(ascii: "0"): hasZeros = true
                case UInt8(ascii: "#"): isAlternate = true
                default: break flags
                }
                index += 1
            }
            (width, index) = try Self.number(pattern, index)
            if index < pattern.count, pattern[index] == UInt8(ascii: ".") {
                (precision, index) = try Self.number(pattern, index + 1)
            }
            return index
        }

        private static func number(_ pattern: [UInt8], _ start: Int) throws -> (Int, Int) {
            var value = 0
            var index = start
            while index < pattern.count, pattern[index].isDigit {
                value = value * 10 + Int(pattern[index] - UInt8(ascii: "0"))
                guard value <= maxWidth else { throw LuaRaise("invalid format (width or precision too long)") }
                index += 1
            }
            return (value, index)
        }
    }

    private mutating func append(_ item: Item, verb: UInt8) throws {
        if verb == UInt8(ascii: "%") {
            text.append(verb)
            return
        }
        argument += 1
        guard argument <= stack.count else {
            text += Array("%!".utf8) + [verb] + Array("(MISSING)".utf8)
            return
        }
        switch verb {
        case UInt8(ascii: "d"), UInt8(ascii: "i"): appendInteger(item, radix: 10, isUpper: false)
        case UInt8(ascii: "u"): appendInteger(item, radix: 10, isUpper: false)
        case UInt8(ascii: "x"): appendInteger(item, radix: 16, isUpper: false)
        case UInt8(ascii: "X"): appendInteger(item, radix: 16, isUpper: true)
        case UInt8(ascii: "o"): appendInteger(item, radix: 8, isUpper: false)
        case UInt8(ascii: "b"): appendInteger(item, radix: 2, isUpper: false)
        case UInt8(ascii: "c"):
            let code = stack.integer(at: argument) ?? 0
            pad(Unicode.Scalar(UInt32(truncatingIfNeeded: code)).map { Array(String($0).utf8) } ?? [], item)
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "g"),
            UInt8(ascii: "G"), UInt8(ascii: "a"), UInt8(ascii: "A"):
            appendFloat(item, verb)
        case UInt8(ascii: "s"), UInt8(ascii: "v"), UInt8(ascii: "t"): appendText(item)
        case UInt8(ascii: "q"): appendQuoted()
        case UInt8(ascii: "p"), UInt8(ascii: "T"):
            pad(Array((verb == UInt8(ascii: "T") ? stack.typeName(at: argument) : plainText()).utf8), item)
        default: text += Array("%!".utf8) + [verb] + Array("(\(plainText()))".utf8)
        }
    }

    /// The argument's number.
    ///
    /// A text counts as the number that it spells.
    private var number: Double? {
        var isNumber: Int32 = 0
        let value = lua_tonumberx(stack.lua, Int32(argument), &isNumber)
        return isNumber != 0 ? value : nil
    }

    private func plainText() -> String {
        stack.pushText(at: argument)
        defer { stack.pop() }
        return stack.string(at: -1) ?? ""
    }

    private mutating func appendInteger(_ item: Item, radix: Int, isUpper: Bool) {
        guard let number else { return appendText(item) }
        var isExact: Int32 = 0
        let exact = lua_tointegerx(stack.lua, Int32(argument), &isExact)
        let isWhole = isExact != 0
        let value = isWhole ? Int(exact) : Int(cutting: number)
        // As in C, a negative whole number shows its bits. A float that was cut to a whole number shows its sign.
        let hasSign = radix == 10 || !isWhole
        var digits =
            hasSign
            ? String(value.magnitude, radix: radix, uppercase: isUpper)
            : String(UInt(bitPattern: value), radix: radix, uppercase: isUpper)
        if let precision = item.precision, digits.utf8.count < precision {
            digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
        }
        if item.isAlternate, value != 0 {
            digits = (radix == 16 ? isUpper ? "0X" : "0x" : radix == 8 ? "0" : "") + digits
        }
        let sign = hasSign && value < 0 ? "-" : radix != 10 ? "" : item.hasPlus ? "+" : item.hasBlank ? " " : ""
        if item.hasZeros, !item.isLeft, item.precision == nil {
            digits = String(repeating: "0", count: max(item.width - sign.utf8.count - digits.utf8.count, 0)) + digits
        }
        pad(Array((sign + digits).utf8), item)
    }

    private mutating func appendFloat(_ item: Item, _ verb: UInt8) {
        guard let number else { return appendText(item) }
        if number.isNaN || number.isInfinite {
            let word = number.isNaN ? "NaN" : number < 0 ? "-Inf" : item.hasPlus ? "+Inf" : "+Inf"
            return pad(Array(word.utf8), item)
        }
        var format = "%"
        if item.isLeft { format += "-" }
        if item.hasPlus { format += "+" }
        if item.hasBlank { format += " " }
        if item.hasZeros { format += "0" }
        if item.isAlternate { format += "#" }
        if item.width > 0 { format += String(item.width) }
        var precision = item.precision
        if precision == nil, verb == UInt8(ascii: "g") || verb == UInt8(ascii: "G") {
            // Without a precision, use the shortest text that reads back as the same number.
            precision = LuaNumber.decimal(number.magnitude).digits.count
            if precision ?? 0 < 6 { precision = 6 }
        }
        if let precision { format += ".\(precision)" }
        format += String(decoding: [verb], as: UTF8.self)
        var buffer = [CChar](repeating: 0, count: 512 + max(item.width, precision ?? 0))
        let count = withVaList([number]) { vsnprintf(&buffer, buffer.count, format, $0) }
        text += buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }
    }

    private mutating func appendText(_ item: Item) {
        stack.pushText(at: argument)
        var bytes = stack.bytes(at: -1) ?? []
        stack.pop()
        guard item.precision != nil || item.width > 0 else {
            text += bytes
            return
        }
        if let precision = item.precision, precision < bytes.count {
            // Precision and width count characters, so only the first byte of each character counts.
            var characters = 0
            let end = bytes.firstIndex { byte in
                if byte & 0xc0 != 0x80 { characters += 1 }
                return characters > precision
            }
            bytes.removeSubrange((end ?? bytes.count)...)
        }
        pad(bytes, item)
    }

    private mutating func pad(_ bytes: [UInt8], _ item: Item) {
        let characters = bytes.count { $0 & 0xc0 != 0x80 }
        let blanks = [UInt8](repeating: UInt8(ascii: " "), count: max(item.width - characters, 0))
        text += item.isLeft ? bytes + blanks : blanks + bytes
    }

    /// Appends the argument as a Lua literal.
    private mutating func appendQuoted() {
        guard let bytes = stack.bytes(at: argument) else {
            text += plainText().utf8
            return
        }
        text.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): text += Array("\\n".utf8)
            case UInt8(ascii: "\r"): text += Array("\\r".utf8)
            case UInt8(ascii: "\t"): text += Array("\\t".utf8)
            case 0..<0x20, 0x7f:
                let digits = String(byte)
                text += Array(("\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits).utf8)
            default: text.append(byte)
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
