//! What the compiler cannot see: the pure rooms name no edge.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};

/// Rooms that are pure functions of their input.
const PURE: [&str; 24] = [
    "article.rs",
    "audit",
    "claims.rs",
    "clean",
    "counts.rs",
    "date",
    "dead_letter.rs",
    "decode",
    "dedupe",
    "diff",
    "encode.rs",
    "failure.rs",
    "fast",
    "headline.rs",
    "judge",
    "language",
    "pipeline",
    "places.rs",
    "redrive.rs",
    "replay",
    "site",
    "tag",
    "telemetry/liveness.rs",
    "toml_line.rs",
];

/// What a pure room must not name, and why.
const EDGES: [(&str, &str); 20] = [
    ("rdkafka", "Kafka"),
    ("tokio", "async"),
    ("std::fs", "files"),
    ("std::net", "sockets"),
    ("std::env", "the environment"),
    ("std::thread", "threads"),
    ("std::process", "processes"),
    ("io::stdin", "the terminal"),
    ("io::stdout", "the terminal"),
    ("io::stderr", "the terminal"),
    // No such import stands anywhere in the source, and what it names would be told apart only by reading its braces.
    ("std::{", "perhaps an edge among others"),
    ("use std::*", "every edge"),
    ("SystemTime", "the clock"),
    ("Instant", "the clock"),
    ("clock::", "the clock"),
    ("::clock", "the clock"),
    ("Timestamp::now", "the clock"),
    ("Zoned::now", "the clock"),
    ("RandomState", "a random seed"),
    ("rand::", "randomness"),
];

/// Maps whose hasher has a random seed where no other is named: what iterates over one has another order in each process.
const SEEDED: [&str; 2] = ["HashMap", "HashSet"];

/// Files of the pure rooms that may name them, and why.
const UNSEEDED: [(&str, &str); 3] = [
    ("clean/html/repeats.rs", "asks by text, and never iterates"),
    (
        "clean/text/link.rs",
        "asks whether a lead is in a fixed list, and never iterates",
    ),
    (
        "fast/hashed.rs",
        "names the maps of the other rooms, whose hashers have no seed",
    ),
];

fn files(path: &Path, into: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), into);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        into.push(path.to_owned());
    }
}

/// The code of a file: without the tests at its end and comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn deterministic_core_names_no_edge() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pure = Vec::new();
    PURE.iter().map(|room| source.join(room)).for_each(|path| {
        assert!(path.exists(), "there is no {}", path.display());
        files(&path, &mut pure);
    });
    for path in pure {
        let code = code(&path);
        for (word, what) in EDGES {
            assert!(
                !code.contains(word),
                "{} is pure, and names `{word}` ({what})",
                path.display()
            );
        }
        let room = path.strip_prefix(&source).unwrap();
        let is_allowed = UNSEEDED.iter().any(|(file, _)| room == Path::new(file));
        let is_named = SEEDED.iter().any(|map| code.contains(map));
        assert!(
            is_allowed || !is_named,
            "{} is pure, and names a map with a random seed: take `fast::hashed`'s, or `BTreeMap`",
            path.display()
        );
        assert!(
            is_named || !is_allowed,
            "{} need not be allowed any more",
            path.display()
        );
    }
}

/// A line that begins a public item other than a field, a module or a re-export.
fn is_public_item(line: &str) -> bool {
    let line = line.trim_start();
    let is_macro = line.contains('$');
    !is_macro
        && [
            "pub fn ",
            "pub async fn ",
            "pub const ",
            "pub struct ",
            "pub enum ",
            "pub trait ",
            "pub type ",
        ]
        .iter()
        .any(|start| line.starts_with(start))
}

#[test]
fn public_items_have_docs() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut bare = Vec::new();
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in (1..).zip(&lines).filter(|(_, line)| is_public_item(line)) {
            let above = lines[..number - 1].iter().rev().map(|l| l.trim_start());
            let is_attribute =
                |l: &&str| l.starts_with("#[") || l.ends_with(']') || l.ends_with(',') || l.starts_with("reason");
            let mut above = above.skip_while(is_attribute);
            // A constructor without arguments to explain is told by its type.
            let is_told = line.contains("pub fn new(") || line.contains("pub fn is_empty(");
            if !is_told && !above.next().is_some_and(|l| l.starts_with("///")) {
                bare.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(bare.is_empty(), "public items without docs:\n{}", bare.join("\n"));
}
