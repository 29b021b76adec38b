import EventLoops
import Testing
import WippyHTTP

@testable import WippyDefinition

@Suite("An address in a definition file")
struct AddressFieldTests {
    @Test(
        "It is written so that the same address is read back",
        arguments: ["[::1]:80", "[::]:8080", ":8080", "127.0.0.1:80", "localhost:8080"])
    func written(_ text: String) throws {
        let address = try SocketAddress(parsing: text)
        let file = SourceFile(path: "a.yaml", text: "addr: \(address.written)\n")
        let root = try #require(YAMLComposer.compose(file).root)
        #expect(try SocketAddress(reading: #require(root["addr"])) == address)
    }
}
