import LuaEngine
import WippyLog

extension LuaStack {
    /// The place of the script's code that calls a Swift function, for the log.
    var placeInLog: LogMetadata {
        guard let place = place(level: 1) else { return [:] }
        return ["location": "\(place.source):\(place.line)"]
    }
}

extension Log {
    /// Logs the place at which a script has failed, and the callers of that place.
    ///
    /// Only the log gets this information.
    func tell(_ failure: LuaFailure) {
        guard !failure.traceback.isEmpty, !failure.isCancellation else { return }
        error("a script failed", ["error": "\(failure.message)", "traceback": "\(failure.traceback)"])
    }
}
