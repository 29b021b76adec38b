import CWippyUV
import WippyText

/// Tells of what happens to the names in folders, on a loop.
///
/// Files are not watched themselves: one that is written, made, renamed or removed is told of by its folder, and so is
/// a link that is pointed elsewhere. What is below a folder's own folders is not.
///
/// The owner calls `close()` when it is done with the watch; the loops' `shutDown` closes what is left.
///
/// `@unchecked Sendable`: confined to its loop; every method asserts that it runs there.
public final class FolderWatch: @unchecked Sendable {
    /// How many folders are watched at most: 4,096.
    public static let foldersMax = 4096

    /// The loop on which changes are told.
    public let loop: EventLoop

    private var changed: ((_ folder: String, _ name: String?) -> Void)?
    private var handles: [ExactText: FolderHandle] = [:]

    /// Creates a watch of nothing; on the loop's thread only.
    ///
    /// - Parameters:
    ///   - loop: The loop on which it calls.
    ///   - changed: Called on the loop for each change, with the folder as `follow` was told of it, and the name in
    ///     it; with no name if it may be the folder itself that went or came. It is kept until `close()`.
    public init(on loop: EventLoop, changed: @escaping (_ folder: String, _ name: String?) -> Void) {
        loop.assertCurrent()
        self.loop = loop
        self.changed = changed
    }

    /// What became of folders that are to be watched.
    public struct Following: Sendable {
        /// The folders that are watched from now on, and were not before.
        public fileprivate(set) var added: [String] = []
        /// The folders that cannot be watched, each with the system's words; one that is not there is none of them.
        public fileprivate(set) var failed: [(folder: String, error: SocketError)] = []
        /// How many folders are above the limit, and so are not watched.
        public fileprivate(set) var left = 0
    }

    /// Watches these folders, and no others any more.
    ///
    /// A folder that went and has come back is watched again, and counts as added. One that is not there is passed
    /// over: watch the folder that it will be in. Without effect after `close()`.
    ///
    /// - Parameter folders: Paths without links; the first ones if they are more than `foldersMax`.
    public func follow(_ folders: [String]) -> Following {
        loop.assertCurrent()
        var following = Following()
        guard changed != nil, !loop.isEnding else { return following }
        let followed = folders.prefix(Self.foldersMax)
        following.left = folders.count - followed.count
        let wanted = Set(followed.map { ExactText($0) })
        for (folder, handle) in handles where handle.mayBeGone || !wanted.contains(folder) {
            handle.close()
            handles[folder] = nil
        }
        for folder in followed where handles[ExactText(folder)] == nil {
            let handle = FolderHandle(folder, on: loop) { [weak self] name in self?.changed?(folder, name) }
            let status = handle.start()
            if status == 0 {
                handles[ExactText(folder)] = handle
                following.added.append(folder)
            } else {
                handle.close()
                guard status != UV_ENOENT.rawValue, status != UV_ENOTDIR.rawValue else { continue }
                let what = "the folder '\(folder)' cannot be watched"
                following.failed.append((folder, SocketError(status: status, what, advice: Self.advice[status])))
            }
        }
        return following
    }

    /// What to do, by libuv's status.
    private static let advice = [
        UV_ENOSPC.rawValue: "raise the system's fs.inotify.max_user_watches",
        UV_EMFILE.rawValue: "raise the system's fs.inotify.max_user_instances",
    ]

    /// Ends the watch: it tells nothing any more and lets go of its closure.
    ///
    /// Legal twice.
    public func close() {
        loop.assertCurrent()
        changed = nil
        for handle in handles.values { handle.close() }
        handles = [:]
    }
}

/// One folder that is watched.
///
/// `@unchecked Sendable`: confined to its loop.
final class FolderHandle: @unchecked Sendable {
    /// Whether the folder itself may have gone: what is watched may be another one than stands there now.
    private(set) var mayBeGone = false

    private let folder: String
    private let loop: EventLoop
    private let handle: UnsafeMutablePointer<uv_fs_event_t>
    private var changed: ((_ name: String?) -> Void)?

    fileprivate init(_ folder: String, on loop: EventLoop, changed: @escaping (_ name: String?) -> Void) {
        self.folder = folder
        self.loop = loop
        self.changed = changed
        handle = .allocate(capacity: 1)
        handle.initialize(to: uv_fs_event_t())
        uv_fs_event_init(loop.handles.loop, handle)
        loop.openHandles += 1
        handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    /// - Returns: libuv's status, 0 if all is well.
    fileprivate func start() -> Int32 {
        uv_fs_event_start(
            handle,
            { handle, name, _, _ in
                guard let owner = handle?.pointee.data else { return }
                Unmanaged<FolderHandle>.fromOpaque(owner).takeUnretainedValue()
                    .received(name.map { String(cString: $0) })
            }, folder, 0)
    }

    /// Of the folder itself libuv tells under its own name.
    private func received(_ name: String?) {
        let own = folder.unicodeScalars.split(separator: "/").last.map { String($0) } ?? ""
        let isAnother = name.map { !ExactText.areEqual($0, own) } ?? false
        if !isAnother { mayBeGone = true }
        changed?(isAnother ? name : nil)
    }

    func close() {
        guard changed != nil else { return }
        changed = nil
        uv_close(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            guard let owner = handle?.pointee.data else { return }
            let closed = Unmanaged<FolderHandle>.fromOpaque(owner).takeRetainedValue()
            closed.loop.openHandles -= 1
        }
    }

    deinit {
        handle.deallocate()
    }
}
