import LuaEngine

extension LuaModule {
    /// The basic types, as values of scripts.
    ///
    /// `integer(x)` returns `x`, or raises an error if `x` is not an integer. `integer:is(x)` checks `x` without
    /// raising an error.
    static let basicTypes = [
        basicType("any") { _, _ in true },
        basicType("boolean") { stack, index in stack.type(at: index) == .boolean },
        basicType("integer") { stack, index in
            stack.type(at: index) == .number && stack.number(at: index).map { $0 == $0.rounded() } == true
        },
        basicType("never") { _, _ in false },
        basicType("number") { stack, index in stack.type(at: index) == .number },
        basicType("unknown") { _, _ in true },
    ]

    private static func basicType(_ name: String, fits: @escaping BasicType.Check) -> LuaModule {
        let type = BasicType(name, fits: fits)
        return LuaModule(name) { stack in stack.push(type, as: BasicType.type) }
    }
}

/// A basic type, for scripts.
private final class BasicType: Sendable {
    typealias Check = @Sendable (LuaStack, Int) -> Bool

    private let name: String
    private let fits: Check

    init(_ name: String, fits: @escaping Check) {
        (self.name, self.fits) = (name, fits)
    }

    /// Returns the error for the second value; nil if the value has the type.
    private func problem(_ stack: LuaStack) -> LuaError? {
        if fits(stack, 2) { return nil }
        return .invalid("expected \(name), got \(stack.count < 2 ? "nil" : stack.typeName(at: 2))")
    }

    static let type: LuaObjectType<BasicType> = LuaObjectType(
        "type",
        methods: [
            "is": { stack, type in
                if let problem = type.problem(stack) { return stack.fail(problem) }
                if stack.count < 2 { stack.pushNil() } else { stack.pushCopy(of: 2) }
                return stack.succeed()
            },
            "kind": { stack, type in
                stack.push(type.name)
                return .one
            },
            "name": { stack, type in
                stack.push(type.name)
                return .one
            },
        ],
        metamethods: [
            .function("__call") { stack in
                let type = try stack.checkObject(at: 1, as: BasicType.type)
                guard stack.count > 1 else { throw LuaRaise("type \(type.name) expects at least 1 argument") }
                guard stack.count == 2 else {
                    throw LuaRaise("type \(type.name) validation expects 1 value, got \(stack.count - 1)")
                }
                if let problem = type.problem(stack) { throw LuaRaise(problem.message) }
                stack.pushCopy(of: 2)
                return .one
            }
        ],
        text: { $0.name })
}
