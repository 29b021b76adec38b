/// Changes a running entry in place when a plan is put in force, and changes the entry back if the plan is taken back.
public struct Update: Sendable {
    /// Does what may take time or fail, before anything is changed; nil if there is nothing of this sort.
    package let prepare: (@Sendable () async throws -> Void)?
    /// Makes the entry use its new config.
    package let apply: @Sendable () -> Void
    /// Makes the entry use its old config again.
    package let takeBack: @Sendable () -> Void
    /// Drops what the entry does not need any more.
    package let finish: @Sendable () -> Void

    /// Creates an update that needs no preparation.
    ///
    /// - Parameters:
    ///   - apply: makes the entry use its new config. It is called at most once, together with all other updates. It
    ///     must neither wait nor fail.
    ///   - takeBack: makes the entry use its old config again. It is called after `apply` if the plan is taken back,
    ///     for example because a new service is not ready in time. It must neither wait nor fail.
    public init(_ apply: @escaping @Sendable () -> Void, takeBack: @escaping @Sendable () -> Void) {
        self.init(prepare: nil, apply: apply, takeBack: takeBack, finish: {})
    }

    /// Creates an update that needs no preparation, and gives the entry one value in place of another.
    ///
    /// - Parameters:
    ///   - before: the value that the entry uses now.
    ///   - after: the value that the entry uses under the new plan.
    ///   - change: makes the entry use a value. It is called at most once with `after`, together with all other
    ///     updates. It is called with `before` if the plan is then taken back. It must neither wait nor fail.
    public init<Value: Sendable>(
        from before: Value, to after: Value, change: @escaping @Sendable (Value) -> Void
    ) {
        self.init({ change(after) }, takeBack: { change(before) })
    }

    /// Creates an update whose preparation may take time or fail, such as opening a file.
    ///
    /// - Parameters:
    ///   - prepare: makes what `apply` needs, and changes nothing. It is called at most once, before the reload stops a
    ///     service, at the same time as the preparations of other entries. If it throws, the plan is refused with the
    ///     error, and the old config stays in force. A preparation that takes too long is cancelled. If it does not
    ///     succeed within a second after that, the plan is refused, and the reload waits for it no longer.
    ///   - apply: makes the entry use its new config. It is called at most once, together with all other updates, and
    ///     only after `prepare`. It must neither wait nor fail.
    ///   - takeBack: makes the entry use its old config again. It is called after `apply` if the plan is taken back. It
    ///     must neither wait nor fail.
    ///   - finish: drops what is not needed any more. It must neither wait nor fail. It is the last call: `prepare` has
    ///     ended, or was not called at all. What `prepare` has made may be in use now, or not.
    public init(
        preparing prepare: @escaping @Sendable () async throws -> Void, apply: @escaping @Sendable () -> Void,
        takeBack: @escaping @Sendable () -> Void, finish: @escaping @Sendable () -> Void
    ) {
        self.init(prepare: prepare, apply: apply, takeBack: takeBack, finish: finish)
    }

    private init(
        prepare: (@Sendable () async throws -> Void)?, apply: @escaping @Sendable () -> Void,
        takeBack: @escaping @Sendable () -> Void, finish: @escaping @Sendable () -> Void
    ) {
        (self.prepare, self.apply, self.takeBack, self.finish) = (prepare, apply, takeBack, finish)
    }

    /// Returns an update that does this update, and then the other one.
    public func and(_ other: Update) -> Update {
        Update(
            prepare: both(prepare, other.prepare),
            apply: {
                apply()
                other.apply()
            },
            takeBack: {
                takeBack()
                other.takeBack()
            },
            finish: {
                finish()
                other.finish()
            })
    }

    /// Returns the call of one preparation and then the other; nil if there is none.
    private func both(
        _ first: (@Sendable () async throws -> Void)?, _ second: (@Sendable () async throws -> Void)?
    ) -> (@Sendable () async throws -> Void)? {
        guard let first else { return second }
        guard let second else { return first }
        return {
            try await first()
            try await second()
        }
    }
}
