//! An input topic that is not there: mistyped, deleted, or one that nobody has written to yet.
//!
//! In: the topics that are there, and the memory. Out: nothing where the topic may be created, else the reason with its
//! remedy. Always: only looks.

use super::lookup::{partition_counts, wanted};
use crate::config::{Config, nearest};
use crate::failure::Failure;
use crate::kafka::memory;
use crate::kafka::scan::Scanner;

/// Names that differ in more letters are other names.
const TYPOS_MAX: usize = 2;

/// A part of a name that is no longer is a code (`eu`, `de`, `raw`), and another code is meant so.
const CODE_LEN_MAX: usize = 3;

/// What becomes of an input topic that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingInput {
    /// It is created: that is what was asked for.
    Created,
    /// It is created with a warning, since a stage may start before its scrapers, unless it seems to be mistyped or deleted.
    CreatedIfNew,
    /// There is nothing to read in a new one.
    Refused,
}

/// See that the input topic is there, for who reads what it holds. Waits for the broker.
pub fn require_input(config: &Config) -> Result<(), Failure> {
    let found = partition_counts(config)?;
    if found.iter().any(|(name, _)| *name == config.input.topic) {
        return Ok(());
    }
    MissingInput::Refused.check(config, &found)
}

impl MissingInput {
    /// Refuse a topic that must not be created; `found` are those that are there. May wait for the broker.
    pub(super) fn check(self, config: &Config, found: &[(String, i32)]) -> Result<(), Failure> {
        if self == Self::Created {
            return Ok(());
        }
        let (topic, brokers) = (&config.input.topic, &config.kafka.brokers);
        let is_missing = format!("topic `{topic}` does not exist at {brokers}");
        let own = wanted(config);
        let others = found.iter().map(|(name, _)| name.as_str());
        let meant = near(
            topic,
            others.filter(|name| !own.contains(name) && !name.starts_with("__")),
        );
        let words = match (self, meant) {
            (_, Some(other)) => {
                format!(
                    "{is_missing}\nhint: `{other}` does: if it is not meant, `sluice topics create` makes `{topic}`"
                )
            }
            (Self::Refused, None) => format!(
                "{is_missing}, and a new one would hold nothing to read\nhint: name it with `input.topic`, or let `sluice topics create` make it; \
                 without the right Describe it does not show"
            ),
            // Where the memory cannot be read the start will say why.
            (_, None) if config.kafka.create_topics && is_remembered(config).unwrap_or_default() => format!(
                "{is_missing}, though the memory `{}` knows records of it\n\
                 hint: was it deleted? `sluice topics create` makes it again, without its records",
                config.dedupe.memory_topic
            ),
            (_, None) => return Ok(()),
        };
        Err(Failure::new(words))
    }

    /// Say that a topic has been created which perhaps nobody writes to.
    pub(super) fn warn_of_created(self, topic: &str) {
        if self == Self::CreatedIfNew {
            tracing::warn!(
                topic,
                "the input topic was not there and has been created, empty: where scrapers write to another one, `input.topic` is wrong"
            );
        }
    }
}

/// Whether the memory has a verdict on a record of the input topic. What the group has committed would tell it sooner, but goes with the
/// topic.
fn is_remembered(config: &Config) -> Result<bool, Failure> {
    let memory = &config.dedupe.memory_topic;
    let reader = Scanner::new(config)?;
    let Some(extent) = reader.extent(memory)? else {
        return Ok(false);
    };
    let mut is_found = false;
    let read = reader.read(memory, &extent, |record| {
        let origin = record.key.as_deref().and_then(memory::origin);
        is_found = origin.is_some_and(|origin| *origin.topic == *config.input.topic);
        // One is enough.
        if is_found { Err(Failure::new("found")) } else { Ok(()) }
    });
    if is_found { Ok(true) } else { read.map(|()| false) }
}

/// The name that a missing one is most likely meant to be.
fn near<'a>(missing: &str, there: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest(missing, there.filter(|name| is_near(missing, name)))
}

/// Whether two names differ as a mistyped one does from the one that is meant, and not in a number or a code.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let parts = |name: &str| name.split(['-', '_', '.']).map(str::to_owned).collect::<Vec<_>>();
    let typos = strsim::damerau_levenshtein(&a, &b);
    let (in_a, in_b) = (parts(&a), parts(&b));
    let is_code = |(a, b): (&String, &String)| a == b || a.len().max(b.len()) <= CODE_LEN_MAX;
    let is_other_code = in_a != in_b && in_a.len() == in_b.len() && in_a.iter().zip(&in_b).all(is_code);
    typos <= TYPOS_MAX.min(a.len().min(b.len()) / 4) && digits(&a) == digits(&b) && !is_other_code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_told_from_another_one() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!((is_near(a, b), is_near(b, a)), (expected, expected), "{a} {b}");
        };
        for mistyped in [
            "raw-artciles",
            "raw-article",
            "raw_articles",
            "raw.articles",
            "rawarticles",
            "Raw-Articles",
            "raw-artikels",
        ] {
            check("raw-articles", mistyped, true);
        }
        check("news", "new", false);
        check("raw", "row", false);
        check("raw-articles-eu", "raw-articles-us", false);
        check("raw-articles-de", "raw-articles-dk", false);
        check("articles.raw", "articles.out", false);
        check("raw-articles-1", "raw-articles-2", false);
        check("raw-articles", "raw-articles-2", false);
        check("raw-articles", "duplicate-articles", false);
    }

    #[test]
    fn the_nearest_of_several_is_named() {
        let there = ["dead-letters", "raw-articels", "raw_artcles"];
        assert_eq!(near("raw-articles", there.into_iter()), Some("raw-articels"));
        assert_eq!(near("pages", there.into_iter()), None);
    }
}
