// The files that every template in Lua has, in the form that they have in a project.

extension ProjectTemplate {
    var scriptMakefile: File {
        let overrides = testOverrides.map { " -o \($0)" }.joined()
        return File(
            path: "Makefile",
            text: """
                .PHONY: run test lint schema

                run: # Run it until you press Ctrl-C; each save takes effect at once
                \twippy-swift run --watch

                test: # Run every test
                \twippy-swift test\(overrides)

                lint: # Check the YAML and the scripts
                \twippy-swift lint --strict

                schema: # Write the schema for editors again, after an update of wippy-swift
                \twippy-swift schema > schema.json

                """)
    }

    static let scriptGitignore = File(path: ".gitignore", text: ".wippy/\ndata/\n")

    func scriptReadme(of name: String) -> File {
        File(
            path: "README.md",
            text: """
                # \(name)

                \(summary)

                The handlers are scripts in Lua, so there is nothing to build. You need `wippy-swift` on the search
                path.

                `make run` runs the application, and applies each save of the YAML or of a script at once. `make test`
                runs its tests.

                \(trial)

                | file | content |
                | --- | --- |
                | `src/_index.yaml` | the entries: the parts of the application, and their connections |
                | `src/*.lua` | one file for each handler |
                | `src/tests/` | the tests: a process that `wippy-swift test` runs beside the application |
                | `schema.json` | the schema of the YAML, for editors; `make schema` writes it again |
                | `\(name).service` | for systemd, to deploy the application |

                `make lint` checks the YAML and the scripts. To add a handler, write a Lua file and declare an entry
                that names it.

                """)
    }
}
