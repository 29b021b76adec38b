/// Where services stand among the nodes of a graph while one plan takes another's place.
///
/// A change goes from the old graph to the new one over two stages. The resources that come start beside the old
/// services, as guests of the old graph; those that go are guests of the new one until the others run.
struct ChangeLayout: Sendable {
    /// A graph with the guests of a stage.
    enum Stage: Sendable, CaseIterable {
        /// The old graph, with the resources that come as its guests.
        case old
        /// The new graph, with the resources that go as its guests.
        case new
    }

    /// The services that there are, and those that there are to be.
    let old: ServiceGraph
    let new: ServiceGraph

    /// What goes, by index in the old graph, and what comes, by index in the new one.
    let leaving: Set<Int>
    let coming: Set<Int>

    /// The resources among them that stand on resources alone, in order.
    let leavingResources: [Int]
    let comingResources: [Int]

    /// Lays a change out.
    ///
    /// - Parameters:
    ///   - leaving: what of the old graph goes; whatever else it has is in the new graph, too.
    ///   - coming: what of the new graph comes.
    init(from old: ServiceGraph, to new: ServiceGraph, leaving: Set<Int>, coming: Set<Int>) {
        (self.old, self.new) = (old, new)
        (self.leaving, self.coming) = (leaving, coming)
        leavingResources = old.resources(among: leaving)
        comingResources = new.resources(among: coming)
    }

    /// What goes before the new plan is in force: all but the resources.
    var leavingOthers: Set<Int> { leaving.subtracting(leavingResources) }

    /// What comes when the new plan is in force: all but the resources.
    var comingOthers: Set<Int> { coming.subtracting(comingResources) }

    /// The graph of a stage without its guests.
    func host(of stage: Stage) -> ServiceGraph {
        switch stage {
        case .old: old
        case .new: new
        }
    }

    /// The graph of a stage with its guests.
    func graph(in stage: Stage) -> ServiceGraph {
        switch stage {
        case .old: old.with(guests: comingResources, of: new)
        case .new: new.with(guests: leavingResources, of: old)
        }
    }

    /// The indices of the guests of a stage.
    func guests(of stage: Stage) -> Range<Int> {
        switch stage {
        case .old: old.nodes.count..<old.nodes.count + comingResources.count
        case .new: new.nodes.count..<new.nodes.count + leavingResources.count
        }
    }

    /// Where a service of the old graph stands; nil where it has gone.
    func index(ofOld index: Int, in stage: Stage) -> Int? {
        guard stage == .new else { return index }
        guard leaving.contains(index) else { return new.index(of: old.nodes[index].id) }
        return leavingResources.firstIndex(of: index).map { new.nodes.count + $0 }
    }

    /// Where a service of the new graph stands; nil where it has not come yet.
    func index(ofNew index: Int, in stage: Stage) -> Int? {
        guard stage == .old else { return index }
        guard coming.contains(index) else { return old.index(of: new.nodes[index].id) }
        return comingResources.firstIndex(of: index).map { old.nodes.count + $0 }
    }

    /// Where each service of a stage, and each guest after them, stands in another stage.
    func indices(of stage: Stage, in other: Stage) -> [Int?] {
        let (ofOld, ofNew) = ({ index(ofOld: $0, in: other) }, { index(ofNew: $0, in: other) })
        switch stage {
        case .old: return old.nodes.indices.map(ofOld) + comingResources.map(ofNew)
        case .new: return new.nodes.indices.map(ofNew) + leavingResources.map(ofOld)
        }
    }
}
