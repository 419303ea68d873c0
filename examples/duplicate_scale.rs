//! Duplicates at scale: the processor time of fingerprint and judge, and the memory of an article, by how many the index holds.
//!
//! usage: `duplicate_scale WORDS SIZE...` with made-up articles of about so many words;
//! `duplicate_scale FILE SIZE...` with the articles of a file (JSON Lines with `text`): an index of salted ones judges them as they are.
//! What fills the index are originals; of the made-up articles that are judged then, every fifth is a copy.
#![allow(
    missing_docs,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement by hand"
)]

use std::error::Error;
use std::fs;

use sluice::article::Origin;
use sluice::dedupe::{Document, Fingerprint, Index, Limits, Verdict, fingerprint};

#[path = "common/articles.rs"]
mod articles;
#[path = "common/processor.rs"]
mod processor;

use articles::{Article, Writer};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Articles judged for a figure, in so many rounds: the median round counts.
const ROUNDS: u64 = 5;
const ROUND: u64 = 1000;
/// Numbers of articles that fill no index.
const FRESH: u64 = 1 << 40;

fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

fn print(article: &Article, id: &str) -> Fingerprint {
    fingerprint(&Document {
        id: Some(id),
        url: Some(&article.url),
        site: Some(&article.site),
        title: Some(&article.title),
        text: &article.text,
    })
}

/// Where articles come from: a writer, or the texts of a file.
enum Source {
    Writer(Writer),
    Texts(Vec<Article>),
}

impl Source {
    fn open(argument: &str) -> Result<Self, Box<dyn Error>> {
        if let Ok(words) = argument.parse() {
            return Ok(Self::Writer(Writer::new(words)));
        }
        let mut texts = Vec::new();
        for line in fs::read_to_string(argument)?.lines() {
            let article: serde_json::Value = serde_json::from_str(line)?;
            let field = |name: &str| article[name].as_str().unwrap_or_default().to_owned();
            let [title, text, site] = ["title", "text", "site"].map(field);
            let url = String::new();
            texts.push(Article { title, text, site, url });
        }
        Ok(Self::Texts(texts))
    }

    /// An article that fills the index.
    fn filling(&self, number: u64) -> Article {
        match self {
            Self::Writer(writer) => writer.story(number),
            Self::Texts(texts) => {
                let article = &texts[number as usize % texts.len()];
                let salt = format!("{:x} ", number as usize / texts.len());
                let [title, text] = [&article.title, &article.text].map(|t| t.replace(' ', &salt));
                let (site, url) = (article.site.clone(), String::new());
                Article { title, text, site, url }
            }
        }
    }

    /// An article that is judged, none of those that fill the index.
    fn fresh(&self, number: u64) -> Article {
        match self {
            Self::Writer(writer) => writer.of_stream(FRESH + number),
            Self::Texts(texts) => {
                let Article { title, text, site, url } = &texts[number as usize % texts.len()];
                let [title, text, site, url] = [title, text, site, url].map(Clone::clone);
                Article { title, text, site, url }
            }
        }
    }
}

fn origin(number: u64) -> Origin {
    Origin {
        topic: "articles".into(),
        partition: (number % 6) as i32,
        offset: number as i64,
        position: 0,
    }
}

/// Microseconds for one of a round.
fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    1e6 * seconds[seconds.len() / 2] / ROUND as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let source = Source::open(&arguments.next().unwrap_or_else(|| "250".into()))?;
    let mut sizes = arguments.map(|n| n.parse()).collect::<Result<Vec<u64>, _>>()?;
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    let mut index = Index::new(Limits {
        window_ms: i64::MAX,
        bytes_max: usize::MAX,
    });
    let before = resident();
    let (mut filled, mut fresh) = (0, 0);
    println!("articles  index B  resident B  slowest us  fingerprint us  judge us  articles/s of one core");
    for size in sizes {
        let mut slowest = 0.0_f64;
        while filled < size {
            let id = format!("article-{filled}");
            let known = print(&source.filling(filled), &id);
            let start = processor::seconds()?;
            index.restore(&origin(filled), &id, filled as i64, Some(&known), Verdict::unique());
            slowest = slowest.max(processor::seconds()? - start);
            filled += 1;
        }
        let (count, bytes, held) = (index.len(), index.bytes(), resident() - before);
        let (mut printing, mut judging) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let numbers = fresh..fresh + ROUND;
            fresh += ROUND;
            let articles: Vec<_> = numbers
                .clone()
                .map(|n| (n, format!("fresh-{n}"), source.fresh(n)))
                .collect();
            let start = processor::seconds()?;
            let prints: Vec<_> = articles.iter().map(|(_, id, article)| print(article, id)).collect();
            printing.push(processor::seconds()? - start);
            let start = processor::seconds()?;
            for ((n, id, _), print) in articles.iter().zip(&prints) {
                index.judge(&origin(FRESH + n), id, size as i64, print);
            }
            judging.push(processor::seconds()? - start);
        }
        let (printing, judging) = (median(printing), median(judging));
        println!(
            "{count:>8} {:>8} {:>11} {:>11} {printing:>15.1} {judging:>9.1} {:>10.0}",
            bytes / count,
            held / count,
            (1e6 * slowest) as u64,
            1e6 / (printing + judging)
        );
    }
    Ok(())
}
