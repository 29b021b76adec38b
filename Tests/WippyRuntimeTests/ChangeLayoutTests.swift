import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("Where services stand while a plan changes")
struct ChangeLayoutTests {
    @Test("Resources are guests until the others run, and what goes or comes stands nowhere beside")
    func stages() throws {
        let old = try ServiceGraph([
            .named("gone"), .named("kept"), .named("worker", .consumer, needs: ["gone"]), .named("server", .server),
        ])
        let new = try ServiceGraph([
            .named("kept"), .named("new"), .named("server", .server), .named("worker", .consumer, needs: ["new"]),
        ])
        let layout = ChangeLayout(from: old, to: new, leaving: [0, 2], coming: [1, 3])
        #expect(layout.leavingResources == [0] && layout.leavingOthers == [2])
        #expect(layout.comingResources == [1] && layout.comingOthers == [3])
        #expect(layout.guests(of: .old) == 4..<5 && layout.guests(of: .new) == 4..<5)
        #expect((0..<4).map { layout.index(ofOld: $0, in: .old) } == [0, 1, 2, 3])
        #expect((0..<4).map { layout.index(ofOld: $0, in: .new) } == [4, 0, nil, 2])
        #expect((0..<4).map { layout.index(ofNew: $0, in: .old) } == [1, 4, 3, nil])
        #expect((0..<4).map { layout.index(ofNew: $0, in: .new) } == [0, 1, 2, 3])
        #expect(layout.indices(of: .new, in: .old) == [1, 4, 3, nil, 0])
        #expect(layout.indices(of: .old, in: .new) == [4, 0, nil, 2, 1])
    }

    @Test("Whatever goes and comes, an index leads to the service that it was asked for", arguments: 0..<200)
    func identities(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let services = SupervisedService.random(&random, pace: .seconds(1))
        let old = try ServiceGraph(services)
        let new = try ServiceGraph(SupervisedService.random(&random, pace: .seconds(1)))
        let stays = Set(services.map(\.id).filter { new.index(of: $0) != nil && Bool.random(using: &random) })
        let layout = ChangeLayout(
            from: old, to: new, leaving: Set(old.nodes.indices.filter { !stays.contains(old.nodes[$0].id) }),
            coming: Set(new.nodes.indices.filter { !stays.contains(new.nodes[$0].id) }))
        for stage in ChangeLayout.Stage.allCases {
            let ids = layout.graph(in: stage).nodes.map(\.id)
            #expect(layout.guests(of: stage) == layout.host(of: stage).nodes.count..<ids.count)
            for (index, node) in old.nodes.enumerated() {
                let found = layout.index(ofOld: index, in: stage)
                #expect(found.map { ids[$0] } ?? node.id == node.id)
                #expect((found == nil) == (stage == .new && layout.leavingOthers.contains(index)))
            }
            for (index, node) in new.nodes.enumerated() {
                let found = layout.index(ofNew: index, in: stage)
                #expect(found.map { ids[$0] } ?? node.id == node.id)
                #expect((found == nil) == (stage == .old && layout.comingOthers.contains(index)))
            }
            for other in ChangeLayout.Stage.allCases {
                let (indices, others) = (layout.indices(of: stage, in: other), layout.graph(in: other).nodes)
                #expect(zip(ids, indices).allSatisfy { id, index in index.map { others[$0].id == id } ?? true })
                #expect(indices.count == ids.count)
            }
        }
    }
}
