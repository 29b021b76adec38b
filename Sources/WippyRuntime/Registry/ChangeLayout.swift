/// The indices of services in the graphs of a change, in which one plan replaces another.
///
/// A leaving service stops in the change, for example because the new plan removes it. A coming service starts in the
/// change, for example because the new plan adds it. A service that is built anew leaves and comes.
///
/// A change has two stages. In the first, the coming resources run beside the old services, as guests of the old graph.
/// In the second, the leaving resources run beside the new services, as guests of the new graph, until the other new
/// services run.
struct ChangeLayout: Sendable {
    /// A graph with the guests of a stage.
    enum Stage: Sendable, CaseIterable {
        /// The old graph, with the coming resources as its guests.
        case old
        /// The new graph, with the leaving resources as its guests.
        case new
    }

    /// The graphs of the services before and after the change.
    let old: ServiceGraph
    let new: ServiceGraph

    /// The leaving services, by index in the old graph, and the coming services, by index in the new graph.
    let leaving: Set<Int>
    let coming: Set<Int>

    /// The resources of these two sets that can be guests; see ``ServiceGraph/resources(among:)``.
    let leavingResources: [Int]
    let comingResources: [Int]

    /// Creates the layout of a change.
    ///
    /// - Parameters:
    ///   - leaving: the leaving services of the old graph. All others are also in the new graph.
    ///   - coming: the coming services of the new graph.
    init(from old: ServiceGraph, to new: ServiceGraph, leaving: Set<Int>, coming: Set<Int>) {
        (self.old, self.new) = (old, new)
        (self.leaving, self.coming) = (leaving, coming)
        leavingResources = old.resources(among: leaving)
        comingResources = new.resources(among: coming)
    }

    /// The leaving services that are not in ``leavingResources``.
    ///
    /// They stop before the new plan is in force.
    var leavingOthers: Set<Int> { leaving.subtracting(leavingResources) }

    /// The coming services that are not in ``comingResources``.
    ///
    /// They start when the new plan is in force.
    var comingOthers: Set<Int> { coming.subtracting(comingResources) }

    /// Returns the graph of a stage without its guests.
    func host(of stage: Stage) -> ServiceGraph {
        switch stage {
        case .old: old
        case .new: new
        }
    }

    /// Returns the graph of a stage with its guests.
    func graph(in stage: Stage) -> ServiceGraph {
        switch stage {
        case .old: old.with(guests: comingResources, of: new)
        case .new: new.with(guests: leavingResources, of: old)
        }
    }

    /// Returns the indices of the guests of a stage.
    func guests(of stage: Stage) -> Range<Int> {
        switch stage {
        case .old: old.nodes.count..<old.nodes.count + comingResources.count
        case .new: new.nodes.count..<new.nodes.count + leavingResources.count
        }
    }

    /// Returns the index of a service of the old graph in a stage; nil if the service has left.
    func index(ofOld index: Int, in stage: Stage) -> Int? {
        guard stage == .new else { return index }
        guard leaving.contains(index) else { return new.index(of: old.nodes[index].id) }
        return leavingResources.firstIndex(of: index).map { new.nodes.count + $0 }
    }

    /// Returns the index of a service of the new graph in a stage; nil if the service has not come yet.
    func index(ofNew index: Int, in stage: Stage) -> Int? {
        guard stage == .old else { return index }
        guard coming.contains(index) else { return old.index(of: new.nodes[index].id) }
        return comingResources.firstIndex(of: index).map { old.nodes.count + $0 }
    }

    /// Returns the index in another stage of each service of a stage, and then of each of its guests.
    func indices(of stage: Stage, in other: Stage) -> [Int?] {
        let (ofOld, ofNew) = ({ index(ofOld: $0, in: other) }, { index(ofNew: $0, in: other) })
        switch stage {
        case .old: return old.nodes.indices.map(ofOld) + comingResources.map(ofNew)
        case .new: return new.nodes.indices.map(ofNew) + leavingResources.map(ofOld)
        }
    }
}
