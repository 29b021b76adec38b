import WippyCommand

@main
struct WippySwift {
    static func main() async {
        await CommandLineTool(program: "wippy-swift", buildsApplications: true).main()
    }
}
