import Testing
import Wippy
import WippyTesting

/// A kind of security policies from outside.
@Suite("A kind of policies from outside")
struct OwnPolicyKindTests {
    private struct PolicyKind: EntryKind {
        static let name: KindName = "own.policy"
        static let summary = "A policy."
        func offers(_ entry: Entry<SecurityPolicy>) -> [Offer<SecurityPolicy>] { [Offer(.securityPolicy) { $0 }] }
        func build(_ entry: Entry<SecurityPolicy>, with context: BuildContext) -> Built<SecurityPolicy> {
            .component(entry.config)
        }
    }

    private struct BarePolicyKind: EntryKind {
        static let name: KindName = "own.bare"
        static let summary = "A policy that says nothing."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func offers(_ entry: Entry<NoConfig>) -> [Offer<SecurityPolicy>] { [Offer(.securityPolicy) { $0 }] }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<SecurityPolicy> {
            throw BuildError(entry.id, "says nothing")
        }
    }

    @Test("An entry can name its policies and their groups")
    func isNamed() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            namespace: app
            entries:
              - {name: all, kind: own.policy, policy: {actions: "*", resources: "*", effect: allow}, groups: [users]}
              - {name: server, kind: process.host}
              - name: work
                kind: function.lua
                source: return function() end
                security: {policies: [all, server], groups: [users, user]}
            """, to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: [], kinds: .standard + [PolicyKind()])
        let found = application.check().report.diagnostics.map(\.description).filter { $0.contains("security.") }
        #expect(
            found == [
                "src/_index.yaml:8:32: error: app:work: 'security.policies[1]' names 'app:server' of the kind "
                    + "process.host (src/_index.yaml:4:26), which is not a security policy",
                "src/_index.yaml:8:49: warning: app:work: 'security.groups' names the group 'app:user', but no policy "
                    + "is in it; did you mean 'app:users'?",
            ])
    }

    @Test("A kind of policies without their fields is a mistake of the list")
    func bare() {
        #expect(
            KindCatalog(SecurityKinds.all + [PolicyKind(), BarePolicyKind()]).mistakes.map(\.message) == [
                """
                the kind 'own.bare' (\(String(reflecting: BarePolicyKind.self))) offers a security policy, so its \
                config must be a SecurityPolicy
                """
            ])
    }
}
