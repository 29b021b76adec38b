/// How wide a text is on a screen, near enough: the drawing is made where no font is known.
enum TextWidth {
    /// The width of a text in a sans-serif font, in pixels; of a wide one such as DejaVu rather than of a narrow one.
    static func of(_ text: String, size: Double, isBold: Bool = false) -> Double {
        let units = text.unicodeScalars.reduce(0) { $0 + thousandths(of: $1) }
        return Double(units) * size / 1000 * (isBold ? 1.2 : 1.1)
    }

    /// The width of a character, in thousandths of the font's size: those of Helvetica, beyond ASCII one for all.
    private static func thousandths(of scalar: Unicode.Scalar) -> Int {
        if scalar.value > 0x7F { return scalar.value < 0x1100 ? 620 : 1000 }
        return ascii[Int(scalar.value)]
    }

    private static let ascii: [Int] = {
        var widths = Array(repeating: 556, count: 128)
        let groups: [(String, Int)] = [
            ("ijl'|", 222), (" fIt/.,:;!\\[]", 290), ("-()r`{}", 334), ("\"^*", 400), ("cksvxyzJ", 500),
            ("FTZL", 611), ("ABEKPSVXY&", 667), ("CDHNRUw", 722), ("GOQ", 778), ("mM", 833), ("W%", 944),
            ("@", 1015), ("+<=>~", 584),
        ]
        for (characters, width) in groups {
            for scalar in characters.unicodeScalars { widths[Int(scalar.value)] = width }
        }
        return widths
    }()
}
