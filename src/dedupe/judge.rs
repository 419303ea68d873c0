//! Two fingerprints → how much they are one story.
//!
//! In: two fingerprints. Out: the [`Features`] of the pair and a score. Always: pure, and linear in the sketches.

use std::hint::select_unpredictable;

use super::Fingerprint;
use super::fingerprint::{DAYS_MAX, FACTS_MAX, NUMBER, SKETCH_MAX, TITLE_MAX};
use super::trees::{self, TERMS};

/// What two fingerprints show of each other. Counts are of the common sample.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Features {
    /// Shingles of the new article in the common sample, and of the known one.
    pub shingles: [f32; 2],
    /// Shingles shared, filling and all.
    pub shared: f32,
    /// Shingles whose frame is shared, whatever fills it.
    pub framed: f32,
    /// Of those with slots: frames shared, and frames shared whose filling is shared too.
    pub slots_framed: f32,
    /// Of those, the ones whose filling is shared.
    pub slots_shared: f32,
    /// The same of those with numbers in their slots.
    pub numbers_framed: f32,
    /// Of those, the ones whose filling is shared.
    pub numbers_shared: f32,
    /// Shingles with slots, of the new article and of the known one.
    pub slots: [f32; 2],
    /// Shingles shared that follow each other in both texts.
    pub in_order: f32,
    /// Shingles shared that come in the same order in both texts, others between them or not.
    pub ascending: f32,
    /// From the first shared shingle to the last, in the new article and in the known one.
    pub spans: [f32; 2],
    /// Shingles shared of the longest run: a piece that stands in both texts with next to nothing in it that is not shared.
    pub run: f32,
    /// Shingles before that run, in the new article and in the known one.
    pub heads: [f32; 2],
    /// Shingles behind that run.
    pub tails: [f32; 2],
    /// Shared part of the smaller side's sampled numbers, and how many those are.
    pub numbers: [f32; 2],
    /// The same for names.
    pub names: [f32; 2],
    /// The same for the days named.
    pub days: [f32; 2],
    /// The same for the words of the titles; where one is too long to be known whole, the shared part of both.
    pub title: [f32; 2],
    /// Tokens of the shorter and of the longer.
    pub lengths: [f32; 2],
}

/// What of their sketches a pair is compared on: what is below the smaller threshold, and the bits that both sides have. The frames of the
/// side with the smaller threshold are finer: its 16 bits begin behind more zeros.
#[derive(Clone, Copy)]
struct View {
    /// Bits by which the known side's frames are coarser than the new one's.
    coarser: u32,
    /// Bits by which they are finer.
    finer: u32,
    /// Frames up to this are seen, in the bits of the finer side.
    last: u32,
}

impl View {
    /// By the thresholds of both.
    fn of(new: u32, known: u32) -> Self {
        let threshold = new.min(known);
        let shift = threshold.leading_zeros();
        Self {
            coarser: (shift - known.leading_zeros()).min(16),
            finer: (shift - new.leading_zeros()).min(16),
            last: (threshold << shift) >> 16,
        }
    }

    /// Frames of the new side up to this are in the common sample.
    #[inline]
    fn last_of_new(self) -> u16 {
        (self.last >> self.finer) as u16
    }

    /// Frames of the known side up to this are.
    #[inline]
    fn last_of_known(self) -> u16 {
        (self.last >> self.coarser) as u16
    }

    /// A frame of the known side in the bits of the new one.
    #[inline]
    fn of_known(self, frame: u16) -> u32 {
        u32::from(frame) << self.coarser >> self.finer
    }
}

/// Shared part of the smaller side of two ascending bottom-k samples, and that side's size.
fn overlap(a: &[u16], b: &[u16], max: usize) -> [f32; 2] {
    let full = |side: &[u16]| {
        if side.len() < max {
            u16::MAX
        } else {
            side.last().copied().unwrap_or(u16::MAX)
        }
    };
    let below = full(a).min(full(b));
    let cut = |side: &[u16]| side.partition_point(|&h| h <= below);
    let (na, nb) = (cut(a), cut(b));
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (true, true, Some(x), Some(y)) = (i < na, j < nb, a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    let smaller = na.min(nb);
    [shared as f32 / smaller.max(1) as f32, smaller as f32]
}

/// The same of titles. A short sample that is cut at the end of a long one leaves a word or two, which agree by chance: where not all words
/// are known, both sides are compared on the smallest of their union.
fn title_overlap(new: &[u16], known: &[u16]) -> [f32; 2] {
    if new.is_empty() || known.is_empty() || new.len().max(known.len()) < TITLE_MAX {
        return overlap(new, known, TITLE_MAX);
    }
    let (mut of_new, mut of_known) = (new.iter().peekable(), known.iter().peekable());
    let mut shared = 0;
    for _ in 0..TITLE_MAX {
        match (of_new.peek(), of_known.peek()) {
            (Some(one), Some(other)) if one == other => {
                shared += 1;
                of_new.next();
                of_known.next();
            }
            (Some(one), Some(other)) if one < other => drop(of_new.next()),
            (_, Some(_)) => drop(of_known.next()),
            (Some(_), None) => drop(of_new.next()),
            (None, None) => break,
        }
    }
    [shared as f32 / TITLE_MAX as f32, TITLE_MAX as f32]
}

/// How many of the smaller side's facts the other lacks.
fn lacking([share, count]: [f32; 2]) -> f32 {
    ((1.0 - share) * count).round()
}

/// Many more than entries: most frames of another article meet an empty one.
const BUCKETS: usize = 4096;
const NONE: u8 = u8::MAX;
/// Low bits of a frame that its bucket leaves out: more only where the other side has fewer.
const UNSEEN: u32 = u16::BITS - BUCKETS.ilog2();

/// Compare a new article's fingerprint with a known one's.
pub(super) fn features(new: &Fingerprint, known: &Fingerprint) -> Features {
    let mut pair = Comparer::new(new).of_texts(known);
    pair.compare_facts(new, known);
    pair
}

/// Room for entries, and for one that is written and does not stay.
type Room = [u8; SKETCH_MAX + 1];

/// The places of a shared entry in the new article and in the known one.
type Place = [u8; 2];

/// The places of entries that are all in the common sample.
const ALL: Room = {
    let mut all = [0; SKETCH_MAX + 1];
    let mut at = 0;
    while at < all.len() {
        all[at] = at as u8;
        at += 1;
    }
    all
};

/// How many frames are in a common sample: those up to `last`.
fn seen(frames: impl Iterator<Item = u16>, last: u16) -> u32 {
    frames.map(|frame| u16::from(frame <= last)).sum::<u16>().into()
}

/// How many of the entries in a common sample have slots.
fn with_slots(of: &Fingerprint, last: u16) -> u32 {
    let entries = of.frames.iter().zip(&of.fillings);
    let slots = entries.map(|(frame, filling)| u16::from(*frame <= last) & u16::from(*filling != 0));
    slots.sum::<u16>().into()
}

/// The place of each entry in a common sample that has so many.
fn places(frames: &[u16], last: u16, seen: u32) -> Room {
    if seen as usize == frames.len() {
        return ALL;
    }
    let (mut places, mut count) = ([0; SKETCH_MAX + 1], 0);
    for (place, frame) in places.iter_mut().zip(frames) {
        *place = count;
        count += u8::from(*frame <= last);
    }
    places
}

/// A new article, which is compared with one known article after another.
pub(super) struct Comparer<'a> {
    new: &'a Fingerprint,
    /// Low bits of a frame that its bucket leaves out; 0 while there are no buckets.
    unseen: u32,
    /// The last entry of each bucket.
    heads: [u8; BUCKETS],
    /// The entry before each in its bucket.
    before: [u8; SKETCH_MAX],
    /// The known article's entries in the common sample whose bucket is not empty.
    hits: Room,
    hit_count: usize,
    /// As the last known article saw it: the last frame in the common sample, and the place of each entry in that.
    seen: Option<u16>,
    places: Room,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(new: &'a Fingerprint) -> Self {
        Self {
            new,
            unseen: 0,
            heads: [NONE; BUCKETS],
            before: [NONE; SKETCH_MAX],
            hits: [0; SKETCH_MAX + 1],
            hit_count: 0,
            seen: None,
            places: [0; SKETCH_MAX + 1],
        }
    }

    /// Put the entries into buckets, where they are in others or in none.
    fn index(&mut self, unseen: u32) {
        if self.unseen == unseen {
            return;
        }
        if self.unseen != 0 {
            self.heads.fill(NONE);
        }
        self.unseen = unseen;
        for ((at, frame), before) in (0..).zip(&self.new.frames).zip(&mut self.before) {
            let head = &mut self.heads[usize::from(*frame) >> unseen];
            *before = *head;
            *head = at;
        }
    }

    /// The last entry of a frame's bucket.
    #[inline]
    fn head_of(&self, frame: u32) -> u8 {
        self.heads[(frame >> self.unseen) as usize % BUCKETS]
    }

    /// Look for the frames of a known article, by its threshold. Whether the texts may be [related](Features::is_related): of two others hardly
    /// a frame meets one.
    pub(super) fn meet(&mut self, threshold: u32, known: impl Iterator<Item = u16> + Clone) -> bool {
        let view = View::of(self.new.threshold, threshold);
        self.index(UNSEEN.max(view.coarser));
        let (last, bits_less) = (view.last_of_known(), self.unseen + view.finer - view.coarser);
        // Which have a bucket that is not empty is a toss that no branch can foresee: each is written, and the next over it if not.
        let mut hit_count = 0;
        for (place, frame) in (0..).zip(known.clone()).take(SKETCH_MAX) {
            self.hits[hit_count] = place;
            let is_empty = self.heads[usize::from(frame) >> bits_less & (BUCKETS - 1)] == NONE;
            hit_count += usize::from(!is_empty) & usize::from(frame <= last);
        }
        self.hit_count = hit_count;
        let shingles = [
            seen(self.new.frames.iter().copied(), view.last_of_new()),
            seen(known, last),
        ];
        contained(hit_count as f32, shingles.map(|count| count as f32)) >= RELATED
    }

    /// What the texts show, without the facts ([`Features::compare_facts`]): enough to see whether the two are related.
    pub(super) fn of_texts(&mut self, known: &Fingerprint) -> Features {
        self.meet(known.threshold, known.frames.iter().copied());
        self.of_met(known)
    }

    /// The same of the article that was [met](Self::meet) last.
    pub(super) fn of_met(&mut self, known: &Fingerprint) -> Features {
        let view = View::of(self.new.threshold, known.threshold);
        let [last_of_new, last_of_known] = [view.last_of_new(), view.last_of_known()];
        let new_count = seen(self.new.frames.iter().copied(), last_of_new);
        let known_count = seen(known.frames.iter().copied(), last_of_known);
        if self.seen != Some(last_of_new) {
            let places = places(&self.new.frames, last_of_new, new_count);
            (self.seen, self.places) = (Some(last_of_new), places);
        }
        let known_places = places(&known.frames, last_of_known, known_count);
        let (own_frames, own_fillings) = (self.new.frames.as_slice(), self.new.fillings.as_slice());
        let mut counts = Counts::default();
        // What is shared is again a toss.
        let (mut shared, mut shared_count) = ([[0; 2]; SKETCH_MAX + 1], 0);
        for &hit in self.hits.iter().take(self.hit_count) {
            let hit = usize::from(hit);
            let (frame, filling) = (view.of_known(known.frames[hit]), known.fillings[hit]);
            let (mut framed, mut same) = (0, NONE);
            let mut at = self.head_of(frame);
            while let (Some(&own), Some(&own_filling), Some(&before)) = (
                own_frames.get(usize::from(at)),
                own_fillings.get(usize::from(at)),
                self.before.get(usize::from(at)),
            ) {
                let in_sample = u32::from(own <= last_of_new);
                let frames_agree = in_sample & u32::from((u32::from(own) ^ frame) >> view.coarser == 0);
                let all_agrees = frames_agree & u32::from(own_filling == filling);
                framed |= frames_agree;
                same = select_unpredictable(all_agrees != 0, at, same);
                at = before;
            }
            let is_shared = u32::from(same != NONE);
            let (slot, number) = (u32::from(filling != 0), u32::from(filling & NUMBER != 0));
            counts.framed += framed;
            counts.slots_framed += framed & slot;
            counts.numbers_framed += framed & number;
            counts.slots_shared += is_shared & slot;
            counts.numbers_shared += is_shared & number;
            shared[shared_count] = [self.places[usize::from(same).min(SKETCH_MAX)], known_places[hit]];
            shared_count += is_shared as usize;
        }
        let shared = &shared[..shared_count];
        let longest = longest_run(shared);
        Features {
            shingles: [new_count as f32, known_count as f32],
            shared: shared.len() as f32,
            framed: counts.framed as f32,
            slots_framed: counts.slots_framed as f32,
            slots_shared: counts.slots_shared as f32,
            numbers_framed: counts.numbers_framed as f32,
            numbers_shared: counts.numbers_shared as f32,
            slots: [
                with_slots(self.new, last_of_new) as f32,
                with_slots(known, last_of_known) as f32,
            ],
            in_order: pairs(shared).map(|(one, next)| u32::from(next == one + 1)).sum::<u32>() as f32,
            ascending: pairs(shared).map(|(one, next)| u32::from(next > one)).sum::<u32>() as f32,
            spans: spans(shared).map(f32::from),
            run: longest.shared as f32,
            heads: longest.from.map(|from| from as f32),
            tails: [new_count - longest.to[0], known_count - longest.to[1]].map(|behind| behind as f32),
            lengths: [
                self.new.length.min(known.length) as f32,
                self.new.length.max(known.length) as f32,
            ],
            ..Features::default()
        }
    }
}

/// The places in the new article of each two shared entries that follow each other in the known one.
fn pairs(shared: &[Place]) -> impl Iterator<Item = (u8, u8)> {
    shared
        .iter()
        .zip(shared.iter().skip(1))
        .map(|(one, next)| (one[0], next[0]))
}

/// From the first shared entry to the last, in each article.
fn spans(shared: &[Place]) -> [u8; 2] {
    let (from, to) = shared.iter().fold(([u8::MAX; 2], [0; 2]), |(from, to), [new, known]| {
        (
            [from[0].min(*new), from[1].min(*known)],
            [to[0].max(new + 1), to[1].max(known + 1)],
        )
    });
    [to[0].saturating_sub(from[0]), to[1].saturating_sub(from[1])]
}

/// The longest run of shared entries, the first of those that are equally long.
fn longest_run(shared: &[Place]) -> Run {
    let (mut run, mut longest) = (Run::default(), Run::default());
    for place in shared {
        let place = place.map(u32::from);
        if !run.take(place) {
            // A hit by chance breaks off no run for good.
            longest = longest.or_longer(run);
            run = longest;
            if !run.take(place) {
                run = Run::at(place);
            }
        }
    }
    longest.or_longer(run)
}

/// Entries that are not shared, at most, between two of a run.
const GAP: u32 = 4;

/// Shared entries that follow each other in both texts with few others between them.
#[derive(Clone, Copy, Default)]
struct Run {
    /// Places of the first in the new article and in the known one.
    from: [u32; 2],
    /// Behind the last.
    to: [u32; 2],
    shared: u32,
}

impl Run {
    fn at(place: [u32; 2]) -> Self {
        Self {
            from: place,
            to: place.map(|at| at + 1),
            shared: 1,
        }
    }

    /// Take one entry more, where it is close enough behind the run.
    #[inline]
    fn take(&mut self, [new, known]: [u32; 2]) -> bool {
        let close = new.wrapping_sub(self.to[0]) <= GAP && known.wrapping_sub(self.to[1]) <= GAP;
        let takes = close && self.shared > 0;
        if takes {
            self.to = [new + 1, known + 1];
            self.shared += 1;
        }
        takes
    }

    fn or_longer(self, other: Self) -> Self {
        if other.shared > self.shared { other } else { self }
    }
}

/// What is counted over the known side's entries: as in [`Features`].
#[derive(Default)]
struct Counts {
    framed: u32,
    slots_framed: u32,
    slots_shared: u32,
    numbers_framed: u32,
    numbers_shared: u32,
}

/// Containment from which on two texts have enough in common to be links of one chain.
const RELATED: f32 = 0.1;

/// Part of the smaller side that so many shared shingles are.
fn contained(shared: f32, [a, b]: [f32; 2]) -> f32 {
    (shared / a.min(b).max(1.0)).min(1.0)
}

/// Containment from which on two texts without names and numbers are one story, wherever they differ.
const CONTAINED: f32 = 0.9;
/// What two such texts must keep ([`Features::kept`]) where they are short. Scripts without capitals tell no names, and reports by one template
/// (weather, matches, horoscopes) keep up to .84.
const KEPT: f32 = 0.86;
/// Tokens up to which a text is short. In a longer one more may be changed: reports keep .65 at most where they have 400.
const SHORT: f32 = 100.0;
/// What less must be kept for each doubling of the length, of which two count.
const LESS_FOR_TWICE: f32 = 0.07;

/// What two articles share is a passage of both where it takes less than this part of either, and says nothing of the rest: a column
/// quotes a report.
const PASSAGE: f32 = 0.4;
/// The same where the smaller side has so many names that the other lacks (two reports with the same background), or where less than this
/// part of titles of so many words agrees (two reviews that quote the publisher).
const PASSAGE_OF_OTHERS: f32 = 0.5;
const OTHER_NAMES: f32 = 4.0;
const OTHER_TITLE: f32 = 0.4;
const TITLE_TELLS: f32 = 3.0;

/// What two articles share is a standing end (of a company, of a series, whom to call) where it begins behind this part of both ...
const HEAD: f32 = 0.15;
/// ... and stops before no more than this part of either, where no more than so many shingles of the rest are shared, as chance and common
/// phrases have it, ...
const END: f32 = 0.05;
const REST: f32 = 4.0;
/// ... and where the smaller side has so many names, numbers and days that the other lacks, and at most this part of the titles agrees.
const OTHER_FACTS: f32 = 2.0;
const SAME_TITLE: f32 = 0.5;
/// The same where the heads are one template, as programs write them: titles agree then, but so many slots and facts differ.
const HEAD_OF_TEMPLATE: f32 = 0.08;
const OTHER_FACTS_OF_TEMPLATE: f32 = 4.0;

impl Features {
    /// Compare the numbers, names, days and titles.
    pub(super) fn compare_facts(&mut self, new: &Fingerprint, known: &Fingerprint) {
        self.numbers = overlap(&new.numbers, &known.numbers, FACTS_MAX);
        self.names = overlap(&new.names, &known.names, FACTS_MAX);
        self.days = overlap(&new.days, &known.days, DAYS_MAX);
        self.title = title_overlap(&new.title, &known.title);
    }

    /// Shared part of the smaller side.
    pub fn containment(&self) -> f32 {
        contained(self.shared, self.shingles)
    }

    /// Shared part of the smaller side, less a shingle for each place where the texts part: reports by one template part in each sentence, a
    /// copy with another lead in one place.
    fn kept(&self) -> f32 {
        let [a, b] = self.shingles;
        (self.in_order + 1.0) / a.min(b).max(1.0)
    }

    /// Whether what the two share is a passage of each, and not what they are about.
    fn is_passage(&self) -> bool {
        let [new, known] = self.shingles;
        let span = (self.spans[0] / new.max(1.0)).max(self.spans[1] / known.max(1.0));
        let other_title = self.title[1] >= TITLE_TELLS && self.title[0] < OTHER_TITLE;
        span < PASSAGE || span < PASSAGE_OF_OTHERS && (lacking(self.names) >= OTHER_NAMES || other_title)
    }

    /// Whether what the two share stands at the end of both, whatever is told before.
    fn is_standing_end(&self) -> bool {
        let [new, known] = self.shingles.map(|count| count.max(1.0));
        let head = (self.heads[0] / new).min(self.heads[1] / known);
        let tail = (self.tails[0] / new).max(self.tails[1] / known);
        if head < HEAD_OF_TEMPLATE || tail > END || self.shared - self.run > REST {
            return false;
        }
        let other_facts = lacking(self.names) + lacking(self.numbers) + lacking(self.days);
        let contradicted = self.slots_framed - self.slots_shared;
        let other_story = head >= HEAD && other_facts >= OTHER_FACTS && self.title[0] <= SAME_TITLE;
        other_story || contradicted.min(other_facts) >= OTHER_FACTS_OF_TEMPLATE
    }

    /// Whether two texts with nothing but words are one story: positive for yes.
    fn words_agree(&self) -> f32 {
        let [a, b] = self.shingles;
        // Of a piece of a much longer text few shingles are seen: it counts as short.
        let seen = self.lengths[0] * (a.min(b) / SKETCH_MAX as f32);
        let doublings = (seen / SHORT).max(1.0).log2().min(2.0);
        let kept = self.kept() - (KEPT - LESS_FOR_TWICE * doublings);
        kept.max(self.containment() - CONTAINED)
    }

    /// The pair as the judge's weights see it. A title counts only where the text is too short to speak for itself.
    pub fn derived(&self) -> [f32; TERMS] {
        let [new, known] = self.shingles;
        let (smaller, larger) = (new.min(known).max(1.0), new.max(known).max(1.0));
        let capped = |part: f32, whole: f32| (part / whole.max(1.0)).min(1.0);
        let sure = |[share, count]: [f32; 2]| (share * count + 0.5) / (count + 1.0);
        let containment = capped(self.shared, smaller);
        let contradicted = self.slots_framed - self.slots_shared;
        let prose = (new - self.slots[0]).min(known - self.slots[1]);
        let spans = [self.spans[0] / new.max(1.0), self.spans[1] / known.max(1.0)];
        let short = ((60.0 - self.lengths[0]) / 40.0).clamp(0.0, 1.0);
        [
            containment,
            capped(self.framed, smaller),
            self.shared / larger,
            containment.sqrt(),
            self.shared.ln_1p(),
            (self.slots_shared + 0.5) / (self.slots_framed + 1.0),
            contradicted.ln_1p(),
            contradicted / self.slots_framed.max(1.0),
            capped(self.shared - self.slots_shared, prose),
            capped(self.slots_shared, self.slots[0].min(self.slots[1])),
            self.in_order / (self.shared - 1.0).max(1.0),
            self.ascending / (self.shared - 1.0).max(1.0),
            (self.shared / self.spans[0].min(self.spans[1]).max(1.0)).min(1.5),
            spans[0].max(spans[1]),
            spans[0].min(spans[1]),
            sure(self.numbers),
            sure(self.names),
            self.numbers[1].ln_1p(),
            self.names[1].ln_1p(),
            (sure(self.title) - 0.5) * short,
            short,
            self.lengths[0].ln_1p(),
            self.lengths[0] / self.lengths[1].max(1.0),
            sure(self.days),
            (1.0 - self.days[0]) * self.days[1],
            self.numbers_framed - self.numbers_shared,
            (self.numbers_shared + 0.5) / (self.numbers_framed + 1.0),
            ((1.0 - self.numbers[0]) * self.numbers[1]).ln_1p(),
            ((1.0 - self.names[0]) * self.names[1]).ln_1p(),
        ]
    }

    /// Whether the two are one story: positive for yes.
    pub fn score(&self) -> f32 {
        // Beyond what the trees were fitted on: too little in common is another story, whatever names agree, and so is a quotation, whose
        // names and numbers are all there.
        if self.shared < 1.0 || !self.is_related() || self.is_passage() || self.is_standing_end() {
            return -1.0;
        }
        // The trees were fitted on texts with names and numbers. Where neither side has any, the words alone decide.
        if self.slots[0] + self.slots[1] + self.numbers[1] + self.names[1] == 0.0 {
            return self.words_agree() * 10.0;
        }
        trees::log_odds(&self.derived())
    }
}

impl Features {
    /// How alike the two are, 0 to 1.
    pub fn similarity(&self) -> f32 {
        self.containment()
    }

    /// Whether the two have enough in common to be links of one chain.
    pub fn is_related(&self) -> bool {
        self.containment() >= RELATED
    }
}

impl Features {
    /// All values in a fixed order.
    pub fn values(&self) -> [f32; 24] {
        [
            self.shingles[0],
            self.shingles[1],
            self.shared,
            self.framed,
            self.slots_framed,
            self.slots_shared,
            self.slots[0],
            self.slots[1],
            self.in_order,
            self.ascending,
            self.spans[0],
            self.spans[1],
            self.numbers[0],
            self.numbers[1],
            self.names[0],
            self.names[1],
            self.title[0],
            self.title[1],
            self.lengths[0],
            self.lengths[1],
            self.numbers_framed,
            self.numbers_shared,
            self.days[0],
            self.days[1],
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedupe::{Document, fingerprint};

    /// So many words of a list: a piece that others may share.
    fn print(seed: u64, count: u64, distinct: u64) -> Fingerprint {
        let word = |at: u64| format!("w{:x}", (seed * 150 + at) % distinct);
        let text: Vec<String> = (0..count).map(word).collect();
        fingerprint(&Document {
            text: &text.join(" "),
            ..Document::default()
        })
    }

    #[test]
    fn what_is_related_meets() {
        let distinct = [9, 40, 400, 4000];
        let of = |seed: u64| print(seed, 1 + 97 * (seed % 17), distinct[seed as usize % 4]);
        let all: Vec<Fingerprint> = (0..40).map(of).collect();
        let mut counts = [0; 2];
        for new in &all {
            let mut comparer = Comparer::new(new);
            for known in &all {
                let meets = comparer.meet(known.threshold, known.frames.iter().copied());
                let is_related = comparer.of_met(known).is_related();
                assert!(meets || !is_related);
                counts[usize::from(is_related)] += 1;
            }
        }
        assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
    }
}
