import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime

/// Takes messages from a queue, and calls a function for each message.
///
/// A worker is a task on an event loop. It takes, handles and settles one message after another.
///
/// - On a stop, the consumer takes no more messages, and finishes the messages that it has. The supervisor stops it
///   when its queue is drained.
/// - If the consumer's task is cancelled, the handlers' tasks are cancelled. Unfinished messages go back to the queue,
///   and the attempt does not count.
/// - If the number of workers grows, new workers begin at once. If it shrinks, surplus workers end when they have
///   settled their messages.
/// - If the driver fails, a worker tries again with growing delays. It does so when it takes messages, and when it
///   settles them. If its task is cancelled meanwhile, it gives its message back, even if the handler has done its
///   work.
struct QueueConsumer: ManagedService {
    let queue: Link<any MessageQueue>
    let workers: ConsumerWorkers
    let prefetch: Int
    let executors: any ExecutorProvider
    let clock: any RuntimeClock
    let log: Log
    /// The number of messages whose handlers have done their work.
    let handled: Counter
    /// The number of attempts that failed.
    let failed: Counter
    /// The time that handlers took, including failed attempts.
    let duration: MetricTimer

    var details: LogMetadata { ["workers": LogValue(workers.settings.concurrency)] }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        let subscription = try await queue.target.subscribe(prefetch: prefetch)
        let health = DriverHealth(log: log)
        ready()
        await withTaskGroup { group in
            group.addTask {
                await stop.wait()
                await subscription.close()
            }
            await withDiscardingTaskGroup { group in
                for await duty in workers.begin() {
                    group.addTask(executorPreference: executors.next()) {
                        let worker = Worker(
                            consumer: self, subscription: subscription, stop: stop, duty: duty,
                            function: ConsumerWorkers.Function(of: workers),
                            failures: DriverFailures(of: health, clock: clock))
                        await worker.work()
                        // The worker was not told to end. So it has found the subscription closed, and all other
                        // workers will find the same.
                        if !duty.hasEnded { workers.end() }
                    }
                }
            }
            workers.end()
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
    let duty: WorkerDuty
    var function: ConsumerWorkers.Function
    var failures: DriverFailures

    /// The time after which a worker yields.
    ///
    /// So a handler that never suspends leaves time on the event loop to others.
    private static let turn = Duration.milliseconds(1)

    /// Takes and handles messages until the subscription is closed, the task is cancelled, or the worker must end.
    func work() async {
        var worker = self
        let late = await duty.perform { [self] in
            var worker = self
            return await worker.run()
        }
        // The message is settled here, because the task that got it is cancelled.
        if let late {
            await worker.settle(late, .returned)
            worker.failures.leave()
        }
    }

    /// - Returns: a message that came after the worker was told to end; nil if no message came.
    private mutating func run() async -> Delivery? {
        defer { failures.leave() }
        var turnStart = consumer.clock.now
        while !stop.isFired, !Task.isCancelled {
            do {
                let next =
                    failures.areOver
                    ? try await subscription.next() : try await failures.next(from: subscription)
                guard let delivery = next else { return nil }
                failures.end()
                guard duty.hasTaken() else { return delivery }
                let end = await handle(delivery)
                guard duty.hasSettled() else { return nil }
                guard end - turnStart >= Self.turn else { continue }
                await Task.yield()
                turnStart = end
            } catch {
                guard !stop.isFired, !Task.isCancelled else { return nil }
                await failures.wait(after: error, orUntil: stop)
            }
        }
        return nil
    }

    /// Handles and settles one message.
    ///
    /// - Returns: the time at which the handler ended.
    private mutating func handle(_ delivery: Delivery) async -> Duration {
        let start = consumer.clock.now
        var failure: (any Error)?
        do {
            try await function.current.handle(delivery)
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
        // If the task is cancelled, the handler was told to stop. Its error does not matter.
        guard !Task.isCancelled else { return .returned }
        let reason = FailureReason.text(of: failure)
        consumer.failed.add()
        consumer.log.error("a message handler failed", metadata(of: delivery, reason))
        return .rejected(reason: reason)
    }

    /// Settles a message.
    ///
    /// It tries again until the driver has stored the settlement or the worker is cancelled. Then the message goes
    /// back, because a driver can give it back later without the worker.
    private mutating func settle(_ delivery: Delivery, _ settlement: Settlement) async {
        while true {
            do {
                try await subscription.settle(delivery, settlement)
                return failures.end()
            } catch {
                let isFinal = (error as? WippyError)?.isRetryable == false
                if !isFinal { await failures.wait(after: error) }
                guard isFinal || Task.isCancelled else { continue }
                consumer.log.error(
                    "a message could not be settled; it may be handled again",
                    metadata(of: delivery, FailureReason.text(of: error)))
                // After a final error the delivery cannot be settled any more.
                if !isFinal { _ = try? await subscription.settle(delivery, .returned) }
                return
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
