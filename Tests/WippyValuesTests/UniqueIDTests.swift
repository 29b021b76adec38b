import Testing
import WippyValues

@Suite("Unique ids")
struct UniqueIDTests {
    @Test("An id is read back from its text, in either case")
    func readBack() throws {
        for id in (0..<100).map({ _ in UniqueID.v4() }) {
            #expect(UniqueID(id.description) == id)
            #expect(UniqueID(id.description.uppercased()) == id)
        }
        let id = try #require(UniqueID("550e8400-e29b-41d4-a716-446655440000"))
        #expect(id == UniqueID(high: 0x550e_8400_e29b_41d4, low: 0xa716_4466_5544_0000))
    }

    private static let others = [
        "", "-", "550e8400", "550e8400-e29b-41d4-a716-44665544000", "550e8400-e29b-41d4-a716-4466554400000",
        "550e8400e29b41d4a716446655440000", "550e8400-e29b-41d4-a716-44665544000g",
        "550e8400_e29b_41d4_a716_446655440000", " 550e8400-e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-446655440000\u{301}", "{550e8400-e29b-41d4-a716-446655440000}",
        "\u{FF15}50e8400-e29b-41d4-a716-446655440000",
    ]

    @Test("No other text is an id", arguments: others)
    func isNone(_ text: String) {
        #expect(UniqueID(text) == nil)
    }
}
