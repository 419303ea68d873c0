//! What becomes of an article, and what is remembered of it.

use crate::article::{Origin, Reject};
use crate::decode::tombstone;
use crate::dedupe::{Fingerprint, Verdict};
use crate::pipeline::TaggedArticle;
use crate::site::SiteNote;

/// What becomes of one article. Every input article has exactly one.
#[derive(Debug)]
pub enum Fate {
    /// To the output topic: an original, or a duplicate under the policy `mark`.
    Enriched(Box<TaggedArticle>, Verdict),
    /// To the duplicates' topic (policy `route`).
    Duplicate(Box<TaggedArticle>, Verdict),
    /// Counted and not published (policy `drop`).
    Dropped(Box<TaggedArticle>, Verdict),
    /// To the output topic as it is: it withdraws what its key had.
    Tombstone,
    /// To the dead letters' topic.
    DeadLetter(Reject),
}

impl Fate {
    /// The fate of an article that was not read, or is not taken: a dead letter, or a tombstone that is to be passed on.
    pub(super) fn rejected(reject: Reject) -> Self {
        if tombstone::is_passed(&reject) {
            Self::Tombstone
        } else {
            Self::DeadLetter(reject)
        }
    }

    /// The fate's name, as metrics and tables use it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Enriched(..) => "enriched",
            Self::Duplicate(..) => "duplicate",
            Self::Dropped(..) => "dropped",
            Self::Tombstone => "tombstone",
            Self::DeadLetter(_) => "dead-letter",
        }
    }
}

/// A verdict as the memory keeps it: enough for any instance to judge as this one did.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryEntry {
    pub origin: Origin,
    pub id: String,
    pub time_ms: i64,
    pub verdict: Verdict,
    /// An original's fingerprint; `None` for a duplicate that adds nothing to the index.
    pub fingerprint: Option<Fingerprint>,
    /// What the memory of sites keeps of it.
    pub site: Option<SiteNote>,
}

/// One article's fate, and the verdict to remember (none for a dead letter or a tombstone, or with the duplicates switched off).
#[derive(Debug)]
pub struct Judged {
    pub origin: Origin,
    pub fate: Fate,
    pub remember: Option<MemoryEntry>,
}
