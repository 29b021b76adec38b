import Glibc

/// Gives a target the inputs that libFuzzer makes, or, in a build without libFuzzer, the files that are named.
///
/// The environment says which target: `FUZZ_TARGET=json`. libFuzzer starts the program again for some of its work, and
/// the environment goes with it.
@main
struct Fuzz {
    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    private typealias Driver =
        @convention(c) (
            UnsafeMutablePointer<CInt>, UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
            Callback
        ) -> CInt

    static func main() {
        guard chosen != nil else {
            say("set FUZZ_TARGET to one of: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
            exit(2)
        }
        // Only .ci/fuzz links libFuzzer; whether it is there is known when the program runs.
        guard let symbol = dlsym(nil, "LLVMFuzzerRunDriver") else { return replay() }
        let driver = unsafeBitCast(symbol, to: Driver.self)
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            driver(&count, &arguments) { start, count in
                Fuzz.check([UInt8](UnsafeBufferPointer(start: start, count: count)))
                return 0
            })
    }

    private static let chosen = getenv("FUZZ_TARGET").flatMap { name in
        FuzzTarget.all.first { $0.name == String(cString: name) }
    }

    /// Ends the program at what must not be, so that libFuzzer keeps the input.
    private static func check(_ bytes: [UInt8]) {
        do throws(Finding) {
            try chosen?.check(bytes)
        } catch {
            say("finding: \(error)")
            abort()
        }
    }

    private static func replay() {
        for path in CommandLine.arguments.dropFirst() {
            guard let file = fopen(path, "r") else {
                say("\(path) cannot be read")
                exit(2)
            }
            var bytes: [UInt8] = []
            while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
            fclose(file)
            check(bytes)
            say("\(path): nothing found in \(bytes.count) bytes")
        }
    }

    private static func say(_ sentence: String) {
        let line = Array("\(sentence)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}
