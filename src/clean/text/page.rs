//! A text whose lines are judged together, round after round.
//!
//! In: lines. Out: a reason for every line that goes. Always: a text that was settled stays as it is.

use std::cell::OnceCell;

use super::credits::is_picture_credit;
use super::features::{self, AROUND, OWN};
use super::inline::Seen;
use super::known::drop_lines;
use super::lines::Line;
use super::model::{self, Units};
use super::phrases::{self, Hits};
use super::repeat::{self, Repeat, Sentences};
use super::shapes::{self, Shapes};
use super::title::Title;
use super::{alone, decide, doubt, lead, reason};
use crate::clean::work;

/// Rounds after which a text that still changes is left as it is. Enough for nearly all: most settle in two.
const ROUNDS_MAX: usize = 12;

/// A text of which nothing would stay is given up only when its best line of prose has log-odds below this ...
const RESCUE_ODDS_MIN: f32 = -1.5;
/// ... and is otherwise decided with all odds raised, so that this line has these.
const RESCUED_ODDS: f32 = 1.5;

/// A line of this many words is prose even if it ends without a stop (a poem, a wish set in one line).
const LONG_LINE_WORDS: f32 = 60.0;

/// What stays of a page is no article if it has fewer words and characters (scripts without spaces) than this ...
const ARTICLE_WORDS_MIN: f32 = 60.0;
const ARTICLE_CHARS_MIN: u32 = 400;
/// ... and at most this share of the page's words, and no line of it is prose ...
const NO_PROSE_SHARE: f32 = 0.3;
/// ... or at most this share, and only one line is prose: a site's word on itself amid its navigation ...
const ONE_LINE_SHARE: f32 = 0.125;
/// ... of which the net is not sure.
const SURE: f32 = 3.5;

/// Lines of a text that is a brief at most.
const BRIEF_LINES_MAX: usize = 6;
/// Lines of a brief together with links to other articles, at most.
const LINKED_LINES_MAX: usize = 16;
/// A headline has at least this many words.
const HEADLINE_WORDS_MIN: f32 = 4.0;

/// Behind a headline a line of this many words is a paragraph, even if it ends without a stop.
const LEAD_WORDS_MIN: f32 = 20.0;
/// Phrases of furniture cover no more than one part in so many of it: an article speaks of lists, deals and pictures, too.
const LEAD_COVERED_PART: usize = 5;

/// What is left of a page.
#[derive(Clone)]
struct Left {
    kept: Vec<u32>,
    /// Why each line of the page went.
    reasons: Vec<Option<&'static str>>,
    /// Log-odds of the surest line of the round in which that was the least sure.
    surest: f32,
    /// How many lines were kept when they were known for an article [alone].
    known_alone: Option<usize>,
}

/// A text with what its lines say by themselves.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line>,
    shapes: Shapes,
    pub(super) hits: Vec<Hits>,
    pub(super) sentences: Sentences,
    /// What each line gives the net by itself. Many a text never asks it.
    units: OnceCell<Vec<Units>>,
}

impl<'a> Page<'a> {
    pub(super) fn read(text: &'a str, lines: Vec<Line>) -> Self {
        Self {
            shapes: shapes::shapes(text, &lines),
            hits: phrases::find(text, &lines),
            sentences: repeat::sentences(text, &lines),
            units: OnceCell::new(),
            text,
            lines,
        }
    }

    /// What each line gives the net by itself.
    fn units(&self) -> &[Units] {
        self.units
            .get_or_init(|| model::own_units(self.lines.len(), |line, row| self.write_own(line, row)))
    }

    pub(super) fn all(&self) -> Vec<u32> {
        (0..self.lines.len() as u32).collect()
    }

    /// Judge what is left again and again until a round takes nothing away. A text that does not settle is kept whole, so that
    /// cleaning it again gives the same.
    pub(super) fn settle(&self, title: &Title) -> Vec<Option<&'static str>> {
        let mut left = Left {
            kept: self.all(),
            reasons: vec![None; self.lines.len()],
            surest: f32::INFINITY,
            known_alone: None,
        };
        self.drop_known(&mut left.kept, &mut left.reasons);
        let (whole, line_count) = (left.reasons.clone(), left.kept.len());
        drop_lines(&mut left.kept, &mut left.reasons, "title", |line| {
            title.is(self.text_of(line))
        });
        let first = left
            .kept
            .first()
            .copied()
            .filter(|_| self.may_be_a_headline(&left.kept));
        let seen = self.seen_inline();
        let Some(headlines_end) = self.take_away(&seen, &mut left) else {
            return whole;
        };
        if left.kept.is_empty() || headlines_end == 0 && self.is_no_article(&left.kept, left.surest) {
            self.begin_behind_headline(&whole, title, &seen, &mut left);
        }
        if left.kept.is_empty() {
            if line_count <= BRIEF_LINES_MAX && is_brief(&whole, &left.reasons) {
                return whole;
            }
            if let Some(line) = first {
                left.reasons[line as usize] = None;
            }
        }
        left.reasons
    }

    /// Take away round after round until one takes nothing away. Where the headlines end that are all there is; `None` where it goes on
    /// and on.
    fn take_away(&self, seen: &[Seen], left: &mut Left) -> Option<u32> {
        let mut headlines_end = self.headlines_end(&left.kept);
        for _ in 0..ROUNDS_MAX {
            let before = left.kept.len();
            self.drop_by_surroundings(seen, &mut left.kept, &mut left.reasons);
            let surest = self.round(seen, left, headlines_end);
            left.surest = left.surest.min(surest);
            // What made the headlines may have gone as a repeat.
            let were_to = headlines_end;
            headlines_end = were_to.min(self.headlines_end(&left.kept));
            if left.kept.len() < before || headlines_end < were_to {
                continue;
            }
            // The net knows articles by what stands around them, credits too.
            drop_lines(&mut left.kept, &mut left.reasons, "credit", |line| {
                is_picture_credit(self.text_of(line))
            });
            if left.kept.len() == before {
                return Some(headlines_end);
            }
        }
        None
    }

    /// A page of which no article would stay has one where a paragraph stands soon behind its headline: what stays if it holds such a
    /// paragraph, else those paragraphs alone, if they stay by themselves. Other pages have none.
    fn begin_behind_headline(&self, whole: &[Option<&'static str>], title: &Title, seen: &[Seen], left: &mut Left) {
        let leads = self.leads(whole, title);
        if left.kept.iter().any(|line| leads.contains(line)) {
            return;
        }
        if !leads.is_empty() {
            let mut alone = left.clone();
            for &line in &leads {
                alone.reasons[line as usize] = None;
            }
            (alone.kept, alone.known_alone) = (leads, None);
            if self.take_away(seen, &mut alone).is_some() && !alone.kept.is_empty() {
                *left = alone;
                return;
            }
        }
        let gone = vec![true; left.kept.len()];
        retain(&mut left.kept, &gone, |line| {
            left.reasons[line] = Some("not-an-article")
        });
    }

    /// The paragraphs with which an article may begin, by where the headline stands: the record's title, or what stands on top.
    fn leads(&self, whole: &[Option<&'static str>], title: &Title) -> Vec<u32> {
        let lines: Vec<u32> = self
            .all()
            .into_iter()
            .filter(|line| whole[*line as usize].is_none())
            .collect();
        let top = lines.first().filter(|line| self.has_headline_length(**line));
        let top = Title::new(top.map(|line| self.text_of(*line)));
        let is_headline = |place: usize| {
            let text = self.text_of(lines[place]);
            title.is(text) || place > 0 && top.is(text)
        };
        let may_begin = |place: usize| {
            let (shape, text) = (self.shape_of(lines[place]), self.text_of(lines[place]));
            let covered = self.hits[lines[place] as usize].covered();
            (is_prose(shape) || shape.units >= LEAD_WORDS_MIN) && covered * LEAD_COVERED_PART <= text.len()
        };
        let places = lead::behind(lines.len(), is_headline, may_begin);
        places.into_iter().map(|place| lines[place]).collect()
    }

    /// Whether the little that stays is only what looks most like an article on a page that has none. Text whose lines all stay
    /// is never one of those.
    fn is_no_article(&self, kept: &[u32], surest: f32) -> bool {
        let of_kept = || kept.iter().map(|line| self.shape_of(*line));
        let words: f32 = of_kept().map(|shape| shape.units).sum();
        let all: f32 = self.shapes.lines.iter().map(|shape| shape.units).sum();
        let prose = of_kept().filter(|shape| is_prose(shape)).count();
        self.is_little(kept.iter().copied())
            && (prose == 0 && words < NO_PROSE_SHARE * all
                || prose == 1 && words < ONE_LINE_SHARE * all && surest < SURE)
    }

    /// Whether the lines hold less than an article does.
    fn is_little(&self, lines: impl Iterator<Item = u32>) -> bool {
        let sizes = lines.map(|line| (self.shape_of(line).units, self.shape_of(line).chars));
        let (words, chars) = sizes.fold((0.0, 0), |(words, chars), (w, c)| (words + w, chars + c));
        words < ARTICLE_WORDS_MIN && chars < ARTICLE_CHARS_MIN
    }

    /// Where the headlines end that are all there is (a search's find, a wire's numbers): lines before it stay, but for repeats. They
    /// are those that a brief without prose begins with, before any line that a phrase names.
    fn headlines_end(&self, kept: &[u32]) -> u32 {
        if kept.len() > BRIEF_LINES_MAX || self.holds_prose(kept) {
            return 0;
        }
        let count = kept.iter().take_while(|line| !self.is_named(**line)).count();
        let headlines = &kept[..count];
        match headlines.last() {
            Some(last) if headlines.iter().any(|line| self.has_headline_length(*line)) => last + 1,
            _ => 0,
        }
    }

    /// Whether the first line may be an article of one headline in front of links to others.
    fn may_be_a_headline(&self, kept: &[u32]) -> bool {
        let is_headline = |line: &u32| self.has_headline_length(*line) && !self.is_named(*line);
        kept.len() <= LINKED_LINES_MAX && kept.first().is_some_and(is_headline) && !self.holds_prose(kept)
    }

    fn has_headline_length(&self, line: u32) -> bool {
        self.shape_of(line).units >= HEADLINE_WORDS_MIN
    }

    fn holds_prose(&self, kept: &[u32]) -> bool {
        kept.iter().any(|line| is_prose(self.shape_of(*line)))
    }

    /// Whether the line begins with a phrase, and phrases name it as furniture.
    pub(super) fn is_named(&self, line: u32) -> bool {
        let hits = &self.hits[line as usize];
        hits.begins.is_some() && reason::by_phrase(hits, self.text_of(line).len()).is_some()
    }

    pub(super) fn text_of(&self, line: u32) -> &str {
        self.lines[line as usize].of(self.text)
    }

    pub(super) fn shape_of(&self, line: u32) -> &shapes::Shape {
        &self.shapes.lines[line as usize]
    }

    /// Whether nothing of a page is left around the article.
    pub(super) fn is_alone(&self, kept: &[u32]) -> bool {
        alone::is_alone(kept.iter().map(|&line| alone::Seen {
            text: self.text_of(line),
            shape: self.shape_of(line),
            hits: &self.hits[line as usize],
            is_prose: is_prose(self.shape_of(line)),
        }))
    }

    /// Decide on all lines. A text that holds prose is not given up, nor for a few words that are none, while its best line is not sure
    /// to be furniture.
    fn verdict(&self, kept: &[u32], odds: &[f32]) -> Vec<bool> {
        let keep = decide::decide(odds);
        let stays = || kept.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(line, _)| *line);
        if stays().any(|line| is_prose(self.shape_of(line))) || !self.is_little(stays()) {
            return keep;
        }
        let prose = kept
            .iter()
            .zip(odds)
            .filter(|(line, _)| is_prose(&self.shapes.lines[**line as usize]));
        let best = prose.map(|(_, odds)| *odds).fold(f32::NEG_INFINITY, f32::max);
        if best <= RESCUE_ODDS_MIN {
            return keep;
        }
        let raised: Vec<f32> = odds.iter().map(|odds| odds - best + RESCUED_ODDS).collect();
        decide::decide(&raised)
    }

    /// What stays where it stands first stays where it is repeated, between lines that stay: a refrain, a name in a transcript.
    fn keep_refrains(&self, kept: &[u32], repeats: &[Repeat], keep: &mut [bool]) {
        let ends_at = keep.iter().rposition(|keep| *keep).unwrap_or(0);
        for place in 0..ends_at {
            let same = repeats[place].is_covered() && repeats[place].source.is_some_and(|first| keep[first as usize]);
            if same && self.hits[kept[place] as usize].begins.is_none() {
                keep[place] = true;
            }
        }
    }

    /// Take away the kept lines that only repeat others, and tell how those that are left repeat each other.
    pub(super) fn drop_repeats(&self, kept: &mut Vec<u32>, went: impl FnMut(usize)) -> Vec<Repeat> {
        let repeats = repeat::find(self.text, &self.lines, &self.sentences, kept);
        let gone = repeat::collapse(self.text, &self.lines, &repeats, kept);
        if !gone.contains(&true) {
            return repeats;
        }
        retain(kept, &gone, went);
        repeat::left(&repeats, &gone)
    }

    /// The net's log-odds that each of the kept lines belongs to the article, as if they were all there is, and [`AROUND`] numbers for each;
    /// `repeats` has an entry for each.
    pub(super) fn odds(&self, kept: &[u32], repeats: &[Repeat]) -> (Vec<f32>, Vec<[f32; AROUND]>) {
        let around = features::around(&self.lines, &self.shapes, repeats, &self.hits, kept);
        let units = self.units();
        let odds = model::log_odds(kept.iter().map(|&line| &units[line as usize]), &around);
        (odds, around)
    }

    /// Write what the trees see of the kept line in this place, with the numbers of what stands around each.
    fn write_row(&self, kept: &[u32], place: usize, around: &[[f32; AROUND]], row: &mut doubt::Row) {
        let (own, rest) = row.split_at_mut(OWN);
        let (surroundings, beside) = rest.split_at_mut(AROUND);
        surroundings.copy_from_slice(&around[place]);
        let write = |place: Option<usize>, out: &mut [f32]| {
            let line = place.and_then(|place| kept.get(place));
            match (line, out.first_chunk_mut()) {
                (Some(&line), Some(out)) => self.write_own(line as usize, out),
                _ => out.fill(0.0),
            }
        };
        write(Some(place), own);
        let (before, behind) = beside.split_at_mut(OWN);
        write(place.checked_sub(1), before);
        write(Some(place + 1), behind);
    }

    /// Write the numbers that a line alone gives.
    fn write_own(&self, line: usize, out: &mut [f32; OWN]) {
        features::own(&self.lines[line], &self.shapes.lines[line], &self.hits[line], out);
    }

    /// Take away what one look at the kept lines takes away, of those before `stay_until` only repeats. The log-odds of the line that
    /// is the surest to stay.
    fn round(&self, seen: &[Seen], left: &mut Left, stay_until: u32) -> f32 {
        let Left { kept, reasons, .. } = left;
        work::note(kept.len());
        let repeats = self.drop_repeats(kept, |line| reasons[line] = Some("repeated"));
        if left.known_alone == Some(kept.len()) || self.is_alone(kept) {
            return f32::INFINITY;
        }
        if let Some(article) = self.article_in_frame(kept) {
            left.known_alone = Some(article.len());
            let keep: Vec<bool> = (0..kept.len()).map(|place| article.contains(&place)).collect();
            self.let_go(kept, &keep, reasons);
            return f32::INFINITY;
        }
        let (mut odds, around) = self.odds(kept, &repeats);
        let last_named = kept.iter().rposition(|&line| self.hits[line as usize].any());
        let named = last_named.map_or(0, |place| place + 1);
        doubt::ask_trees(&mut odds, named, |place, row| {
            self.write_row(kept, place, &around, row);
        });
        self.give_benefit(seen, kept, &mut odds);
        let mut keep = self.verdict(kept, &odds);
        self.keep_refrains(kept, &repeats, &mut keep);
        for (line, keep) in kept.iter().zip(&mut keep) {
            *keep |= *line < stay_until;
        }
        self.fill_gaps(kept, &odds, &mut keep);
        self.let_go(kept, &keep, reasons);
        odds.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    /// Let those of the kept lines go that are not to be kept, each with its reason.
    fn let_go(&self, kept: &mut Vec<u32>, keep: &[bool], reasons: &mut [Option<&'static str>]) {
        let gone: Vec<bool> = keep.iter().map(|k| !k).collect();
        let why = reason::of(&self.lines, &self.shapes, &self.hits, kept, keep);
        let mut why = why.into_iter();
        retain(kept, &gone, |line| reasons[line] = why.next());
    }
}

pub(super) fn is_prose(shape: &shapes::Shape) -> bool {
    shape.is_sentence() || shape.units >= LONG_LINE_WORDS
}

/// Whether none of the lines that were judged was called furniture: a feed's summary, or a bare headline. There is no article
/// beside them for which they could be given up.
fn is_brief(whole: &[Option<&'static str>], reasons: &[Option<&'static str>]) -> bool {
    let mut judged = whole.iter().zip(reasons).filter(|(before, _)| before.is_none());
    judged.all(|(_, reason)| *reason == Some("title"))
}

/// Keep the lines that are not gone, and hand the others to `went`, in order.
pub(super) fn retain(kept: &mut Vec<u32>, gone: &[bool], mut went: impl FnMut(usize)) {
    let mut gone = gone.iter();
    kept.retain(|&line| {
        let goes = gone.next().copied().unwrap_or(false);
        if goes {
            went(line as usize);
        }
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::text::lines;

    #[test]
    fn what_trees_see_of_a_line_is_the_same_whatever_was_seen_before() {
        let text = "Harbour open again\nThe ferry sailed at nine.\nShare this article";
        let page = Page::read(text, lines::split(text).list);
        let kept = page.all();
        let around = [[1.0; _], [2.0; _], [3.0; _]];
        let row = |place, before| {
            let mut row = [before; _];
            page.write_row(&kept, place, &around, &mut row);
            row.map(f32::to_bits)
        };
        for place in 0..kept.len() {
            assert_eq!(row(place, 0.0), row(place, 7.0), "{place}");
        }
        let (first, second) = (row(0, 7.0), row(1, 7.0));
        let (before, behind) = (OWN + AROUND, 2 * OWN + AROUND);
        assert!(first[before..behind].iter().all(|bits| *bits == 0));
        assert_eq!(second[before..behind], first[..OWN]);
        assert_eq!(first[behind..], second[..OWN]);
    }
}
