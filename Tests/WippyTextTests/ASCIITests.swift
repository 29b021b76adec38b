import Testing
import WippyText

@Suite("The classes of ASCII characters")
struct ASCIITests {
    @Test("A byte has the properties of its ASCII character, and a byte of another character has none")
    func classes() {
        for byte in UInt8.min...UInt8.max {
            let character = byte < 0x80 ? Character(Unicode.Scalar(byte)) : nil
            #expect(byte.isDigit == (character?.isNumber == true), "\(byte)")
            #expect(byte.hexDigitValue.map(Int.init) == character?.hexDigitValue, "\(byte)")
            #expect(byte.isHexDigit == (character?.isHexDigit == true), "\(byte)")
            #expect(byte.isLower == (character?.isLowercase == true), "\(byte)")
            #expect(byte.isUpper == (character?.isUppercase == true), "\(byte)")
            #expect(byte.isLetter == (character?.isLetter == true), "\(byte)")
            #expect(byte.isBlank == (character?.isWhitespace == true), "\(byte)")
            #expect(byte.isWordPart == (byte.isLetter || byte.isDigit || byte == "_"), "\(byte)")
        }
    }
}
