/// A check of what a program lists for a family of kinds, as a part in the family's list.
///
/// It belongs to no kind. So it also checks a program that has a kind of its own in place of one of the family's kinds.
public protocol FamilyCheck: ProgramPart {
    /// Returns the errors in the program's list, such as two middlewares with one name. Each is a sentence.
    func mistakes(in program: Program) -> [String]
}

extension FamilyCheck {
    /// Adds the check to the program's checks.
    ///
    /// If a list has several checks of one type, only the first one is used.
    public func list(in parts: inout ProgramParts) { parts.add(self, as: (any FamilyCheck).self) }
}
