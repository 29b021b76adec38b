import CWippyUV
import Glibc
import WippyText

/// Watches folders on a loop, and reports when a name in one of them changes.
///
/// A name changes when its file, folder or symbolic link is created, written, renamed or removed, or when its
/// attributes change, such as its permissions. The watch does not report changes inside subfolders. To watch a single
/// file, watch its folder.
///
/// Call ``close()`` when you no longer need the watch. Otherwise the shutdown of the loops closes it.
///
/// `@unchecked Sendable`: confined to its loop. Its methods check that they run there.
public final class FolderWatch: @unchecked Sendable {
    /// The largest number of watched folders: 4,096.
    public static let maxFolders = 4096

    /// The loop on which the watch reports changes.
    public let loop: EventLoop

    private var changed: ((_ folder: String, _ name: String?) -> Void)?
    private var handles: [ExactText: FolderHandle] = [:]

    /// Creates a watch without folders.
    ///
    /// Call it on the loop's thread.
    ///
    /// - Parameters:
    ///   - loop: the loop on which the watch reports changes.
    ///   - changed: called on the loop after a change, with the folder as you gave it to ``follow(_:)``, and the
    ///     changed name in it. The name is nil if the folder itself may have been removed or replaced. The watch keeps
    ///     the closure until ``close()``.
    public init(on loop: EventLoop, changed: @escaping (_ folder: String, _ name: String?) -> Void) {
        loop.requireCurrent()
        self.loop = loop
        self.changed = changed
    }

    /// The result of ``follow(_:)``.
    public struct Following: Sendable {
        /// The folders that the call has begun to watch.
        public fileprivate(set) var added: [String] = []
        /// The folders that cannot be watched, each with the system's error.
        ///
        /// Missing folders and paths of files are not in the list.
        public fileprivate(set) var failed: [(folder: String, error: SocketError)] = []
        /// The number of folders beyond ``FolderWatch/maxFolders``, which are not watched.
        public fileprivate(set) var left = 0
    }

    /// Watches these folders, and stops watching all others.
    ///
    /// Call it on the loop's thread.
    ///
    /// A folder that was reported without a name is watched anew, and counts as added. A missing folder is skipped:
    /// watch the folder that will contain it. The path of a file is skipped, too. The call has no effect after
    /// ``close()`` or the shutdown of the loops.
    ///
    /// - Parameter folders: paths without symbolic links. If there are more than ``maxFolders``, only the first ones
    ///   are watched.
    public func follow(_ folders: [String]) -> Following {
        loop.requireCurrent()
        var following = Following()
        guard changed != nil, !loop.isEnding else { return following }
        let followed = folders.prefix(Self.maxFolders)
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

    /// The advice for an error, by libuv's status.
    private static let advice = [
        UV_ENOSPC.rawValue: "raise the system's limit fs.inotify.max_user_watches",
        UV_EMFILE.rawValue: "raise the system's limit fs.inotify.max_user_instances",
    ]

    /// Ends the watch and releases its closure.
    ///
    /// Call it on the loop's thread. You can call it more than once.
    public func close() {
        loop.requireCurrent()
        changed = nil
        for handle in handles.values { handle.close() }
        handles = [:]
    }
}

/// The watch of one folder.
///
/// `@unchecked Sendable`: confined to its loop.
final class FolderHandle: @unchecked Sendable {
    /// True if the folder may have been removed or replaced.
    ///
    /// Then the path may lead to another folder than the watched one.
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

    /// - Returns: libuv's status; 0 for success.
    ///
    /// A path that leads to something else than a folder gives `UV_ENOTDIR`.
    fileprivate func start() -> Int32 {
        var information = stat()
        // libuv would watch a single file, too. It finds a missing path itself.
        if stat(folder, &information) == 0, information.st_mode & S_IFMT != S_IFDIR { return UV_ENOTDIR.rawValue }
        return uv_fs_event_start(
            handle,
            { handle, name, _, _ in
                guard let owner = handle?.pointee.data else { return }
                Unmanaged<FolderHandle>.fromOpaque(owner).takeUnretainedValue()
                    .received(name.map { String(cString: $0) })
            }, folder, 0)
    }

    /// Reports a change.
    ///
    /// For a change of the folder itself, libuv gives the folder's own name.
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
