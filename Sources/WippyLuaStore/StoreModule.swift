import LuaEngine
import WippyDefinition
import WippyLua
import WippyRuntime
import WippyStore
import WippyValues

extension ScriptModule {
    /// `store`: keeps values by their keys.
    static let store = ScriptModule(
        "store",
        [
            .function("get", traits: [.id(of: .store)]) { stack in
                let id = try stack.checkString(at: 1)
                guard !id.isEmpty else { return stack.fail(.invalid("the store's id is empty")) }
                do {
                    return stack.succeed(ScriptStore(try stack.link(to: id, as: .store)), as: ScriptStore.type)
                } catch let error as LuaError {
                    return stack.fail(error)
                }
            }
        ])
}

/// A store, for scripts.
///
/// A script can keep it. After a reload it leads to the new store of its entry.
///
/// `@unchecked Sendable`: the object belongs to one state, which is used by one thread at a time.
private final class ScriptStore: @unchecked Sendable {
    private let link: Link<any KeyValueStore>
    private var isReleased = false

    private var store: any KeyValueStore { link.target }

    init(_ link: Link<any KeyValueStore>) {
        self.link = link
    }

    /// Calls `body` with the key in the second argument, or returns the error.
    private func withKey(_ stack: LuaStack, _ body: (String) throws -> LuaVerdict) throws -> LuaVerdict {
        guard !isReleased else { return stack.fail(.invalid("store is released")) }
        let key = try stack.checkString(at: 2)
        guard !key.isEmpty else { return stack.fail(.invalid("the key is empty")) }
        return try body(key)
    }

    static let type: LuaObjectType<ScriptStore> = LuaObjectType(
        "store.Store",
        methods: [
            "get": { stack, handle in
                let store = handle.store
                return try handle.withKey(stack) { key in
                    .wait {
                        try await store.value(of: key)
                    } then: { stack, result in
                        if case .success(nil) = result { return stack.fail(.notFound("key not found")) }
                        return try stack.push(result) { try stack.push($0 ?? .null) }
                    }
                }
            },
            "set": { stack, handle in
                let store = handle.store
                return try handle.withKey(stack) { key in
                    try stack.withDataValue(at: 3) { value in
                        guard !value.isNull else { return stack.fail(.invalid("the value is nil")) }
                        let seconds = stack.isNil(at: 4) ? 0 : try stack.checkNumber(at: 4)
                        let lifetime: Duration? = seconds > 0 ? .seconds(min(seconds, 1e9)) : nil
                        return .wait {
                            try await store.set(value, of: key, for: lifetime)
                        } then: { stack, result in
                            stack.push(result) { stack.push(true) }
                        }
                    }
                }
            },
            "has": { stack, handle in
                let store = handle.store
                return try handle.withKey(stack) { key in
                    .wait {
                        try await store.value(of: key) != nil
                    } then: { stack, result in
                        stack.push(result) { stack.push($0) }
                    }
                }
            },
            "delete": { stack, handle in
                let store = handle.store
                return try handle.withKey(stack) { key in
                    .wait {
                        try await store.remove(key)
                    } then: { stack, result in
                        stack.push(result) { stack.push($0) }
                    }
                }
            },
            "release": { stack, handle in
                handle.isReleased = true
                return stack.give(true)
            },
        ],
        text: { $0.isReleased ? "store.Store{released}" : "store.Store{}" })
}
