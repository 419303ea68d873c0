//! `tag_counts [FOLDER] < clean.jsonl`: JSON Lines of clean articles (`id`, `title`, `text`, `language`) → what the tagger counts in
//! each, as JSON Lines, for the fitting of the weights by `tools/fit_tags.py`. FOLDER holds taxonomies in place of the shipped ones.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use sluice::tag::taxonomy::Taxonomy;
use sluice::tag::{SHIPPED, Tagger, Text};

fn main() -> anyhow::Result<()> {
    let tagger = match std::env::args().nth(1) {
        None => Tagger::builtin(),
        Some(folder) => {
            let read = |(file, _): (&str, &str)| {
                let text = std::fs::read_to_string(std::path::Path::new(&folder).join(file))?;
                Ok(Taxonomy::parse(file, &text)?)
            };
            Tagger::new(SHIPPED.into_iter().map(read).collect::<anyhow::Result<_>>()?)
        }
    };
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let article: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| article.get(name).and_then(Value::as_str);
        let text = Text {
            title: field("title"),
            body: field("text").unwrap_or_default(),
            language: field("language"),
        };
        let (bytes, counts) = tagger.counts(&text);
        writeln!(
            out,
            "{}",
            json!({ "id": field("id"), "bytes": bytes, "counts": counts })
        )?;
    }
    Ok(())
}
