import EventLoops
import HTTPServing
import WippyDefinition
import WippyHTTP
import WippyText
import WippyValues

extension FuzzTarget {
    /// Single values from definition files, options and requests: read or refused, and written so that they read back.
    package static let fields = FuzzTarget("fields") { bytes throws(Finding) in
        let text = String(decoding: bytes, as: UTF8.self)
        if let duration = Duration(written: text) {
            try require(Duration(written: duration.written) == duration, "'\(text)' is written '\(duration.written)'")
            _ = duration.readable
        }
        for style in [Scalar.Style.plain, .quoted, .external] {
            let node = Node(.scalar(Scalar(text, style: style)), at: Location(source: "here"))
            try FieldChecks.checkReadingBack(Duration.self, node)
            try FieldChecks.checkReadingBack(ByteCount.self, node)
            try FieldChecks.checkReadingBack(SocketAddress.self, node)
            try FieldChecks.checkReadingBack(Int.self, node)
            try FieldChecks.checkReadingBack(Double.self, node)
            try FieldChecks.checkReadingBack(Bool.self, node)
            _ = try FieldChecks.value([String].self, node)
            _ = try FieldChecks.value([ExactText: [Int]].self, node)
        }
        try FieldChecks.checkOverride(text)
        try FieldChecks.checkSpelling(text)
        if let head = HTTPRequestHead(method: .get, target: text) {
            try require(head.requestTarget == text, "the target '\(text)' became '\(head.requestTarget)'")
            _ = (head.path, head.pathSegments, head.queryItems, head.authority)
        }
    }
}

private enum FieldChecks {
    /// The value that a node holds, or nil with a sentence that is a line and not too long.
    static func value<Value: FieldValue>(_ type: Value.Type, _ node: Node) throws(Finding) -> Value? {
        do throws(FieldProblem) {
            return try Value(reading: node)
        } catch {
            let length = error.message.utf8.count
            try require(length <= 1_000, "a sentence of \(length) bytes: \(error.message.prefix(200))")
            return nil
        }
    }

    static func checkReadingBack<Value: FieldValue>(_ type: Value.Type, _ node: Node) throws(Finding) {
        guard let value = try value(type, node) else { return }
        let quoted = (try? JSON.decode(value.written))?.string
        let scalar = quoted.map { Scalar($0, style: .quoted) } ?? Scalar(value.written, style: .plain)
        let again = Node(.scalar(scalar), at: node.location)
        try require((try? Value(reading: again)) == value, "\(value) is written '\(value.written)'")
    }

    static func checkOverride(_ text: String) throws(Finding) {
        var report = Report()
        let overrides = Override.options([text], report: &report)
        for override in overrides {
            try require(
                override.key.hasExactPrefix(override.target.description), "\(override.key) is for another entry")
        }
        try require(!overrides.isEmpty || !report.isValid, "an option became nothing")
        try require(report.diagnostics.allSatisfy { !$0.description.contains("\n") }, "a diagnostic is not a line")
    }

    static func checkSpelling(_ text: String) throws(Finding) {
        let names = ["timeouts.header", "auto_start", "addr", "a", "", text + "x", text]
        guard let nearest = Spelling.nearest(to: text, among: names) else { return }
        try require(!nearest.utf8.elementsEqual(text.utf8), "'\(text)' was probably meant to be itself")
        try require(names.contains(nearest), "'\(nearest)' is none of the names")
    }
}
