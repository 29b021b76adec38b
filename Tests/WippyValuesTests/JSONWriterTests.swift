import Testing
import WippyValues

@Suite("JSON written piece by piece")
struct JSONWriterTests {
    @Test("Commas stand between elements and nowhere else")
    func commas() {
        var writer = JSONWriter(appendingTo: Array("x".utf8))
        let id = JSONKey("i\"d")
        writer.beginList()
        for number in 0..<2 {
            writer.beginMap()
            writer.key(id)
            writer.integer(number)
            writer.key("list")
            writer.beginList()
            writer.endList()
            writer.key("rest")
            writer.beginList()
            writer.null()
            writer.bool(true)
            writer.float(0.5)
            writer.string("s")
            writer.raw(Array("{}".utf8).span)
            writer.endList()
            writer.endMap()
        }
        writer.endList()
        let map = { (number: Int) in "{\"i\\\"d\":\(number),\"list\":[],\"rest\":[null,true,0.5,\"s\",{}]}" }
        #expect(String(decoding: writer.finish(), as: UTF8.self) == "x[\(map(0)),\(map(1))]")
    }

    @Test("Text that is not UTF-8 is repaired")
    func repaired() {
        var writer = JSONWriter()
        writer.string(utf8: ([0x61, 0xFF, 0x0A] as [UInt8]).span)
        #expect(String(decoding: writer.finish(), as: UTF8.self) == "\"a\u{FFFD}\\n\"")
    }

    @Test("The writer and the codec write a value alike", arguments: JSONCases.values)
    func values(_ text: String, _ value: Value) throws {
        var writer = JSONWriter()
        writer.beginList()
        try writer.value(value)
        try writer.value(value)
        writer.endList()
        #expect(writer.finish() == (try JSON.encode([value, value])))
    }
}
