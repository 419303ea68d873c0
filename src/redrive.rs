//! Dead letters → which of them are meant, and which would pass now.
//!
//! In: a dead letter, a filter, this build's pipeline. Out: whether it is meant; a [`Trial`]. Always: pure; nothing is written.

use crate::article::{Origin, Record, Reject};
use crate::dead_letter;
use crate::decode::tombstone;
use crate::pipeline::Pipeline;

/// Which dead letters are meant. What is not given does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The code (`not-json`), the step (`decode`), or both (`decode/not-json`).
    pub reason: Option<String>,
    /// The input record, partition or topic: `topic-partition-offset`, `topic-partition`, or `topic`.
    pub origin: Option<String>,
    /// Milliseconds since the epoch: the record's time, from this on …
    pub from_ms: Option<i64>,
    /// … and before this.
    pub to_ms: Option<i64>,
}

impl Filter {
    /// Whether a dead letter is meant.
    pub fn matches(&self, letter: &Record) -> bool {
        let is_reason = |wanted: &str| {
            let is_of = |[step, code]: [&str; 2]| {
                wanted == code || wanted == step || wanted.split_once('/') == Some((step, code))
            };
            dead_letter::articles(letter)
                .into_iter()
                .any(|(_, reason)| is_of(reason))
        };
        let is_origin = |wanted: &str| dead_letter::origin(letter).is_some_and(|origin| is_within(&origin, wanted));
        let time = letter.timestamp_ms;
        self.reason.as_deref().is_none_or(is_reason)
            && self.origin.as_deref().is_none_or(is_origin)
            && self.from_ms.is_none_or(|from| time.is_some_and(|t| t >= from))
            && self.to_ms.is_none_or(|to| time.is_some_and(|t| t < to))
    }
}

/// Whether a record is the one, or of the partition or topic, that a text names.
pub fn is_within(origin: &Origin, wanted: &str) -> bool {
    let Origin { topic, partition, .. } = origin;
    wanted == &**topic || wanted == format!("{topic}-{partition}") || is_named(origin, wanted)
}

/// Whether a text names this record, as `TOPIC-PARTITION-OFFSET`.
pub fn is_named(origin: &Origin, wanted: &str) -> bool {
    wanted == format!("{}-{}-{}", origin.topic, origin.partition, origin.offset)
}

/// What a redrive would do with a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// This build reads it, all of its articles: it can go to the input again.
    Passes,
    /// It would come back, for this reason.
    Fails(Reject),
    /// It has failed too often: it is put aside, whether it would pass or not.
    Parks,
    /// It is no record of this input topic.
    Elsewhere,
}

/// Run a dead letter through the pipeline. What passes here and failed before may fail again for reasons that lie outside of the
/// pipeline, so that `attempts_max` failures are the end in any case.
pub fn trial(pipeline: &Pipeline, input: &str, letter: &Record, attempts_max: u32) -> Trial {
    if dead_letter::origin(letter).is_none_or(|origin| *origin.topic != *input) {
        return Trial::Elsewhere;
    }
    // A null value would withdraw what the key has.
    if let Some(reject) = dead_letter::is_incomplete(letter) {
        return Trial::Fails(reject);
    }
    if dead_letter::attempts(letter) >= attempts_max {
        return Trial::Parks;
    }
    let worked = pipeline.work(&dead_letter::redriven(letter));
    match worked.into_iter().find_map(|worked| worked.result.err()) {
        Some(reject) if !tombstone::is_passed(&reject) => Trial::Fails(reject),
        _ => Trial::Passes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dead_letter::Reporter;
    use crate::pipeline::Steps;
    use crate::tag::Tagger;

    fn letter(value: &str, attempts: u32) -> Record {
        let origin = Origin {
            topic: "raw-2".into(),
            partition: 3,
            offset: 5,
            position: 0,
        };
        let mut record = Record {
            origin,
            key: None,
            value: Some(value.as_bytes().to_vec()),
            headers: Vec::new(),
            timestamp_ms: Some(1_000),
        };
        let reject = Reject::new("decode", "not-json", "end of input");
        for _ in 0..attempts {
            record.headers = dead_letter::headers(&record, &[(0, &reject)], &Reporter::default(), None);
        }
        record
    }

    #[test]
    fn a_filter_means_what_it_says() {
        let letter = letter("{", 1);
        let check = |filter: Filter, expected: bool| assert_eq!(filter.matches(&letter), expected, "{filter:?}");
        let reason = |text: &str| Filter {
            reason: Some(text.into()),
            ..Filter::default()
        };
        let origin = |text: &str| Filter {
            origin: Some(text.into()),
            ..Filter::default()
        };
        let time = |from_ms, to_ms| Filter {
            from_ms,
            to_ms,
            ..Filter::default()
        };
        check(Filter::default(), true);
        for text in ["decode", "not-json", "decode/not-json"] {
            check(reason(text), true);
        }
        check(reason("clean/not-json"), false);
        check(reason("too-large"), false);
        for text in ["raw-2", "raw-2-3", "raw-2-3-5"] {
            check(origin(text), true);
        }
        for text in ["raw", "raw-2-4", "raw-2-3-50", "aw-2"] {
            check(origin(text), false);
        }
        let several = Record {
            headers: dead_letter::headers(
                &letter,
                &[
                    (0, &Reject::new("decode", "null-value", "")),
                    (1, &Reject::new("clean", "panic", "")),
                ],
                &Reporter::default(),
                None,
            ),
            ..letter.clone()
        };
        for text in ["null-value", "clean/panic", "clean"] {
            assert!(reason(text).matches(&several), "{text}");
        }
        assert!(!reason("clean/null-value").matches(&several));
        check(time(Some(1_000), Some(1_001)), true);
        check(time(Some(1_001), None), false);
        check(time(None, Some(1_000)), false);
    }

    #[test]
    fn a_trial_says_what_would_become_of_a_dead_letter() {
        let pipeline = Pipeline::new(Steps::without_tags(), Tagger::builtin());
        let good = r#"{"text":"Words that an article might have."}"#;
        let half = r#"[{"text":"Words that an article might have."},{"title":7,"text":{"a":1}}]"#;
        let trial = |letter: &Record| trial(&pipeline, "raw-2", letter, 3);
        assert_eq!(trial(&letter(good, 1)), Trial::Passes);
        assert!(matches!(trial(&letter("{", 2)), Trial::Fails(reject) if reject.step == "decode"));
        assert!(
            matches!(trial(&letter(half, 1)), Trial::Fails(_)),
            "each of its articles must pass"
        );
        let mut without = letter(good, 3);
        without
            .headers
            .push((dead_letter::LEFT_OUT.into(), Some(b"value".to_vec())));
        assert!(matches!(trial(&without), Trial::Fails(reject) if reject.code == "left-out"));
        assert_eq!(trial(&letter(good, 3)), Trial::Parks);
        assert_eq!(trial(&letter(good, 0)), Trial::Elsewhere, "no header names its origin");
        assert_eq!(super::trial(&pipeline, "raw", &letter(good, 1), 3), Trial::Elsewhere);
    }
}
