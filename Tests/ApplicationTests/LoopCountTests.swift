import EventLoops
import Testing
import Wippy
import WippyDefinition

@Suite("How many event loops there may be")
struct LoopCountTests {
    @Test("The settings allow as many as a group has")
    func range() {
        var fields = FieldReader()
        _ = ProjectSettings(from: &fields)
        let loops = fields.descriptions.first { $0.path == "runtime.loops" }
        #expect(loops?.form.range == "1 through \(EventLoopGroup.maxCount)")
    }
}
