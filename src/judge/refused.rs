//! Articles whose output the brokers did not take.
//!
//! In: articles, with what the brokers say of their output. Out: the rejection that such an article is when it comes again. Always: what
//! was left out of its dead letter once stays out.

use std::collections::BTreeMap;

use crate::article::{Origin, Reject};
use crate::decode::tombstone;

/// Articles whose output the brokers did not take, until their dead letters are committed.
#[derive(Debug, Clone, Default)]
pub struct RefusedArticles(BTreeMap<Origin, Reject>);

impl RefusedArticles {
    /// What was made of an article cannot be published: when it comes again it is a dead letter; where it was one, it is one with less in it.
    /// `false` where that was known already, so that the same would be refused again.
    pub fn add(&mut self, origin: Origin, reject: Reject) -> bool {
        let before = self.0.remove(&origin);
        let reject = match before.clone() {
            Some(first) => reject.after(first),
            None => reject,
        };
        let is_new = before.as_ref() != Some(&reject);
        self.0.insert(origin, reject);
        is_new
    }

    pub(super) fn has(&self, origin: &Origin) -> bool {
        self.0.contains_key(origin)
    }

    /// Its dead letter is committed.
    pub fn remove(&mut self, origin: &Origin) {
        self.0.remove(origin);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What became of an article, with what the brokers said of it before.
    pub(super) fn apply<T>(&self, origin: &Origin, result: Result<T, Reject>) -> Result<T, Reject> {
        match (self.0.get(origin).cloned(), result) {
            (None, result) => result,
            (Some(refused), Ok(_)) => Err(refused),
            // What would have been passed on is a dead letter, and no failure came before.
            (Some(refused), Err(passed)) if tombstone::is_passed(&passed) => Err(refused),
            (Some(refused), Err(first)) => Err(refused.after(first)),
        }
    }
}
