//! Candidate pairs of a stream of articles and what they show, for `tools/fit_duplicates.py`.
//!
//! usage: `duplicate_pairs [SALTS] < ARTICLES > PAIRS`
//!
//! In: JSON Lines with `id`, `title`, `text`, `site` on standard input. Out: JSON Lines `{"salt", "new", "known", "features", "derived"}`. The
//! articles are sampled so many times (1), each with other hashes; the first are the product's own.
#![allow(missing_docs, reason = "an example has no readers of its items")]

use std::io::Write;

use sluice::article::Origin;
use sluice::dedupe::{Document, Index, Limits, Verdict, salted};

fn main() -> std::io::Result<()> {
    let salts = std::env::args()
        .nth(1)
        .and_then(|salts| salts.parse().ok())
        .unwrap_or(1);
    let articles = std::io::read_to_string(std::io::stdin())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for salt in 0..salts {
        write_pairs(&articles, salt, &mut out)?;
    }
    Ok(())
}

fn write_pairs(articles: &str, salt: u64, out: &mut impl Write) -> std::io::Result<()> {
    let mut index = Index::new(Limits {
        window_ms: i64::MAX,
        bytes_max: usize::MAX,
    });
    for (offset, line) in articles.lines().enumerate() {
        let article: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| article.get(name).and_then(serde_json::Value::as_str);
        let id = field("id").unwrap_or_default();
        let document = Document {
            title: field("title"),
            site: field("site"),
            text: field("text").unwrap_or_default(),
            ..Document::default()
        };
        let print = salted(&document, salt);
        for (known, features) in index.pairs(&print) {
            let pair = serde_json::json!({
                "salt": salt,
                "new": id,
                "known": known.id,
                "features": features.values(),
                "derived": features.derived(),
            });
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
