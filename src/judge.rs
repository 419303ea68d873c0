//! Batch → plan: each article's fate, decided one after another in the batch's order.
//!
//! In: worked articles and the index of the window. Out: [`Judged`], the fates with what the memory must remember of them.
//! Always: the same sequence gives the same fates; a fate that was not committed can be taken back as if it had never been.

use std::collections::BTreeMap;

use crate::article::{Origin, Reject};
use crate::config::Policy;
use crate::decode::tombstone;
use crate::dedupe::{Fingerprint, Index, Kind, Limits, Verdict};
use crate::pipeline::{TaggedArticle, Worked};
use crate::replay::Recorded;

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
}

/// One article's fate, and the verdict to remember (none for a dead letter or a tombstone, or with the duplicates switched off).
#[derive(Debug)]
pub struct Judged {
    pub origin: Origin,
    pub fate: Fate,
    pub remember: Option<MemoryEntry>,
}

/// How duplicates are handled.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub enabled: bool,
    pub policy: Policy,
    pub limits: Limits,
}

/// The one that decides, with the index and what it decided but was not committed yet.
#[derive(Debug)]
pub struct Judge {
    rules: Rules,
    /// Verdicts of the live run that a replay gives again; empty in a live run.
    recorded: Recorded,
    index: Index,
    /// Origins judged in the running epoch and not known to be committed, with the number of their batch.
    pending: BTreeMap<Origin, u64>,
    /// Articles whose output the brokers did not take, until their dead letters are committed.
    refused: BTreeMap<Origin, Reject>,
    epoch: u64,
}

impl Judge {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            recorded: Recorded::default(),
            index: Index::new(rules.limits),
            pending: BTreeMap::new(),
            refused: BTreeMap::new(),
            epoch: 0,
        }
    }

    /// Give the verdicts on record before judging anything anew.
    pub fn set_recorded(&mut self, recorded: Recorded) {
        self.recorded = recorded;
    }

    /// Begin an epoch: what the one before left uncommitted is taken back, as if it had never been judged.
    ///
    /// Comes before the news of that epoch are restored: a verdict that turns out to be committed after all is among them.
    pub fn begin(&mut self, epoch: u64) {
        if epoch != self.epoch {
            self.epoch = epoch;
            for origin in std::mem::take(&mut self.pending).into_keys() {
                self.index.forget(&origin);
            }
        }
    }

    /// Decide on a batch of the running epoch.
    pub fn judge(&mut self, batch: u64, worked: Vec<Worked>) -> Vec<Judged> {
        let judged: Vec<Judged> = worked.into_iter().map(|article| self.decide(article)).collect();
        let fresh = judged.iter().filter_map(|judged| judged.remember.as_ref());
        self.pending.extend(fresh.map(|entry| (entry.origin.clone(), batch)));
        if !self.refused.is_empty() {
            let refused = judged.iter().filter(|judged| self.refused.contains_key(&judged.origin));
            self.pending
                .extend(refused.map(|judged| (judged.origin.clone(), batch)));
        }
        judged
    }

    /// What was made of an article cannot be published: when it comes again it is a dead letter, and nobody's original.
    pub fn refuse(&mut self, origin: Origin, reject: Reject) {
        self.refused.insert(origin, reject);
    }

    /// The batch is durable: its verdicts stay, and those of the batches before it.
    pub fn committed(&mut self, batch: u64) {
        let refused = &mut self.refused;
        self.pending.retain(|origin, number| {
            let is_open = *number > batch;
            if !is_open {
                refused.remove(origin);
            }
            is_open
        });
    }

    /// Take over a verdict that another instance, or this one before its restart, has committed.
    pub fn restore(&mut self, entry: MemoryEntry) {
        let MemoryEntry {
            origin,
            id,
            time_ms,
            verdict,
            fingerprint,
        } = entry;
        // Our own commit may come back to us before its success does.
        self.pending.remove(&origin);
        self.index.restore(&origin, &id, time_ms, fingerprint.as_ref(), verdict);
    }

    /// Articles in the index, and the bytes it holds.
    pub fn size(&self) -> (usize, usize) {
        (self.index.len(), self.index.bytes())
    }

    fn decide(&mut self, worked: Worked) -> Judged {
        let Worked { origin, result } = worked;
        let refused = self.refused.get(&origin).cloned();
        let article = match refused.map_or(result, Err) {
            Ok(article) => article,
            Err(reject) => {
                let fate = if tombstone::is_passed(&reject) {
                    Fate::Tombstone
                } else {
                    Fate::DeadLetter(reject)
                };
                return Judged {
                    origin,
                    fate,
                    remember: None,
                };
            }
        };
        if !self.rules.enabled {
            let verdict = Verdict::unique();
            return Judged {
                origin,
                fate: Fate::Enriched(article, verdict),
                remember: None,
            };
        }
        let known = self.recorded.get(&origin).or_else(|| self.index.known(&origin));
        let is_new = known.is_none();
        let verdict = known.unwrap_or_else(|| {
            self.index
                .judge(&origin, &article.id, article.time_ms, &article.fingerprint)
        });
        let remember = is_new.then(|| MemoryEntry {
            origin: origin.clone(),
            id: article.id.clone(),
            time_ms: article.time_ms,
            verdict: verdict.clone(),
            fingerprint: verdict.keeps_fingerprint().then(|| article.fingerprint.clone()),
        });
        let fate = match (verdict.kind, self.rules.policy) {
            (Kind::Unique, _) | (_, Policy::Mark) => Fate::Enriched(article, verdict),
            (_, Policy::Route) => Fate::Duplicate(article, verdict),
            (_, Policy::Drop) => Fate::Dropped(article, verdict),
        };
        Judged { origin, fate, remember }
    }
}
