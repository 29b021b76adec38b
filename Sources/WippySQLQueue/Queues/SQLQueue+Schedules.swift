import WippyDefinition
import WippyMessaging
import WippyRuntime
import WippySQL

extension SQLQueue: ScheduleStore {
    func mark(of schedule: EntryID) async throws -> ScheduleMark? {
        guard driver.owner != nil else { throw driver.refusal(of: id) }
        return try await driver.table.mark(of: schedule.description)
    }

    func move(
        _ schedule: EntryID, from old: ScheduleMark?, to new: ScheduleMark, publishing message: Message?
    ) async throws -> ScheduleMove {
        guard driver.owner != nil else { throw driver.refusal(of: id) }
        return try await driver.table.database.target.transaction { [self] transaction in
            let isMoved = try await driver.table.moveMark(
                of: schedule.description, from: old, to: new, in: transaction)
            guard isMoved else { return .refused }
            guard let message, try await transaction.publish(message, to: self) else { return .moved }
            return .published
        }
    }
}
