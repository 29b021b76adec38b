import LuaEngine
import Testing

@testable import WippyLua

struct HashModuleTests {
    /// The second column is what other implementations give.
    @Test(arguments: [
        ("hash.md5('')", "d41d8cd98f00b204e9800998ecf8427e"),
        ("hash.md5('hello')", "5d41402abc4b2a76b9719d911017c592"),
        ("hash.sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("hash.sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("hash.sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "hash.sha512('abc')",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "hash.sha512(('a'):rep(112))",
            "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32"
                + "bd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca"
        ),
        ("hash.hmac_md5('what do ya want for nothing?', 'Jefe')", "750c783e6ab0b503eaa86e310a5db738"),
        ("hash.hmac_sha1('what do ya want for nothing?', 'Jefe')", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            "hash.hmac_sha256('what do ya want for nothing?', 'Jefe')",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
    ])
    func aHashIsWhatOthersGive(expression: String, hash: String) async throws {
        #expect(try await results(of: "return \(expression)", .hash) == [.string(hash), .nil])
    }

    /// Each length from 0 to 300 goes through the padding; a digest of all digests finds an error in one.
    @Test func everyLengthIsPadded() async throws {
        let script = """
            local all = {}
            for length = 0, 300 do
                local text = ("a"):rep(length)
                all[#all + 1] = hash.md5(text) .. hash.sha1(text) .. hash.sha256(text) .. hash.sha512(text)
            end
            return hash.sha256(table.concat(all))
            """
        #expect(
            try await result(of: script, .hash) == "e3a665fafc3b260b26bdfe0d61a8e854ca5695bd238e28a4231c61ac18dcf969")
    }

    @Test func bytesAreGivenForTrue() async throws {
        #expect(
            try await results(of: "return #hash.md5('x', true), #hash.hmac_sha512('x', 'k', true)", .hash) == [16, 64])
    }

    @Test func shortHashesAreIntegers() async throws {
        #expect(
            try await results(of: "return hash.fnv32('hello') == 0x4f9f2cab, math.type(hash.fnv64('a'))", .hash)
                == [true, "integer"])
    }

    @Test func whatIsNoStringIsInvalid() async throws {
        #expect(try await error(of: "hash.md5(5)", .hash) == "Invalid: data must be a string")
        #expect(try await error(of: "hash.hmac_md5('x')", .hash) == "Invalid: secret must be a string")
    }
}
