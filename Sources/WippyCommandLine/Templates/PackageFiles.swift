import WippyDefinition

// The files that every template in Swift has, in the form that they have in a project.

extension ProjectTemplate {
    func packageFile(of project: NewProject) -> File {
        let (name, module, package) = (project.name, project.module, project.dependency.identity)
        return File(
            path: "Package.swift",
            text: """
                // swift-tools-version: 6.3
                import PackageDescription

                let package = Package(
                    name: "\(name)",
                    products: [.executable(name: "\(name)", targets: ["\(module)"])],
                    dependencies: [
                        \(project.dependency.declaration)
                    ],
                    targets: [
                        .executableTarget(
                            name: "\(module)",
                            dependencies: [.product(name: "Wippy", package: "\(package)")]),
                        .testTarget(
                            name: "\(module)Tests",
                            dependencies: [
                                "\(module)", .product(name: "WippyTesting", package: "\(package)"),
                            ]),
                    ]
                )

                """)
    }

    func makefile(of project: NewProject) -> File {
        let image: String
        switch project.dependency {
        case .url: image = ""
        case .path(let path): image = " --build-context wippy-swift='\(path)'"
        }
        return File(
            path: "Makefile",
            text: """
                .PHONY: run test build schema docker

                run: # Run it until you press Ctrl-C
                \tswift run \(project.name) run

                test: # Run every test
                \tswift test

                build: # Build the program as it is deployed
                \tswift build -c release --static-swift-stdlib --product \(project.name)

                schema: # Write the schema for editors again, after you added a handler or a kind
                \tswift build --product \(project.name)
                \t"$$(swift build --show-bin-path)/\(project.name)" schema > schema.json

                docker: # Build the image
                \tdocker build\(image) -t \(project.name) .

                """)
    }

    /// The libraries that every program with `Wippy` links.
    static let librariesOfWippy = [
        Library(development: "liblua5.4-dev", runtime: "liblua5.4-0"),
        Library(development: "libsqlite3-dev", runtime: "libsqlite3-0"),
        Library(development: "libuv1-dev", runtime: "libuv1"),
        Library(development: "libyaml-dev", runtime: "libyaml-0-2"),
    ]

    /// The packages with which the program is built, with spaces between them.
    private var developmentPackages: String {
        (libraries.map(\.development) + ["pkg-config"]).joined(separator: " ")
    }

    static let gitignore = File(path: ".gitignore", text: ".build/\n.wippy/\ndata/\n")

    static let dockerignore = File(path: ".dockerignore", text: ".build/\n.git/\ndata/\n")

    func dockerfile(of project: NewProject) -> File {
        let package: String
        switch project.dependency {
        case .url: package = ""
        case .path(let path):
            package = """
                # The sources of wippy-swift, at the path that Package.swift names; 'make docker' passes them.
                COPY --from=wippy-swift [".", "\(path)"]

                """
        }
        let data = keepsData ? "RUN install -d -o app -g app data\nVOLUME /app/data\n" : ""
        return File(
            path: "Dockerfile",
            text: """
                FROM swift:6.3-bookworm AS build
                RUN apt-get update && apt-get install -y --no-install-recommends \\
                        \(developmentPackages) \\
                    && rm -rf /var/lib/apt/lists/*
                WORKDIR /build/\(project.name)
                \(package)COPY . .
                RUN swift build -c release --static-swift-stdlib --product \(project.name) \\
                    && install -D "$(swift build -c release --show-bin-path)/\(project.name)" /out/\(project.name)

                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y --no-install-recommends \\
                        \(libraries.map(\.runtime).joined(separator: " ")) \\
                    && rm -rf /var/lib/apt/lists/*
                RUN useradd --system --user-group --no-create-home app
                WORKDIR /app
                COPY --from=build /out/\(project.name) /usr/local/bin/\(project.name)
                COPY wippy.lock .wippy.yaml* ./
                COPY src ./src
                \(data)USER app
                \(exposure)# The program gets SIGTERM itself, and finishes its accepted work within \(limit) seconds.
                ENTRYPOINT ["/usr/local/bin/\(project.name)"]
                CMD ["run", "--json"]

                """)
    }

    /// The seconds that the stop of an application may take if its settings do not say more.
    private var limit: Int64 { ProjectSettings().shutdownTimeout.components.seconds }

    /// The port of the image and its health check.
    ///
    /// Bash sends the request, because a bare Debian has no other client.
    private var exposure: String {
        guard let port else { return "" }
        guard let readyPath else { return "EXPOSE \(port)\n" }
        let check = [
            "exec 3<>/dev/tcp/127.0.0.1/\(port)",
            #"printf 'GET \#(readyPath) HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3"#,
            "read -r line <&3",
            "[[ $line == *' 200 '* ]]",
        ]
        return """
            EXPOSE \(port)
            HEALTHCHECK --interval=10s --timeout=3s CMD ["bash", "-c", \\
                "\(check.joined(separator: " && "))"]

            """
    }

    /// - Parameters:
    ///   - name: the name of the project.
    ///   - program: the path of the program that runs the project.
    func systemdUnit(of name: String, running program: String) -> File {
        let data = keepsData ? "ReadWritePaths=/srv/\(name)/data\n" : ""
        return File(
            path: "\(name).service",
            text: """
                # The project is in /srv/\(name). A user of that name runs it.
                [Unit]
                Description=\(name)
                Wants=network-online.target
                After=network-online.target

                [Service]
                # The program tells systemd when it is ready and when it stops.
                Type=notify
                ExecStart=\(program) run --json
                ExecReload=/bin/kill -HUP $MAINPID
                WorkingDirectory=/srv/\(name)
                Restart=on-failure
                # Longer than 'shutdown.timeout' of .wippy.yaml, whose default is \(limit) seconds.
                TimeoutStopSec=\(limit + 10)
                LimitNOFILE=65536
                User=\(name)
                \(data)ProtectSystem=strict
                ProtectHome=yes
                PrivateTmp=yes
                NoNewPrivileges=yes

                [Install]
                WantedBy=multi-user.target

                """)
    }

    func readme(of project: NewProject) -> File {
        let (name, module) = (project.name, project.module)
        return File(
            path: "README.md",
            text: """
                # \(name)

                \(summary)

                You need Swift 6.3. On Debian or Ubuntu, install these packages once:

                    sudo apt-get install \(developmentPackages)

                `make run` builds and runs the application. `make test` runs its tests. The first build takes some
                minutes, because it also builds wippy-swift.

                \(trial)

                | file | content |
                | --- | --- |
                | `src/_index.yaml` | the entries: the parts of the application, and their connections |
                | `schema.json` | the schema of the YAML, for editors; `make schema` writes it again |
                | `Sources/\(module)/` | one file for each handler; `\(module).swift` lists the handlers |
                | `Tests/\(module)Tests/` | the tests, which run the application in their own process, on a free port |
                | `Dockerfile`, `\(name).service` | for two ways to deploy the application |

                `swift run \(name) lint` checks the YAML. `swift run \(name) run --watch` applies each save of the
                YAML at once.
                To add a handler, write a Swift file, add its type to the list in `\(module).swift`, and declare an
                entry that names it.

                """)
    }
}
