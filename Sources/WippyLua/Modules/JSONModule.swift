import LuaEngine
import WippyTextTools

extension ScriptModule {
    /// `json`: encodes and decodes values, and checks them against schemas.
    static let json = ScriptModule(
        "json",
        [
            .function("encode") { stack in
                stack.setCount(max(stack.count, 1))
                do throws(LuaJSON.WritingError) {
                    try LuaJSON.encode(stack, at: 1) { stack.push($0) }
                    return stack.succeed()
                } catch {
                    return stack.fail(.internal(error.problem))
                }
            },
            .function("decode") { stack in
                guard stack.type(at: 1) == .string, stack.length(at: 1) > 0 else {
                    return stack.fail(.invalid("the JSON must be a string that is not empty"))
                }
                do {
                    _ = try stack.withSpan(at: 1) { (text) throws(LuaJSON.ReadingError) in
                        try LuaJSON.decode(text, onto: stack)
                    }
                    return stack.succeed()
                } catch {
                    return stack.fail(.internal("\(error)"))
                }
            },
            .function("validate") { stack in
                validate(stack) { () throws(LuaError) in
                    guard !stack.isNil(at: 2) else { throw .invalid("data is required") }
                    return try json(at: 2, of: stack, called: "data")
                }
            },
            .function("validate_string") { stack in
                validate(stack) { () throws(LuaError) in
                    guard let text = stack.bytes(at: 2) else { throw .invalid("the JSON must be a string") }
                    return text
                }
            },
        ])

    /// Checks data against the schema in the first argument.
    ///
    /// Returns true, or false and the first problem.
    private static func validate(_ stack: LuaStack, _ data: () throws(LuaError) -> [UInt8]) -> LuaVerdict {
        do {
            let text: [UInt8]
            switch stack.type(at: 1) {
            case .string: text = stack.bytes(at: 1) ?? []
            case .table: text = try json(at: 1, of: stack, called: "schema")
            case .nil, .none: throw LuaError.invalid("schema is required")
            default: throw LuaError.invalid("schema must be a table or a string")
            }
            try JSONSchema(text).check(try data(), mustStop: { stack.mustStop })
            return stack.succeed(true)
        } catch {
            stack.push(false)
            stack.push(LuaError.invalid("\(error)"))
            return .results(2)
        }
    }

    private static func json(at index: Int, of stack: LuaStack, called name: String) throws(LuaError) -> [UInt8] {
        do throws(LuaJSON.WritingError) {
            return try LuaJSON.encode(stack, at: index)
        } catch {
            throw .invalid("\(name): \(error.problem)")
        }
    }
}
