import Synchronization
import WippyDefinition
import WippyLog
import WippyRuntime
import WippyText
import WippyValues

/// Publishes a message at each tick of a timetable.
///
/// - A tick is done with when the queue has its message; what the queue does not take is tried again, with growing
///   delays, and the log says so once.
/// - Told to stop, it publishes what it is about to, and no more.
/// - It takes another timetable, message or queue while it runs; ticks of the new one count from then on.
final class QueueSchedule: ManagedService {
    /// What the schedule's entry says.
    struct Setup: Sendable {
        let timetable: Timetable
        let missed: MissedTicks
        let queue: Link<any MessageQueue>
        let body: Value
        let headers: ValueMap
    }

    private struct State {
        var setup: Setup
        /// Counts the setups.
        var version = 0
        /// Fires when there is something else to do than to wait for the next tick.
        var wake = StopSignal()
    }

    private let id: EntryID
    private let clock: any RuntimeClock
    private let log: Log
    /// The messages that it has published.
    private let published: Counter
    private let remembered = RememberedMark()
    private let state: Mutex<State>

    init(_ id: EntryID, _ setup: Setup, environment: RuntimeEnvironment, log: Log) {
        self.id = id
        self.log = log
        clock = environment.clock
        published = environment.metrics.counter("messages.scheduled", of: id)
        state = Mutex(State(setup: setup))
    }

    /// What the entry says now.
    var setup: Setup { state.withLock { $0.setup } }

    /// Takes what the entry says from now on.
    func change(to setup: Setup) {
        let wake = state.withLock { state in
            state.setup = setup
            state.version += 1
            return state.wake
        }
        wake.fire()
    }

    var details: LogMetadata {
        guard let next = setup.timetable.next(after: now) else { return [:] }
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
            let (setup, version, wake) = state.withLock { state in
                state.wake = StopSignal()
                return (state.setup, state.version, state.wake)
            }
            guard !stop.isFired, !Task.isCancelled else { return }
            if progress.version != version { progress.begin(version, at: now) }
            let moment = await advance(&progress, by: setup)
            await wake.wait(until: moment, by: clock)
        }
    }
}

// From tick to tick.
extension QueueSchedule {
    /// How far the service has come.
    private struct Progress {
        /// When it has begun with the present setup, or what it has moved its mark to since.
        private(set) var begin: Int
        /// The number of that setup.
        private(set) var version = 0
        /// The mark as the store had it last; nil before it was read.
        var mark: ScheduleMark?
        /// Whether the mark is of this schedule, as this setup has it.
        var isOwn = false
        /// How often the queue has failed since it last took something.
        var failures = 0

        init(begin: Int) {
            self.begin = begin
        }

        mutating func begin(_ version: Int, at second: Int) {
            (self.version, begin, isOwn) = (version, second, false)
        }

        /// Notes that the mark was moved here: what was before it is done with, whatever store comes next.
        mutating func didMove(to mark: ScheduleMark) {
            (self.mark, isOwn, begin) = (mark, true, max(begin, mark.second))
        }
    }

    /// The longest time without a look at the time of day, which somebody may have set.
    private static let turn = 60

    /// A mark that is further ahead than this was made before the clock was put right.
    private static let tolerance = 3 * 3600

    /// Does what is due.
    ///
    /// - Returns: when there may be something to do again, by the runtime's clock.
    private func advance(_ progress: inout Progress, by setup: Setup) async -> Duration {
        do {
            try await publishDue(&progress, by: setup)
            if progress.failures > 0 { log.info("the queue of the schedule takes messages again") }
            progress.failures = 0
            let now = now
            let next = setup.timetable.next(after: max(now, progress.mark?.second ?? now)) ?? .max
            let milliseconds = min(next, now + Self.turn) * 1000 - clock.unixMilliseconds
            return clock.now + .milliseconds(milliseconds)
        } catch {
            progress.failures += 1
            if progress.failures == 1, !(error is CancellationError) {
                log.warning(
                    "the queue of the schedule fails; what is due is tried again",
                    ["reason": "\(FailureReason.text(of: error))"])
            }
            return clock.now + DriverFailures.delay(after: progress.failures)
        }
    }

    private func publishDue(_ progress: inout Progress, by setup: Setup) async throws {
        let store = setup.queue.target.scheduleStore ?? remembered.store(with: setup.queue.target)
        let mark = try await ownMark(&progress, by: setup, at: store)
        let start = setup.missed == .skip ? max(mark.second, progress.begin) : mark.second
        for tick in setup.timetable.latest(atMost: setup.missed.most, after: start, through: now) {
            // Somebody else has published it, or the queue has another driver now.
            guard try await publish(tick, &progress, by: setup, at: store) else {
                return try await publishDue(&progress, by: setup)
            }
        }
    }

    /// The mark, moved to the present if it is of another schedule than this one is now.
    private func ownMark(
        _ progress: inout Progress, by setup: Setup, at store: any ScheduleStore
    ) async throws -> ScheduleMark {
        let definition = setup.timetable.definition
        while true {
            let known = progress.mark
            let mark: ScheduleMark? = if let known { known } else { try await store.mark(of: id) }
            if let mark, progress.isOwn || ExactText.areEqual(mark.definition, definition) {
                (progress.mark, progress.isOwn) = (mark, true)
                guard mark.second > now + Self.tolerance else { return mark }
                log.warning(
                    "the schedule has come to a time that is far ahead; it goes on from the present",
                    ["mark": "\(CalendarTime(secondsSince1970: mark.second).internetDate)"])
                progress.begin(progress.version, at: now)
            }
            let new = ScheduleMark(second: progress.begin, definition: definition)
            if try await store.move(id, from: mark, to: new, publishing: nil) {
                progress.didMove(to: new)
            } else {
                progress.mark = nil
            }
        }
    }

    /// Publishes the message of a tick; one that the queue will never take is passed over.
    ///
    /// - Returns: false if the mark is elsewhere.
    private func publish(
        _ tick: Int, _ progress: inout Progress, by setup: Setup, at store: any ScheduleStore
    ) async throws -> Bool {
        let new = ScheduleMark(second: tick, definition: setup.timetable.definition)
        let message = message(at: tick, by: setup)
        let isMoved: Bool
        do {
            isMoved = try await store.move(id, from: progress.mark, to: new, publishing: message)
            if isMoved { published.add() }
        } catch let error as WippyError where error.kind == .invalid {
            log.error("the queue refuses a message of the schedule", ["reason": "\(FailureReason.text(of: error))"])
            isMoved = try await store.move(id, from: progress.mark, to: new, publishing: nil)
        }
        if isMoved { progress.didMove(to: new) } else { progress.mark = nil }
        return isMoved
    }

    private func message(at tick: Int, by setup: Setup) -> Message {
        var headers = setup.headers
        headers["x_schedule"] = .string(id.description)
        headers["x_scheduled_at"] = .integer(tick)
        return Message(body: setup.body, headers: headers)
    }
}
