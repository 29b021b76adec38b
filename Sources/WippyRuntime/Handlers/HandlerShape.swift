public import WippyDefinition

/// The shape of a handler: its name in messages, its purpose, and the contract that its entries offer.
public struct HandlerShape: Sendable {
    /// The purpose of a handler: the sort of entries that can name it.
    public enum Purpose: Sendable {
        /// For entries that are called.
        case function
        /// For entries that run by themselves.
        case process

        /// The sort of entries in words, with an article.
        var words: String {
            switch self {
            case .function: "a function"
            case .process: "a process"
            }
        }
    }

    /// The name of the shape in messages, with an article, such as `a message handler`.
    public let words: String

    /// The sort of entries that can name such a handler.
    public let purpose: Purpose

    /// The contracts that an entry with such a handler offers.
    public let offers: [Offer<HandlerInstance>]

    /// The handler type that has the shape.
    let subject: any Handler.Type

    /// Makes the handler for an entry.
    let make: @Sendable (HandlerContext, Placement) throws -> HandlerInstance

    /// Describes the shape of a handler type.
    ///
    /// - Parameters:
    ///   - words: the name of the shape in messages, with an article, such as `an HTTP handler`.
    ///   - type: the handler type.
    ///   - purpose: the sort of entries that can name the handler. Default: functions.
    ///   - contract: the contract that an entry with such a handler offers.
    ///   - view: turns an instance of the handler into the contract's type. It must make every call to the handler
    ///     through the placement.
    public init<Shaped: Handler, Offered: Sendable>(
        _ words: String, of type: Shaped.Type, purpose: Purpose = .function, offers contract: Contract<Offered>,
        _ view: @escaping @Sendable (Shaped, Placement) -> Offered
    ) {
        self.words = words
        self.purpose = purpose
        subject = type
        offers = [Offer(contract: contract.erased) { instance, _ in instance.link }]
        make = { HandlerInstance(link: Link(view(try Shaped($0), $1))) }
    }
}

/// A handler that was made for an entry.
public struct HandlerInstance: Sendable {
    /// The link to the handler.
    ///
    /// Only the handler's shape knows the type, because a definition file names the handler.
    let link: any AnyLink
}
