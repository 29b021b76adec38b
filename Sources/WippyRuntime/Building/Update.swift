/// How a changed entry is taken in place, when a plan is put in force, and taken back if that plan fails.
public struct Update: Sendable {
    package let apply: @Sendable () -> Void
    package let takeBack: @Sendable () -> Void

    /// Creates an update.
    ///
    /// - Parameters:
    ///   - apply: takes the new config. It is called once, together with all other updates and changes of links; it
    ///     must neither wait nor fail.
    ///   - takeBack: takes the old config again, if something else in the plan does not get ready.
    public init(_ apply: @escaping @Sendable () -> Void, takeBack: @escaping @Sendable () -> Void) {
        self.apply = apply
        self.takeBack = takeBack
    }

    /// Combines two updates.
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
