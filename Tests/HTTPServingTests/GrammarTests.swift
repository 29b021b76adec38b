import Testing

@testable import HTTPServing

struct GrammarTests {
    @Test("A value ends at the first byte that none may have, wherever that stands and whatever stands before it")
    func endOfFieldValue() {
        for filler: UInt8 in [0x09, 0x20, 0x21, 0x78, 0x7E, 0x80, 0xA0, 0xFF] {
            for place in 0..<20 {
                var bytes = [UInt8](repeating: filler, count: 20)
                for byte in UInt8.min...UInt8.max {
                    bytes[place] = byte
                    let isTaken = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
                    for start in [0, 1, place] where start <= place {
                        let end = Grammar.endOfFieldValue(bytes.span, in: start..<20)
                        let wanted = isTaken ? 20 : place
                        if end != wanted { Issue.record("\(byte) at \(place) after \(filler) from \(start)") }
                    }
                }
                #expect(Grammar.endOfFieldValue(bytes.span, in: place..<place) == place)
            }
        }
    }
}
