import LuaEngine
import WippyLog
import WippyValues

extension ScriptModule {
    /// `logger`: writes to the application's log, with the entry's id and the place of the call.
    static let logger = ScriptModule("logger") { stack in
        stack.push(ScriptLogger(name: nil, fields: [:]), as: ScriptLogger.type)
    }
}

/// A logger for scripts, with the fields that it adds to each record.
private final class ScriptLogger: Sendable {
    static let type: LuaObjectType<ScriptLogger> = LuaObjectType(
        "Logger",
        methods: [
            "debug": { stack, logger in try logger.log(.debug, stack) },
            "info": { stack, logger in try logger.log(.info, stack) },
            "warn": { stack, logger in try logger.log(.warning, stack) },
            "error": { stack, logger in try logger.log(.error, stack) },
            "with": { stack, logger in
                try stack.check(.table, at: 2)
                var fields = logger.fields
                fields.merge(try stack.logFields(at: 2))
                return stack.give(ScriptLogger(name: logger.name, fields: fields), as: type)
            },
            "named": { stack, logger in
                let name = try stack.checkString(at: 2)
                guard !name.isEmpty else { throw LuaRaise.argument(2, "the name cannot be empty") }
                let whole = logger.name.map { "\($0).\(name)" } ?? name
                return stack.give(ScriptLogger(name: whole, fields: logger.fields), as: type)
            },
        ], keepsArguments: true)

    private let name: String?
    private let fields: LogMetadata

    init(name: String?, fields: LogMetadata) {
        (self.name, self.fields) = (name, fields)
    }

    private func log(_ level: LogLevel, _ stack: LuaStack) throws -> LuaVerdict {
        let message = try stack.checkString(at: 2)
        if !stack.isNil(at: 3) { try stack.check(.table, at: 3) }
        let log = try stack.call.log
        guard level >= log.level else { return .none }
        var metadata = fields
        if let name { metadata["logger"] = "\(name)" }
        if !stack.isNil(at: 3) { metadata.merge(try stack.logFields(at: 3)) }
        metadata.merge(stack.placeInLog)
        log.log(level, message, metadata)
        return .none
    }
}

extension LuaStack {
    /// Returns the fields of a table whose keys are texts, sorted by name.
    ///
    /// An error becomes its text.
    fileprivate func logFields(at index: Int) throws(LuaRaise) -> LogMetadata {
        var fields: [(name: String, value: LogValue)] = []
        try forEachPair(at: index) { () throws(LuaRaise) in
            guard let name = string(at: -2) else { return }
            if let error = error(at: -1) {
                fields.append((name, LogValue(error)))
            } else {
                fields.append((name, .value(try dataValue(at: -1))))
            }
        }
        return fields.sorted { $0.name < $1.name }.reduce(into: [:]) { $0[$1.name] = $1.value }
    }
}
