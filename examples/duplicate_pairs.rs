//! Candidate pairs of a stream of articles and what they show, for `tools/fit_duplicates.py`.
//!
//! In: JSON Lines with `id`, `title`, `text`, `site` on standard input. Out: JSON Lines `{"new", "known", "features"}`.
#![allow(missing_docs, reason = "an example has no readers of its items")]

use std::io::{BufRead, Write};

use sluice::article::Origin;
use sluice::dedupe::{Document, Index, Limits, Verdict, fingerprint};

fn main() -> std::io::Result<()> {
    let mut index = Index::new(Limits {
        window_ms: i64::MAX,
        bytes_max: usize::MAX,
    });
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (offset, line) in std::io::stdin().lock().lines().enumerate() {
        let article: serde_json::Value = serde_json::from_str(&line?)?;
        let field = |name: &str| article.get(name).and_then(serde_json::Value::as_str);
        let id = field("id").unwrap_or_default();
        let print = fingerprint(&Document {
            title: field("title"),
            site: field("site"),
            text: field("text").unwrap_or_default(),
            ..Document::default()
        });
        for (known, features) in index.pairs(&print) {
            let pair = serde_json::json!({"new": id, "known": known.id, "features": features.values(), "derived": features.derived()});
            writeln!(out, "{pair}")?;
        }
        let origin = Origin {
            topic: "-".into(),
            partition: 0,
            offset: offset as i64,
            position: 0,
        };
        index.restore(&origin, id, 0, Some(&print), Verdict::unique());
    }
    Ok(())
}
