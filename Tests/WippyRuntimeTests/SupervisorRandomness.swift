import WippyDefinition
import WippyTesting

@testable import WippyRuntime

extension SupervisedService {
    /// Some services of all roles with edges among them, which never run in a cycle.
    ///
    /// - Parameter pace: the delay before their first restart, by which their other times are measured.
    static func random(
        _ random: inout SeededGenerator, pace: Duration,
        runs service: (_ name: String, _ seed: UInt64) -> any ManagedService = { _, _ in IdleService() }
    ) -> [SupervisedService] {
        let roles: [ServiceRole] = [.resource, .process, .consumer, .server]
        var services: [SupervisedService] = []
        for number in 0..<Int.random(in: 1...10, using: &random) {
            var needs: [String] = []
            var completed: [String] = []
            for earlier in 0..<number {
                let die = Int.random(in: 0..<12, using: &random)
                if die < 3 { needs.append("s\(earlier)") }
                if die == 3 { completed.append("s\(earlier)") }
            }
            let name = "s\(number)"
            let isRequired = Int.random(in: 0..<3, using: &random) > 0
            let startsAutomatically = Int.random(in: 0..<4, using: &random) > 0
            let seed = random.next()
            let role = roles[Int.random(in: 0..<4, using: &random)]
            services.append(
                .named(name, role, needs: needs, completed: completed, runs: service(name, seed)) {
                    $0.isRequired = isRequired
                    $0.startsAutomatically = startsAutomatically
                    $0.startTimeout = pace * 200
                    $0.restart.initialDelay = pace
                    $0.restart.maxDelay = pace * 50
                    $0.restart.jitter = 0.1
                    $0.restart.spacing = .zero
                })
        }
        return services
    }
}
