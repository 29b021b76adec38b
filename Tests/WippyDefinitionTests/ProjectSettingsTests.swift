import Testing
import WippyDefinition
import WippyValues

@Suite("Settings of a project")
struct ProjectSettingsTests {
    private static func settings(_ sections: ValueMap) -> ProjectSettings {
        var fields = FieldReader(sections, unknownFields: .error)
        return ProjectSettings(from: &fields)
    }

    @Test("The settings that a reload leaves as they are have names; a default counts as written")
    func namesNeedingRestart() {
        let old = Self.settings(["version": "1.0", "shutdown": ["timeout": "30s"]])
        #expect(old.namesNeedingRestart(for: Self.settings(["version": "1.0"])).isEmpty)
        let new = Self.settings([
            "version": "1.0", "runtime": ["loops": 2], "shutdown": ["timeout": "5s"], "swift": ["product": "app"],
        ])
        #expect(old.namesNeedingRestart(for: new) == ["runtime.loops", "shutdown.timeout"])
    }
}
