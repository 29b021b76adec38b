import Glibc
import WippySystem

/// The error of a request to a running application.
///
/// A ``ControlService`` throws it to answer with a sentence, and the command gets that sentence. A command also gets it
/// if no application answers, or if the answer is malformed.
public struct ControlError: Error, CustomStringConvertible {
    /// The sentence that tells the user what is wrong.
    public let description: String

    /// The system's number of the error; nil if the error is not the system's.
    private var number: Int32?

    /// Creates the error from a sentence for the user.
    public init(_ description: String) {
        self.description = description
    }

    /// Creates the error about a request that the application does not know.
    ///
    /// Throw it for an action that your ``ControlService`` does not have.
    public init(unknown request: ControlRequest) {
        self.init("this application does not know the request '\(request.service).\(request.action)'")
    }

    static func ofSystem(_ path: String, _ number: Int32) -> ControlError {
        var error = ControlError("'\(path)': \(SystemError.words(for: number))")
        error.number = number
        return error
    }

    /// True if no process listens at the socket.
    var isRefusal: Bool { number == ECONNREFUSED }

    /// True if a process listens at the socket, but has not accepted the connection in time.
    var isTimeOut: Bool { number == EAGAIN }
}
