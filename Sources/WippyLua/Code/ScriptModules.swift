import LuaEngine
import LuaSyntax
import WippyDefinition
import WippyRuntime
import WippyText

/// The modules that a program's scripts can require.
struct ScriptModules {
    /// The modules that every script has, even if its entry does not list them.
    let always: [ScriptModule]

    /// The names of functions, and of methods of objects, that send a part of an answer before the script has ended.
    let sendingNames: Set<ExactText>

    private let byName: [ExactText: ScriptModule]
    private let absent: [AbsentScriptModules]

    init(of program: Program) {
        let all = program.scriptModules
        absent = program.additions(as: AbsentScriptModules.self)
        byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        always = all.filter { !$0.isListed }
        sendingNames = Set(all.flatMap(\.sendingNames))
    }

    /// The functions and libraries of Lua that scripts do not have.
    private static let absentGlobals: Set<ExactText> = [
        "collectgarbage", "debug", "dofile", "load", "loadfile", "loadstring",
    ]

    /// Returns the module with a name; nil if the engine has it, or if it does not exist.
    subscript(name: ExactText) -> ScriptModule? { byName[name] }

    /// Returns the module that an entry lists; nil if the engine has it.
    ///
    /// Throws when the module does not exist.
    func listed(_ name: String) throws(FieldProblem) -> ScriptModule? {
        let key = ExactText(name)
        if let module = byName[key] { return module }
        if Self.isOfEngine(key) { return nil }
        if let absent = absence(of: key) { throw FieldProblem("names '\(name)', \(absent.reason)") }
        let nearest = Spelling.nearest(to: name, among: byName.keys.map(\.string) + LuaLibraries.names)
        throw FieldProblem("names '\(name)', which is not a module").suggesting(nearest)
    }

    /// Checks the value of an import that is not an id, and so names a module.
    ///
    /// - Throws: the error of ``listed(_:)``. It also says how to name a library, unless a module with the name is
    ///   known to be absent.
    func check(import name: String) throws(FieldProblem) {
        do {
            _ = try listed(name)
        } catch {
            guard absence(of: ExactText(name)) == nil else { throw error }
            throw FieldProblem(
                "\(error.message); a library in the same namespace is ':\(name)'", suggestion: error.suggestion)
        }
    }

    /// Returns the first list of absent modules that has a name; nil if none has it.
    private func absence(of name: ExactText) -> AbsentScriptModules? { absent.first { $0.contains(name) } }

    /// Returns true if the engine gives a library to every script.
    ///
    /// An entry may list it.
    static func isOfEngine(_ name: ExactText) -> Bool { LuaLibraries.names.contains { ExactText($0) == name } }

    /// Returns true if a name is that of a library or of a type that every script has.
    static func isTaken(_ name: ExactText) -> Bool {
        isOfEngine(name) || LuaModule.basicTypes.contains { ExactText($0.name) == name }
    }

    /// Notes the entry that a literal argument of a call names, if the function takes an id there.
    ///
    /// - Returns: the probable error in the id; nil if the call names no entry or an id.
    func note(_ call: LuaLiteralCall, at place: Location, _ fields: inout FieldReader) -> String? {
        let words = Self.words(of: call.function)
        guard words.count == 2,
            let function = byName[words[0]]?.function(at: words[1]),
            let argument = function.ids.first(where: { $0.position == call.position })
        else { return nil }
        guard call.argument.utf8.contains(UInt8(ascii: ":")),
            let id = EntryID(call.argument, relativeTo: fields.namespace)
        else {
            let example = "\(fields.namespace):\(call.argument)"
            return "passes '\(call.argument)' to '\(call.function)', which takes a full id such as '\(example)'"
        }
        fields.noteMention(of: id, as: argument.contract, in: call.function, meaning: argument.meaning, at: place)
        return nil
    }

    /// Returns the probable error in a call of a function that the script does not define; nil if there is none.
    func problem(with call: LuaCall) -> FieldProblem? {
        let words = Self.words(of: call.function)
        if Self.absentGlobals.contains(call.module), !call.function.unicodeScalars.contains("(") {
            return FieldProblem("calls '\(call.function)', which this Lua does not have")
        }
        guard words.count == 2, let module = byName[words[0]] else { return nil }
        if module.function(at: words[1])?.isAbsent == true {
            return FieldProblem("calls '\(call.function)', which is not supported yet")
        }
        guard let names = module.content.memberNames,
            words[1].string.unicodeScalars.allSatisfy({ $0 != "." && $0 != ":" && $0 != "(" }),
            !names.contains(where: { ExactText.areEqual($0, words[1].string) })
        else { return nil }
        let nearest = Spelling.nearest(to: words[1].string, among: names)
        return FieldProblem("calls '\(call.function)', which the module '\(words[0])' does not have")
            .suggesting(nearest.map { "\(words[0]).\($0)" })
    }

    private static func words(of function: String) -> [ExactText] {
        function.unicodeScalars.split(separator: ".", maxSplits: 1).map { ExactText(String($0)) }
    }
}

extension Program {
    /// The modules that scripts can require.
    var scriptModules: [ScriptModule] { additions(as: ScriptModule.self) }
}
