import LuaEngine
import WippyValues

extension ScriptModule {
    /// `hash`: hashes and keyed hashes, as hexadecimal text.
    ///
    /// With `true` as the last argument, the result is bytes.
    static let hash = ScriptModule(
        "hash",
        [
            digest("md5", .md5), digest("sha1", .sha1), digest("sha256", .sha256), digest("sha512", .sha512),
            keyed("hmac_md5", .md5), keyed("hmac_sha1", .sha1), keyed("hmac_sha256", .sha256),
            keyed("hmac_sha512", .sha512),
            .function("fnv32") { stack in
                guard let bytes = stack.bytes(at: 1) else { return stack.fail(.invalid("data must be a string")) }
                return stack.succeed(Int(bytes.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }))
            },
            .function("fnv64") { stack in
                guard let bytes = stack.bytes(at: 1) else { return stack.fail(.invalid("data must be a string")) }
                let sum = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
                return stack.succeed(Int(truncatingIfNeeded: sum))
            },
        ])

    private static func digest(_ name: String, _ digest: Digest) -> LuaMember {
        .function(name) { stack in
            guard let message = stack.bytes(at: 1) else { return stack.fail(.invalid("data must be a string")) }
            let hash = digest.hash(message)
            return stack.succeed(stack.isTrue(at: 2) ? hash : hash.hexadecimal)
        }
    }

    private static func keyed(_ name: String, _ digest: Digest) -> LuaMember {
        .function(name) { stack in
            guard let message = stack.bytes(at: 1) else { return stack.fail(.invalid("data must be a string")) }
            guard let secret = stack.bytes(at: 2) else { return stack.fail(.invalid("secret must be a string")) }
            let hash = digest.hash(message, key: secret)
            return stack.succeed(stack.isTrue(at: 3) ? hash : hash.hexadecimal)
        }
    }
}
