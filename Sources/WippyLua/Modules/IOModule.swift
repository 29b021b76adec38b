import LuaEngine
import WippyRuntime

extension ScriptModule {
    /// `io`: the standard streams of the program, for processes of a `terminal.host`.
    static let io = ScriptModule(
        "io",
        [
            .function("write") { stack in try write(stack, separator: "", end: "") },
            .function("print") { stack in try write(stack, separator: "\t", end: "\n") },
            .function("eprint") { stack in try write(stack, separator: "\t", end: "\n", toError: true) },
            .function("read") { stack in
                let count = try stack.checkInteger(at: 1, default: 1024)
                guard let terminal = try stack.call.terminal else { return stack.fail(.noTerminal) }
                return .wait {
                    try await terminal.read(atMost: count > 0 ? count : 1024)
                } then: { stack, result in
                    if case .success(let bytes) = result, bytes.isEmpty { return stack.fail(.endOfInput) }
                    return stack.push(result) { stack.push($0) }
                }
            },
            .function("readline") { stack in
                guard let terminal = try stack.call.terminal else { return stack.fail(.noTerminal) }
                return .wait {
                    try await terminal.readLine()
                } then: { stack, result in
                    if case .success(nil) = result { return stack.fail(.endOfInput) }
                    return stack.push(result) { stack.push($0 ?? []) }
                }
            },
            .function("raw") { stack in
                guard try stack.call.terminal != nil else { return stack.fail(.noTerminal) }
                return stack.fail(.internal("raw terminal control unavailable"))
            },
            .function("flush") { stack in
                guard try stack.call.terminal != nil else { return stack.fail(.noTerminal) }
                // Output is not buffered, so there is nothing to flush.
                return stack.succeed(true)
            },
            .function("args") { stack in
                let arguments = try stack.call.terminal?.arguments ?? []
                stack.pushTable(elements: arguments.count)
                for (index, argument) in arguments.enumerated() {
                    stack.push(argument)
                    stack.setElement(index + 1, at: -2)
                }
                return .one
            },
        ])

    private static func write(
        _ stack: LuaStack, separator: String, end: String, toError isError: Bool = false
    ) throws -> LuaVerdict {
        guard let terminal = try stack.call.terminal else { return stack.fail(.noTerminal) }
        return try stack.withTexts { stack in
            var text: [UInt8] = []
            for index in 0..<stack.count {
                if index > 0 { text += separator.utf8 }
                text += stack.bytes(at: index + 1) ?? []
            }
            let line = text + end.utf8
            return .wait {
                try await terminal.write(line, toError: isError)
            } then: { stack, result in
                stack.push(result) { stack.push(true) }
            }
        }
    }
}

extension LuaError {
    fileprivate static let noTerminal = LuaError.internal("no terminal context")

    fileprivate static let endOfInput = LuaError.internal("EOF")
}
