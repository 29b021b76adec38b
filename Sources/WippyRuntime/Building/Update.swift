/// How a changed entry is taken in place: with all else when a plan is put in force, and back if that plan fails.
public struct Update: Sendable {
    package let apply: @Sendable () -> Void
    package let takeBack: @Sendable () -> Void

    /// Creates an update.
    ///
    /// - Parameters:
    ///   - apply: takes the new configuration. Called once, one after another with every other update and the links
    ///     that are pointed elsewhere; it must neither wait nor fail.
    ///   - takeBack: takes the old configuration again, if what the plan has brought does not get ready.
    public init(_ apply: @escaping @Sendable () -> Void, takeBack: @escaping @Sendable () -> Void) {
        self.apply = apply
        self.takeBack = takeBack
    }

    /// Both updates as one.
    public func and(_ other: Update) -> Update {
        Update(
            {
                apply()
                other.apply()
            },
            takeBack: {
                takeBack()
                other.takeBack()
            })
    }
}
