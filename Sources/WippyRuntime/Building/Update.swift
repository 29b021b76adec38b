/// Changes a running entry in place when a plan is put in force, and changes the entry back if the plan is taken back.
public struct Update: Sendable {
    /// Makes the entry use its new config.
    package let apply: @Sendable () -> Void
    /// Makes the entry use its old config again.
    package let takeBack: @Sendable () -> Void

    /// Creates an update.
    ///
    /// - Parameters:
    ///   - apply: makes the entry use its new config. It is called at most once, together with all other updates. It
    ///     must neither wait nor fail.
    ///   - takeBack: makes the entry use its old config again. It is called after `apply` if the plan is taken back,
    ///     for example because a new service is not ready in time. It must neither wait nor fail.
    public init(_ apply: @escaping @Sendable () -> Void, takeBack: @escaping @Sendable () -> Void) {
        self.apply = apply
        self.takeBack = takeBack
    }

    /// Returns an update that does this update, and then the other one.
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
