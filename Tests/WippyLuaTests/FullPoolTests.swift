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
                      for i, ids in ipairs(\(calls)) do futures[i] = funcs.async(ids[1], ids[2]) end
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
            #expect(got.list?.compactMap(\.string).sorted() == answers.compactMap(\.string))
        }
    }

    private typealias Wait = (call: String, pool: String, maxStates: Int, keeper: (call: String, pool: String))

    @Test("A call waits if a state can become free, at once or after other waits")
    func waitGraph() {
        // Another call of the function keeps the only state, and waits for this one. What was refused keeps no state.
        #expect(waits([("b", "one", 1, ("a", "one")), ("d", "one", 1, ("c", "two"))]) == [false, true])
        // A call with two waits keeps one state.
        let twice: [Wait] = [
            ("b", "one", 2, ("a", "one")), ("c", "one", 2, ("a", "one")), ("e", "one", 2, ("d", "one")),
        ]
        #expect(waits(twice) == [true, true, false])
        // Two functions call each other. When one of the waits has ended, the other can.
        let ring: [Wait] = [("b", "two", 1, ("a", "one")), ("d", "one", 1, ("c", "two"))]
        #expect(waits(ring) == [true, false])
        #expect(waits(ring, ending: "b") == [true, true])
        // The state of 'one' is in use by a call that does not wait. When it is free, 'b' ends, then 'd', then 'f'.
        let chain: [Wait] = [
            ("b", "one", 1, ("a", "two")), ("d", "two", 1, ("c", "three")), ("f", "three", 1, ("e", "four")),
            ("h", "one", 1, ("g", "one")),
        ]
        #expect(waits(chain) == [true, true, true, false])
    }

    /// Adds waits, and returns which of them are added.
    ///
    /// - Parameter ended: a call whose wait has ended when the next one is added.
    private func waits(_ all: [Wait], ending ended: String? = nil) -> [Bool] {
        var graph = WaitGraph<String>()
        return all.map { wait in
            let keeper = WaitGraph<String>.Keeper(call: wait.keeper.call, pool: wait.keeper.pool)
            let isAdded = graph.add(
                WaitGraph.Wait(pool: wait.pool, maxStates: wait.maxStates, keepers: [keeper]), of: wait.call)
            if let ended { graph.remove(ended) }
            return isAdded
        }
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
