//! `clean_with FOLDER < articles.jsonl`: JSON Lines of articles (`id`, `url`, `html` or `text`) → what is left of each (`id`, `text`), cleaned with the
//! files of weights in FOLDER (`first.bin`, `weights.bin`, …) in place of those that ship. For `tools/cross_validate.py`.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use serde_json::{Value, json};
use sluice::clean::{self, Body, Hints, weights};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_default();
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.insert(
            entry.file_name().to_string_lossy().into_owned(),
            std::fs::read(entry.path())?,
        );
    }
    anyhow::ensure!(weights::take(files).is_ok(), "weights are named once");
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let article: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| article.get(name).and_then(Value::as_str);
        let body = match field("html") {
            Some(page) => Body::Html(page.to_owned()),
            None => Body::Text(field("text").unwrap_or_default().to_owned()),
        };
        let hints = Hints {
            url: field("url"),
            ..Hints::default()
        };
        writeln!(
            out,
            "{}",
            json!({ "id": field("id"), "text": clean::clean(&body, &hints).text })
        )?;
    }
    Ok(())
}
