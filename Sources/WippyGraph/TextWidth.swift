/// Estimates the width of a text on a screen, because no font is known when the picture is drawn.
enum TextWidth {
    /// Returns the estimated width of a text in pixels, for a wide sans-serif font such as DejaVu.
    static func of(_ text: String, size: Double, isBold: Bool = false) -> Double {
        let units = text.unicodeScalars.reduce(0) { $0 + thousandths(of: $1) }
        return Double(units) * size / 1000 * (isBold ? 1.2 : 1.1)
    }

    /// Returns the width of a character in thousandths of the font's size, as in Helvetica.
    ///
    /// Characters beyond ASCII have estimated widths.
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
