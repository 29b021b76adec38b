// The files that every template in Lua has, in the form that they have in a project.

extension ProjectTemplate {
    var scriptMakefile: File {
        let port = port == nil ? "" : " -o app:gateway:addr=127.0.0.1:0"
        let data = keepsData ? " -o app:db:file=:memory:" : ""
        return File(
            path: "Makefile",
            text: """
                .PHONY: run test lint schema

                run: # Run it until Ctrl-C; each save is in force at once
                \twippy-swift run --watch

                test: # Run every test
                \twippy-swift test\(port)\(data)

                lint: # Check the YAML and the scripts
                \twippy-swift lint --strict

                schema: # Write the schema for editors again: after a new wippy-swift
                \twippy-swift schema > schema.json

                """)
    }

    static let scriptGitignore = File(path: ".gitignore", text: ".wippy/run/\n.wippy/verify/\ndata/\n")

    func scriptReadme(of name: String) -> File {
        File(
            path: "README.md",
            text: """
                # \(name)

                \(summary)

                Its handlers are scripts in Lua, and there is nothing to build: it needs `wippy-swift` on the path.

                `make run` runs it, and takes each save of the YAML and of a script at once. `make test` runs its tests.

                \(trial)

                | file | what it holds |
                | --- | --- |
                | `src/_index.yaml` | what runs, and how it is wired |
                | `src/*.lua` | each handler in a file |
                | `src/tests/` | the tests: a process that `wippy-swift test` runs beside the application |
                | `schema.json` | what editors know of the YAML, by its first line; `make schema` writes it again |
                | `\(name).service` | a way to deploy it |

                `make lint` checks the YAML and the scripts. A further handler is a Lua file and an entry that names it.

                """)
    }
}
