//! Made-up articles as JSON Lines, every fifth a copy: a stream for `sluice enrich` and for topics.
//!
//! usage: `made_up_articles [ARTICLES] [FIRST] [WORDS]`
#![allow(missing_docs, clippy::indexing_slicing, reason = "a tool by hand")]

use std::error::Error;
use std::io::{BufWriter, Write};

#[path = "common/articles.rs"]
mod articles;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|n| n.parse::<u64>());
    let mut next = |default| numbers.next().unwrap_or(Ok(default));
    let (count, first) = (next(100_000)?, next(0)?);
    let writer = articles::Writer::new(next(250)?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    for number in first..first + count {
        let articles::Article { title, text, site, url } = writer.of_stream(number);
        let id = format!("article-{number}");
        let article = serde_json::json!({ "id": id, "url": url, "title": title, "text": text, "site": site });
        serde_json::to_writer(&mut out, &article)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
