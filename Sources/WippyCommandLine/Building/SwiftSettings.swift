package import WippyDefinition

/// `swift`: the Swift package in the project's folder.
package struct SwiftSettings: SettingsSection {
    package static let section = "swift"

    /// The name of the application among the products of the package; nil for the package's only application.
    let product: String?

    package init(from fields: inout FieldReader) {
        product = fields.optional(
            "product", defaultsTo: "the only executable product that depends on Wippy",
            "The name of the application's executable product in the project's Swift package.")
    }
}
