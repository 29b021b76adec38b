import EventLoops
import Foundation
import Testing
import Wippy
import WippyTesting

/// Whatever a running application is changed to: it is then as one that has started so.
///
/// `PLAN_PAIRS=300` makes so many pairs of projects; `PLAN_SEED=7` is the first pair's seed.
@Suite("Pairs of plans", .timeLimit(.minutes(15)))
struct PlanPairTests {
    private static let program = Program(
        handlers: HandlerTable([
            GeneratedAnswer.self, GeneratedCall.self, GeneratedHandle.self, GeneratedProcess.self,
        ]), kinds: KindCatalog(.standard + [TableQueueDriverKind()]))

    private static func number(_ name: String, default count: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? count
    }

    @Test("Applying a plan equals starting afresh with it: what runs, what is linked, what answers; and back again")
    func pairs() async throws {
        let count = Self.number("PLAN_PAIRS", default: 24)
        let first = Self.number("PLAN_SEED", default: 1)
        let loops = try EventLoopGroup(count: 2)
        await withTaskGroup(of: Void.self) { group in
            for seed in first..<first + count {
                if seed >= first + 8 { await group.next() }
                group.addTask {
                    do {
                        try await Pair(seed: seed, program: Self.program, loops: loops).check()
                    } catch {
                        Issue.record("seed \(seed): \(error)")
                    }
                }
            }
        }
        await loops.shutDown()
    }
}

/// Two projects, the second of which is the first one edited.
private struct Pair {
    private let seed: Int
    private let loops: EventLoopGroup
    private let folder: TemporaryFolder
    private let program: Program
    private let before: GeneratedProject
    private let after: GeneratedProject
    private let paths: Set<String>

    init(seed: Int, program: Program, loops: EventLoopGroup) throws {
        (self.seed, self.program, self.loops) = (seed, program, loops)
        folder = try TemporaryFolder()
        before = GeneratedProject(seed: UInt64(seed))
        var after = before
        after.edit(1 + seed % 8)
        self.after = after
        paths = Set([before, after].flatMap { project in project.entries(.endpoint).map(project.path) })
    }

    func check() async throws {
        let plans = try [before, after].map { try plan($0) }
        let live = try GeneratedSystem(plans[0], on: loops)
        try await live.settle()
        if seed % 4 == 0 { try await refuse(live) }
        try await change(live, from: before, to: after, plans[1])
        try await change(live, from: after, to: before, plans[0])
        try await live.stop()
    }

    private func change(
        _ live: GeneratedSystem, from old: GeneratedProject, to new: GeneratedProject, _ plan: Plan
    ) async throws {
        try await leaveMessages(live, from: old, to: new, plan)
        let version = live.registry.current.number
        let change = try await live.apply(plan)
        guard change.outcome == .applied, change.version == version + 1 else {
            throw Mismatch(description: "\(change)")
        }
        let fresh = try GeneratedSystem(try self.plan(new, files: "new\(version)"), on: loops)
        try await compare(live, fresh, new, after: change)
        try await fresh.stop()
    }

    /// A plan that brings a required process which fails leaves everything as it is.
    private func refuse(_ live: GeneratedSystem) async throws {
        var broken = after
        broken.addFailure()
        let plan = try plan(broken)
        try await leaveMessages(live, from: before, to: broken, plan)
        let change = try await live.apply(plan)
        guard case .takenBack = change.outcome, change.version == 1 else { throw Mismatch(description: "\(change)") }
        let fresh = try GeneratedSystem(try self.plan(before, files: "new0"), on: loops)
        try await compare(live, fresh, before, after: change)
        try await fresh.stop()
    }

    private func compare(
        _ live: GeneratedSystem, _ fresh: GeneratedSystem, _ project: GeneratedProject, after change: PlanChange
    ) async throws {
        let expected = try await fresh.lines(of: project, paths: paths)
            .map { $0.replacing(/\/new\d\//, with: "/live/") }
        var found: [String] = []
        // A database takes other settings soon after the plan is in force. A message that is lost is told of once.
        do {
            try await eventually("the live application is as a fresh one") {
                found = try await live.lines(of: project, paths: paths)
                return found == expected || found.contains { $0.contains(" are lost") && !expected.contains($0) }
            }
        } catch is NeverHappened {}
        if found == expected { return }
        let differences =
            found.filter { !expected.contains($0) }.map { "  changed: \($0)" }
            + expected.filter { !found.contains($0) }.map { "  afresh:  \($0)" }
        throw Mismatch(
            description: (["\(change.outcome)", "\(change.difference)"] + differences).joined(separator: "\n"))
    }

    private struct Mismatch: Error, CustomStringConvertible {
        let description: String
    }

    /// Leaves messages in the queues that stay, and sees that those that go hold none.
    private func leaveMessages(
        _ live: GeneratedSystem, from old: GeneratedProject, to new: GeneratedProject, _ plan: Plan
    ) async throws {
        let difference = PlanDifference(from: live.registry.current.plan, to: plan)
        for queue in old.entries(.queue) {
            let id = queue.id
            let isConsumed = old.entries(.consumer).contains {
                $0.references["queue"] == queue.number
                    && live.supervisor.states[$0.id] == .running
            }
            let driver = { (project: GeneratedProject, queue: GeneratedProject.Entry) in
                project.target(of: "driver", of: queue)?.name
            }
            // A queue in a table is built anew if anything about it changes.
            let goesOn = new.entries(.queue).contains {
                $0.name == queue.name && driver(new, $0) == driver(old, queue)
                    && !new.isInTable($0) && !old.isInTable(queue)
            }
            if goesOn || difference.changes[id] == nil {
                try await live.leaveMessages(2, in: id)
            } else {
                let lost = try await live.lostMessages(of: id, isConsumed: isConsumed)
                guard lost == 0 else { throw Mismatch(description: "\(lost) messages of \(id) are lost") }
            }
        }
    }

    /// - Parameter files: the folder of its databases; all have names of one length, since long answers are cut.
    private func plan(_ project: GeneratedProject, files: String = "live") throws -> Plan {
        let texts = project.texts(folder: folder.file(files))
        try folder.write("directories: {src: ./src}\n", to: "wippy.lock")
        for (path, text) in texts { try folder.write(text, to: path) }
        let checked = CheckedProject(at: folder.path, in: program)
        guard checked.report.isValid else {
            let text = texts.map { "\($0.path):\n\($0.text)" }.joined()
            throw Mismatch(description: "\(checked.report.diagnostics.map(\.description))\n\(text)")
        }
        return checked.plan
    }
}
