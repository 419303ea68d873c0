//! What is written from the code: the README's table of options, `deploy/sluice.toml`, `deploy/output.schema.json`.
//! A file that is behind is rewritten, and the test fails once, so that the change is seen and committed.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::path::Path;

fn keep(path: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if found != expected {
        std::fs::write(&path, expected).unwrap();
        panic!(
            "`{}` was behind the code and has been rewritten: look at the difference and commit it",
            path.display()
        );
    }
}

#[test]
fn the_configuration_file_names_every_option() {
    let text = sluice::config::as_toml();
    keep("deploy/sluice.toml", &text);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sluice.toml");
    std::fs::write(&path, &text).unwrap();
    let config = sluice::config::Config::load(Some(&path), [], &[]).unwrap();
    assert_eq!(config, sluice::config::Config::default(), "the file holds the defaults");
}

#[test]
fn the_readme_names_every_option() {
    let (begin, end) = (
        "<!-- options: written by tests/docs.rs -->\n",
        "<!-- end of options -->",
    );
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (before, rest) = readme.split_once(begin).expect("the README has the table's first mark");
    let (_, after) = rest.split_once(end).expect("the README has the table's last mark");
    keep(
        "README.md",
        &format!("{before}{begin}{}{end}{after}", sluice::config::as_table()),
    );
}

#[test]
fn the_schema_of_the_output_is_checked_in() {
    let schema = serde_json::to_string_pretty(&sluice::encode::schema()).unwrap();
    keep("deploy/output.schema.json", &(schema + "\n"));
}

#[test]
fn the_tag_of_the_documentation_holds_its_examples() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tags.md")).unwrap();
    let (_, rest) = docs
        .split_once("cat > taxonomies/ferries.toml <<'END'\n")
        .expect("the example begins");
    let (file, _) = rest.split_once("END\n").expect("the example ends");
    let taxonomy = sluice::tag::taxonomy::Taxonomy::parse("docs/tags.md", file).unwrap();
    assert_eq!(taxonomy.all_examples().count(), 3);
    assert_eq!(taxonomy.test(), []);
}
