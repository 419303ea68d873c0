//! The articles seen in the window, and the judge over them.
//!
//! In: origins, record times and fingerprints, one after another. Out: verdicts. Always: a verdict depends on nothing but the sequence of
//! calls; a known origin gets the verdict it had; a duplicate names the original of its story, never a link in the middle; memory stays
//! within the bound, the oldest leaving first.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Fingerprint;
use super::arena::Arena;
use super::bytes::Words;
use super::entry::{Blob, Entry, Of, State};
use super::fingerprint::ANCHORS_MAX;
use super::judge::{Comparer, Features, features};
use super::table::{POSTINGS_MAX, Table};
use super::tokens::{chain, mix};
use super::verdict::{self, Kind, Original, RELATIONS, STUB_MAX, Verdict, relation};
use super::watermark::Watermark;
use crate::article::Origin;

/// Bounds of the index.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Entries older than the stream's time less this leave. Milliseconds.
    pub window_ms: i64,
    /// The oldest leave first when the index holds more than this. Below about a megabyte the bound is coarse.
    pub bytes_max: usize,
}

/// Candidates that are compared with an article at most.
const CANDIDATES_MAX: usize = 8;

/// The articles seen in the window, and the judge over them.
#[derive(Debug)]
pub struct Index {
    limits: Limits,
    entries: VecDeque<Entry>,
    /// The time of each entry, or [`FORGOTTEN`]: apart, since of most that a key finds nothing else is asked.
    times: VecDeque<i64>,
    /// Sequence number of the first entry.
    first: u32,
    arena: Arena,
    table: Table,
    topics: Vec<Arc<str>>,
    watermark: Watermark,
    known_count: usize,
    evicted: u64,
    scratch: Scratch,
}

/// Buffers that are used again from one call to the next.
#[derive(Debug, Default)]
struct Scratch {
    candidates: Vec<u32>,
    ranked: Vec<u64>,
    known: Fingerprint,
    root: Fingerprint,
    blob: Vec<u8>,
}

/// A known story that a new article repeats.
struct Match {
    root: Original,
    root_entry: Option<u32>,
    kind: Kind,
    relation: &'static str,
    similarity: f32,
}

fn origin_key(topic: u16, origin: &Origin) -> u64 {
    let place = chain(chain(5, u64::from(topic)), u64::from(origin.partition as u32));
    mix(chain(chain(place, origin.offset as u64), u64::from(origin.position)))
}

/// What is without words has its address and id alone.
fn exact_key(fingerprint: &Fingerprint) -> Option<u64> {
    (fingerprint.exact != 0).then(|| mix(fingerprint.exact ^ 1))
}

/// Few words are said of many: what has them is found by its title, too.
fn titled_key(fingerprint: &Fingerprint) -> Option<u64> {
    let is_few = fingerprint.length < STUB_MAX && !fingerprint.title_only && !fingerprint.title.is_empty();
    let title = || fingerprint.title.iter();
    is_few.then(|| mix(title().fold(chain(6, fingerprint.exact), |key, word| chain(key, u64::from(*word)))))
}

/// What an article is found by for sure, apart from its anchors.
fn sure_keys(fingerprint: &Fingerprint) -> impl Iterator<Item = u64> {
    let words = exact_key(fingerprint).into_iter().chain(titled_key(fingerprint));
    words.chain(address_keys(fingerprint))
}

fn anchor_key(anchor: u32) -> u64 {
    mix(chain(2, u64::from(anchor)))
}

fn address_keys(fingerprint: &Fingerprint) -> impl Iterator<Item = u64> {
    let url = (fingerprint.url != 0).then(|| mix(chain(3, fingerprint.url)));
    let id = (fingerprint.id != 0).then(|| mix(chain(chain(4, fingerprint.id), u64::from(fingerprint.site))));
    url.into_iter().chain(id)
}

/// The time of a record that has none.
const NO_TIME: i64 = 0;

/// The time of an entry whose transaction was aborted.
const FORGOTTEN: i64 = i64::MIN;

/// When an article was: as its record says, and as its entry is kept.
#[derive(Debug, Clone, Copy)]
struct Times {
    told_ms: i64,
    kept_ms: i64,
}

/// Whether an entry's place in the window is still its own.
#[derive(Clone, Copy)]
struct Live<'a> {
    times: &'a VecDeque<i64>,
    first: u32,
    oldest_ms: i64,
}

impl Live<'_> {
    /// Whether an entry is still there at all; touches no memory.
    fn has(&self, sequence: u32) -> bool {
        (sequence.wrapping_sub(self.first) as usize) < self.times.len()
    }

    fn holds(&self, sequence: u32) -> bool {
        self.times
            .get(sequence.wrapping_sub(self.first) as usize)
            .is_some_and(|&time_ms| time_ms != FORGOTTEN && time_ms >= self.oldest_ms)
    }
}

impl Index {
    /// An empty index.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: VecDeque::new(),
            times: VecDeque::new(),
            first: 0,
            arena: Arena::default(),
            table: Table::new(),
            topics: Vec::new(),
            watermark: Watermark::default(),
            known_count: 0,
            evicted: 0,
            scratch: Scratch::default(),
        }
    }

    /// Origins known: originals and duplicates in the window.
    pub fn len(&self) -> usize {
        self.known_count
    }

    /// Whether no origin is known.
    pub fn is_empty(&self) -> bool {
        self.known_count == 0
    }

    /// Origins that left for want of room before the window was over, since the beginning.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.arena.bytes() + self.table.bytes() + self.entries.capacity() * (size_of::<Entry>() + size_of::<i64>())
    }

    /// Judge an article and remember it. One whose origin is known already gets the verdict it had.
    pub fn judge(&mut self, origin: &Origin, id: &str, time_ms: i64, fingerprint: &Fingerprint) -> Verdict {
        self.judge_among(origin, id, time_ms, fingerprint, |_| true)
    }

    /// The same, where only some of the known articles may be named as its original.
    pub fn judge_among(
        &mut self,
        origin: &Origin,
        id: &str,
        time_ms: i64,
        fingerprint: &Fingerprint,
        may_be_original: impl Fn(&Origin) -> bool,
    ) -> Verdict {
        let is_promised = self.is_promised(origin);
        if let Some(verdict) = self.known(origin).filter(|_| !is_promised) {
            return verdict;
        }
        self.advance(time_ms);
        let found = if is_promised {
            self.forget(origin);
            None
        } else {
            self.search(fingerprint, |of| of != origin && may_be_original(of))
        };
        let root_entry = found.as_ref().and_then(|m| m.root_entry);
        let verdict = found.map_or_else(Verdict::unique, |m| Verdict {
            kind: m.kind,
            relation: Some(m.relation),
            of: Some(m.root),
            similarity: m.similarity,
        });
        let kept = verdict.keeps_fingerprint().then_some(fingerprint);
        self.push(origin, id, self.judged_at(time_ms), kept, &verdict, root_entry);
        verdict
    }

    /// The verdict on record for an origin.
    pub fn known(&self, origin: &Origin) -> Option<Verdict> {
        let entry = self.entry(self.find_origin(origin)?)?;
        let blob = self.blob(entry)?;
        let kind = match entry.state {
            State::Original | State::Promised => return Some(Verdict::unique()),
            State::Exact => Kind::Exact,
            State::Near => Kind::Near,
            State::Forgotten => return None,
        };
        Some(Verdict {
            kind,
            relation: RELATIONS.get(usize::from(entry.relation)).copied(),
            of: Some(self.original(&blob)?),
            similarity: entry.similarity,
        })
    }

    /// Take over a verdict that was read back: an original or a duplicate, with its fingerprint where
    /// [`Verdict::keeps_fingerprint`]. Judges nothing; an origin that is known already is left as it is, unless by [another
    /// record](Self::renew).
    #[expect(clippy::needless_pass_by_value, reason = "who restores a verdict is done with it")]
    pub fn restore(
        &mut self,
        origin: &Origin,
        id: &str,
        time_ms: i64,
        fingerprint: Option<&Fingerprint>,
        verdict: Verdict,
    ) {
        self.renew(origin, time_ms);
        if self.is_promised(origin) {
            self.forget(origin);
        } else if self.find_origin(origin).is_some() {
            return;
        }
        self.advance(time_ms);
        let root_entry = verdict.of.as_ref().and_then(|of| self.find_origin(&of.origin));
        let kept = fingerprint.filter(|_| verdict.keeps_fingerprint());
        self.push(origin, id, self.restored_at(time_ms), kept, &verdict, root_entry);
    }

    /// Note an origin that must be an original, since a committed duplicate names it. Known ones are left as they are.
    pub fn promise(&mut self, original: &Original, time_ms: i64) {
        if self.find_origin(&original.origin).is_some() {
            return;
        }
        self.advance(time_ms);
        let times = self.restored_at(time_ms);
        self.push(&original.origin, &original.id, times, None, &Verdict::unique(), None);
        if let Some(entry) = self.entries.back_mut() {
            entry.state = State::Promised;
        }
    }

    /// Whether an origin is known by a promise alone.
    pub fn is_promised(&self, origin: &Origin) -> bool {
        self.find_origin(origin)
            .and_then(|sequence| self.entry(sequence))
            .is_some_and(|entry| entry.state == State::Promised)
    }

    /// Forget what stood at an origin, if that was another record: one place with another time is a topic that was deleted and made again.
    pub fn renew(&mut self, origin: &Origin, time_ms: i64) {
        let known = self.find_origin(origin).and_then(|sequence| {
            let kept_ms = self.times.get(sequence.wrapping_sub(self.first) as usize)?;
            Some((self.entry(sequence)?, *kept_ms))
        });
        // A promise has the time of who made it.
        let is_other = known
            .filter(|(entry, _)| entry.state != State::Promised)
            .is_some_and(|(entry, kept_ms)| {
                let told = self.blob(entry).and_then(|blob| blob.time_ms);
                told.unwrap_or(kept_ms) != time_ms
            });
        if is_other {
            self.forget(origin);
        }
    }

    /// Undo a verdict whose transaction was aborted: as if the article had never been judged.
    ///
    /// What left the window because of its time or its size stays away.
    pub fn forget(&mut self, origin: &Origin) {
        let Some(sequence) = self.find_origin(origin) else {
            return;
        };
        let at = sequence.wrapping_sub(self.first) as usize;
        if let (Some(entry), Some(time_ms)) = (self.entries.get_mut(at), self.times.get_mut(at)) {
            (entry.state, *time_ms) = (State::Forgotten, FORGOTTEN);
            self.known_count -= 1;
        }
    }

    /// The candidates that an article would be compared with, and what the pairs show: for fitting the judge.
    #[doc(hidden)]
    pub fn pairs(&mut self, new: &Fingerprint) -> Vec<(Original, Features)> {
        self.gather(new);
        let candidates = self.scratch.candidates.clone();
        let mut known = Fingerprint::default();
        let pair = |&sequence: &u32| {
            let blob = self.blob(self.entry(sequence)?)?;
            known.read(blob.fingerprint).ok()?;
            Some((self.original(&blob)?, features(new, &known)))
        };
        candidates.iter().filter_map(pair).collect()
    }

    fn live(&self) -> Live<'_> {
        Live {
            times: &self.times,
            first: self.first,
            oldest_ms: self.oldest_ms(),
        }
    }

    fn oldest_ms(&self) -> i64 {
        self.watermark.now_ms().saturating_sub(self.limits.window_ms)
    }

    fn entry(&self, sequence: u32) -> Option<&Entry> {
        self.entries.get(sequence.wrapping_sub(self.first) as usize)
    }

    fn blob(&self, entry: &Entry) -> Option<Blob<'_>> {
        Blob::read(self.arena.get(entry.blob), entry)
    }

    fn topic(&self, topic: &str) -> Option<u16> {
        self.topics.iter().position(|t| &**t == topic).map(|at| at as u16)
    }

    fn topic_or_new(&mut self, topic: &Arc<str>) -> u16 {
        self.topic(topic).unwrap_or_else(|| {
            self.topics.push(topic.clone());
            (self.topics.len() - 1) as u16
        })
    }

    fn find_origin(&self, origin: &Origin) -> Option<u32> {
        let topic = self.topic(&origin.topic)?;
        let live = self.live();
        self.table
            .find(origin_key(topic, origin), |s| live.holds(s))
            .find(|&sequence| {
                self.entry(sequence).is_some_and(|e| {
                    e.topic == topic
                        && e.partition == origin.partition
                        && e.offset == origin.offset
                        && self.blob(e).is_some_and(|b| b.position == origin.position)
                })
            })
    }

    /// The original that an entry names: itself, or the one its blob tells of.
    fn original(&self, blob: &Blob<'_>) -> Option<Original> {
        let of = &blob.of;
        Some(Original {
            id: String::from_utf8_lossy(blob.id).into_owned(),
            origin: Origin {
                topic: self.topics.get(usize::from(of.topic))?.clone(),
                partition: of.partition,
                offset: of.offset,
                position: of.position,
            },
        })
    }

    /// Find the story that an article repeats.
    fn search(&mut self, new: &Fingerprint, may_be_original: impl Fn(&Origin) -> bool) -> Option<Match> {
        self.gather(new);
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut comparer = Comparer::new(new);
        let mut best: Option<(f32, u32, Features)> = None;
        let candidates = std::mem::take(&mut scratch.candidates);
        let entries = candidates.iter().filter_map(|&sequence| self.entry(sequence));
        self.arena.touch(entries.map(|entry| entry.blob));
        for &sequence in &candidates {
            let Some((score, pair)) = self.compare(&mut comparer, new, sequence, &may_be_original, &mut scratch) else {
                continue;
            };
            if best.is_none_or(|(other, earlier, _)| (score, earlier) > (other, sequence)) {
                best = Some((score, sequence, pair));
            }
        }
        scratch.candidates = candidates;
        let found = best.and_then(|(_, sequence, pair)| {
            let entry = self.entry(sequence)?;
            let blob = self.blob(entry)?;
            scratch.known.read(blob.fingerprint).ok()?;
            let exact = scratch.known.exact == new.exact;
            let root_entry = if entry.state == State::Original {
                Some(sequence)
            } else {
                self.root(&blob)
            };
            Some(Match {
                root: self.original(&blob)?,
                root_entry,
                kind: if exact { Kind::Exact } else { Kind::Near },
                relation: relation(new, &scratch.known, &pair),
                similarity: if exact { 1.0 } else { pair.similarity() },
            })
        });
        self.scratch = scratch;
        found
    }

    /// The entry of the original that a duplicate names, while it is in the window.
    fn root(&self, blob: &Blob<'_>) -> Option<u32> {
        let stands = |s: &u32| self.entry(*s).is_some_and(|e| e.state == State::Original);
        // It may have been seen anew since: by a claim that was made again, or a promise that was kept.
        blob.of
            .entry
            .filter(stands)
            .or_else(|| self.find_origin(&self.original(blob)?.origin))
    }

    /// Compare with one candidate; `None` if it is another story.
    fn compare(
        &self,
        comparer: &mut Comparer<'_>,
        new: &Fingerprint,
        sequence: u32,
        may_be_original: impl Fn(&Origin) -> bool,
        scratch: &mut Scratch,
    ) -> Option<(f32, Features)> {
        let Scratch { known, root, .. } = scratch;
        let entry = self.entry(sequence)?;
        let blob = self.blob(entry)?;
        let words = Words::of(blob.fingerprint)?;
        // What is not related has no score, but for the same words.
        let may_be_related = comparer.meet(words.threshold, words.frames());
        if !may_be_related && words.exact != new.exact {
            return None;
        }
        known.read(blob.fingerprint).ok()?;
        let mut pair = comparer.of_met(known);
        if pair.is_related() || new.exact == known.exact {
            pair.compare_facts(new, known);
        }
        let score = verdict::score(new, known, &pair);
        if score <= 0.0 {
            return None;
        }
        // This copy's original is the very article that is judged (it was forgotten, and is read again): skip it.
        if !may_be_original(&self.original(&blob)?.origin) {
            return None;
        }
        if entry.state == State::Original {
            return Some((score, pair));
        }
        let original = self.root(&blob).and_then(|s| self.entry(s));
        if let Some(original) = original {
            // The original is only announced so far: there is no text of it to compare with.
            if original.state != State::Original {
                return None;
            }
            // A copy of a copy must still be recognisable as one of the story's original.
            if let Some(blob) = self.blob(original)
                && root.read(blob.fingerprint).is_ok()
                && !comparer.of_texts(root).is_related()
            {
                return None;
            }
        }
        Some((score, pair))
    }

    /// Rank the entries that share keys with an article: most keys first, then the oldest.
    fn gather(&mut self, new: &Fingerprint) {
        let mut candidates = std::mem::take(&mut self.scratch.candidates);
        let mut ranked = std::mem::take(&mut self.scratch.ranked);
        candidates.clear();
        ranked.clear();
        let live = self.live();
        let anchors = new.anchors.iter().map(|anchor| anchor_key(*anchor));
        self.table.touch(sure_keys(new).chain(anchors));
        // Same words, address or id: worth more than any number of anchors. Same words and title are worth twice as much.
        for key in sure_keys(new).chain(titled_key(new)) {
            for sequence in self.table.find(key, |s| live.holds(s)) {
                candidates.extend([sequence; 4]);
            }
        }
        for &anchor in &new.anchors {
            let start = candidates.len();
            candidates.extend(self.table.find(anchor_key(anchor), |s| live.holds(s)));
            if candidates.len() - start >= POSTINGS_MAX {
                candidates.truncate(start);
            }
        }
        // By age, and by rank: plain numbers, which sort fast.
        let age = |sequence: u32| sequence.wrapping_sub(self.first);
        for sequence in &mut candidates {
            *sequence = age(*sequence);
        }
        candidates.sort_unstable();
        let ranks = candidates.chunk_by(|one, other| one == other).filter_map(|same| {
            let age = *same.first()?;
            Some(u64::from(u32::MAX - same.len() as u32) << 32 | u64::from(age))
        });
        ranked.extend(ranks);
        if ranked.len() > CANDIDATES_MAX {
            ranked.select_nth_unstable(CANDIDATES_MAX);
            ranked.truncate(CANDIDATES_MAX);
        }
        ranked.sort_unstable();
        candidates.clear();
        candidates.extend(ranked.iter().map(|rank| self.first.wrapping_add(*rank as u32)));
        self.scratch.candidates = candidates;
        self.scratch.ranked = ranked;
    }

    /// Let what is older than the window leave.
    fn advance(&mut self, time_ms: i64) {
        if time_ms != NO_TIME {
            let had_time = self.watermark.has_time();
            self.watermark.take(time_ms);
            if !had_time {
                // What came before any date is of the same time as the first.
                let known = self.times.iter_mut().filter(|known_ms| **known_ms != FORGOTTEN);
                known.for_each(|known_ms| *known_ms = time_ms);
            }
        }
        let oldest_ms = self.oldest_ms();
        let mut left = false;
        while self
            .times
            .front()
            .is_some_and(|&known_ms| known_ms < oldest_ms || known_ms == FORGOTTEN)
        {
            self.pop();
            left = true;
        }
        if left {
            self.arena.leave_before(self.entries.front().map(|e| e.blob));
        }
    }

    fn pop(&mut self) {
        self.times.pop_front();
        if let Some(entry) = self.entries.pop_front() {
            self.first = self.first.wrapping_add(1);
            self.known_count -= usize::from(entry.state != State::Forgotten);
        }
    }

    /// Let the oldest leave until the index is within its bytes: some at a time, since the table shrinks only as a whole.
    fn keep_within_bytes(&mut self) {
        while self.bytes() > self.limits.bytes_max && !self.entries.is_empty() {
            let known = self.known_count;
            for _ in 0..self.entries.len().div_ceil(16) {
                self.pop();
            }
            self.evicted += (known - self.known_count) as u64;
            self.arena.leave_before(self.entries.front().map(|e| e.blob));
            self.entries.shrink_to(self.entries.len() + 16);
            self.times.shrink_to(self.times.len() + 16);
            let live = Live {
                times: &self.times,
                first: self.first,
                oldest_ms: i64::MIN,
            };
            self.table.rebuild(&|s| live.has(s));
        }
    }

    /// The times of an article that is read back from the memory, where one older than the window has left it.
    fn restored_at(&self, told_ms: i64) -> Times {
        let now_ms = self.watermark.now_ms();
        let kept_ms = if told_ms == NO_TIME {
            // What has none belongs to where it came.
            now_ms.max(NO_TIME)
        } else {
            // A date in the far future is a wrong one, and must not stay for ever.
            told_ms.min(now_ms.saturating_add(self.limits.window_ms))
        };
        Times { told_ms, kept_ms }
    }

    /// The times of an article that is judged. One older than the window came only now, and its copies may come behind it.
    fn judged_at(&self, told_ms: i64) -> Times {
        let mut times = self.restored_at(told_ms);
        if times.kept_ms < self.oldest_ms() {
            times.kept_ms = self.watermark.now_ms();
        }
        times
    }

    /// Remember an article with its verdict.
    fn push(
        &mut self,
        origin: &Origin,
        id: &str,
        Times { told_ms, kept_ms }: Times,
        fingerprint: Option<&Fingerprint>,
        verdict: &Verdict,
        root_entry: Option<u32>,
    ) {
        let topic = self.topic_or_new(&origin.topic);
        let (of_id, of) = match &verdict.of {
            Some(of) => {
                let topic = self.topic_or_new(&of.origin.topic);
                (of.id.as_str(), Some(Of::new(&of.origin, topic, root_entry)))
            }
            None => (id, None),
        };
        // The time of an entry without one may be set once more.
        let told_ms = (kept_ms != told_ms || told_ms == NO_TIME).then_some(told_ms);
        let mut bytes = std::mem::take(&mut self.scratch.blob);
        bytes.clear();
        Blob::write(&mut bytes, origin.position, told_ms, of, of_id, fingerprint);
        let entry = Entry {
            blob: self.arena.push(&bytes),
            similarity: verdict.similarity,
            offset: origin.offset,
            partition: origin.partition,
            topic,
            state: match verdict.kind {
                Kind::Unique => State::Original,
                Kind::Exact => State::Exact,
                Kind::Near => State::Near,
            },
            relation: verdict
                .relation
                .and_then(|r| RELATIONS.iter().position(|known| *known == r))
                .map_or(u8::MAX, |at| at as u8),
        };
        self.scratch.blob = bytes;
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(self.entries.len() / 8 + 16);
            self.times.reserve_exact(self.times.len() / 8 + 16);
        }
        let sequence = self.first.wrapping_add(self.entries.len() as u32);
        self.entries.push_back(entry);
        self.times.push_back(kept_ms.max(FORGOTTEN + 1));
        self.known_count += 1;
        self.publish(sequence, origin_key(topic, origin), fingerprint);
        self.keep_within_bytes();
    }

    /// Make an entry findable.
    fn publish(&mut self, sequence: u32, origin_key: u64, fingerprint: Option<&Fingerprint>) {
        let live = Live {
            times: &self.times,
            first: self.first,
            oldest_ms: self.oldest_ms(),
        };
        let mut insert = |key: u64| self.table.insert(key, sequence, |s| live.has(s), |s| live.holds(s));
        insert(origin_key);
        if let Some(fingerprint) = fingerprint {
            sure_keys(fingerprint).for_each(&mut insert);
            fingerprint
                .anchors
                .iter()
                .take(ANCHORS_MAX)
                .for_each(|&anchor| insert(anchor_key(anchor)));
        }
    }
}
