/// A part of the program that takes whatever bytes it is given, and what must hold of it then.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// The name of its folders of inputs, and of the target on the command line.
    package let name: String

    /// Gives the part an input; throws when something does not hold.
    package let check: @Sendable ([UInt8]) throws(Finding) -> Void

    init(_ name: String, _ check: @escaping @Sendable ([UInt8]) throws(Finding) -> Void) {
        self.name = name
        self.check = check
    }

    /// Every target.
    package static let all = [json, yaml, http, fields, lua, luaJSON, patterns]

    /// The target's name.
    package var description: String { name }
}

/// What must hold and did not.
package struct Finding: Error, CustomStringConvertible {
    /// The sentence that is not true.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Finds fault unless something holds.
///
/// - Parameter sentence: what is wrong then.
func require(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(Finding) {
    guard holds else { throw Finding(sentence()) }
}
