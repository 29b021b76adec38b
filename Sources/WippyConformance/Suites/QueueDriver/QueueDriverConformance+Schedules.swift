import WippyDefinition
import WippyMessaging
import WippyTestTools
import WippyValues

extension BenchQueue {
    /// A schedule of the queue, by its name.
    fileprivate func schedule(_ name: String = "nightly") throws -> BenchSchedule {
        guard let store = queue as? any ScheduleStore else {
            throw Finding("a queue must be a ScheduleStore, and is a \(type(of: queue))")
        }
        return BenchSchedule(
            id: EntryID(namespace: "conformance", name: name), store: store, patience: patience)
    }
}

/// A schedule in a queue of the driver under test.
///
/// Each of its calls must end.
private struct BenchSchedule {
    let id: EntryID
    let store: any ScheduleStore
    let patience: Patience

    func mark() async throws -> ScheduleMark? {
        try await patience.outcome(of: "'mark'") { [store, id] in try await store.mark(of: id) }
    }

    func move(
        from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message? = nil
    ) async throws -> ScheduleMove {
        try await patience.outcome(of: "'move'") { [store, id] in
            try await store.move(id, from: old, to: new, publishing: message)
        }
    }
}

extension ScheduleMark {
    /// The mark of a schedule at a second.
    fileprivate static func at(_ second: Int, _ definition: String = "every 60s") -> ScheduleMark {
        ScheduleMark(second: second, definition: definition)
    }
}

// Schedules whose marks a queue keeps.
extension QueueDriverConformance {
    static func ownMarks(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let (one, other) = (try queue.schedule("one"), try queue.schedule("other"))
            try require("the mark of a schedule that was never there", try await one.mark(), is: nil)
            try require("the move to the first mark", try await one.move(from: nil, to: .at(60)), is: .moved)
            try require("the mark", try await one.mark(), is: .at(60))
            try require("the mark of the other schedule", try await other.mark(), is: nil)
            try require(
                "the move of a mark that was thought not to be there",
                try await one.move(from: nil, to: .at(120)), is: .refused)
            try require("the mark", try await one.mark(), is: .at(60))
        }
    }

    static func movesOnce(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let schedule = try queue.schedule()
            _ = try await schedule.move(from: nil, to: .at(60))
            try require("what is there with a mark alone", try await queue.total(), is: 0)
            let message = Message(body: .integer(120), headers: [MessageHeader.scheduledTime: 120])
            let move = try await schedule.move(from: .at(60), to: .at(120), publishing: message)
            try require("the move with a message", move, is: .published)
            try require("the mark", try await schedule.mark(), is: .at(120))
            for old in [ScheduleMark.at(60), .at(120, "every 30s")] {
                let move = try await schedule.move(from: old, to: .at(180), publishing: Message(body: 180))
                try require("the move of a mark that is elsewhere", move, is: .refused)
            }
            let delivery = try await queue.subscribe().settleNext(.acknowledged)
            try require("the message", delivery.message.id, is: message.id)
            try require("its body", delivery.message.body, is: 120)
            try require("its header", delivery.message.headers[MessageHeader.scheduledTime], is: 120)
            try require("what is left", try await queue.total(), is: 0)
            // A mark can also move back, after a clock was corrected.
            try require("the move back", try await schedule.move(from: .at(120), to: .at(30)), is: .moved)
            try require("the mark", try await schedule.mark(), is: .at(30))
        }
    }

    static func movesOfMany(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let schedule = try queue.schedule()
            _ = try await schedule.move(from: nil, to: .at(0))
            for tick in 1...10 {
                let moves = (0..<8).map { number in
                    Task {
                        try await schedule.move(
                            from: .at(tick - 1), to: .at(tick), publishing: Message(body: .integer(number)))
                    }
                }
                var count = 0
                for move in moves where try await move.value == .published { count += 1 }
                try require("how many have moved the mark", count, is: 1)
                try require("how many messages are there", try await queue.total(), is: tick)
            }
        }
    }

    static func refusedMove(_ test: QueueBench) async throws {
        let queue = try test.queue(publishTimeout: .zero, isFullWithOne: true)
        try await test.running {
            let schedule = try queue.schedule()
            try await queue.publish(0..<1)
            _ = try await schedule.move(from: nil, to: .at(60))
            try await test.isUnavailable {
                _ = try await schedule.move(from: .at(60), to: .at(120), publishing: Message(body: 120))
            }
            try require("the mark", try await schedule.mark(), is: .at(60))
            try require("what is there", try await queue.total(), is: 1)
        }
    }

    static func keptMarks(_ test: QueueBench) async throws {
        let queue = try test.queue()
        try await test.running {
            let schedule = try queue.schedule()
            _ = try await schedule.move(from: nil, to: .at(60))
            _ = try await schedule.move(from: .at(60), to: .at(120), publishing: Message(body: 120))
        }
        let anew = try await test.madeAnew()
        let same = try anew.queue()
        try await anew.running {
            try require("the mark", try await same.schedule().mark(), is: .at(120))
            try require("what is there", try await same.total(), is: 1)
        }
    }
}
