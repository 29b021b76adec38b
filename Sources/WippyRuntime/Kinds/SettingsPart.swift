public import WippyDefinition

/// Adds a section of `.wippy.yaml` to a program, as a part in its list of kinds.
///
/// A kind reads the values while it builds an entry: `context.environment.settings[MailSettings.self]`.
public struct SettingsPart<Section: SettingsSection>: ProgramAddition {
    /// Creates the part for the section.
    public init() {}

    /// The type of the section.
    public var added: any SettingsSection.Type { Section.self }
}
