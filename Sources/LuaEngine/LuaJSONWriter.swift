import CWippyLua
import CWippyLuaShim

/// Writes a value of a stack as JSON.
struct LuaJSONWriter {
    let stack: LuaStack
    let bytesMax: Int
    var text: [UInt8] = []
    /// The keys of the objects that are being written, one object's behind the other's.
    private var keys: [UnsafeBufferPointer<UInt8>] = []

    init(stack: LuaStack, bytesMax: Int) {
        self.stack = stack
        self.bytesMax = bytesMax
        text.reserveCapacity(256)
    }

    typealias Problem = LuaJSON.WritingError

    mutating func write(_ index: Int, depth: Int) throws(Problem) {
        switch stack.type(at: index) {
        case .boolean: text += stack.isTrue(at: index) ? "true".utf8 : "false".utf8
        case .number where stack.isInteger(at: index): text += String(stack.integer(at: index) ?? 0).utf8
        case .number: writeFloat(stack.number(at: index) ?? 0)
        case .string: _ = stack.withBytes(at: index) { writeString($0) }
        case .table: try writeTable(index, depth: depth)
        case .userdata where stack.error(at: index) != nil:
            var message = stack.error(at: index)?.message ?? ""
            message.withUTF8 { writeString($0) }
        default: text += "null".utf8
        }
        guard text.count <= bytesMax else { throw Problem(problem: "the text is longer than \(bytesMax) bytes") }
    }

    /// Without a fraction a float is a whole number; other floats have no exponent unless they are huge or tiny.
    private mutating func writeFloat(_ number: Double) {
        if !number.isFinite {
            text += "null".utf8
        } else if let whole = Int(exactly: number) {
            text += String(whole).utf8
        } else {
            let (digits, exponent) = LuaNumber.decimal(number.magnitude)
            guard -7 < exponent, exponent < 21 else {
                text += LuaNumber.text(of: number).utf8
                return
            }
            if number < 0 { text.append(UInt8(ascii: "-")) }
            if exponent < 0 {
                text += "0.".utf8
                text += [UInt8](repeating: UInt8(ascii: "0"), count: -exponent - 1)
                text += digits
            } else {
                text += digits.prefix(exponent + 1)
                text += [UInt8](repeating: UInt8(ascii: "0"), count: max(exponent + 1 - digits.count, 0))
                if digits.count > exponent + 1 {
                    text.append(UInt8(ascii: "."))
                    text += digits.dropFirst(exponent + 1)
                }
            }
        }
    }

    private mutating func writeString(_ bytes: UnsafeBufferPointer<UInt8>) {
        text.append(UInt8(ascii: "\""))
        var start = 0
        var isText = true
        for index in bytes.indices {
            let byte = bytes[index]
            if byte >= 0x80 { isText = false }
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            text += bytes[start..<index]
            start = index + 1
            switch byte {
            case UInt8(ascii: "\n"): text += "\\n".utf8
            case UInt8(ascii: "\r"): text += "\\r".utf8
            case UInt8(ascii: "\t"): text += "\\t".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                text += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
            default: text += [UInt8(ascii: "\\"), byte]
            }
        }
        let rest = bytes[start...]
        if isText || String(validating: bytes, as: UTF8.self) != nil {
            text += rest
        } else {
            text += String(decoding: rest, as: UTF8.self).utf8
        }
        text.append(UInt8(ascii: "\""))
    }

    private mutating func writeTable(_ index: Int, depth: Int) throws(Problem) {
        guard depth < LuaStack.depthMax, lua_checkstack(stack.lua, 8) != 0 else {
            throw Problem(problem: "the value is nested too deep, or within itself")
        }
        let top = stack.count
        defer { stack.setCount(top) }
        let (table, _) = stack.fields(at: index)
        let length = stack.length(at: table)
        if length > 0 { return try writeArray(table, length, depth: depth) }
        let first = keys.count
        defer { keys.removeSubrange(first...) }
        var (areTexts, hasGap) = (true, false)
        stack.forEachPair(at: table) {
            if stack.isInteger(at: -2), let number = stack.integer(at: -2), number > 0 { hasGap = true }
            // The table keeps its keys where they are.
            if stack.withBytes(at: -2, { keys.append($0) }) == nil { areTexts = false }
        }
        if hasGap { throw Problem(problem: "the list has gaps") }
        guard areTexts else { return try writeOddKeys(table, depth: depth) }
        guard keys.count > first else {
            text += stack.isMarkedAsObject(at: index) ? "{}".utf8 : "[]".utf8
            return
        }
        keys[first...].sort { $0.lexicographicallyPrecedes($1) }
        for number in first..<keys.count {
            text.append(number == first ? UInt8(ascii: "{") : UInt8(ascii: ","))
            writeString(keys[number])
            text.append(UInt8(ascii: ":"))
            stack.push(keys[number])
            lua_rawget(stack.lua, Int32(table))
            try write(stack.count, depth: depth + 1)
            stack.pop()
        }
        text.append(UInt8(ascii: "}"))
    }

    private mutating func writeArray(_ table: Int, _ length: Int, depth: Int) throws(Problem) {
        var count = 0
        var isMixed = false
        var hasGap = false
        stack.forEachPair(at: table) {
            count += 1
            if stack.isInteger(at: -2), let number = stack.integer(at: -2), number > 0 {
                if number > length { hasGap = true }
            } else {
                isMixed = true
            }
        }
        if isMixed { throw Problem(problem: "the table has both list elements and other keys") }
        if hasGap || count != length { throw Problem(problem: "the list has gaps") }
        for number in 1...length {
            text.append(number == 1 ? UInt8(ascii: "[") : UInt8(ascii: ","))
            stack.pushElement(number, at: table)
            try write(stack.count, depth: depth + 1)
            stack.pop()
        }
        text.append(UInt8(ascii: "]"))
    }

    /// Writes a table some of whose keys are truth values or numbers: they become text.
    private mutating func writeOddKeys(_ table: Int, depth: Int) throws(Problem) {
        var separator = UInt8(ascii: "{")
        var own = self
        try stack.forEachPair(at: table) { () throws(Problem) in
            own.text.append(separator)
            separator = UInt8(ascii: ",")
            stack.pushText(at: -2)
            _ = stack.withBytes(at: -1) { own.writeString($0) }
            stack.pop()
            own.text.append(UInt8(ascii: ":"))
            try own.write(stack.count, depth: depth + 1)
        }
        text = own.text
        text.append(UInt8(ascii: "}"))
    }
}
