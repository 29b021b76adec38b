import Synchronization
import WippyLog

/// The service of an entry, whose runs never overlap, even if one of them was abandoned.
///
/// A reload may start a service again while an abandoned run of it goes on. Then the new run fails, and the restart
/// policy tries again later.
final class ExclusiveService: ManagedService {
    /// The service that the kind has built.
    let service: any ManagedService
    private let isRunning = Atomic(false)

    init(_ service: any ManagedService) {
        self.service = service
    }

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        guard !isRunning.exchange(true, ordering: .acquiring) else {
            throw ServiceFailure("its last attempt was abandoned and still runs")
        }
        defer { isRunning.store(false, ordering: .releasing) }
        try await service.run(ready: ready, stop: stop)
    }

    var details: LogMetadata { service.details }

    var activity: String? { service.activity }
}
