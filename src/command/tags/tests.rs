use std::io::Write as _;

use super::*;

const FERRIES: &str =
    "name = \"ferries\"\nthreshold = 0.5\n[[concept]]\nname = \"boats\"\nweights = [9, 9, 9]\nen = [\"ferry\"]\n";

/// What a command prints, or what it says is wrong.
fn told(config: &Config, command: &TagsCommand) -> Result<String, String> {
    let mut out = Vec::new();
    tags(config, command, &mut out).map_err(|e| e.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn config(&self) -> Config {
        let mut config = Config::default();
        config.tags.folder = self.0.path().to_string_lossy().into_owned();
        config
    }

    /// The measures of the tag `ferries`.
    fn score(&self, file: PathBuf) -> Result<String, String> {
        self.file("ferries.toml", FERRIES);
        told(&self.config(), &TagsCommand::Score { file, json: true })
    }

    fn diff(&self, new: &str, articles: &str) -> String {
        let (old, new) = (self.file("old", FERRIES), self.file("new", new));
        let articles = vec![self.file("articles.jsonl", articles)];
        told(&Config::default(), &TagsCommand::Diff { old, new, articles }).unwrap()
    }

    fn train(&self, articles: &str, tag: &str) -> Result<String, String> {
        let (file, tag) = (self.file("labelled.jsonl", articles), tag.to_owned());
        told(&Config::default(), &TagsCommand::Train { file, tag })
    }
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

const TWO: [&str; 2] = [
    r#"{"text": "The ferry is late.", "language": "en", "labels": {"ferries": 1}}"#,
    r#"{"text": "The choir sings.", "language": "en", "tags": []}"#,
];

#[test]
fn articles_are_read_in_the_forms_that_enrich_reads() {
    let folder = Folder::new();
    let [ferry, choir] = TWO;
    let lines = format!("\u{feff}{ferry}\n\n{choir}\n");
    let list = format!("[{ferry},\n {choir}]");
    for (name, bytes) in [
        ("a.jsonl.gz", packed(&lines)),
        ("a.json", list.clone().into_bytes()),
        ("a.json.gz", packed(&list)),
        ("a.jsonl", lines.into_bytes()),
    ] {
        let measured = folder.score(folder.file(name, bytes)).expect(name);
        assert!(
            measured.starts_with(r#"{"ferries":{"articles":2,"positives":1,"precision":1.0"#),
            "{name}: {measured}"
        );
    }
}

#[test]
fn what_is_no_article_is_told_with_one_line() {
    let folder = Folder::new();
    let [ferry, _] = TWO;
    for (text, why) in [
        (
            format!("{ferry}\n\n{{\"title\" 7}}\n"),
            "line 3 is no article: expected `:` at column 10\nhint",
        ),
        (format!("{ferry}\n7\n"), "line 2 is no article: invalid type"),
        (
            format!("[{ferry},\n{{\"title\" 7}}\n]"),
            "line 2 is no article: expected `:` at column 10\nhint",
        ),
    ] {
        let said = folder.score(folder.file("a.jsonl", text)).expect_err(why);
        assert!(said.contains(why), "{said}");
        assert_eq!(said.matches("line ").count(), 1, "{said}");
    }
}

#[test]
fn an_outlets_name_is_no_part_of_a_title_here_either() {
    let folder = Folder::new();
    let at = |site: &str| {
        let article =
            r#"{"title": "Choir sings | Ferry News", "text": "It sings.", "language": "en", "labels": {"ferries": 0}"#;
        folder
            .score(folder.file("a.jsonl", format!("{article}, {site}}}")))
            .unwrap()
    };
    let error = |measured: &str| {
        let json: serde_json::Value = serde_json::from_str(measured).unwrap();
        json["ferries"]["calibration_error"].as_f64().unwrap()
    };
    assert!(error(&at(r#""site": null"#)) > 0.9);
    assert!(error(&at(r#""site": "Ferry News""#)) < 0.1);
    assert!(error(&at(r#""url": "https://www.ferrynews.example/1", "site": 7"#)) < 0.1);
}

#[test]
fn measures_have_four_digits() {
    let folder = Folder::new();
    let measured = folder.score(folder.file("a.jsonl", TWO.join("\n"))).unwrap();
    let digits = |number: &str| number.split('.').nth(1).map_or(0, str::len);
    let numbers = measured.split(|c: char| !c.is_ascii_digit() && c != '.');
    assert!(numbers.clone().any(|number| digits(number) > 1), "{measured}");
    assert!(numbers.into_iter().all(|number| digits(number) <= 4), "{measured}");
}

#[test]
fn diff_names_thresholds_that_changed_and_leaves_out_what_was_not_read() {
    let folder = Folder::new();
    let [ferry, choir] = TWO;
    let articles = format!("{{\"error\": {{\"step\": \"decode\", \"line\": 1}}}}\n\n{ferry}\n{choir}\n");
    let other = folder.diff(&FERRIES.replace("0.5", "0.001"), &articles);
    assert!(other.contains("(threshold 0.5 → 0.001), no phrase"), "{other}");
    let other = folder.diff(&FERRIES.replace("ferry", "ship"), &articles);
    assert!(
        other.contains("articles.jsonl:3 loses") && !other.contains("threshold"),
        "{other}"
    );
    assert!(
        other.ends_with("of 2 articles 0 gain `ferries` and 1 lose it\nleft out: 1 records that could not be read\n"),
        "{other}"
    );
}

#[test]
fn a_tag_that_no_label_names_is_told_with_those_that_are() {
    let folder = Folder::new();
    let said = folder.train(&TWO.join("\n"), "ferry").expect_err("no such label");
    assert!(
        said.ends_with("no article has a label for `ferry`, only for `ferries`"),
        "{said}"
    );
    let bare = folder.train(r#"{"text": "A ferry."}"#, "ferry").expect_err("no label");
    assert!(bare.contains("give each `labels`"), "{bare}");
    let few = folder.train(&TWO.join("\n"), "ferries").expect_err("too few");
    assert!(few.contains("1 articles with the tag and 1 without it"), "{few}");
}

#[test]
fn the_file_of_a_configured_tag_is_shown() {
    let folder = Folder::new();
    folder.file("ferries.toml", FERRIES);
    let show = |name: &str| TagsCommand::Show {
        name: Some(name.to_owned()),
    };
    assert_eq!(told(&folder.config(), &show("ferries")).unwrap(), FERRIES);
    assert!(
        told(&folder.config(), &show("trade"))
            .unwrap()
            .contains("name = \"trade\"")
    );
    let said = told(&folder.config(), &show("ships")).expect_err("no such tag");
    assert_eq!(
        said,
        "there is no tag `ships`, only ferries, geopolitics, rare-earths, trade"
    );
}
