import LuaEngine
import WippyText
import WippyValues

extension ScriptModule {
    /// `uuid`: makes ids of each version, and reads their parts.
    static let uuid = ScriptModule(
        "uuid",
        [
            .function("v1") { stack in stack.succeed(UniqueID.v1().description) },
            .function("v3") { stack in named(stack, .md5, version: 3) },
            .function("v4") { stack in stack.succeed(UniqueID.v4().description) },
            .function("v5") { stack in named(stack, .sha1, version: 5) },
            .function("v7") { stack in stack.succeed(UniqueID.v7().description) },
            .function("validate") { stack in
                stack.succeed(stack.string(at: 1).flatMap { UniqueID(inAnyForm: $0) } != nil)
            },
            .function("version") { stack in
                guard let id = uuid(at: 1, of: stack) else { return stack.fail(.notUUID) }
                return stack.succeed(id.version)
            },
            .function("variant") { stack in
                guard let id = uuid(at: 1, of: stack) else { return stack.fail(.notUUID) }
                return stack.succeed(id.variant)
            },
            .function("parse") { stack in
                guard let id = uuid(at: 1, of: stack) else { return stack.fail(.notUUID) }
                stack.pushTable(fields: 4)
                stack.push(id.version)
                stack.setField("version", at: -2)
                stack.push(id.variant)
                stack.setField("variant", at: -2)
                if let second = id.second {
                    stack.push(second)
                    stack.setField("timestamp", at: -2)
                }
                if id.version == 1 {
                    stack.push(Array(id.bytes[10...]).hexadecimal)
                    stack.setField("node", at: -2)
                }
                return stack.succeed()
            },
            .function("format") { stack in
                guard let id = uuid(at: 1, of: stack) else { return stack.fail(.notUUID) }
                switch stack.isNil(at: 2) ? "standard" : stack.string(at: 2) ?? "" {
                case "standard": return stack.succeed(id.description)
                case "simple": return stack.succeed(id.bytes.hexadecimal)
                case "urn": return stack.succeed("urn:uuid:" + id.description)
                default: return stack.fail(.invalid("the format must be standard, simple or urn"))
                }
            },
        ])

    private static func uuid(at index: Int, of stack: LuaStack) -> UniqueID? {
        stack.string(at: index).flatMap { UniqueID(inAnyForm: $0) }
    }

    /// Returns the id of a name in a namespace.
    ///
    /// The namespace is an id, too.
    private static func named(_ stack: LuaStack, _ digest: Digest, version: UInt8) -> LuaVerdict {
        guard let namespace = uuid(at: 1, of: stack) else { return stack.fail(.invalid("the namespace is not a UUID")) }
        guard let name = stack.bytes(at: 2) else { return stack.fail(.invalid("the name must be a string")) }
        var bytes = Array(digest.hash(namespace.bytes + name).prefix(16))
        bytes[6] = bytes[6] & 0x0f | version << 4
        bytes[8] = bytes[8] & 0x3f | 0x80
        return stack.succeed(UniqueID(bytes: bytes).description)
    }
}

extension LuaError {
    fileprivate static let notUUID = LuaError.invalid("not a UUID")
}

extension UniqueID {
    /// Reads an id in the usual form, in braces, after `urn:uuid:`, or as 32 digits without dashes.
    fileprivate init?(inAnyForm text: String) {
        var digits = text.utf8[...]
        if digits.count == 38, digits.first == UInt8(ascii: "{"), digits.last == UInt8(ascii: "}") {
            digits = digits.dropFirst().dropLast()
        } else if digits.count == 45, String(Substring(digits.prefix(9))).lowercasedASCII == "urn:uuid:" {
            digits = digits.dropFirst(9)
        } else if digits.count == 32 {
            var dashed = Array(digits)
            for place in [20, 16, 12, 8] { dashed.insert(UInt8(ascii: "-"), at: place) }
            self.init(String(decoding: dashed, as: UTF8.self))
            return
        }
        self.init(String(Substring(digits)))
    }

    /// The name of the variant, from the first bits of the ninth byte.
    fileprivate var variant: String {
        switch bytes[8] >> 5 {
        case 0..<4: "Reserved"
        case 4, 5: "RFC4122"
        case 6: "Microsoft"
        default: "Future"
        }
    }

    /// The time at which the id was made, in seconds since 1970; nil if the id's version does not have a time.
    fileprivate var second: Int? {
        func number(_ places: [Int]) -> Int { places.reduce(0) { $0 << 8 | Int(bytes[$1]) } }
        return switch version {
        case 1: ((number([6, 7]) & 0x0fff) << 48 | number([4, 5, 0, 1, 2, 3])) / 10_000_000 - 12_219_292_800
        case 7: number([0, 1, 2, 3, 4, 5]) / 1000
        default: nil
        }
    }
}
