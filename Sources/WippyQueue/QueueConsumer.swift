import WippyDefinition
import WippyLog
import WippyRuntime

/// Takes messages out of a queue and calls a function for each, so many at once as there are workers.
///
/// A worker is a task on an event loop that takes, handles and settles one message after the other. Settling never
/// suspends, so that no cancellation comes between the end of a handler and its message's.
///
/// - Told to stop, it takes no more messages and finishes those that it has. The supervisor tells it when its queue has
///   been drained.
/// - Cancelled, the handlers' tasks are cancelled, and what they do not finish goes back to the queue as it was.
struct QueueConsumer: ManagedService {
    let queue: Link<any MessageQueue>
    let function: Link<any MessageFunction>
    let concurrency: Int
    let prefetch: Int
    let executors: any ExecutorProvider
    let clock: any RuntimeClock
    let log: Log
    /// Messages whose handler has done its work.
    let handled: Counter
    /// Attempts that failed.
    let failed: Counter
    /// How long the handlers took, failed attempts included.
    let duration: MetricTimer

    /// How long a worker goes on without a pause: handlers that never suspend leave the loop to its neighbours.
    private static let turn = Duration.milliseconds(1)

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let subscription = try queue.target.subscribe(prefetch: prefetch)
        defer { subscription.close() }
        let closing = stop.onFire { subscription.close() }
        defer { closing.end() }
        ready()
        await withDiscardingTaskGroup { group in
            for _ in 0..<concurrency {
                group.addTask(executorPreference: executors.next()) { await work(on: subscription) }
            }
        }
    }

    private func work(on subscription: any MessageSubscription) async {
        var turnStart = clock.now
        // Only cancellation ends the wait for a message with an error.
        while let delivery = try? await subscription.next() {
            let end = await handle(delivery, of: subscription)
            guard end - turnStart >= Self.turn else { continue }
            await Task.yield()
            turnStart = end
        }
    }

    /// Handles and settles one message.
    ///
    /// - Returns: when that was over.
    private func handle(_ delivery: Delivery, of subscription: any MessageSubscription) async -> Duration {
        let start = clock.now
        var failure: (any Error)?
        do {
            try await function.target.handle(delivery)
        } catch {
            failure = error
        }
        let end = clock.now
        if let failure {
            settle(delivery, of: subscription, after: failure)
        } else {
            subscription.settle(delivery, .acknowledged)
            handled.add()
        }
        duration.record(end - start)
        return end
    }

    private func settle(_ delivery: Delivery, of subscription: any MessageSubscription, after failure: any Error) {
        // Whatever a handler throws once its task is cancelled, it was told to stop.
        guard !Task.isCancelled else { return subscription.settle(delivery, .returned) }
        let reason = FailureReason.text(of: failure)
        failed.add()
        log.error(
            "a message handler failed",
            [
                "message_id": LogValue(delivery.message.id), "queue": LogValue(delivery.queue),
                "attempt": LogValue(delivery.attempt), "reason": "\(reason)",
            ])
        subscription.settle(delivery, .rejected(reason: reason))
    }
}
