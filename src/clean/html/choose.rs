//! What the models say of each block → which blocks are kept, chosen for the page as a whole.
//!
//! In: for each block what either model says and, where it was read, its words; and its length. Out: kept or not, for each block. Always: linear
//! in the number of blocks; a page is not lost where one block is more likely an article's than not.
//!
//! The choice has the largest sum of log-odds, each by its block's length, less what it costs to start, and to start again after
//! a gap: a short gap (a caption, an advertisement) costs little, one of [`GAP`] blocks and more (the article is over, and
//! something else begins) costs [`START_AGAIN`]. `tools/fit_html.py` holds the same choice, to measure it on sites kept apart.

use super::super::work;

/// What a block is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Probabilities of the two models.
    pub(super) first: f32,
    pub(super) second: f32,
    pub(super) bytes: usize,
    /// Whether it reads like a paragraph.
    pub(super) is_prose: bool,
    /// Log-odds by its words alone, read as a line of text is; where it was read.
    pub(super) read: Option<f32>,
}

/// How much the first model's log-odds count beside the second's: two views err less than one.
const FIRST_SHARE: f32 = 0.4;
/// How much of the rest what the words say counts, for a block that was read. The three below were chosen on sites that neither the
/// trees nor the net were fitted to, and this on pages of other years and countries.
const READ_SHARE: f32 = 0.5;
/// A block with log-odds this near to none is in doubt ...
const DOUBT: f32 = 2.5;
/// ... and the blocks of a page are worth reading where as many bytes are in doubt, to each that is likely an article's.
const DOUBTFUL_SHARE: f32 = 0.15;
/// ... and of these as many are paragraphs'.
const PROSE_SHARE: f32 = 0.5;
/// No single block weighs more than this, in log-odds, before its length is looked at.
const WEIGHT_MAX: f32 = 3.0;
/// Added to each block's log-odds: what the costs below take away too evenly.
const LEANING: f32 = 0.3;
const START: f32 = 2.0;
const START_AGAIN: f32 = 2.0;
/// In blocks.
const GAP: usize = 8;

/// A block of this length weighs its log-odds; others by the root of their length, within bounds.
const BYTES: f32 = 60.0;
const LENGTH_MIN: f32 = 0.5;
const LENGTH_MAX: f32 = 2.0;

/// Where the choice keeps less than this share of the blocks that are each likelier in than out, those are kept.
const SHARE_MIN: f32 = 0.25;
/// As little as this, in bytes, is no article yet.
const TEXT_BYTES_MIN: usize = 120;
const LIKELY: f32 = 0.5;
/// Where nothing is likely, blocks are kept from here on: an article that looks like no other is still one.
const POSSIBLE: f32 = 0.25;

/// Before the article; within it; in a gap of one block, of two, … of [`GAP`] or more.
const BEFORE: usize = 0;
const WITHIN: usize = 1;
const STATES: usize = 2 + GAP;

/// Choose the blocks, by what is said of each and its [log-odds](odds).
pub(super) fn choose(said: &[Said], odds: &[f32]) -> Vec<bool> {
    let weighed: Vec<f32> = odds.iter().zip(said).map(|(odds, said)| weigh(*odds, said)).collect();
    let kept = best_path(&weighed);
    let above = |least: f32| -> Vec<bool> { odds.iter().map(|odds| *odds > log_odds(least)).collect() };
    let likely = above(LIKELY);
    let (kept_bytes, likely_bytes) = (bytes(said, &kept), bytes(said, &likely));
    if kept_bytes >= TEXT_BYTES_MIN && kept_bytes as f32 >= SHARE_MIN * likely_bytes as f32 {
        return kept;
    }
    let (other, other_bytes) = if likely_bytes >= TEXT_BYTES_MIN {
        (likely, likely_bytes)
    } else {
        let possible = above(POSSIBLE);
        let possible_bytes = bytes(said, &possible);
        let reads_like_one = said.iter().zip(&possible).any(|(said, is)| *is && said.is_prose);
        if possible_bytes < TEXT_BYTES_MIN && !reads_like_one {
            return kept;
        }
        (possible, possible_bytes)
    };
    if other_bytes > kept_bytes { other } else { kept }
}

fn bytes(said: &[Said], kept: &[bool]) -> usize {
    said.iter()
        .zip(kept)
        .filter(|(_, kept)| **kept)
        .map(|(said, _)| said.bytes)
        .sum()
}

fn log_odds(probability: f32) -> f32 {
    const EDGE: f32 = 1e-6;
    ((probability + EDGE) / (1.0 - probability + EDGE)).ln()
}

/// Whether a page's blocks are worth reading: much of it is in doubt, and most of what is likely the article is paragraphs. Of lists,
/// questions and answers the net that reads knows less than the trees.
pub(super) fn is_worth_reading(said: &[Said]) -> bool {
    let (mut doubtful, mut likely, mut prose) = (0, 0, 0);
    for one in said {
        let odds = odds(one);
        let bytes_if = |is: bool| if is { one.bytes } else { 0 };
        doubtful += bytes_if(odds.abs() < DOUBT);
        likely += bytes_if(odds > 0.0);
        prose += bytes_if(odds > 0.0 && one.is_prose);
    }
    let share_of_likely = |bytes: usize, share: f32| bytes as f32 > share * likely as f32;
    share_of_likely(doubtful, DOUBTFUL_SHARE) && share_of_likely(prose, PROSE_SHARE)
}

/// A block's log-odds, by all that is said of it.
pub(super) fn odds(said: &Said) -> f32 {
    let second = log_odds(said.second);
    let read = said.read.unwrap_or(second);
    FIRST_SHARE * log_odds(said.first) + (1.0 - FIRST_SHARE) * (second + READ_SHARE * (read - second))
}

fn weigh(odds: f32, said: &Said) -> f32 {
    let by_length = (said.bytes as f32 / BYTES).sqrt().clamp(LENGTH_MIN, LENGTH_MAX);
    (odds + LEANING).clamp(-WEIGHT_MAX, WEIGHT_MAX) * by_length
}

fn cost_of_keeping_after(state: usize) -> f32 {
    match state {
        BEFORE => START,
        WITHIN => 0.0,
        gap => START_AGAIN * (gap - 1) as f32 / GAP as f32,
    }
}

/// The path of states with the largest sum (Viterbi 1967).
fn best_path(weighed: &[f32]) -> Vec<bool> {
    work::note(weighed.len() * STATES);
    let mut best = [f32::NEG_INFINITY; STATES];
    best[BEFORE] = 0.0;
    // For each block, the state before it: if it is kept, and if it ends a long gap.
    let mut came_from: Vec<(usize, usize)> = Vec::with_capacity(weighed.len());
    for odds in weighed {
        let (origin, sum) = (0..STATES)
            .map(|state| (state, best[state] - cost_of_keeping_after(state)))
            .fold(
                (BEFORE, f32::NEG_INFINITY),
                |best, next| if next.1 > best.1 { next } else { best },
            );
        let mut next = [f32::NEG_INFINITY; STATES];
        next[BEFORE] = best[BEFORE];
        next[WITHIN] = sum + odds;
        next[WITHIN + 1..].copy_from_slice(&best[WITHIN..STATES - 1]);
        let stays_long = best[STATES - 1] >= next[STATES - 1];
        if stays_long {
            next[STATES - 1] = best[STATES - 1];
        }
        came_from.push((origin, if stays_long { STATES - 1 } else { STATES - 2 }));
        best = next;
    }
    let end = (0..STATES).fold(BEFORE, |at, state| if best[state] > best[at] { state } else { at });
    walk_back(&came_from, end)
}

fn walk_back(came_from: &[(usize, usize)], end: usize) -> Vec<bool> {
    let mut state = end;
    let mut kept: Vec<bool> = came_from
        .iter()
        .rev()
        .map(|(if_kept, if_long)| {
            let is_kept = state == WITHIN;
            state = match state {
                BEFORE => BEFORE,
                WITHIN => *if_kept,
                gap if gap == STATES - 1 => *if_long,
                gap => gap - 1,
            };
            is_kept
        })
        .collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose_of(said: &[Said]) -> Vec<bool> {
        let odds: Vec<f32> = said.iter().map(odds).collect();
        choose(said, &odds)
    }

    /// Blocks of a length of their own, each a probability.
    fn check(bytes: usize, probabilities: &[f32], expected: &str) {
        let said: Vec<Said> = probabilities
            .iter()
            .map(|&p| Said {
                first: p,
                second: p,
                bytes,
                is_prose: true,
                read: None,
            })
            .collect();
        let kept: String = choose_of(&said)
            .iter()
            .map(|kept| if *kept { '#' } else { '.' })
            .collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_doubtful_block_follows_those_around_it() {
        check(60, &[0.95, 0.95, 0.45, 0.95], "####");
        check(60, &[0.02, 0.45, 0.02, 0.95, 0.95, 0.95, 0.1], "...###.");
    }

    #[test]
    fn a_caption_within_goes_and_what_follows_it_stays() {
        check(60, &[0.9, 0.95, 0.1, 0.9, 0.95], "##.##");
    }

    #[test]
    fn what_looks_half_like_an_article_behind_a_long_gap_goes() {
        let mut page = vec![0.95; 4];
        page.extend([0.02; 10]);
        page.extend([0.6, 0.6]);
        check(60, &page, "####............");
    }

    #[test]
    fn what_words_say_tips_a_doubtful_block() {
        let block = |p: f32, read: Option<f32>| Said {
            first: p,
            second: p,
            bytes: 200,
            is_prose: true,
            read,
        };
        let sure = block(0.99, None);
        let kept = |read| choose_of(&[sure, sure, block(0.7, read)])[2];
        assert_eq!([None, Some(2.0), Some(-8.0)].map(kept), [true, true, false]);
        let doubtful = block(0.7, None);
        assert!(is_worth_reading(&[sure, sure, doubtful]));
        assert!(!is_worth_reading(&[sure, sure, block(0.001, None)]));
        assert!(!is_worth_reading(&[]));
        assert!(!is_worth_reading(
            &[sure, sure, doubtful].map(|one| Said { is_prose: false, ..one })
        ));
    }

    #[test]
    fn nothing_is_chosen_from_nothing() {
        check(60, &[], "");
        check(60, &[0.0; 3], "...");
    }

    #[test]
    fn a_page_is_not_lost_where_something_may_be_its_article() {
        check(900, &[0.01, 0.3, 0.01], ".#.");
        check(900, &[0.01, 0.51, 0.01, 0.01], ".#..");
    }
}
