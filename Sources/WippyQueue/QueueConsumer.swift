import WippyDefinition
import WippyLog
import WippyRuntime

/// Takes messages out of a queue and calls a function for each, so many at once as there are workers.
///
/// A worker is a task on an event loop that takes, handles and settles one message after the other.
///
/// - Told to stop, it takes no more messages and finishes those that it has. The supervisor tells it when its queue has
///   been drained.
/// - Cancelled, the handlers' tasks are cancelled, and what they do not finish goes back to the queue as it was.
/// - A worker survives a driver that fails: it asks again, with growing delays, and settles again what it has done.
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

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let subscription = try await queue.target.subscribe(prefetch: prefetch)
        let trouble = DriverTrouble(log: log)
        ready()
        await withTaskGroup { group in
            group.addTask {
                await stop.wait()
                await subscription.close()
            }
            await withDiscardingTaskGroup { workers in
                for _ in 0..<concurrency {
                    workers.addTask(executorPreference: executors.next()) {
                        var worker = Worker(
                            consumer: self, subscription: subscription, stop: stop,
                            failures: DriverFailures(of: trouble, clock: clock))
                        await worker.run()
                    }
                }
            }
            group.cancelAll()
        }
        guard stop.isFired || Task.isCancelled else {
            throw ServiceFailure("the queue's driver has ended the subscription")
        }
    }
}

/// One of the workers of a consumer.
private struct Worker {
    let consumer: QueueConsumer
    let subscription: any MessageSubscription
    let stop: StopSignal
    var failures: DriverFailures

    /// How long a worker goes on without a pause: handlers that never suspend leave the loop to its neighbours.
    private static let turn = Duration.milliseconds(1)

    mutating func run() async {
        var turnStart = consumer.clock.now
        while !Task.isCancelled {
            do {
                guard let delivery = try await subscription.next() else { return }
                failures.end()
                let end = await handle(delivery)
                guard end - turnStart >= Self.turn else { continue }
                await Task.yield()
                turnStart = end
            } catch {
                guard !stop.isFired, !Task.isCancelled else { return }
                await failures.wait(after: error, orUntil: stop)
            }
        }
    }

    /// Handles and settles one message.
    ///
    /// - Returns: when the handler had ended.
    private mutating func handle(_ delivery: Delivery) async -> Duration {
        let start = consumer.clock.now
        var failure: (any Error)?
        do {
            try await consumer.function.target.handle(delivery)
        } catch {
            failure = error
        }
        let end = consumer.clock.now
        consumer.duration.record(end - start)
        if let failure {
            await settle(delivery, settlement(of: delivery, after: failure))
        } else {
            await settle(delivery, .acknowledged)
            consumer.handled.add()
        }
        return end
    }

    private func settlement(of delivery: Delivery, after failure: any Error) -> Settlement {
        // Whatever a handler throws once its task is cancelled, it was told to stop.
        guard !Task.isCancelled else { return .returned }
        let reason = FailureReason.text(of: failure)
        consumer.failed.add()
        consumer.log.error("a message handler failed", metadata(of: delivery, reason))
        return .rejected(reason: reason)
    }

    /// Settles a message, again until the driver has noted it or the worker is cancelled.
    private mutating func settle(_ delivery: Delivery, _ settlement: Settlement) async {
        while true {
            do {
                try await subscription.settle(delivery, settlement)
                return failures.end()
            } catch {
                let isFinal = (error as? WippyError)?.isRetryable == false
                if !isFinal { await failures.wait(after: error) }
                guard isFinal || Task.isCancelled else { continue }
                return consumer.log.error(
                    "a message could not be settled; it may be handled again",
                    metadata(of: delivery, FailureReason.text(of: error)))
            }
        }
    }

    private func metadata(of delivery: Delivery, _ reason: String) -> LogMetadata {
        [
            "message_id": LogValue(delivery.message.id), "queue": LogValue(delivery.queue),
            "attempt": LogValue(delivery.attempt), "reason": "\(reason)",
        ]
    }
}
