import EventLoops
import WippyDefinition
import WippyLog
import WippyText

/// Reloads an application when files of its project are saved.
///
/// A burst of saves causes one reload, at the end of the burst.
///
/// `@unchecked Sendable`: only the control loop uses it.
final class ProjectWatch: @unchecked Sendable {
    private let log: Log
    private var folders: WatchedFolders?
    private var watch: FolderWatch?
    private var timer: LoopTimer?
    private var burst = SaveBurst()
    private var problem: String?

    /// Creates a watch without folders.
    ///
    /// Call this on the loop.
    init(of application: Application, on loop: EventLoop, log: Log) {
        self.log = log
        timer = LoopTimer(on: loop) { [weak self] in
            self?.burst.end()
            // Nothing waits for the reload. The log has its result.
            Task(executorPreference: loop) { await application.reload() }
        }
        watch = FolderWatch(on: loop) { [weak self] folder, name in self?.changed(name, in: folder) }
    }

    /// Watches the folders of a project instead of the earlier folders.
    ///
    /// - Returns: true if there are new folders. Their files may have changed before the watch began.
    func follow(_ folders: WatchedFolders) -> Bool {
        guard let watch else { return false }
        let isFirst = self.folders == nil
        self.folders = folders
        let following = watch.follow(folders.paths)
        tell(following, of: folders.paths.count)
        if isFirst, !following.added.isEmpty {
            log.info("the project's files are watched", ["folders": LogValue(following.added.count)])
        }
        return !following.added.isEmpty
    }

    /// Ends the watch.
    func close() {
        watch?.close()
        timer?.close()
        (watch, timer) = (nil, nil)
    }

    private func changed(_ name: String?, in folder: String) {
        guard let timer, let folders, folders.concern(name, in: folder) else { return }
        timer.schedule(after: burst.save(at: .milliseconds(timer.loop.nowMilliseconds)))
    }

    /// Logs once that some folders cannot be watched.
    private func tell(_ following: FolderWatch.Following, of count: Int) {
        var problem: String?
        if let failure = following.failed.first {
            problem = "\(failure.error)"
        } else if following.left > 0 {
            problem = "the project has \(count) folders, but at most \(FolderWatch.maxFolders) can be watched"
        }
        defer { self.problem = problem }
        guard let problem, self.problem == nil else { return }
        let count = LogValue(following.failed.count + following.left)
        log.warning(
            "some of the project's files are not watched: changes to them take effect at the next reload",
            ["reason": "\(problem)", "folders": count])
    }
}

/// Saves that belong together.
///
/// A burst ends when no save has come for 100 ms, and at most 1 s after its first save.
struct SaveBurst {
    /// The time of the first save; nil if no save has come.
    private var first: Duration?

    /// Notes a save.
    ///
    /// - Returns: the time until the end of the burst.
    mutating func save(at now: Duration) -> Duration {
        let first = self.first ?? now
        self.first = first
        return min(.milliseconds(100), .seconds(1) - (now - first))
    }

    /// Ends the burst.
    ///
    /// The next save begins another burst.
    mutating func end() { first = nil }
}
