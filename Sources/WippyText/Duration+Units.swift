extension Duration {
    /// Returns a duration of `count` days of 24 hours each.
    package static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    /// 100 years of 365 days.
    package static let century = days(100 * 365)

    /// The nanoseconds, without a fraction of one.
    ///
    /// If they do not fit into an `Int`, this is the largest `Int`, or the smallest one for a negative duration.
    package var wholeNanoseconds: Int { count(of: 1_000_000_000) }

    /// The milliseconds, rounded up.
    package var wholeMilliseconds: Int {
        let whole = count(of: 1000)
        return whole < .max && self > .milliseconds(whole) ? whole + 1 : whole
    }

    /// The seconds; nil if the duration has a fraction of a second.
    package var exactSeconds: Int? { components.attoseconds == 0 ? Int(components.seconds) : nil }

    /// The duration in the largest units that express it, such as `1h30m` or `250ms`.
    ///
    /// A fraction of a nanosecond is left out.
    package var inUnits: String {
        let (seconds, attoseconds) = components
        let nanoseconds = attoseconds / 1_000_000_000
        if seconds == 0, nanoseconds == 0 { return "0s" }
        var text = seconds < 0 || nanoseconds < 0 ? "-" : ""
        let whole = seconds.magnitude
        let fraction = nanoseconds.magnitude
        if whole >= 3600 { text += "\(whole / 3600)h" }
        if whole % 3600 >= 60 { text += "\(whole % 3600 / 60)m" }
        if whole % 60 > 0 { text += "\(whole % 60)s" }
        if fraction % 1_000_000 == 0 {
            if fraction > 0 { text += "\(fraction / 1_000_000)ms" }
        } else if fraction % 1_000 == 0 {
            text += "\(fraction / 1_000)us"
        } else {
            text += "\(fraction)ns"
        }
        return text
    }

    /// Returns the number of whole units, of which a second has `unitsOfSecond`; the nearest number if it does not fit.
    private func count(of unitsOfSecond: Int) -> Int {
        let (seconds, attoseconds) = components
        let (whole, isLarge) = Int(seconds).multipliedReportingOverflow(by: unitsOfSecond)
        let rest = Int(attoseconds) / (1_000_000_000_000_000_000 / unitsOfSecond)
        let (sum, isLarger) = whole.addingReportingOverflow(rest)
        return isLarge || isLarger ? (seconds < 0 ? .min : .max) : sum
    }
}
