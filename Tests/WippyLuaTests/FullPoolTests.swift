import Synchronization
import Testing
import Wippy
import WippyTesting

@testable import WippyLua

/// Functions whose states are all in use by calls that wait for one of them.
@Suite("Full pools of functions in Lua")
struct FullPoolTests {
    @Test(
        "Of calls that would wait for each other's states for ever, one fails, and the others go on",
        arguments: [
            (#"{{"app:pair", "app:pair"}, {"app:pair", "app:pair"}}"#, ["Unavailable", "done"]),
            (#"{{"app:left", "app:right"}, {"app:right", "app:left"}}"#, ["Unavailable", "done"]),
            (#"{{"app:left", "app:left"}, {"app:right", "app:pair"}}"#, ["Unavailable", "done"]),
            (#"{{"app:left", "app:pair"}, {"app:right", "app:pair"}}"#, ["done", "done"]),
        ])
    func endlessWaits(calls: String, answers: [Value]) async throws {
        let project = """
            namespace: app
            entries:
              - {name: meet, kind: function.swift, handler: Meet}
              - name: both
                kind: function.lua
                modules: [funcs]
                source: |
                  local funcs = require("funcs")
                  return function()
                      local futures, answers = {}, {}
                      for _, ids in ipairs(\(calls)) do table.insert(futures, funcs.async(ids[1], ids[2])) end
                      for i, future in ipairs(futures) do
                          future:response():receive()
                          local payload, err = future:result()
                          answers[i] = payload and payload:data() or err:kind()
                      end
                      return answers
                  end
              - name: pair
                kind: function.lua
                modules: [funcs]
                pool: {max_size: 2}
                source: &calls |
                  local funcs = require("funcs")
                  return function(id)
                      if not id then return "done" end
                      funcs.call("app:meet")
                      return funcs.call(id)
                  end
              - {name: left, kind: function.lua, modules: [funcs], pool: {max_size: 1}, source: *calls}
              - {name: right, kind: function.lua, modules: [funcs], pool: {max_size: 1}, source: *calls}
            """
        try await TestApplication(project: .definitions(project), handlers: [Meet.self]) { app in
            let got = try await app.function("app:both").call(.null)
            #expect(got.array?.map { $0.string ?? "" }.sorted() == answers.compactMap(\.string))
        }
    }

    @Test("A call waits if a state can become free, at once or after other waits")
    func waitGraph() {
        // Another call of the function keeps the only state, and waits for this one.
        var own = WaitGraph<String>()
        #expect(!own.add("b", for: "one", of: 1, below: [("a", "one")]))
        // What was refused keeps no state.
        #expect(own.add("c", for: "one", of: 1, below: [("d", "two")]))

        // A call with two waits keeps one state.
        var twice = WaitGraph<String>()
        #expect(twice.add("b", for: "one", of: 2, below: [("a", "one")]))
        #expect(twice.add("c", for: "one", of: 2, below: [("a", "one")]))
        #expect(!twice.add("d", for: "one", of: 2, below: [("e", "one")]))

        // Two functions call each other. When one of the waits has ended, the other can.
        var ring = WaitGraph<String>()
        #expect(ring.add("b", for: "two", of: 1, below: [("a", "one")]))
        #expect(!ring.add("d", for: "one", of: 1, below: [("c", "two")]))
        for _ in 0..<2 { ring.remove("b") }
        #expect(ring.add("d", for: "one", of: 1, below: [("c", "two")]))

        // The state of 'one' is in use by a call that does not wait. When it is free, 'b' ends, then 'd', then 'f'.
        var chain = WaitGraph<String>()
        #expect(chain.add("b", for: "one", of: 1, below: [("a", "two")]))
        #expect(chain.add("d", for: "two", of: 1, below: [("c", "three")]))
        #expect(chain.add("f", for: "three", of: 1, below: [("e", "four")]))
        #expect(!chain.add("h", for: "one", of: 1, below: [("g", "one")]))
    }
}

extension WaitGraph {
    /// Adds the wait of a call for a pool's state, below calls that keep states of pools.
    fileprivate mutating func add(_ call: ID, for pool: ID, of maxStates: Int, below keepers: [(ID, ID)]) -> Bool {
        let keepers = keepers.map { Keeper(call: $0, pool: $1) }
        return add(Wait(pool: pool, maxStates: maxStates, keepers: keepers), of: call)
    }
}

/// Returns when two calls have come.
private struct Meet: FunctionHandler {
    private final class Waiting: Sendable {
        let first = Mutex<CheckedContinuation<Void, Never>?>(nil)
    }

    private let waiting = Waiting()

    init(_ context: HandlerContext) {}

    func call(_ input: Value) async -> Value {
        await withCheckedContinuation { continuation in
            let first = waiting.first.withLock { first in
                defer { first = first == nil ? continuation : nil }
                return first
            }
            guard let first else { return }
            first.resume()
            continuation.resume()
        }
        return .null
    }
}
