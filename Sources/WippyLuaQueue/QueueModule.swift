import LuaEngine
import WippyDefinition
import WippyLua
import WippyMessaging
import WippyRuntime
import WippyValues

extension ScriptModule {
    /// `queue`: publishes messages, and returns the message that the script handles.
    static let queue = ScriptModule(
        "queue",
        [
            .function("publish", traits: [.id(of: .queue)], publish),
            .function("message") { stack in
                guard let delivery = try stack.call.handledDelivery else {
                    return stack.fail(.invalid("no delivery found in context"))
                }
                return stack.succeed(ScriptMessage(delivery), as: ScriptMessage.type)
            },
            .function("info", traits: [.id(of: .queue, meaning: .startsAfter)]) { stack in
                let id = try stack.checkString(at: 1)
                guard !id.isEmpty else { return stack.fail(.invalid("the queue's id is empty")) }
                do {
                    let queue = try stack.entry(id, as: .queue)
                    return .wait {
                        try await queue.info
                    } then: { stack, result in
                        stack.push(result) { stack.push($0) }
                    }
                } catch {
                    return stack.fail(LuaError(of: error))
                }
            },
        ])

    private static func publish(_ stack: LuaStack) throws -> LuaVerdict {
        let id = try stack.checkString(at: 1)
        guard !id.isEmpty else { return stack.fail(.invalid("the queue's id is empty")) }
        return try stack.withMessage(at: 2) { message in try publish(message, to: id, stack) }
    }

    private static func publish(_ message: Message, to id: String, _ stack: LuaStack) throws -> LuaVerdict {
        let queue: any MessageQueue
        do {
            queue = try stack.entry(id, as: .queue)
            if try queue.publishAtOnce(message) { return stack.succeed(true) }
        } catch {
            return stack.fail(.publishing(error))
        }
        return .wait(for: stack.enclosed { try await queue.publish(message) }) { stack, result in
            switch result {
            case .success: stack.succeed(true)
            case .failure(let error): stack.fail(.publishing(error))
            }
        }
    }
}

extension LuaError {
    /// Converts the error of a queue that does not accept a message.
    ///
    /// Its kind becomes `Internal`, if it is neither `Unavailable` nor `Invalid`.
    fileprivate static func publishing(_ error: any Error) -> LuaError {
        let known = LuaError(of: error, "publish failed")
        let isOpen = known.kind == "Unavailable" || known.kind == "Invalid"
        return isOpen
            ? known : LuaError(kind: "Internal", known.message, retryable: false, contexts: known.contexts)
    }
}

extension LuaStack {
    /// Pushes a table of a queue's properties.
    ///
    /// An unknown property is nil.
    fileprivate func push(_ info: QueueInfo) {
        pushTable(fields: QueueInfo.figures.count + 1)
        push(info.count.total)
        setField("message_count", at: -2)
        for figure in QueueInfo.figures {
            guard let number = figure.number(of: info) else { continue }
            switch figure.value {
            case .count: push(Int(number))
            case .age, .rate: push(number)
            case .flag: push(number == 1)
            }
            setField(figure.name, at: -2)
        }
    }
}

/// The message that a script handles.
private final class ScriptMessage: Sendable {
    static let type: LuaObjectType<ScriptMessage> = LuaObjectType(
        "queue.Message",
        methods: [
            "id": { stack, message in
                message.read(stack) { stack.push("\($0.message.id)") }
            },
            "attempt": { stack, message in
                message.read(stack) { stack.push($0.attempt) }
            },
            "header": { stack, message in
                let name = try stack.checkString(at: 2)
                return message.read(stack) { stack.pushHeader($0.message.headers[name]) }
            },
            "headers": { stack, message in
                message.read(stack) { delivery in
                    stack.pushTable(fields: delivery.message.headers.count)
                    for (name, value) in delivery.message.headers {
                        stack.pushHeader(value)
                        stack.setField(name, at: -2)
                    }
                }
            },
            "ack": { stack, message in message.settle(stack, asAcknowledged: true) },
            "nack": { stack, message in message.settle(stack, asAcknowledged: false) },
        ],
        text: { "queue.Message{id=\($0.delivery.message.id)}" })

    let delivery: HandledDelivery

    init(_ delivery: HandledDelivery) {
        self.delivery = delivery
    }

    private static let released = LuaError.invalid("queue.Message released")

    private func read(_ stack: LuaStack, _ push: (Delivery) -> Void) -> LuaVerdict {
        guard !delivery.isReleased else { return stack.fail(Self.released) }
        push(delivery.delivery)
        return stack.succeed()
    }

    private func settle(_ stack: LuaStack, asAcknowledged isAcknowledged: Bool) -> LuaVerdict {
        guard !delivery.isReleased else { return stack.fail(Self.released) }
        guard delivery.settle(asAcknowledged: isAcknowledged) else {
            return stack.fail(.invalid("queue.Message already settled"))
        }
        return stack.succeed(true)
    }
}

extension LuaStack {
    /// Pushes a header.
    ///
    /// A number becomes a float.
    fileprivate func pushHeader(_ value: Value?) {
        switch value {
        case .string(let text)?: push(text)
        case .bool(let truth)?: push(truth)
        case let number?: if let number = number.float { push(number) } else { pushNil() }
        case nil: pushNil()
        }
    }
}
