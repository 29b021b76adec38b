/// A section of `.wippy.yaml`: settings of the code that declares it.
///
/// ```swift
/// struct MailSettings: SettingsSection {
///     static let section = "mail"
///
///     let sender: String
///
///     init(from fields: inout FieldReader) {
///         sender = fields.optional("sender", default: "nobody@localhost", "The sender of each mail.")
///     }
/// }
/// ```
///
/// A family of kinds brings the section into a program by a `SettingsPart`. A command brings it by its property
/// `settings`. Then `ProjectSettings` has the section's values, and `lint` checks them. New values take effect at the
/// next start of the program. The fields of a section cannot refer to entries.
public protocol SettingsSection: EntryConfig {
    /// The name of the section, such as `mail`.
    static var section: String { get }
}
