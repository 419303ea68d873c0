//! Lines of which the net is in doubt → the benefit of the doubt, where what stands beside them speaks for them.
//!
//! In: the log-odds of the kept lines, and what each is by itself. Out: the same, some of them raised. Always: none is lowered; linear in the lines.

use super::inline::Seen;
use super::page::Page;
use super::phrases;
use super::shapes::Class;

/// Log-odds (either way) of a line of prose that may be article or furniture.
const DOUBT: f32 = 1.5;

/// What a closing sentence is given: of those whose log-odds are not further below none, half are an article's on sites that nothing was fitted to.
const CLOSING: f32 = 3.5;

/// A closing sentence has this many words at least.
const STATEMENT_WORDS_MIN: f32 = 3.0;

/// How questions and calls end.
const CALLS: [char; 5] = ['?', '!', '？', '！', '؟'];

/// Pieces of a sentence that a scraper broke at its links, at most.
const PIECES_MAX: usize = 8;

impl Page<'_> {
    /// Raise the odds of lines for which their neighbours speak; `seen` has an entry for each line of the text.
    pub(super) fn give_benefit(&self, seen: &[Seen], kept: &[u32], odds: &mut [f32]) {
        self.step_over_markers(kept, odds);
        self.join_sentences(seen, kept, odds);
        self.keep_before_comments(seen, kept, odds);
        self.keep_closing_sentence(seen, kept, odds);
    }

    /// One short line of furniture (an advertisement's marker) behind a sure line does not end an article: prose behind it, which
    /// might be either, is given the benefit of the doubt.
    fn step_over_markers(&self, kept: &[u32], odds: &mut [f32]) {
        for place in 2..kept.len().min(odds.len()) {
            let shape = |place: usize| self.shape_of(kept[place]);
            let unsure = odds[place] > -DOUBT && odds[place] < DOUBT && shape(place).is_sentence();
            if unsure && odds[place - 1] < 0.0 && shape(place - 1).units <= 3.0 && odds[place - 2] > DOUBT {
                odds[place] += DOUBT;
            }
        }
    }

    /// A sentence right before the form for comments, which might be either, is the article's last and given the benefit of the doubt.
    fn keep_before_comments(&self, seen: &[Seen], kept: &[u32], odds: &mut [f32]) {
        let is_form = |line: &u32| seen[*line as usize] == Seen::Named(phrases::COMMENTS);
        let Some(form) = kept.iter().position(is_form).filter(|form| *form > 0) else {
            return;
        };
        let last = kept[form - 1];
        let is_plain = self.shape_of(last).is_sentence() && !self.hits[last as usize].any();
        if let Some(odds) = odds.get_mut(form - 1).filter(|odds| is_plain && **odds < 0.0) {
            *odds += DOUBT;
        }
    }

    /// A sentence between one that stays and what is certainly furniture, or the end, is likely to be the article's last: "He declined to comment."
    /// speaks of comments as a form for them does.
    fn keep_closing_sentence(&self, seen: &[Seen], kept: &[u32], odds: &mut [f32]) {
        for place in 1..odds.len() {
            let is_closing = odds[place] < 0.0
                && odds[place - 1] > 0.0
                && odds.get(place + 1).is_none_or(|behind| *behind < -DOUBT)
                && self.shape_of(kept[place - 1]).ends_with_stop()
                && self.is_statement(seen, kept[place]);
            if is_closing {
                odds[place] += CLOSING;
            }
        }
    }

    /// Whether a line states something, however shortly, and no phrase names it or begins it. What asks or cries calls for something.
    fn is_statement(&self, seen: &[Seen], line: u32) -> bool {
        let shape = self.shape_of(line);
        shape.ends_with_stop()
            && !self.text_of(line).ends_with(CALLS)
            && !shape.ellipsis
            && shape.start != Class::Lower
            && shape.units >= STATEMENT_WORDS_MIN
            && !matches!(seen[line as usize], Seen::Named(_))
            && self.hits[line as usize].begins.is_none()
    }

    /// The pieces of a sentence that was broken at its links ("The boat was last seen", "on Monday", "near the pier.") stay as one: each
    /// is as sure as the surest of them.
    fn join_sentences(&self, seen: &[Seen], kept: &[u32], odds: &mut [f32]) {
        let mut end = odds.len();
        while end > 1 {
            let last = end - 1;
            let mut first = last;
            while first > 0 && end - first < PIECES_MAX && self.goes_on(seen, kept[first - 1], kept[first]) {
                first -= 1;
            }
            if first < last && self.shape_of(kept[last]).ends_with_stop() {
                let surest = odds[first..end].iter().copied().fold(f32::NEG_INFINITY, f32::max);
                odds[first..end].fill(surest);
            }
            end = first;
        }
    }

    /// Whether a line goes on with the sentence of the one right before it.
    fn goes_on(&self, seen: &[Seen], before: u32, line: u32) -> bool {
        let (ends, begins) = (self.shape_of(before), self.shape_of(line));
        before + 1 == line
            && matches!(begins.start, Class::Lower | Class::Comma)
            && matches!(ends.end, Class::Lower | Class::Upper | Class::Digit | Class::Comma)
            && !matches!(seen[before as usize], Seen::Named(_))
            && self.hits[before as usize].begins.is_none()
    }
}
