import CWippyUV
import WippyText

/// Reports changes of the names in folders, on a loop.
///
/// It does not watch files themselves. A folder reports a file that is written, created, renamed or removed, and a link
/// that is pointed elsewhere. It does not report what is in its subfolders.
///
/// Call `close()` when you are done with the watch. The loops' `shutDown` closes the rest.
///
/// `@unchecked Sendable`: confined to its loop; every method asserts that it runs there.
public final class FolderWatch: @unchecked Sendable {
    /// How many folders it watches at most: 4,096.
    public static let foldersMax = 4096

    /// The loop on which it reports changes.
    public let loop: EventLoop

    private var changed: ((_ folder: String, _ name: String?) -> Void)?
    private var handles: [ExactText: FolderHandle] = [:]

    /// Creates a watch without folders.
    ///
    /// Call it on the loop's thread.
    ///
    /// - Parameters:
    ///   - loop: The loop on which it calls.
    ///   - changed: Called on the loop for each change, with the folder as given to `follow`, and the name in it. The
    ///     name is nil if the folder itself may have been created or removed. It is kept until `close()`.
    public init(on loop: EventLoop, changed: @escaping (_ folder: String, _ name: String?) -> Void) {
        loop.assertCurrent()
        self.loop = loop
        self.changed = changed
    }

    /// The result of `follow`.
    public struct Following: Sendable {
        /// The folders that are now watched and were not before.
        public fileprivate(set) var added: [String] = []
        /// The folders that cannot be watched, each with the system's error.
        ///
        /// A missing folder is not among them.
        public fileprivate(set) var failed: [(folder: String, error: SocketError)] = []
        /// How many folders are beyond the limit, and so are not watched.
        public fileprivate(set) var left = 0
    }

    /// Watches these folders, and no others.
    ///
    /// A folder that was removed and created again is watched again, and counts as added. A missing folder is skipped:
    /// watch the folder that it will be in. It has no effect after `close()`.
    ///
    /// - Parameter folders: Paths without links. If there are more than `foldersMax`, the first ones are watched.
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
                let what = "cannot watch the folder '\(folder)'"
                following.failed.append((folder, SocketError(status: status, what, advice: Self.advice[status])))
            }
        }
        return following
    }

    /// What to do, by libuv's status.
    private static let advice = [
        UV_ENOSPC.rawValue: "raise the system's limit fs.inotify.max_user_watches",
        UV_EMFILE.rawValue: "raise the system's limit fs.inotify.max_user_instances",
    ]

    /// Ends the watch and releases its closure.
    ///
    /// You can call this twice.
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
