import Testing
import WippyDefinition

@testable import WippyRuntime

@Suite("The lifecycle of an entry that writes none")
struct LifecyclePolicyTests {
    @Test("It has the defaults of the manual")
    func defaults() {
        let policy = LifecyclePolicy.standard
        #expect(!policy.startsAutomatically && policy.isRequired)
        #expect(policy.startTimeout == nil)
        #expect(policy.stopTimeout == nil)
        #expect(policy.stableThreshold == .seconds(5))
        #expect(policy.requirements.isEmpty)
        #expect(policy.restart.initialDelay == .seconds(1))
        #expect(policy.restart.maxDelay == .seconds(90))
        #expect(policy.restart.backoffFactor == 2)
        #expect(policy.restart.jitter == 0.1)
        #expect(policy.restart.maxAttempts == 0)
        #expect(policy.restart.intensity == nil)
    }

    @Test("Ten seconds to become ready, no limit for a process, and what is written for both")
    func startLimit() {
        let quick = SupervisedService(id: .app("a"), role: .resource, service: IdleService())
        var slow = SupervisedService(id: .app("b"), role: .process, service: IdleService(mayStartSlowly: true))
        #expect(quick.startLimit == .seconds(10))
        #expect(slow.startLimit == nil)
        slow.policy.startTimeout = .seconds(3)
        #expect(slow.startLimit == .seconds(3))
    }
}
