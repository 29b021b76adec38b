import Testing
import Wippy

/// A kind's type is found by the kind's name: `function.lua` is `FunctionLuaKind`.
@Suite("The types of kinds")
struct KindTypesTests {
    @Test("A type's name has words of the kind's name, in their order", arguments: KindCatalog(.standard).all)
    func order(_ kind: any EntryKind) {
        let name = type(of: kind).name.description
        let words = name.split(separator: ".").map { $0 == "env" ? "environment" : String($0) }
        // A word that says nothing new can be left out, such as the second one of `queue.queue`.
        let allowed = words.reduce([""]) { names, word in names + names.map { $0 + word } }
        let type = String(describing: type(of: kind))
        #expect(allowed.contains { "\($0)kind" == type.lowercased() }, "\(type) is the type of \(name)")
    }
}
