import Glibc
import WippyApplication
import WippyCommandLine
import WippyDefinition
import WippyRuntime
import WippySQL
import WippySQLQueue
import WippyText
import WippyValues

/// Runs an application on a copy of its data, kills it again and again, and counts the results of accepted requests.
struct CrashVerification {
    /// The moment at which a process is killed.
    enum Moment: Equatable {
        /// The end of this time, which begins after ``CrashedApplication/waitForStart()``.
        case after(Duration)
        /// The moment at which messages have passed a point this number of times. If this takes too long, the process
        /// is killed all the same.
        case at(CrashTest.Point, passes: Int)
    }

    /// The result of the verification.
    struct Outcome {
        let books: CrashBooks
        /// The status of the last answer that accepted no request; nil if there was none.
        let refusal: Int?
        let kills: Int
        /// The times from a restart to the first message that was claimed again.
        ///
        /// Restarts without such a message are left out.
        let delays: [Duration]
        /// The result of the integrity check of each file whose database offers one.
        let integrity: [(file: String, answer: String)]
    }

    /// The number of waiting messages at which the clients pause.
    private static let maxBacklog = 200
    /// The largest number of requests between two kills.
    private static let requestsBetweenKills = 40
    /// The longest time to wait for a process that must die by itself.
    private static let patience = Duration.seconds(1)

    let checked: CheckedProject
    let endpoints: [CrashLoad.Endpoint]
    let overrides: [String]
    /// The arguments of the command line without the overrides.
    let arguments: [String]
    let kills: Int
    let seconds: Int?
    let seed: UInt64

    /// Runs the verification.
    ///
    /// - Parameter progress: called after each kill, and during the wait for the remaining messages.
    func run(_ progress: (String) -> Void) async throws -> Outcome {
        var random = SeededGenerator(seed: seed)
        let load = try CrashLoad(endpoints, seed: seed)
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var (killed, delays) = (0, [Duration]())
        var backlog = 0
        do {
            while killed < kills, end.map({ ContinuousClock.now < $0 }) ?? true {
                let moment = Self.moment(&random)
                let (delay, left) = try await round(until: moment, load, backlog)
                killed += 1
                backlog = left
                if let delay { delays.append(delay) }
                let again = delay.map { ", the first message was claimed again after \($0.readable)" } ?? ""
                progress("kill \(killed) of \(kills) \(moment): \(load.accepted.count) accepted\(again)")
            }
            try await load.end()
            if let delay = try await finish(progress) { delays.append(delay) }
        } catch {
            try? await load.end()
            throw error
        }
        return try await outcome(of: load, killed, delays)
    }

    private static func moment(_ random: inout SeededGenerator) -> Moment {
        let points = CrashTest.Point.allCases
        let choice = Int.random(in: 0..<(points.count * 2), using: &random)
        guard choice < points.count else { return .after(.milliseconds(Int.random(in: 0..<400, using: &random))) }
        return .at(points[choice], passes: Int.random(in: 1...requestsBetweenKills / 2, using: &random))
    }

    private func start(_ test: String) async throws -> CrashedApplication {
        let application = try CrashedApplication(
            arguments + overrides.flatMap { ["-o", $0] }, test: test)
        try await application.waitForStart()
        return application
    }

    /// Starts a process that handles messages, and waits until it is dead.
    ///
    /// - Returns: the time until the first message was claimed again, and the number of waiting messages.
    private func round(
        until moment: Moment, _ load: CrashLoad, _ backlog: Int
    ) async throws -> (delay: Duration?, backlog: Int) {
        let test =
            switch moment {
            case .after: "none"
            case .at(let point, let passes): "\(point.rawValue):\(passes)"
            }
        let application = try await start(test)
        guard application.isStarted || test != "none" else {
            throw CommandError("the application does not start; its last lines are:\n\(application.lastLines)")
        }
        let left = (try? Self.backlog(of: application)) ?? backlog
        if application.isStarted, left < Self.maxBacklog {
            let ports = try endpoints.map { endpoint in
                guard let port = application.port(of: endpoint.server) else {
                    throw CommandError("the server '\(endpoint.server)' does not listen, so it gets no requests")
                }
                return port
            }
            load.begin(at: ports, atMost: Self.requestsBetweenKills)
        }
        if case .after(let time) = moment {
            try await application.wait(atMost: time)
        } else {
            try await application.wait(atMost: Self.patience)
        }
        try await application.kill()
        load.pause()
        return (application.timeUntilClaimedAgain, left)
    }

    private static func backlog(of application: CrashedApplication) throws -> Int {
        var count = 0
        try RunningApplication(process: application.id).ask(CrashControl.backlog) { count += $0.integer ?? 0 }
        return count
    }

    /// Lets the application handle the remaining messages as long as their number shrinks.
    ///
    /// Then stops it.
    private func finish(_ progress: (String) -> Void) async throws -> Duration? {
        let application = try await start("none")
        guard application.isStarted else {
            throw CommandError("the application does not start; its last lines are:\n\(application.lastLines)")
        }
        var (least, quiet) = (Int.max, 0)
        while quiet < 100, !application.hasEnded {
            let left = try Self.backlog(of: application)
            if left == 0 { break }
            quiet = left < least ? 0 : quiet + 1
            if left < least / 2 { progress("\(left) messages are left") }
            least = min(least, left)
            try await Task.sleep(for: .milliseconds(100))
        }
        try await application.kill(SIGTERM)
        return application.timeUntilClaimedAgain
    }

    private func outcome(of load: CrashLoad, _ killed: Int, _ delays: [Duration]) async throws -> Outcome {
        let accepted = load.accepted
        let ids = checked.plan.ids(offering: .database)
        return try await OpenedEntries.open(ids, of: checked) { opened in
            var fates: [MessageFate] = []
            var integrity: [(String, String)] = []
            for id in ids {
                guard let database = opened.offered(by: id, as: .database) else { continue }
                if let database = database as? any QueueDatabase {
                    fates += try await StoredQueues(of: database).fates(markedBy: CrashTest.requestHeader)
                }
                guard let file = (checked.plan[id]?.config as? any SQLFileConfig)?.file,
                    let problems = try await (database as? any CopyableDatabase)?.integrityProblems()
                else { continue }
                integrity.append((file, problems.isEmpty ? "ok" : problems.joined(separator: ", ")))
            }
            return Outcome(
                books: CrashBooks(accepted: accepted, fates: fates), refusal: load.refusal, kills: killed,
                delays: delays.sorted(), integrity: integrity)
        }
    }
}

extension CrashVerification.Moment: CustomStringConvertible {
    var description: String {
        switch self {
        case .after(let time): "after \(time.readable)"
        case .at(let point, let passes): "at message \(passes) \(point.rawValue)"
        }
    }
}
