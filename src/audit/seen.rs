//! A record of one of the topics → what it was made of, and what became of that.
//!
//! In: a record. Out: a [`Seen`], or why nobody can tell what it was made of. Always: pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::article::{Origin, Record};
use crate::dead_letter;
use crate::decode::tombstone;
use crate::dedupe::Kind;
use crate::replay::is_of_replay;

/// Partition and offset of a published record in its own topic.
pub type Place = (i32, i64);

/// Which topic a record was seen in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The output topic.
    Enriched,
    /// The duplicates' topic.
    Duplicate,
    /// The dead letters' topic.
    DeadLetter,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enriched => "enriched",
            Self::Duplicate => "duplicate",
            Self::DeadLetter => "dead-letter",
        })
    }
}

/// A place in a topic, as it is told: `enriched 0-7`.
pub(super) fn told(role: Role, (partition, offset): Place) -> String {
    format!("{role} {partition}-{offset}")
}

/// A published record, as far as the account needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The topic it stands in.
    pub role: Role,
    /// Its own partition and offset there.
    pub place: Place,
    /// The article it was made of.
    pub origin: Origin,
    /// The positions of further articles of the same record, where a dead letter stands for several.
    pub also: Vec<u32>,
    /// The verdict and the original it names; `None` for a dead letter and for a tombstone.
    pub verdict: Option<(Kind, Option<Origin>)>,
    /// A replay wrote it: the account of the live run is not changed by it.
    pub is_replay: bool,
}

#[derive(Deserialize)]
struct Value {
    provenance: Provenance,
    duplicate: Duplicate,
}

#[derive(Deserialize)]
struct Provenance {
    topic: String,
    partition: i32,
    offset: i64,
    #[serde(default)]
    position: u32,
    #[serde(default)]
    run: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Duplicate {
    kind: Kind,
    #[serde(default)]
    of: Option<Of>,
}

#[derive(Deserialize)]
struct Of {
    topic: String,
    partition: i32,
    offset: i64,
    #[serde(default)]
    position: u32,
}

impl Seen {
    /// Read a record of one of the three topics; an error says why nobody can tell what it was made of.
    pub fn parse(role: Role, record: &Record) -> Result<Self, String> {
        let place = (record.origin.partition, record.origin.offset);
        if role == Role::DeadLetter {
            let origin = dead_letter::origin(record).ok_or("its headers name no origin")?;
            return Ok(Self {
                role,
                place,
                also: also_refused(record, &origin),
                origin,
                verdict: None,
                is_replay: is_of_replay(record),
            });
        }
        if let Some(origin) = tombstone::origin(record).filter(|_| role == Role::Enriched) {
            return Ok(Self {
                role,
                place,
                origin,
                also: Vec::new(),
                verdict: None,
                is_replay: is_of_replay(record),
            });
        }
        let value = record.value.as_deref().ok_or("its value is null")?;
        let Value { provenance, duplicate } = serde_json::from_slice(value).map_err(|e| e.to_string())?;
        let of = duplicate.of.map(|of| Origin {
            topic: of.topic.into(),
            partition: of.partition,
            offset: of.offset,
            position: of.position,
        });
        Ok(Self {
            role,
            place,
            origin: Origin {
                topic: provenance.topic.into(),
                partition: provenance.partition,
                offset: provenance.offset,
                position: provenance.position,
            },
            also: Vec::new(),
            verdict: Some((duplicate.kind, of)),
            is_replay: provenance.run.is_some(),
        })
    }
}

/// The articles for which a dead letter stands beside the first.
fn also_refused(letter: &Record, first: &Origin) -> Vec<u32> {
    let positions = dead_letter::articles(letter).into_iter().map(|(position, _)| position);
    positions.filter(|position| *position != first.position).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::origin;
    use super::*;

    #[test]
    fn an_output_says_what_it_was_made_of() {
        let value =
            br#"{"id":"a","text":"t","duplicate":{"kind":"near","of":{"id":"x","topic":"raw","partition":1,"offset":5},
            "similarity":0.7},"provenance":{"topic":"raw","partition":0,"offset":9,"position":2,"preset":"generic"}}"#;
        let record = Record {
            origin: Origin {
                topic: "out".into(),
                ..origin(3, 4)
            },
            key: None,
            value: Some(value.to_vec()),
            headers: Vec::new(),
            timestamp_ms: None,
        };
        let expected = Seen {
            role: Role::Duplicate,
            place: (3, 4),
            origin: Origin {
                position: 2,
                ..origin(0, 9)
            },
            also: Vec::new(),
            verdict: Some((Kind::Near, Some(origin(1, 5)))),
            is_replay: false,
        };
        assert_eq!(Seen::parse(Role::Duplicate, &record), Ok(expected));
        let other = Record {
            value: Some(b"[1]".to_vec()),
            ..record.clone()
        };
        assert!(Seen::parse(Role::Enriched, &other).is_err());
        assert!(
            Seen::parse(
                Role::Enriched,
                &Record {
                    value: None,
                    ..record.clone()
                }
            )
            .unwrap_err()
            .contains("null")
        );
        assert!(Seen::parse(Role::DeadLetter, &record).unwrap_err().contains("origin"));
    }
}
