//! What stands in a text more than once.
//!
//! In: a text and its lines. Out: for each line, how much of it stood there before and where; and the lines that only repeat a
//! run before them. Always: linear in the text; a line alone is called a repeat only when it is long.
//!
//! The text is cut into sentences; the first letters of each sentence are its key. A sentence whose key was seen before is
//! compared forward with the one it was seen at, and small edits (a word more, less or other) are stepped over.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::lines::Line;
use crate::clean::work;
use crate::fast::hashed::{Map, Multiplied};

/// Letters (bytes, punctuation and white space left out) of a sentence that make its key.
const KEY_BYTES: usize = 24;
/// After an edit, this many equal letters (bytes) say that both sides are in step again.
const RESYNC_BYTES: usize = 8;
/// A run of repeated lines is a repeated body from this many letters (bytes) on.
const RUN_BYTES_MIN: usize = 160;
/// A line by itself is a repeat from this many letters (bytes) on.
const LONG_LINE_BYTES: usize = 90;
/// Lines below this many letters (bytes) cannot make a run alone: a refrain, a list, a transcript repeat on purpose.
const SHORT_LINE_BYTES: usize = 48;

/// What is known of a line's other standing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Repeat {
    /// Letters (bytes) of the line.
    pub(super) letters: u32,
    /// Of these, the ones that stood there before.
    pub(super) covered: u32,
    /// Letters of this line that stand there again later, within another line.
    pub(super) again: u32,
    /// The line (index) that holds the earlier standing of the line's longest covered sentence.
    pub(super) source: Option<u32>,
    /// How often a line equal to this one (by key and length) was seen before.
    pub(super) before: u32,
}

impl Repeat {
    /// Whether most of the line stood there before.
    pub(super) fn is_covered(&self) -> bool {
        self.source.is_some() && u64::from(self.covered) * 10 >= u64::from(self.letters) * 7
    }
}

/// Where a sentence stood first.
#[derive(Clone, Copy)]
struct Seen {
    at: u32,
    line: u32,
    letters: u32,
    times: u32,
}

/// Cut the lines into sentences, once for all rounds.
pub(super) fn sentences(text: &str, lines: &[Line]) -> Sentences {
    let bytes = text.as_bytes();
    let mut all = Sentences {
        list: Vec::with_capacity(text.len() / 96 + lines.len()),
        ends: Vec::with_capacity(lines.len()),
        shared: 0,
    };
    let mut firsts: Map<u32> = Map::with_capacity_and_hasher(all.list.capacity(), BuildHasherDefault::default());
    let any_wide_stops = may_hold_wide_stops(bytes);
    for line in lines {
        let mut at = line.start;
        let has_wide_stops = any_wide_stops && may_hold_wide_stops(line.of(text).as_bytes());
        while at < line.end {
            let sentence = sentence(bytes, at, line.end, has_wide_stops);
            at = sentence.end as usize;
            if sentence.letters > 0 {
                all.push(sentence, &mut firsts);
            }
        }
        all.ends.push(all.list.len() as u32);
    }
    all
}

/// The sentences of all lines.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    list: Vec<Sentence>,
    /// For each line, the end of its sentences in the list.
    ends: Vec<u32>,
    /// How many have a key that others have, too.
    shared: usize,
}

impl Sentences {
    /// `firsts` holds for each key the place of the first sentence that has it.
    fn push(&mut self, mut sentence: Sentence, firsts: &mut Map<u32>) {
        match firsts.entry(sentence.key) {
            Entry::Vacant(place) => {
                place.insert(self.list.len() as u32);
            }
            Entry::Occupied(first) => {
                sentence.is_shared = true;
                self.shared += 1;
                if let Some(first) = self
                    .list
                    .get_mut(*first.get() as usize)
                    .filter(|first| !first.is_shared)
                {
                    first.is_shared = true;
                    self.shared += 1;
                }
            }
        }
        self.list.push(sentence);
    }

    /// Where the sentences of a line stand in the text.
    pub(super) fn places(&self, line: usize) -> impl ExactSizeIterator<Item = Range<usize>> {
        let sentences = self.of(line).iter();
        sentences.map(|sentence| sentence.start as usize..sentence.end as usize)
    }

    fn of(&self, line: usize) -> &[Sentence] {
        let start = if line == 0 {
            0
        } else {
            self.ends.get(line - 1).copied().unwrap_or(0)
        };
        let end = self.ends.get(line).copied().unwrap_or(start);
        self.list.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// Look for repeats of the lines named by `kept` among them. Indices, here and in [`Repeat::source`], are places in `kept`.
pub(super) fn find(text: &str, lines: &[Line], sentences: &Sentences, kept: &[u32]) -> Vec<Repeat> {
    let line_at = |place: usize| kept.get(place).and_then(|&i| lines.get(i as usize));
    let bytes = text.as_bytes();
    let mut seen: Map<Seen> = Map::with_capacity_and_hasher(sentences.shared, BuildHasherDefault::default());
    let mut repeats = vec![Repeat::default(); kept.len()];
    for (index, &line) in kept.iter().enumerate() {
        let mut best = 0;
        let mut repeat = Repeat::default();
        for sentence in sentences.of(line as usize) {
            repeat.letters += sentence.letters;
            if !sentence.is_shared {
                continue;
            }
            let first = match seen.entry(sentence.key) {
                Entry::Occupied(first) => first.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(Seen {
                        at: sentence.start,
                        line: index as u32,
                        letters: sentence.letters,
                        times: 0,
                    });
                    continue;
                }
            };
            let source_end = line_at(first.line as usize).map_or(0, |l| l.end);
            let (at, start, end) = (first.at as usize, sentence.start as usize, sentence.end as usize);
            let equal = (common(bytes, at, source_end, start, end) as u32).min(sentence.letters);
            if u64::from(equal) * 2 < u64::from(sentence.letters) {
                continue;
            }
            repeat.covered += equal;
            if first.letters == sentence.letters {
                first.times += 1;
                repeat.before = repeat.before.max(first.times);
            }
            if equal > best {
                best = equal;
                repeat.source = Some(first.line);
            }
            if first.line as usize != index
                && let Some(original) = repeats.get_mut(first.line as usize)
            {
                original.again += equal;
            }
        }
        if let Some(place) = repeats.get_mut(index) {
            repeat.again = place.again;
            *place = repeat;
        }
    }
    repeats
}

/// Mark the lines (by their places in `kept`) that only repeat what another run of lines says.
pub(super) fn collapse(text: &str, lines: &[Line], repeats: &[Repeat], kept: &[u32]) -> Vec<bool> {
    let mut runs = Runs {
        text: text.as_bytes(),
        lines,
        repeats,
        kept,
        gone: vec![false; kept.len()],
    };
    let mut run: Vec<usize> = Vec::new();
    for (index, repeat) in repeats.iter().enumerate() {
        if !repeat.is_covered() || repeat.source == Some(index as u32) {
            continue;
        }
        let follows = run.last().is_some_and(|&last| {
            let (before, now) = (repeats[last].source.unwrap_or(0), repeat.source.unwrap_or(0));
            index - last <= 3 && now >= before && now - before <= 4
        });
        if !follows {
            runs.close(&run);
            run.clear();
        }
        run.push(index);
    }
    runs.close(&run);
    runs.gone
}

/// The repeats of the lines that are not gone, by their new places. A source that is gone is none.
pub(super) fn left(repeats: &[Repeat], gone: &[bool]) -> Vec<Repeat> {
    let mut count = 0;
    let places: Vec<Option<u32>> = gone
        .iter()
        .map(|gone| {
            let place = count;
            count += u32::from(!gone);
            (!gone).then_some(place)
        })
        .collect();
    let place_of = |source: u32| places.get(source as usize).copied().flatten();
    repeats
        .iter()
        .zip(gone)
        .filter(|(_, gone)| !**gone)
        .map(|(repeat, _)| Repeat {
            source: repeat.source.and_then(place_of),
            ..*repeat
        })
        .collect()
}

struct Runs<'a> {
    text: &'a [u8],
    lines: &'a [Line],
    repeats: &'a [Repeat],
    kept: &'a [u32],
    gone: Vec<bool>,
}

impl Runs<'_> {
    /// Judge a run of covered lines whose sources follow each other.
    fn close(&mut self, run: &[usize]) {
        let letters: usize = run.iter().map(|&i| self.repeats[i].letters as usize).sum();
        let longest = run.iter().map(|&i| self.repeats[i].letters as usize).max().unwrap_or(0);
        let (Some(&first), Some(&last)) = (run.first(), run.last()) else {
            return;
        };
        let enough = run.len() >= 2 && letters >= RUN_BYTES_MIN && longest >= LONG_LINE_BYTES;
        let many = run.len() >= 12 && letters / run.len() >= SHORT_LINE_BYTES / 2 && letters >= 4 * RUN_BYTES_MIN;
        if enough || many {
            for &index in run {
                self.mark(index);
            }
            self.fill(first, last, run);
            return;
        }
        for &index in run {
            if self.repeats[index].letters as usize >= LONG_LINE_BYTES {
                self.mark(index);
            }
        }
    }

    /// Take a repeat away: the later copy, or the earlier one where that is a line which holds several (a body flattened).
    fn mark(&mut self, index: usize) {
        if let Some(gone) = self.gone.get_mut(index) {
            *gone = true;
        }
    }

    /// Lines between two lines of a run that differ from their counterpart by an edit at their beginning go with the run.
    fn fill(&mut self, first: usize, last: usize, run: &[usize]) {
        let source_of = |i: usize| self.repeats[i].source.unwrap_or(0) as usize;
        let mut more = Vec::new();
        if first > 0 && source_of(first) > 0 {
            more.push((first - 1, source_of(first) - 1));
        }
        more.push((last + 1, source_of(last) + 1));
        for pair in run.windows(2) {
            if let &[a, b] = pair
                && b - a == 2
                && source_of(b).saturating_sub(source_of(a)) == 2
            {
                more.push((a + 1, source_of(a) + 1));
            }
        }
        for (index, source) in more {
            if source < index && index < self.kept.len() && !self.gone[index] && self.similar(source, index) {
                self.mark(index);
            }
        }
    }

    fn similar(&self, a: usize, b: usize) -> bool {
        let line_at = |place: usize| self.kept.get(place).and_then(|&i| self.lines.get(i as usize));
        let (Some(one), Some(two)) = (line_at(a), line_at(b)) else {
            return false;
        };
        let letters = self.repeats[b].letters.max(self.repeats[a].letters) as usize;
        let equal = common(self.text, one.start, one.end, two.start, two.end);
        letters > 0 && equal * 10 >= letters * 6
    }
}

#[derive(Debug, Clone, Copy)]
struct Sentence {
    start: u32,
    end: u32,
    letters: u32,
    key: u64,
    /// Another sentence has the same key.
    is_shared: bool,
}

/// Read one sentence from `at` on; it ends after its full stop and the white space behind, or at `end`.
fn sentence(bytes: &[u8], at: usize, end: usize, has_wide_stops: bool) -> Sentence {
    let mut key = [0; KEY_BYTES];
    let mut letters = 0;
    let mut i = at;
    while let Some(place) = key.get_mut(letters).filter(|_| i < end) {
        // Without a branch: what is no letter is written over by the next.
        *place = FOLD[bytes[i] as usize];
        letters += usize::from(*place != 0);
        i += 1;
    }
    let behind_key = i;
    let i = stop(bytes, i, end, has_wide_stops);
    let rest = bytes.get(behind_key..i).unwrap_or_default();
    // All from `0` on counts as a letter here, so that counting is one comparison a byte; in bytes, which sixteen are added up at once.
    let count = |some: &[u8]| some.iter().map(|b| u8::from(*b >= b'0')).sum::<u8>();
    letters += rest
        .chunks(usize::from(u8::MAX))
        .map(|some| usize::from(count(some)))
        .sum::<usize>();
    Sentence {
        start: at as u32,
        end: i as u32,
        letters: letters as u32,
        key: hash(&key),
        is_shared: false,
    }
}

fn hash(key: &[u8]) -> u64 {
    let mut hasher = Multiplied::default();
    hasher.write(key);
    hasher.finish()
}

/// Behind the next full stop from `i` on (and what closes with it), or `end`.
fn stop(bytes: &[u8], mut i: usize, end: usize, has_wide_stops: bool) -> usize {
    while let Some(at) = next_stop(bytes.get(i..end).unwrap_or_default(), has_wide_stops) {
        i += at + 1;
        match STOP[bytes[i - 1] as usize] {
            1 => {
                while i < end && FOLD[bytes[i] as usize] == 0 && bytes[i] != b' ' {
                    i += 1;
                }
                if i < end && bytes[i] == b' ' {
                    return i;
                }
            }
            // 。！？ end a sentence without white space behind.
            _ if is_wide_stop(bytes, i) => return i,
            _ => {}
        }
    }
    end
}

fn next_stop(bytes: &[u8], has_wide_stops: bool) -> Option<usize> {
    if has_wide_stops {
        bytes.iter().position(|b| STOP[*b as usize] != 0)
    } else {
        memchr::memchr3(b'.', b'!', b'?', bytes)
    }
}

/// Whether these bytes hold any that wide full stops begin with.
fn may_hold_wide_stops(bytes: &[u8]) -> bool {
    memchr::memchr2(0xe3, 0xef, bytes).is_some()
}

/// 1 for ASCII full stops, 2 for the last bytes of wide ones.
static STOP: [u8; 256] = stop_table();

const fn stop_table() -> [u8; 256] {
    let mut table = [0; 256];
    table[b'.' as usize] = 1;
    table[b'!' as usize] = 1;
    table[b'?' as usize] = 1;
    table[0x82] = 2;
    table[0x81] = 2;
    table[0x9f] = 2;
    table
}

fn is_wide_stop(bytes: &[u8], after: usize) -> bool {
    after >= 3
        && matches!(
            bytes.get(after - 3..after),
            Some([0xe3, 0x80, 0x82] | [0xef, 0xbc, 0x81 | 0x9f])
        )
}

/// How many bytes more than twice those of a repeat its original may take.
const COMMON_BYTES_MORE: usize = 400;

/// Letters (bytes) of `b..b_end` that are found, in order, from `a` on; edits of a word or so are stepped over.
fn common(bytes: &[u8], a: usize, a_end: usize, b: usize, b_end: usize) -> usize {
    // What stands between the letters of the first is stepped over, but not for ever: many may be compared with it.
    let a_end = a_end.min(a + 2 * (b_end - b) + COMMON_BYTES_MORE);
    work::note(a_end - a + b_end - b);
    let (mut a, mut b, mut equal, mut edits) = (a, b, 0, 0);
    loop {
        a = skip(bytes, a, a_end);
        b = skip(bytes, b, b_end);
        if a >= a_end || b >= b_end {
            return equal;
        }
        if FOLD[bytes[a] as usize] == FOLD[bytes[b] as usize] {
            equal += 1;
            a += 1;
            b += 1;
            continue;
        }
        edits += 1;
        if edits > 2 + equal / 12 {
            return equal;
        }
        let (next_a, next_b) = (next_word(bytes, a, a_end), next_word(bytes, b, b_end));
        let (start_a, start_b) = (word_start(bytes, a), word_start(bytes, b));
        let steps = [(start_a, next_b), (next_a, start_b), (next_a, next_b)];
        let Some(&(to_a, to_b)) = steps.iter().find(|&&(x, y)| in_step(bytes, x, a_end, y, b_end)) else {
            return equal;
        };
        // Lines that differ in a figure say different things: a table's, a list's, two quarters' results.
        let is_figure = |from: usize, to: usize| {
            bytes
                .get(from..to)
                .is_some_and(|some| some.iter().any(u8::is_ascii_digit))
        };
        if is_figure(start_b, to_b) || is_figure(start_a, to_a) {
            return equal;
        }
        equal = equal.saturating_sub(b.saturating_sub(to_b));
        (a, b) = (to_a, to_b);
    }
}

fn in_step(bytes: &[u8], mut a: usize, a_end: usize, mut b: usize, b_end: usize) -> bool {
    for _ in 0..RESYNC_BYTES {
        a = skip(bytes, a, a_end);
        b = skip(bytes, b, b_end);
        if b >= b_end {
            return true;
        }
        if a >= a_end || FOLD[bytes[a] as usize] != FOLD[bytes[b] as usize] {
            return false;
        }
        a += 1;
        b += 1;
    }
    true
}

fn skip(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end && FOLD[bytes[at] as usize] == 0 {
        at += 1;
    }
    at
}

/// The beginning of the next word, at most 40 bytes away.
fn next_word(bytes: &[u8], at: usize, end: usize) -> usize {
    let bound = end.min(at + 40);
    let mut i = at;
    while i < bound && FOLD[bytes[i] as usize] != 0 {
        i += 1;
    }
    skip(bytes, i, end)
}

/// The beginning of the word `at` stands in, at most 40 bytes back.
fn word_start(bytes: &[u8], at: usize) -> usize {
    let bound = at.saturating_sub(40);
    let mut i = at;
    while i > bound && FOLD[bytes[i - 1] as usize] != 0 {
        i -= 1;
    }
    i
}

/// Letters and digits in lower case, bytes beyond ASCII as they are, 0 for all else.
static FOLD: [u8; 256] = fold_table();

const fn fold_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        table[b] = if byte >= 0x80 || byte.is_ascii_digit() || byte.is_ascii_lowercase() {
            byte
        } else if byte.is_ascii_uppercase() {
            byte + 32
        } else {
            0
        };
        b += 1;
    }
    table
}
