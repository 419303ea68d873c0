//! How many articles met which fate, and what they were beyond that.
//!
//! In: fates. Out: counts, by words of which there are few: kinds, codes, presets, tags. Always: pure.

use std::collections::BTreeMap;

use crate::dedupe::{Kind, Verdict};
use crate::judge::Fate;
use crate::pipeline::TaggedArticle;
use crate::replay::KeptTags;

/// Articles by their fate. Their sum is what was consumed, in articles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Published to the output topic.
    pub enriched: u64,
    /// Published to the duplicates' topic.
    pub duplicate: u64,
    /// Dropped by policy.
    pub dropped: u64,
    /// Passed on as they are, to withdraw what their key had.
    pub tombstone: u64,
    /// Could not be read.
    pub dead_letter: u64,
}

impl Fates {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.enriched + self.duplicate + self.dropped + self.tombstone + self.dead_letter
    }

    /// Count one article.
    pub fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Enriched(..) => self.enriched += 1,
            Fate::Duplicate(..) => self.duplicate += 1,
            Fate::Dropped(..) => self.dropped += 1,
            Fate::Tombstone => self.tombstone += 1,
            Fate::DeadLetter(_) => self.dead_letter += 1,
        }
    }

    /// Add another count to this one.
    pub fn add(&mut self, other: Self) {
        self.enriched += other.enriched;
        self.duplicate += other.duplicate;
        self.dropped += other.dropped;
        self.tombstone += other.tombstone;
        self.dead_letter += other.dead_letter;
    }
}

/// Counts of one batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles, whatever their fate.
    pub articles: u64,
    /// Duplicates by kind and relation, wherever the policy sends them.
    pub duplicates: BTreeMap<(&'static str, &'static str), u64>,
    /// Dead letters by step and code.
    pub dead_letters: BTreeMap<(&'static str, &'static str), u64>,
    /// Articles by the preset that read them.
    pub presets: BTreeMap<&'static str, u64>,
    /// Articles by tag; one with two tags counts for both.
    pub tags: BTreeMap<String, u64>,
    /// Articles without a tag.
    pub untagged: u64,
    /// Articles whose text, and all that was read with it, stands as in an earlier output.
    pub text_kept: u64,
    /// Those of them whose tags do too. What stands of tags counts by no tag.
    pub tags_kept: u64,
}

impl Counts {
    /// Count one article.
    pub fn count(&mut self, fate: &Fate) {
        self.articles += 1;
        match fate {
            Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) | Fate::Dropped(article, verdict) => {
                self.article(article, verdict);
            }
            Fate::Tombstone => {}
            Fate::DeadLetter(reject) => *self.dead_letters.entry((reject.step, reject.code)).or_default() += 1,
        }
    }

    fn article(&mut self, article: &TaggedArticle, verdict: &Verdict) {
        if verdict.kind != Kind::Unique {
            let relation = verdict.relation.unwrap_or("");
            *self.duplicates.entry((verdict.kind.name(), relation)).or_default() += 1;
        }
        *self.presets.entry(article.preset).or_default() += 1;
        let kept_tags = article.kept.as_ref().map_or(&KeptTags::None, |kept| kept.tags());
        self.text_kept += u64::from(article.kept.is_some());
        self.tags_kept += u64::from(*kept_tags == KeptTags::All);
        if article.tagging.tags.is_empty() && *kept_tags == KeptTags::None {
            self.untagged += 1;
        }
        for tag in &article.tagging.tags {
            match self.tags.get_mut(&tag.name) {
                Some(count) => *count += 1,
                None => drop(self.tags.insert(tag.name.clone(), 1)),
            }
        }
    }
}
