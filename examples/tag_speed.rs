//! `tag_speed [ROUNDS] < clean.jsonl`: speed of the tagger alone over clean articles (`title`, `text`, `language`), in megabytes of
//! text for each second of this thread's processor time (Linux).

#[path = "common/processor.rs"]
mod processor;

use std::io::BufRead;

use serde_json::Value;
use sluice::tag::{Tagger, Text};

fn main() -> anyhow::Result<()> {
    let rounds: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20);
    let articles: Vec<Value> = std::io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<anyhow::Result<_>>()?;
    let tagger = Tagger::builtin();
    let (mut bytes, mut tags) = (0, 0);
    let before = processor::seconds()?;
    for _ in 0..rounds {
        for article in &articles {
            let field = |name: &str| article.get(name).and_then(Value::as_str);
            let body = field("text").unwrap_or_default();
            let tagging = tagger.tag(&Text {
                title: field("title"),
                body,
                language: field("language"),
            });
            bytes += body.len();
            tags += tagging.tags.len();
        }
    }
    let seconds = processor::seconds()? - before;
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{megabytes:.1} MB, {tags} tags, {:.1} MB/s of one core, {:.1} µs an article",
        megabytes / seconds,
        1e6 * seconds / (rounds * articles.len()).max(1) as f64
    );
    Ok(())
}
