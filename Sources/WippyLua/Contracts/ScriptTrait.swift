public import LuaEngine
public import WippyDefinition

/// What the check of scripts knows of a module's function, or of a method of its objects.
///
/// ```swift
/// .function("publish", traits: [.id(of: .queue)]) { stack in … }
/// ```
public struct ScriptTrait: LuaFunctionTrait {
    /// What is known.
    enum Content {
        case id(IDArgument)
        case sendsParts
    }

    let content: Content
}

/// An argument of a function that is the full id of an entry.
struct IDArgument {
    /// The number of the argument, counted from one.
    let position: Int

    /// The contract that the entry must offer.
    let contract: AnyContract

    /// The use that the script makes of the entry; nil for the contract's own meaning.
    let meaning: ReferenceMeaning?
}

extension LuaFunctionTrait where Self == ScriptTrait {
    /// An argument of the function is the full id of an entry.
    ///
    /// The check of a script looks for calls that pass the id as a string literal. `graph` shows the uses that it has
    /// found. `lint` warns if no entry has the id, or if the entry does not offer the contract. A use may also count
    /// for the order in which the application stops its services.
    ///
    /// - Parameters:
    ///   - contract: the contract that the entry must offer, such as `.queue`.
    ///   - position: the number of the argument, counted from one. A method's object does not count. Default: 1.
    ///   - meaning: the use that the script makes of the entry. Default: the contract's own meaning.
    public static func id<Offered>(
        of contract: Contract<Offered>, at position: Int = 1, meaning: ReferenceMeaning? = nil
    ) -> ScriptTrait {
        ScriptTrait(content: .id(IDArgument(position: position, contract: contract.erased, meaning: meaning)))
    }

    /// The function sends a part of an answer before the script has ended; see ``LuaFunction/sendsParts``.
    public static var sendsParts: ScriptTrait { ScriptTrait(content: .sendsParts) }
}

extension LuaModuleFunction {
    /// The arguments that are ids of entries.
    var ids: [IDArgument] {
        scriptTraits.compactMap { if case .id(let argument) = $0 { argument } else { nil } }
    }

    /// True if the function sends a part of an answer before the script has ended.
    var sendsParts: Bool {
        scriptTraits.contains { if case .sendsParts = $0 { true } else { false } }
    }

    private var scriptTraits: [ScriptTrait.Content] { traits.compactMap { ($0 as? ScriptTrait)?.content } }
}
