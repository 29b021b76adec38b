import Glibc

/// Calls a closure with texts as C lists them: the arguments of a program, or its environment.
///
/// - Parameter body: gets a pointer to the first text. A null pointer follows the last one. All of them are freed when
///   the closure returns.
package func withArgumentList<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer {
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
    }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else {
            preconditionFailure("the list is empty, but must end with nil")
        }
        return unsafe body(start)
    }
}
