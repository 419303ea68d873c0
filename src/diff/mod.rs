//! Two outputs of one input → what changed between them.
//!
//! In: the records of two sides, A and B. Out: a [`Report`]: counts by kind, tags gained and lost, examples. Always: records are matched by
//! the origin they were made of; where one side does not reach, nothing is compared; who made a record, and in which run, is no change.

mod article;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use article::{Article, ReadError};
pub use report::{Example, KindCount, Report, TagChange, Threshold, VerdictChange};

use crate::article::Origin;

/// What of an article can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// The clean text.
    Text,
    /// Which tags it has.
    Tags,
    /// A tag's score, with the same tags as before.
    Scores,
    /// Unique or a duplicate, and of what.
    Verdict,
    /// A dead letter on one side, an article on the other.
    DeadLetter,
    /// Any other field, such as the title.
    Fields,
    /// Only A has it.
    OnlyInA,
    /// Only B has it.
    OnlyInB,
}

impl ChangeKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::Text,
        Self::Tags,
        Self::Scores,
        Self::Verdict,
        Self::DeadLetter,
        Self::Fields,
        Self::OnlyInA,
        Self::OnlyInB,
    ];

    /// The kind's name, as options and reports use it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Tags => "tags",
            Self::Scores => "scores",
            Self::Verdict => "verdict",
            Self::DeadLetter => "dead-letter",
            Self::Fields => "fields",
            Self::OnlyInA => "only-in-a",
            Self::OnlyInB => "only-in-b",
        }
    }
}

/// One side: what was read of it, or a part of that where all is too much for memory.
#[derive(Debug, Default)]
pub struct Side {
    articles: Articles,
    bytes: usize,
    /// (topic, partition) → the first and the last offset, of all that was ever added.
    reach: BTreeMap<(Arc<str>, i32), (i64, i64)>,
    /// Origins that came more than once: the last one counts.
    repeated: u64,
    /// Topics' names, each kept once.
    topics: Vec<Arc<str>>,
}

/// Articles by what they were made of.
pub type Articles = BTreeMap<Origin, Article>;

/// Bytes that an article costs in a side beside its words, about: its entry, and the room that the tree leaves free.
const ENTRY_BYTES: usize = size_of::<(Origin, Article)>() * 3 / 2;

impl Side {
    /// Take one article in.
    pub fn add(&mut self, mut origin: Origin, article: Article) {
        match self.topics.iter().find(|topic| **topic == origin.topic) {
            Some(topic) => origin.topic = Arc::clone(topic),
            None => self.topics.push(Arc::clone(&origin.topic)),
        }
        let place = (Arc::clone(&origin.topic), origin.partition);
        let reach = self.reach.entry(place).or_insert((origin.offset, origin.offset));
        *reach = (reach.0.min(origin.offset), reach.1.max(origin.offset));
        self.bytes += ENTRY_BYTES + article.words();
        self.repeated += u64::from(self.articles.insert(origin, article).is_some());
    }

    /// Bytes of memory held, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Hand out the articles that are held, to be added again in parts. How far the side reaches is remembered.
    pub fn take(&mut self) -> Articles {
        self.bytes = 0;
        std::mem::take(&mut self.articles)
    }

    /// Articles held, each origin once.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether nothing was ever added.
    pub fn is_empty(&self) -> bool {
        self.reach.is_empty()
    }

    /// Origins that came more than once.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Whether an origin lies between the first and the last of its partition.
    pub fn reaches(&self, origin: &Origin) -> bool {
        let place = (Arc::clone(&origin.topic), origin.partition);
        self.reach
            .get(&place)
            .is_some_and(|(first, last)| (*first..=*last).contains(&origin.offset))
    }
}

/// Compare two sides; `examples` of each kind are kept.
pub fn diff(a: &Side, b: &Side, examples: usize) -> Report {
    let mut report = Report::new(examples);
    compare(&mut report, a, b);
    report
}

/// Compare what two sides hold, and add it to the report. Where they hold parts, an origin must be in the same part of both.
pub fn compare(report: &mut Report, a: &Side, b: &Side) {
    report.repeated = [a.repeated(), b.repeated()];
    for (origin, before) in &a.articles {
        match b.articles.get(origin) {
            Some(now) => report.matched(origin, before, now),
            None if b.reaches(origin) => report.only(ChangeKind::OnlyInA, origin, before),
            None => report.beyond_b += 1,
        }
    }
    for (origin, now) in &b.articles {
        if a.articles.contains_key(origin) {
            continue;
        }
        if a.reaches(origin) {
            report.only(ChangeKind::OnlyInB, origin, now);
        } else {
            report.beyond_a += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(offset: i64, change: impl FnOnce(&mut serde_json::Value)) -> (Origin, Article) {
        let mut value = json!({
            "schema": "sluice.article.v1", "id": format!("id-{offset}"), "title": "A title", "text": "Some words.",
            "tags": [{ "name": "trade", "score": 0.9, "evidence": [] }], "tag_scores": { "trade": 0.9, "geopolitics": 0.1 },
            "duplicate": { "kind": "unique", "of": null, "similarity": 0.0 },
            "provenance": { "topic": "raw", "partition": 0, "offset": offset, "versions": { "sluice": "1" } },
        });
        change(&mut value);
        Article::parse(value.to_string().as_bytes()).unwrap()
    }

    fn side(lines: impl IntoIterator<Item = (Origin, Article)>) -> Side {
        let mut side = Side::default();
        lines
            .into_iter()
            .for_each(|(origin, article)| side.add(origin, article));
        side
    }

    fn kinds(report: &Report) -> Vec<(&'static str, u64)> {
        let found = report.kinds().into_iter().filter(|k| k.count > 0);
        found.map(|k| (k.kind.name(), k.count)).collect()
    }

    fn same(_: &mut serde_json::Value) {}

    #[test]
    fn who_made_a_record_and_in_which_run_is_no_change() {
        let b = line(1, |v| {
            v["provenance"]["run"] = json!("again");
            v["provenance"]["versions"]["sluice"] = json!("2");
        });
        let report = diff(&side([line(1, same)]), &side([b]), 5);
        assert_eq!((report.compared, report.same, kinds(&report)), (1, 1, vec![]));
    }

    #[test]
    fn each_kind_of_change_is_counted_and_an_article_may_have_several() {
        let a = side((0..7).map(|n| line(n, same)));
        let other_verdict = json!({ "kind": "exact", "similarity": 1.0,
            "of": { "id": "x", "topic": "raw", "partition": 1, "offset": 9 } });
        let b = side([
            line(0, |v| v["text"] = json!("Other words.")),
            line(1, |v| v["tags"] = json!([])),
            line(2, |v| v["tag_scores"]["geopolitics"] = json!(0.2)),
            line(3, |v| v["duplicate"] = other_verdict.clone()),
            line(4, |v| v["title"] = json!("Another")),
            line(6, |v| {
                v["text"] = json!("Other words.");
                v["tags"] = json!([{ "name": "geopolitics" }]);
            }),
        ]);
        let report = diff(&a, &b, 5);
        let expected = [
            ("text", 2),
            ("tags", 2),
            ("scores", 1),
            ("verdict", 1),
            ("fields", 1),
            ("only-in-a", 1),
        ];
        assert_eq!(kinds(&report), expected);
        assert_eq!((report.compared, report.same, report.changed()), (7, 0, 7));
        let verdict = &report.verdicts[0];
        assert_eq!((&*verdict.before, &*verdict.now, verdict.count), ("unique", "exact", 1));
        let tags: Vec<(&str, u64, u64)> = report.tags.iter().map(|t| (&*t.name, t.gained, t.lost)).collect();
        assert_eq!(tags, [("geopolitics", 1, 0), ("trade", 0, 2)]);
    }

    #[test]
    fn where_one_side_does_not_reach_nothing_is_compared() {
        let a = side((0..10).map(|n| line(n, same)));
        let b = side([line(4, same), line(6, same)]);
        let report = diff(&a, &b, 5);
        assert_eq!(
            (report.compared, report.same, report.beyond_b, report.beyond_a),
            (3, 2, 7, 0)
        );
        assert_eq!(kinds(&report), [("only-in-a", 1)]);
        let report = diff(&b, &a, 5);
        assert_eq!(
            (report.compared, report.beyond_a, kinds(&report)),
            (3, 7, vec![("only-in-b", 1)])
        );
    }

    #[test]
    fn an_origin_that_comes_twice_counts_by_its_last() {
        let b = side([line(1, |v| v["text"] = json!("An earlier run.")), line(1, same)]);
        assert_eq!((b.len(), b.repeated()), (1, 1));
        assert_eq!(diff(&side([line(1, same)]), &b, 5).changed(), 0);
    }

    #[test]
    fn a_dead_letter_against_an_article_is_a_kind_of_its_own() {
        let (origin, _) = line(1, same);
        let a = side([(origin, Article::dead_letter("not-json"))]);
        let report = diff(&a, &side([line(1, same)]), 5);
        assert_eq!(kinds(&report), [("dead-letter", 1)]);
        let example = report.examples()[0];
        assert_eq!(
            (example.before.as_str(), example.now.as_str()),
            ("dead letter: not-json", "article")
        );
    }

    #[test]
    fn examples_say_what_was_and_what_is_and_are_bounded() {
        let a = side((0..5).map(|n| line(n, same)));
        let b = side((0..5).map(|n| {
            line(n, |v| {
                v["tags"] = json!([{ "name": "trade" }, { "name": "rare-earths" }])
            })
        }));
        let report = diff(&a, &b, 2);
        assert_eq!(report.examples().len(), 2);
        let example = report.examples()[0];
        assert_eq!((example.id.as_str(), example.origin.as_str()), ("id-0", "raw-0-0"));
        assert_eq!(
            (example.before.as_str(), example.now.as_str()),
            ("trade", "rare-earths, trade")
        );
        let thresholds: [(&str, bool); 5] = [
            ("0", true),
            ("100%", false),
            ("tags=50%", true),
            ("text=0", false),
            ("1", false),
        ];
        for (threshold, is_exceeded) in thresholds {
            let threshold: Threshold = threshold.parse().unwrap();
            assert_eq!(report.exceeds(&threshold), is_exceeded, "{threshold:?}");
        }
    }
}
