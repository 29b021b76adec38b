import Testing
import WippyValues

@testable import WippyDefinition

@Suite("The core schema of YAML 1.2")
struct ScalarTests {
    @Test(
        "Plain texts that are no number, truth value or null are texts",
        arguments: [
            "no", "yes", "on", "off", "y", "TRue", "nULL", "0b1", "0o8", "0xg", "0x", "1_000", "1:30", "+", "-", ".",
            "1e",
            "1.e+", "--1", "e5", "0o", "+0x1", "-0o7", ".inff", "1 2", "٣", "2024-01-01", "<<", "=", "-.nan", "١",
        ])
    func texts(text: String) {
        #expect(Scalar(text, style: .plain).value == .text(text))
    }

    @Test(
        "Null, truth values and numbers",
        arguments: [
            ("", .null), ("~", .null), ("Null", .null), ("true", .bool(true)), ("FALSE", .bool(false)),
            ("0", .integer(0)),
            ("-0", .integer(0)), ("+12", .integer(12)), ("007", .integer(7)), ("0o17", .integer(15)),
            ("0x1F", .integer(31)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .float(9_223_372_036_854_775_808)), ("1.", .float(1)), (".5", .float(0.5)),
            ("1e3", .float(1000)),
            ("-1.5E-2", .float(-0.015)), ("+.inf", .float(.infinity)), ("-.Inf", .float(-.infinity)),
            ("1e999", .float(.infinity)),
        ] as [(String, Scalar.Value)])
    func values(text: String, value: Scalar.Value) {
        #expect(Scalar(text, style: .plain).value == value)
    }

    @Test("A hexadecimal number past 64 bits is a text or a float, never a trap")
    func wideHexadecimal() {
        guard case .integer = Scalar("0xFFFFFFFFFFFFFFFFFF", style: .plain).value else { return }
        Issue.record("a number past 64 bits became a whole number")
    }

    @Test("Quoted texts are texts; texts from outside are never null")
    func styles() {
        #expect(Scalar("5", style: .quoted).value == .text("5"))
        #expect(Scalar("null", style: .external).value == .text("null"))
        #expect(Scalar("", style: .external).value == .text(""))
        #expect(Scalar("5", style: .external).isText)
    }

    @Test("What was found is shown on one line and cut")
    func found() {
        #expect(Scalar("a\r\nb", style: .quoted).found == "'a…'")
        let marks = String(repeating: "\u{301}", count: 59)
        #expect(Scalar("e\(marks)\u{301}", style: .plain).found == "'e\(marks)…'")
        #expect(Scalar("a\nb", style: .quoted).found == "'a…'")
        #expect(
            Scalar(String(repeating: "x", count: 61), style: .plain).found == "'\(String(repeating: "x", count: 60))…'")
        #expect(
            Scalar(String(repeating: "x", count: 60), style: .plain).found == "'\(String(repeating: "x", count: 60))'")
        #expect(Scalar("5", style: .quoted).found == "the string '5'")
        #expect(Scalar("5", style: .plain).found == "5")
        #expect(Scalar("", style: .plain).found == "nothing")
    }
}
