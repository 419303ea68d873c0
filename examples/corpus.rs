//! `corpus COUNT [text|html] > articles.jsonl`: made-up articles, a record a line, to measure with where no real ones are at hand.

#[path = "../benches/corpus/mod.rs"]
mod corpus;

use std::io::{self, BufWriter, Write};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(1_000), |n| n.parse())?;
    let is_html = arguments.next().is_some_and(|form| form == "html");
    let corpus = corpus::Corpus::new();
    let mut out = BufWriter::new(io::stdout());
    for number in 0..count {
        let record = if is_html {
            corpus.page(number)
        } else {
            corpus.text(number)
        };
        out.write_all(&record)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
