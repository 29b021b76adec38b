/// The reason why a command cannot do its work, such as a program that it cannot start.
package struct CommandError: Error, CustomStringConvertible {
    package let description: String

    /// Creates the error from a sentence for the user.
    package init(_ description: String) {
        self.description = description
    }
}
