import CWippyLua
import CWippyLuaShim

/// `errors`: functions that make errors with a kind, and examine them.
enum ErrorLibrary {
    static let kinds: [(name: String, kind: String)] = [
        ("NOT_FOUND", "NotFound"), ("ALREADY_EXISTS", "AlreadyExists"), ("INVALID", "Invalid"),
        ("PERMISSION_DENIED", "PermissionDenied"), ("UNAVAILABLE", "Unavailable"), ("INTERNAL", "Internal"),
        ("CANCELED", "Canceled"), ("CONFLICT", "Conflict"), ("TIMEOUT", "Timeout"), ("RATE_LIMITED", "RateLimited"),
        ("UNKNOWN", ""),
    ]

    static let module = LuaModule(
        "errors",
        kinds.map { .value($0.name, .string($0.kind)) } + [
            .function("new") { stack in stack.give(try make(stack)) },
            .function("wrap") { stack in
                let context = try stack.checkString(at: 2)
                let inner: LuaError
                if let error = stack.error(at: 1) {
                    inner = error
                } else if let text = stack.string(at: 1) {
                    inner = LuaError(text, frames: stack.frames(from: 1))
                } else {
                    throw LuaRaise.argument(1, expected: "error or string", got: stack.typeName(at: 1))
                }
                stack.push(LuaError(copying: inner, contexts: [context]))
                return .one
            },
            .function("is") { stack in
                let kind = try stack.checkString(at: 2)
                return stack.give(stack.error(at: 1).map { $0.kind.utf8.elementsEqual(kind.utf8) } ?? false)
            },
            .function("call_stack") { stack in
                guard let error = stack.error(at: 1) else {
                    stack.pushNil()
                    return .one
                }
                stack.push(
                    LuaValue.object([
                        (Array("thread".utf8), "main"),
                        (
                            Array("frames".utf8),
                            .array(
                                error.frames.enumerated().map { level, frame in
                                    .object([
                                        (Array("level".utf8), .integer(level)),
                                        (Array("source".utf8), .string(frame.source)),
                                        (Array("line".utf8), .integer(frame.line)),
                                        (Array("name".utf8), .string(frame.name)),
                                        (Array("type".utf8), .string(frame.kind)),
                                    ])
                                })
                        ),
                    ]))
                return .one
            },
        ])

    private static func make(_ stack: LuaStack) throws -> LuaError {
        let frames = stack.frames(from: 1)
        if let text = stack.string(at: 1) { return LuaError(text, frames: frames) }
        guard stack.type(at: 1) == .table else { throw LuaRaise.argument(1, "expected string or table") }
        func field(_ name: String) -> Int {
            stack.pushField(name, at: 1)
            return stack.count
        }
        guard let message = stack.string(at: field("message")) else {
            throw LuaRaise.argument(1, "message field is required")
        }
        let kind = stack.string(at: field("kind")) ?? ""
        let retryable = field("retryable")
        let details = field("details")
        return LuaError(
            kind: kind, message, retryable: stack.type(at: retryable) == .boolean ? stack.isTrue(at: retryable) : nil,
            details: stack.type(at: details) == .table ? try stack.value(at: details) : .nil, frames: frames)
    }
}

extension LuaError {
    static let objectType = LuaObjectType<LuaError>(
        "error",
        methods: [
            "kind": { stack, error in stack.give(error.kind) },
            "message": { stack, error in stack.give(error.message) },
            "retryable": { stack, error in
                if let retryable = error.retryable { stack.push(retryable) } else { stack.pushNil() }
                return .one
            },
            "details": { stack, error in
                if case .object(let pairs) = error.details, pairs.isEmpty {
                    stack.pushNil()
                } else {
                    stack.push(error.details)
                }
                return .one
            },
            "stack": { stack, error in stack.give(error.stackText) },
        ],
        metamethods: [
            .function("__tostring") { stack in
                stack.pushText(at: 1)
                return .one
            },
            .function("__concat") { stack in
                // The operand that is not an error is text, or has a `__tostring`.
                for index in 1...2 where stack.error(at: index) == nil {
                    let type = stack.type(at: index)
                    if type == .string || type == .number { continue }
                    throw LuaRaise("attempt to concatenate a \(type.name) value")
                }
                stack.pushText(at: 1)
                stack.pushText(at: 2)
                lua_concat(stack.lua, 2)
                return .one
            },
        ])
}
