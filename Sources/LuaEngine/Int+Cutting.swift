extension Int {
    /// The whole part of a float, cut to 64 bits; zero for NaN.
    init(cutting value: Double) {
        if let exact = Int(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value.isNaN ? 0 : value < 0 ? .min : .max
        }
    }
}
