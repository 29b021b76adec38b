// The files that every template in Swift has, in the form that they have in a project.

extension ProjectTemplate {
    func packageFile(of project: NewProject) -> File {
        let (name, module, package) = (project.name, project.module, project.dependency.identity)
        return File(
            path: "Package.swift",
            text: """
                // swift-tools-version: 6.2
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

                run: # Run it until Ctrl-C
                \tswift run \(project.name) run

                test: # Run every test
                \tswift test

                build: # Build the program as it is deployed
                \tswift build -c release --static-swift-stdlib --product \(project.name)

                schema: # Write the schema for editors again: after a new handler or kind
                \tswift build --product \(project.name)
                \t"$$(swift build --show-bin-path)/\(project.name)" schema > schema.json

                docker: # Build the image
                \tdocker build\(image) -t \(project.name) .

                """)
    }

    static let gitignore = File(path: ".gitignore", text: ".build/\n.wippy/run/\n.wippy/verify/\ndata/\n")

    static let dockerignore = File(path: ".dockerignore", text: ".build/\n.git/\ndata/\n")

    func dockerfile(of project: NewProject) -> File {
        let package: String
        switch project.dependency {
        case .url: package = ""
        case .path(let path):
            package = """
                # wippy-swift, where Package.swift looks for it; 'make docker' says where it is.
                COPY --from=wippy-swift [".", "\(path)"]

                """
        }
        let data = keepsData ? "RUN install -d -o app -g app data\nVOLUME /app/data\n" : ""
        return File(
            path: "Dockerfile",
            text: """
                FROM swift:6.3-bookworm AS build
                RUN apt-get update && apt-get install -y --no-install-recommends \\
                        liblua5.4-dev libsqlite3-dev libuv1-dev libyaml-dev pkg-config \\
                    && rm -rf /var/lib/apt/lists/*
                WORKDIR /build/\(project.name)
                \(package)COPY . .
                RUN swift build -c release --static-swift-stdlib --product \(project.name) \\
                    && install -D "$(swift build -c release --show-bin-path)/\(project.name)" /out/\(project.name)

                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y --no-install-recommends \\
                        liblua5.4-0 libsqlite3-0 libuv1 libyaml-0-2 \\
                    && rm -rf /var/lib/apt/lists/*
                RUN useradd --system --user-group --no-create-home app
                WORKDIR /app
                COPY --from=build /out/\(project.name) /usr/local/bin/\(project.name)
                COPY wippy.lock .wippy.yaml* ./
                COPY src ./src
                \(data)USER app
                \(exposure)# SIGTERM reaches the program: it finishes what it has accepted, within 30 seconds.
                ENTRYPOINT ["/usr/local/bin/\(project.name)"]
                CMD ["run", "--json"]

                """)
    }

    /// The port of the image and its health check.
    ///
    /// Bash sends the request, because a bare Debian has no other client.
    private var exposure: String {
        guard let port else { return "" }
        let check = [
            "exec 3<>/dev/tcp/127.0.0.1/\(port)",
            #"printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3"#,
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
                # The project is in /srv/\(name), and a user of that name runs it.
                [Unit]
                Description=\(name)
                Wants=network-online.target
                After=network-online.target

                [Service]
                # The program says itself when it is ready, and when it stops.
                Type=notify
                ExecStart=\(program) run --json
                ExecReload=/bin/kill -HUP $MAINPID
                WorkingDirectory=/srv/\(name)
                Restart=on-failure
                # More than 'shutdown.timeout' of .wippy.yaml, which is 30 seconds unless it is set.
                TimeoutStopSec=40
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

                It needs Swift 6.3, and on Debian or Ubuntu once:

                    sudo apt-get install liblua5.4-dev libsqlite3-dev libuv1-dev libyaml-dev pkg-config

                `make run` builds and runs it, `make test` runs its tests. The first build takes some minutes, since it
                builds wippy-swift, too.

                \(trial)

                | file | what it holds |
                | --- | --- |
                | `src/_index.yaml` | what runs, and how it is wired |
                | `schema.json` | what editors know of the YAML, by its first line; `make schema` writes it again |
                | `Sources/\(module)/` | each handler in a file, and the list of them in `\(module).swift` |
                | `Tests/\(module)Tests/` | the tests: the application in process, on a port that is free |
                | `Dockerfile`, `\(name).service` | two ways to deploy it |

                `swift run \(name) lint` checks the YAML; `swift run \(name) run --watch` takes each save of it at once.
                A further handler is a Swift file, a word in `\(module).swift`, and an entry that names it.

                """)
    }
}
