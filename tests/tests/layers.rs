//! Which crate may know which, and how large a file may grow.

#[cfg(test)]
mod layers {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use serde_json::Value;

    const FILE_LINES_MAX: usize = 400;
    const MAIN_LINES_MAX: usize = 30;

    /// What each shared crate may know of the others. The simulator knows
    /// nothing of the pipeline: an oracle that shares code shares mistakes.
    const SHARED: &[(&str, &[&str])] = &[
        ("tributary-domain", &[]),
        ("tributary-http", &[]),
        ("tributary-pacing", &[]),
        (
            "tributary-stripe",
            &["tributary-domain", "tributary-http", "tributary-pacing"],
        ),
        ("tributary-ledger", &["tributary-domain"]),
        ("tributary-matching", &["tributary-domain"]),
        (
            "tributary-reconciliation",
            &["tributary-domain", "tributary-ledger"],
        ),
        (
            "tributary-telemetry",
            &["tributary-domain", "tributary-ledger"],
        ),
        ("tributary-pipeline", CORE_AND_TELEMETRY),
        ("tributary-aws", USE_CASES_AND_HTTP),
        ("tributary-testkit", USE_CASES),
        ("tributary-simulator", &[]),
    ];
    /// The pure crates: what is so, whatever runs it.
    const CORE: &[&str] = &[
        "tributary-domain",
        "tributary-ledger",
        "tributary-matching",
        "tributary-reconciliation",
    ];
    const CORE_AND_TELEMETRY: &[&str] = &[
        "tributary-domain",
        "tributary-ledger",
        "tributary-matching",
        "tributary-reconciliation",
        "tributary-telemetry",
    ];
    const USE_CASES: &[&str] = &[
        "tributary-domain",
        "tributary-ledger",
        "tributary-matching",
        "tributary-pacing",
        "tributary-pipeline",
        "tributary-reconciliation",
        "tributary-telemetry",
    ];
    const USE_CASES_AND_HTTP: &[&str] = &[
        "tributary-domain",
        "tributary-http",
        "tributary-ledger",
        "tributary-matching",
        "tributary-pacing",
        "tributary-pipeline",
        "tributary-reconciliation",
        "tributary-telemetry",
    ];
    const FUNCTION: &[&str] = &[
        "tributary-domain",
        "tributary-stripe",
        "tributary-ledger",
        "tributary-matching",
        "tributary-reconciliation",
        "tributary-pacing",
        "tributary-pipeline",
        "tributary-telemetry",
        "tributary-aws",
    ];
    /// Packages that may know everything: they are never deployed, but for the one that
    /// stands in for a library and knows nothing.
    const OUTSIDE: &[&str] = &[
        "crc-fast",
        "tributary-tests",
        "tributary-demo",
        "tributary-bench",
        "tributary-books",
        "tributary-chart",
        "tributary-cli",
        "tributary-cost",
        "tributary-dictionary",
        "tributary-fuzz",
        "tributary-reconcile-bench",
        "tributary-simulate",
        "tributary-telemetry-tests",
    ];
    /// Pure computation: no runtime, no clock, no network, no randomness.
    const PURE_LIBRARIES: &[&str] = &[
        "csv-core",
        "hex",
        "memchr",
        "serde",
        "serde_json",
        "sha2",
        "thiserror",
        "twox-hash",
        "zstd",
        "hashbrown",
        "wide",
    ];

    struct Package {
        folder: PathBuf,
        dependencies: BTreeSet<String>,
        dev_dependencies: BTreeSet<String>,
    }

    impl Package {
        fn is_function(&self) -> bool {
            self.folder
                .parent()
                .is_some_and(|parent| parent.ends_with("functions"))
        }
    }

    fn packages() -> BTreeMap<String, Package> {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--no-deps",
                "--offline",
                "--format-version",
                "1",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(package)
            .collect()
    }

    fn package(package: &Value) -> (String, Package) {
        let of_kind = |kind: Value| {
            package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| dependency["kind"] == kind)
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let described = Package {
            folder: manifest.parent().unwrap().to_owned(),
            dependencies: of_kind(Value::Null),
            dev_dependencies: of_kind("dev".into()),
        };
        (package["name"].as_str().unwrap().to_owned(), described)
    }

    #[test]
    fn dependencies_point_inwards() {
        let packages = packages();
        for (name, package) in &packages {
            if OUTSIDE.contains(&name.as_str()) {
                continue;
            }
            let allowed = if package.is_function() {
                FUNCTION
            } else {
                let layer = SHARED.iter().find(|(layer, _)| layer == name);
                layer.unwrap_or_else(|| panic!("{name} has no layer")).1
            };
            for dependency in package
                .dependencies
                .iter()
                .filter(|d| packages.contains_key(*d))
            {
                assert!(
                    allowed.contains(&dependency.as_str()),
                    "{name} knows {dependency}"
                );
            }
        }
    }

    #[test]
    fn functions_never_know_each_other() {
        let packages = packages();
        for (name, package) in packages.iter().filter(|(_, package)| package.is_function()) {
            for dependency in package.dependencies.union(&package.dev_dependencies) {
                let other = packages.get(dependency).is_some_and(Package::is_function);
                assert!(!other, "{name} knows {dependency}");
            }
        }
    }

    #[test]
    fn the_core_is_pure() {
        let packages = packages();
        for name in CORE {
            for library in &packages[*name].dependencies {
                assert!(
                    PURE_LIBRARIES.contains(&library.as_str()) || CORE.contains(&library.as_str()),
                    "{name} uses {library}"
                );
            }
        }
    }

    #[test]
    fn only_the_adapters_know_aws() {
        for (name, package) in packages() {
            if name == "tributary-aws" || OUTSIDE.contains(&name.as_str()) {
                continue;
            }
            for dependency in package.dependencies.union(&package.dev_dependencies) {
                let sdk = dependency.starts_with("aws-sdk-") || dependency == "aws-config";
                assert!(!sdk, "{name} knows {dependency}");
            }
        }
    }

    #[test]
    fn test_doubles_are_never_deployed() {
        for (name, package) in packages() {
            if !OUTSIDE.contains(&name.as_str()) {
                for double in ["tributary-testkit", "tributary-simulator"] {
                    assert!(
                        !package.dependencies.contains(double),
                        "{name} ships {double}"
                    );
                }
            }
        }
    }

    #[test]
    fn files_stay_small() {
        for package in packages().values() {
            for file in rust_files(&package.folder) {
                let lines = std::fs::read_to_string(&file).unwrap().lines().count();
                let is_main = package.is_function() && file.ends_with("src/main.rs");
                let most = if is_main {
                    MAIN_LINES_MAX
                } else {
                    FILE_LINES_MAX
                };
                assert!(lines <= most, "{} has {lines} lines", file.display());
            }
        }
    }

    fn rust_files(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    files.push(path);
                }
            }
        }
        files
    }
}
