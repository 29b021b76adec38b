import EventLoops
import WippyDefinition
import WippyLog
import WippyText

/// Reloads an application when files of its project are saved.
///
/// A burst of saves is one reload, which comes when the burst is over.
///
/// `@unchecked Sendable`: confined to the control loop.
final class ProjectWatch: @unchecked Sendable {
    private let log: Log
    private var folders: WatchedFolders?
    private var watch: FolderWatch?
    private var timer: LoopTimer?
    private var burst = SaveBurst()
    private var problem: String?

    /// Creates a watch of nothing yet; on the loop.
    init(of application: Application, on loop: EventLoop, log: Log) {
        self.log = log
        timer = LoopTimer(on: loop) { [weak self] in
            self?.burst.end()
            // Nobody awaits it: the log says what came of it.
            Task(executorPreference: loop) { await application.reload() }
        }
        watch = FolderWatch(on: loop) { [weak self] folder, name in self?.changed(name, in: folder) }
    }

    /// Watches the folders of a project, and no others any more.
    ///
    /// - Returns: whether some are new: what happened in them before is not known.
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

    /// Says once what is not watched.
    private func tell(_ following: FolderWatch.Following, of count: Int) {
        var problem: String?
        if let failure = following.failed.first {
            problem = "\(failure.error)"
        } else if following.left > 0 {
            problem = "the project has \(count) folders, but at most \(FolderWatch.foldersMax) can be watched"
        }
        defer { self.problem = problem }
        guard let problem, self.problem == nil else { return }
        let count = LogValue(following.failed.count + following.left)
        log.warning(
            "some of the project's files are not watched: changes to them take effect at the next reload",
            ["reason": "\(problem)", "folders": count])
    }
}

/// Saves that belong together: it is over when none has come for a tenth of a second, and no later than a second after
/// the first.
struct SaveBurst {
    /// When the first save came.
    private var first: Duration?

    /// Notes a save.
    ///
    /// - Returns: how long to wait from now on for the end.
    mutating func save(at now: Duration) -> Duration {
        let first = self.first ?? now
        self.first = first
        return min(.milliseconds(100), .seconds(1) - (now - first))
    }

    /// Notes that it is over: the next save begins another one.
    mutating func end() { first = nil }
}
