import Testing
import Wippy
import WippyTesting

/// `store` in an application with a store in memory.
@Suite("Stores in Lua")
struct StoreModuleTests {
    private static let project = """
        namespace: app
        entries:
          - {name: kept, kind: store.memory, max_size: 3}
          - name: set
            kind: function.lua
            method: main
            modules: [store]
            source: |
              return {main = function()
                local s = store.get("app:kept")
                s:set("short", {list = {1, 2}}, 60)
                s:set("long", "text")
                s:set("third", 3)
                local _, full = s:set("fourth", 4)
                local _, none = s:set("long", nil)
                local _, empty = s:get("")
                local _, unknown = store.get("app:nowhere")
                s:release()
                local _, released = s:get("long")
                return {full:kind(), none:kind(), empty:kind(), unknown:kind(), released:kind(), tostring(s)}
              end}
          - name: read
            kind: function.lua
            method: main
            modules: [store]
            source: |
              return {main = function()
                local s = store.get("app:kept")
                local short, err = s:get("short")
                return {short and short.list[2] or err:kind(), (s:get("long")), (s:has("short")), (s:delete("third")),
                  (s:delete("third"))}
              end}
        """

    @Test("Values are kept from call to call, until their time is over; there is room for so many")
    func valuesAreKept() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: []) { app in
            let errors = try await app.function("app:set").call(.null)
            #expect(errors == ["Unavailable", "Invalid", "Invalid", "NotFound", "Invalid", "store.Store{released}"])
            #expect(try await app.function("app:read").call(.null) == [2, "text", true, true, false])
            app.clock.advance(by: .seconds(61))
            #expect(try await app.function("app:read").call(.null) == ["NotFound", "text", false, false, false])
        }
    }
}
