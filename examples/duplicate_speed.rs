//! Speed and memory of fingerprint and judge: salted copies of the articles on standard input (JSON Lines with `text`).
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement by hand"
)]

use std::io::BufRead;
use std::time::Instant;

use sluice::article::Origin;
use sluice::dedupe::{Document, Index, Limits, fingerprint};

fn main() -> std::io::Result<()> {
    let total: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let mut texts = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let article: serde_json::Value = serde_json::from_str(&line?)?;
        texts.push(
            article
                .get("text")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        );
    }
    let mut index = Index::new(Limits {
        window_ms: i64::MAX,
        bytes_max: usize::MAX,
    });
    let salted = |n: usize| {
        let salt = format!("{:x} ", n / texts.len());
        texts
            .get(n % texts.len())
            .map(|t| t.replace(' ', &salt))
            .unwrap_or_default()
    };
    let origin = |n: usize| Origin {
        topic: "-".into(),
        partition: 0,
        offset: n as i64,
        position: 0,
    };
    let mut stored = 0;
    for n in 0..total {
        let print = fingerprint(&Document {
            text: &salted(n),
            ..Document::default()
        });
        stored += print.to_bytes().len();
        index.judge(&origin(n), "article-00000000", 0, &print);
    }
    println!(
        "{} articles: {} bytes each in the index, {} in the memory topic",
        index.len(),
        index.bytes() / index.len().max(1),
        stored / total
    );
    let fresh: Vec<String> = (total..total + 20_000).map(salted).collect();
    let start = Instant::now();
    let prints: Vec<_> = fresh
        .iter()
        .map(|text| {
            fingerprint(&Document {
                text,
                ..Document::default()
            })
        })
        .collect();
    let made = start.elapsed();
    for (n, print) in (total..).zip(&prints) {
        index.judge(&origin(n), "article-00000000", 0, print);
    }
    let all = start.elapsed();
    let each = |d: std::time::Duration| d.as_secs_f64() * 1e6 / fresh.len() as f64;
    println!(
        "fingerprint {:.1} us, judge {:.1} us, {:.0} articles/s",
        each(made),
        each(all.saturating_sub(made)),
        1e6 / each(all)
    );
    Ok(())
}
