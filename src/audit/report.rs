//! What an audit tells: sums, and all that is wrong.
//!
//! In: what the ledger has found. Out: sums, and each thing that is wrong by its name. Always: plain data.

use std::fmt;

use serde::Serialize;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// An article without a fate.
    Missing,
    /// An article with more than one.
    Doubled,
    /// A published record that no input record gave.
    Foreign,
    /// It stands behind a later one of its input partition.
    OutOfOrder,
    /// A duplicate of itself.
    OwnDuplicate,
    /// A duplicate of an article that was not published as an original.
    NoOriginal,
    /// The memory holds another verdict than the one that was published.
    #[serde(rename = "memory-disagrees")]
    Disagrees,
}

impl Wrong {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Missing,
        Self::Doubled,
        Self::Foreign,
        Self::OutOfOrder,
        Self::OwnDuplicate,
        Self::NoOriginal,
        Self::Disagrees,
    ];
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Foreign => "foreign",
            Self::OutOfOrder => "out of order",
            Self::OwnDuplicate => "own duplicate",
            Self::NoOriginal => "no original",
            Self::Disagrees => "memory disagrees",
        })
    }
}

/// One thing that is wrong, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub wrong: Wrong,
    /// The input record (`topic-partition-offset`), or for a foreign record the place where it stands.
    pub record: String,
    /// Where it was seen, and what is known of it.
    pub detail: String,
}

/// The sums, and all that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Input records in the range.
    pub records: u64,
    /// Their articles: more than the records where a record holds several.
    pub articles: u64,
    /// Articles that were published to the output topic.
    pub enriched: u64,
    /// To the duplicates' topic.
    pub duplicates: u64,
    /// Dropped by policy, as the memory tells.
    pub dropped: u64,
    /// To the output topic as tombstones.
    pub tombstones: u64,
    /// To the dead letters' topic.
    pub dead_letters: u64,
    /// Articles with a verdict in the memory.
    pub remembered: u64,
    /// Published records that were not counted: of replays.
    pub of_replays: u64,
    /// Published records that were not counted: of input records outside the range.
    pub outside: u64,
    /// Everything that is wrong, in the order of [`Wrong::ALL`], then of the input.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How often something is wrong.
    pub fn count(&self, wrong: Wrong) -> usize {
        self.findings.iter().filter(|f| f.wrong == wrong).count()
    }
}
