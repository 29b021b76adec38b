import WippyMessaging
import WippyRuntime
import WippySQL
import WippyValues

// Schedules.
extension QueueTable {
    /// Returns the mark of a schedule; nil if the schedule has no mark.
    func mark(of schedule: String) async throws -> ScheduleMark? {
        let rows = try await database.target.rows(SQLStatement(texts.schedules.mark, [.string(schedule)]), atMost: 1)
        guard let second = rows.first?[0]?.integer, let definition = rows.first?[1]?.string else { return nil }
        return ScheduleMark(second: second, definition: definition)
    }

    /// Moves a schedule's mark within a transaction.
    ///
    /// - Returns: false if the mark is not `old`.
    func moveMark(
        of schedule: String, from old: ScheduleMark?, to new: ScheduleMark, in transaction: any SQLTransaction
    ) async throws -> Bool {
        let values: [Value] = [.integer(new.second), .string(new.definition)]
        let key = Value.string(schedule)
        let statement =
            if let old {
                SQLStatement(texts.schedules.moveMark, values + [key, .integer(old.second), .string(old.definition)])
            } else {
                SQLStatement(texts.schedules.beginMark, [key] + values)
            }
        return try await transaction.execute(statement).rowsAffected == 1
    }
}
