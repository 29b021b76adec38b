import EventLoops
import Testing
import WippyText

struct SocketAddressTests {
    @Test(
        "What can be written can be read back",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:80", "::1", 80), (":8080", "", 8080), (":0", "", 0),
            ("localhost:8080", "localhost", 8080), ("0.0.0.0:65535", "0.0.0.0", 65_535),
            ("[2001:db8::a]:1", "2001:db8::a", 1), ("my-host_2.example.org:443", "my-host_2.example.org", 443),
        ])
    func roundTrip(text: String, host: String, port: Int) throws {
        let address = try SocketAddress(parsing: text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
        #expect(SocketAddress.shape.matches(text))
        #expect(try SocketAddress(parsing: address.description) == address)
    }

    @Test("An IPv6 address has one canonical form, and one that holds an IPv4 address is that")
    func canonical() throws {
        #expect(try SocketAddress(parsing: "[::ffff:127.0.0.1]:80").description == "127.0.0.1:80")
        #expect(try SocketAddress(parsing: "[0:0:0:0:0:0:0:1]:80") == SocketAddress(parsing: "[::1]:80"))
    }

    @Test(
        "What is not an address is refused with advice",
        arguments: [
            "", ":", "8080", "localhost", "localhost:", "host:65536", "host:-1", "host:+80", "host: 80", "host:8e1",
            "host:000080", "::1:80", "[::1:80", "[]:80", "[localhost]:80", "127.0.0.1.:80", "1.2.3:80", "ho st:80",
            "-host:80", "1-:80", "h\u{00E4}st:80", "host:\u{0661}", "a/b:80", "[::1]80", "[fe80::1%2]:80",
        ])
    func refused(text: String) {
        let misspelling = #expect(throws: SocketAddress.Misspelling.self) { try SocketAddress(parsing: text) }
        #expect(misspelling?.advice.contains(", as in \"") == true)
        #expect(!SocketAddress.shape.matches(text))
    }

    @Test(
        "What only looks like an address is refused, too",
        arguments: ["256.0.0.1:80", "[127.0.0.1]:80", "[1:2]:80", String(repeating: "a", count: 254) + ":80"])
    func refusedLater(text: String) {
        let misspelling = #expect(throws: SocketAddress.Misspelling.self) { try SocketAddress(parsing: text) }
        #expect(misspelling?.advice.contains(", as in \"") == true)
        #expect(SocketAddress.shape.matches(text))
    }

    @Test(
        "A port is a number from 0 to 65535",
        arguments: [0, 9, 10, 9_999, 59_999, 60_000, 64_999, 65_000, 65_499, 65_500, 65_529, 65_530, 65_535])
    func ports(_ port: UInt16) throws {
        #expect(try SocketAddress(parsing: ":\(port)") == .all(port: port))
    }

    @Test("A larger number is no port", arguments: [65_536, 65_540, 65_600, 66_000, 70_000, 99_999, 100_000])
    func tooLargePorts(_ number: Int) {
        #expect(throws: SocketAddress.Misspelling.self) { try SocketAddress(parsing: ":\(number)") }
    }

    @Test("A name is looked up, an address is itself")
    func resolving() async throws {
        let address = try SocketAddress(parsing: "10.1.2.3:5")
        #expect(try await address.resolved() == address)
        let local = try await SocketAddress(parsing: "localhost:81").resolved()
        #expect(["127.0.0.1:81", "[::1]:81"].contains(local.description))
    }
}
