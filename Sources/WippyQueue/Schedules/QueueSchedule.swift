import Synchronization
import WippyDefinition
import WippyLog
import WippyMessaging
import WippyRuntime
import WippyText
import WippyValues

/// Publishes a message at each tick of a timetable.
///
/// - A tick is done when the queue has accepted its message. If the queue does not accept the message, the schedule
///   tries again with growing delays. The log says so once.
/// - On a stop, it finishes the message that it is publishing, and then publishes no more messages.
/// - The timetable, the message and the queue can change while it runs. The ticks of a new timetable begin at the time
///   of the change.
final class QueueSchedule: ManagedService {
    /// The settings in the schedule's entry.
    struct Settings: Sendable {
        let timetable: Timetable
        let missed: MissedTicks
        let queue: Link<any MessageQueue>
        let body: Value
        let headers: ValueMap
    }

    private struct State {
        var settings: Settings
        /// The number of changes of the settings.
        var version = 0
        /// Fires to end the wait for the next tick.
        var wake = OneShotEvent()
    }

    static let publishedMessages = Metric<Counter>(
        "messages.scheduled", of: "a schedule", unit: "messages", "Published messages.")

    private let id: EntryID
    private let clock: any RuntimeClock
    private let log: Log
    /// The number of published messages.
    private let published: Counter
    private let remembered = RememberedMark()
    private let state: Mutex<State>

    init(_ id: EntryID, _ settings: Settings, environment: RuntimeEnvironment, log: Log) {
        self.id = id
        self.log = log
        clock = environment.clock
        published = environment.metrics.counter(Self.publishedMessages, of: id)
        state = Mutex(State(settings: settings))
    }

    /// The current settings.
    var settings: Settings { state.withLock { $0.settings } }

    /// Changes the settings.
    func change(to settings: Settings) {
        let wake = state.withLock { state in
            state.settings = settings
            state.version += 1
            return state.wake
        }
        wake.fire()
    }

    var details: LogMetadata {
        guard let next = settings.timetable.next(after: now) else { return [:] }
        return ["next": "\(CalendarTime(secondsSince1970: next).internetDate)"]
    }

    var activity: String? { "waits" }

    private var now: Int { clock.unixMilliseconds / 1000 }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
        ready()
        let observation = stop.onFire { [self] in state.withLock { $0.wake }.fire() }
        defer { observation.end() }
        var progress = Progress(begin: now)
        while true {
            let (settings, version, wake) = state.withLock { state in
                state.wake = OneShotEvent()
                return (state.settings, state.version, state.wake)
            }
            guard !stop.isFired, !Task.isCancelled else { return }
            if progress.version != version { progress.begin(version, at: now) }
            let moment = await advance(&progress, by: settings)
            await wake.wait(until: moment, by: clock)
        }
    }
}

// The way from tick to tick.
extension QueueSchedule {
    /// The progress of the service.
    private struct Progress {
        /// The second in which the current settings began, or the second of the last move of the mark if it is later.
        private(set) var begin: Int
        /// The version of the current settings.
        private(set) var version = 0
        /// The last mark in the store; nil if it must be read.
        var mark: ScheduleMark?
        /// True if the mark belongs to this schedule with its current settings.
        var isOwn = false
        /// The number of failures of the queue in a row.
        var failures = 0

        init(begin: Int) {
            self.begin = begin
        }

        mutating func begin(_ version: Int, at second: Int) {
            (self.version, begin, isOwn) = (version, second, false)
        }

        /// Notes that the mark was moved.
        ///
        /// Earlier ticks are done, even with another store.
        mutating func didMove(to mark: ScheduleMark) {
            (self.mark, isOwn, begin) = (mark, true, max(begin, mark.second))
        }
    }

    /// The longest time between two checks of the time of day, in seconds.
    ///
    /// The system's clock may have been set in between.
    private static let turn = 60

    /// The largest time by which a mark may be ahead, in seconds.
    ///
    /// A mark further ahead was made before the clock was corrected.
    private static let tolerance = 3 * 3600

    /// Publishes the messages of all due ticks.
    ///
    /// - Returns: the time for the next call, by the runtime's clock.
    private func advance(_ progress: inout Progress, by settings: Settings) async -> Duration {
        do {
            try await publishDue(&progress, by: settings)
            if progress.failures > 0 { log.info("the queue of the schedule takes messages again") }
            progress.failures = 0
            let now = now
            let next = settings.timetable.next(after: max(now, progress.mark?.second ?? now)) ?? .max
            let milliseconds = min(next, now + Self.turn) * 1000 - clock.unixMilliseconds
            return clock.now + .milliseconds(milliseconds)
        } catch {
            progress.failures += 1
            if progress.failures == 1, !(error is CancellationError) {
                log.warning(
                    "the queue of the schedule fails; the messages that are due are tried again",
                    ["reason": "\(FailureReason.text(of: error))"])
            }
            return clock.now + Backoff.ofDriver.delay(progress.failures - 1)
        }
    }

    /// The largest number of times in a row that another process may move the mark first.
    ///
    /// Two processes share at most this many ticks.
    private static let maxLostRaces = 2 * MissedTicks.mostOfAll

    private var markOfOthers: WippyError {
        WippyError(
            .conflict, "the driver of the queue does not accept the time of the schedule's last message",
            isRetryable: true)
    }

    private func publishDue(_ progress: inout Progress, by settings: Settings) async throws {
        for _ in 0..<Self.maxLostRaces {
            if try await publishAllDue(&progress, by: settings) { return }
        }
        throw markOfOthers
    }

    /// - Returns: false if another process has moved the mark, or if the queue has another driver now.
    private func publishAllDue(_ progress: inout Progress, by settings: Settings) async throws -> Bool {
        let store = settings.queue.target.scheduleStore ?? remembered.store(with: settings.queue.target)
        let mark = try await ownMark(&progress, by: settings, at: store)
        let start = settings.missed == .skip ? max(mark.second, progress.begin) : mark.second
        for tick in settings.timetable.latest(atMost: settings.missed.most, after: start, through: now) {
            guard try await publish(tick, &progress, by: settings, at: store) else { return false }
        }
        return true
    }

    /// Returns the mark.
    ///
    /// If it belongs to another timetable, it is first moved to the current time.
    private func ownMark(
        _ progress: inout Progress, by settings: Settings, at store: any ScheduleStore
    ) async throws -> ScheduleMark {
        let definition = settings.timetable.definition
        for _ in 0..<Self.maxLostRaces {
            let known = progress.mark
            let mark: ScheduleMark? = if let known { known } else { try await store.mark(of: id) }
            if let mark, progress.isOwn || ExactText.areEqual(mark.definition, definition) {
                (progress.mark, progress.isOwn) = (mark, true)
                guard mark.second > now + Self.tolerance else { return mark }
                log.warning(
                    "the schedule was far ahead of the clock; it continues from the present time",
                    ["mark": "\(CalendarTime(secondsSince1970: mark.second).internetDate)"])
                progress.begin(progress.version, at: now)
            }
            let new = ScheduleMark(second: progress.begin, definition: definition)
            if try await store.move(id, from: mark, to: new, publishing: nil) != .refused {
                progress.didMove(to: new)
            } else {
                progress.mark = nil
            }
        }
        throw markOfOthers
    }

    /// Publishes the message of a tick.
    ///
    /// If the queue can never accept the message, the tick is skipped.
    ///
    /// - Returns: false if another process has moved the mark.
    private func publish(
        _ tick: Int, _ progress: inout Progress, by settings: Settings, at store: any ScheduleStore
    ) async throws -> Bool {
        let new = ScheduleMark(second: tick, definition: settings.timetable.definition)
        let message = message(at: tick, by: settings)
        let move: ScheduleMove
        do {
            move = try await store.move(id, from: progress.mark, to: new, publishing: message)
            if move == .published { published.add() }
        } catch let error as WippyError where error.kind == .invalid {
            log.error("the queue refused a message of the schedule", ["reason": "\(FailureReason.text(of: error))"])
            move = try await store.move(id, from: progress.mark, to: new, publishing: nil)
        }
        if move == .refused { progress.mark = nil } else { progress.didMove(to: new) }
        return move != .refused
    }

    private func message(at tick: Int, by settings: Settings) -> Message {
        var headers = settings.headers
        headers[MessageHeader.schedule] = .string(id.description)
        headers[MessageHeader.scheduledTime] = .integer(tick)
        return Message(body: settings.body, headers: headers)
    }
}
