//! The verdicts that the live run gave to the records of a range.
//!
//! In: entries of the memory. Out: the verdict of an origin. Always: the first entry of an origin counts, as in the index, and where the topic
//! was made again that of its last record; only what lies in the range is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Range;
use crate::article::Origin;
use crate::dedupe::Verdict;
use crate::judge::MemoryEntry;
use crate::site::SiteNote;

/// Bytes that an entry costs in the tree, about: key, value, and the room that its nodes leave free.
const ENTRY_BYTES: usize = 64;

/// Verdicts by origin. Empty, it knows nothing, and every record is judged by the index.
#[derive(Debug, Default)]
pub struct Recorded {
    topic: Option<Arc<str>>,
    /// Partition → the offsets kept.
    ranges: BTreeMap<i32, (i64, i64)>,
    verdicts: BTreeMap<(i32, i64, u32), OnRecord>,
    bytes: usize,
}

/// A record's verdict.
#[derive(Debug)]
struct OnRecord {
    time_ms: i64,
    /// `None` for an original of which no line went, as most are.
    told: Option<Box<Told>>,
}

/// What is told of a record: its verdict, and the hashes of the lines that went since most pages of the site carry them.
#[derive(Debug)]
struct Told {
    verdict: Verdict,
    gone: Box<[u32]>,
}

impl OnRecord {
    fn bytes(&self) -> usize {
        let told = self.told.as_deref();
        let id = told
            .and_then(|told| told.verdict.of.as_ref())
            .map_or(0, |of| of.id.len());
        ENTRY_BYTES + told.map_or(0, |told| size_of::<Told>() + id + size_of_val(&*told.gone))
    }
}

impl Recorded {
    /// Keeps the verdicts on records of `topic` in these ranges.
    pub fn new(topic: &str, ranges: &[Range]) -> Self {
        Self {
            topic: Some(topic.into()),
            ranges: ranges.iter().map(|r| (r.partition, (r.from, r.to))).collect(),
            ..Self::default()
        }
    }

    /// Keep an entry's verdict if it lies in the range.
    pub fn keep(&mut self, entry: &MemoryEntry) {
        let origin = &entry.origin;
        let is_inside = self
            .ranges
            .get(&origin.partition)
            .is_some_and(|(from, to)| (*from..*to).contains(&origin.offset));
        if !is_inside || self.topic.as_deref() != Some(&*origin.topic) {
            return;
        }
        let place = (origin.partition, origin.offset, origin.position);
        if self
            .verdicts
            .get(&place)
            .is_some_and(|kept| kept.time_ms == entry.time_ms)
        {
            return;
        }
        let (verdict, gone) = (
            &entry.verdict,
            entry.site.as_ref().map(SiteNote::gone).unwrap_or_default(),
        );
        let kept = OnRecord {
            time_ms: entry.time_ms,
            told: (*verdict != Verdict::unique() || !gone.is_empty()).then(|| {
                Box::new(Told {
                    verdict: verdict.clone(),
                    gone: gone.into(),
                })
            }),
        };
        self.bytes += kept.bytes();
        if let Some(other) = self.verdicts.insert(place, kept) {
            self.bytes -= other.bytes();
        }
    }

    /// The verdict on record of a record with this time.
    pub fn get(&self, origin: &Origin, time_ms: i64) -> Option<Verdict> {
        let kept = self.on_record(origin, time_ms)?;
        Some(
            kept.told
                .as_ref()
                .map_or_else(Verdict::unique, |told| told.verdict.clone()),
        )
    }

    /// The lines that went of it, by their hashes, since most pages of its site carry them.
    pub fn gone(&self, origin: &Origin, time_ms: i64) -> Option<&[u32]> {
        let kept = self.on_record(origin, time_ms)?;
        Some(kept.told.as_ref().map_or(&[], |told| &told.gone))
    }

    fn on_record(&self, origin: &Origin, time_ms: i64) -> Option<&OnRecord> {
        if self.topic.as_deref() != Some(&*origin.topic) {
            return None;
        }
        let kept = self.verdicts.get(&(origin.partition, origin.offset, origin.position));
        kept.filter(|kept| kept.time_ms == time_ms)
    }

    /// Verdicts kept.
    pub fn len(&self) -> usize {
        self.verdicts.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    /// Bytes of memory held, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::{Kind, Original};

    fn entry(topic: &str, offset: i64, verdict: Verdict) -> MemoryEntry {
        let origin = Origin {
            topic: topic.into(),
            partition: 1,
            offset,
            position: 0,
        };
        MemoryEntry {
            id: format!("{offset}"),
            origin,
            time_ms: 0,
            verdict,
            fingerprint: None,
            site: None,
        }
    }

    #[test]
    fn same_verdict_what_lies_in_the_range_is_known_by_its_first_entry() {
        let range = Range::of(1, 10..20);
        let mut recorded = Recorded::new("raw", &[range]);
        let copy = Verdict {
            kind: Kind::Exact,
            relation: Some("exact"),
            of: Some(Original {
                id: "10".into(),
                origin: entry("raw", 10, Verdict::unique()).origin,
            }),
            similarity: 1.0,
        };
        let entries = [
            entry("raw", 10, Verdict::unique()),
            entry("raw", 11, copy.clone()),
            entry("raw", 11, Verdict::unique()),
            entry("raw", 20, Verdict::unique()),
            entry("other", 12, Verdict::unique()),
        ];
        for entry in &entries {
            recorded.keep(entry);
        }
        // A topic that was made again.
        for (time_ms, verdict) in [(0, copy.clone()), (7, Verdict::unique()), (7, copy.clone())] {
            let entry = entry("raw", 15, verdict);
            recorded.keep(&MemoryEntry { time_ms, ..entry });
        }
        let get_at = |topic, offset, ms| recorded.get(&entry(topic, offset, Verdict::unique()).origin, ms);
        let get = |topic, offset| get_at(topic, offset, 0);
        assert_eq!(get("raw", 10), Some(Verdict::unique()));
        assert_eq!(get("raw", 11), Some(copy));
        assert_eq!([get("raw", 12), get("raw", 20), get("other", 10)], [None, None, None]);
        assert_eq!(get("raw", 15), None, "of another record");
        assert_eq!(
            get_at("raw", 15, 7),
            Some(Verdict::unique()),
            "of the first entry of the last record"
        );
        assert_eq!(recorded.len(), 3);
    }
}
