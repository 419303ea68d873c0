//! JSON Lines of clean articles (`id`, `title`, `text`, `language`) → what the tagger counts in each, as JSON Lines, for the
//! fitting of the weights by `tools/fit_tags.py`.

use std::io::{BufRead, Write};

use serde_json::{Value, json};
use sluice::tag::{Tagger, Text};

fn main() -> anyhow::Result<()> {
    let tagger = Tagger::builtin();
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
            json!({ "id": field("id"), "bytes": bytes, "counts": counts, "body": tagger.found(&text).0, "found": tagger.found(&text).1 })
        )?;
    }
    Ok(())
}
