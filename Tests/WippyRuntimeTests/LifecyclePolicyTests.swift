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
        var policy = LifecyclePolicy.standard
        #expect(policy.startLimit(of: .resource) == .seconds(10) && policy.startLimit(of: .process) == nil)
        policy.startTimeout = .seconds(3)
        #expect(policy.startLimit(of: .resource) == .seconds(3) && policy.startLimit(of: .process) == .seconds(3))
    }

    @Test("Ten seconds to stop, no limit of its own for what takes work in, and what is written for both")
    func stopLimit() {
        var policy = LifecyclePolicy.standard
        #expect(policy.stopLimit(of: .process) == .seconds(10) && policy.stopLimit(of: .consumer) == nil)
        policy.stopTimeout = .seconds(3)
        #expect(policy.stopLimit(of: .process) == .seconds(3) && policy.stopLimit(of: .consumer) == .seconds(3))
    }
}
