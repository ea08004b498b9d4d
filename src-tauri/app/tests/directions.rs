//! The crates know each other in one direction only, and each foreign library has one home.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of the crates that a manifest depends on, in any table of dependencies.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(manifest)).expect("the manifest is there");
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && !line.contains("workspace.dependencies");
        } else if inside && let Some((name, _)) = line.split_once('=') {
            let name = name.trim().split('.').next().unwrap_or_default();
            names.insert(name.trim_matches('"').to_owned());
        }
    }
    names
}

const CRATES: [(&str, &str); 5] = [
    ("data", "src-tauri/data/Cargo.toml"),
    ("neural", "src-tauri/neural/Cargo.toml"),
    ("app", "src-tauri/app/Cargo.toml"),
    ("cli", "src-tauri/cli/Cargo.toml"),
    ("shell", "Cargo.toml"),
];

#[test]
fn nothing_flows_backward() {
    let allowed = |name: &str| match name {
        "data" | "neural" => vec![],
        "app" => vec!["mirante-data", "mirante-neural"],
        _ => vec!["mirante-app"],
    };
    for (name, manifest) in CRATES {
        let own: Vec<_> =
            dependencies(manifest).into_iter().filter(|dep| dep.starts_with("mirante-")).collect();
        assert!(!own.is_empty() || allowed(name).is_empty(), "{manifest} was not understood");
        for dependency in own {
            assert!(
                allowed(name).contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn a_foreign_library_has_one_home() {
    let homes = [
        ("tauri", "shell"),
        ("axum", "cli"),
        ("clap", "cli"),
        ("sqlx", "app"),
        ("parquet", "data"),
        ("lopdf", "data"),
        ("tokenizers", "neural"),
        ("candle", "neural"),
    ];
    for (name, manifest) in CRATES {
        for dependency in dependencies(manifest) {
            for (library, home) in homes {
                let is_it = dependency == library
                    || dependency.strip_prefix(library).is_some_and(|rest| rest.starts_with('-'));
                assert!(!is_it || name == home, "{dependency} belongs to {home}, not to {name}");
            }
        }
    }
}

#[test]
fn only_one_file_of_the_screen_knows_the_window() {
    let mut offenders = Vec::new();
    let mut folders = vec![root().join("ui/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the screen's sources are there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("backend/tauri.ts")
                && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("@tauri-apps/"))
            {
                offenders.push(path);
            }
        }
    }
    assert!(offenders.is_empty(), "only backend/tauri.ts may import @tauri-apps: {offenders:?}");
}
