import EventLoops
import Testing

struct AddressClaimsTests {
    @Test(
        "Two addresses on which not both of two listeners can listen",
        arguments: [
            (":8080", ":8080"), (":8080", "0.0.0.0:8080"), (":8080", "[::]:8080"), ("0.0.0.0:8080", "[::]:8080"),
            ("127.0.0.1:8080", ":8080"), ("127.0.0.1:8080", "0.0.0.0:8080"), ("127.0.0.1:8080", "localhost:8080"),
            ("LOCALHOST:8080", "localhost:8080"), ("[::1]:8080", "[::]:8080"), ("[::1]:8080", "[0:0::1]:8080"),
            ("[::ffff:127.0.0.1]:8080", "127.0.0.1:8080"), ("a.example:80", "A.example:80"), (":80", "a.example:80"),
        ])
    func collide(one: String, other: String) throws {
        for (first, second) in [(one, other), (other, one)] {
            var claims = AddressClaims<Int>()
            #expect(claims.claim(try SocketAddress(parsing: first), for: 1) == nil)
            #expect(claims.claim(try SocketAddress(parsing: "10.0.0.9:9"), for: 2) == nil)
            #expect(claims.claim(try SocketAddress(parsing: second), for: 3) == 1)
        }
    }

    @Test(
        "Two addresses on which both can listen",
        arguments: [
            (":8080", ":8081"), (":0", ":0"), ("127.0.0.1:0", "127.0.0.1:0"), ("127.0.0.1:80", "127.0.0.2:80"),
            ("0.0.0.0:80", "[::1]:80"), ("localhost:80", "[::1]:80"), ("a.example:80", "b.example:80"),
            ("0.0.0.0:80", "a.example:80"),
        ])
    func coexist(one: String, other: String) throws {
        for (first, second) in [(one, other), (other, one)] {
            var claims = AddressClaims<Int>()
            #expect(claims.claim(try SocketAddress(parsing: first), for: 1) == nil)
            #expect(claims.claim(try SocketAddress(parsing: second), for: 2) == nil)
        }
    }
}
