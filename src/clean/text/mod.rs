//! Text as scraped → its article.
//!
//! In: text, a block a line, and what the record said of it. Out: the lines that are the article, and a reason for every line
//! that went. Always: output lines are input lines in their order, trimmed, with white space folded and without what is cut [`within`] them;
//! cleaning what is clean changes nothing; linear in the input; pure.
//!
//! Lines that only repeat others go first; then each line's odds are taken from its features and its neighbours', by a net and, where that is in
//! doubt, by trees as well; and all are decided together. Since a line's odds depend on what stands beside it, this is done again on what is left
//! until nothing changes, or nothing tells of a page any more ([`alone`]).

mod alone;
mod brackets;
mod call;
mod context;
mod decide;
mod doubt;
mod features;
mod inline;
mod lines;
mod link;
mod model;
mod notes;
mod notices;
mod numbers;
mod parts;
mod phrases;
mod player;
mod reason;
mod repeat;
mod shapes;
mod slots;
mod title;
mod whole;
mod within;

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Cleaned, Hints, work};
use crate::article::Removed;
use crate::date;
use call::is_call;
use features::{AROUND, OWN};
use lines::Line;
use link::is_link;
use model::Units;
use notes::{is_attribution, is_placeholder, names_holder, reserves_rights};
use notices::are_notices;
use phrases::Hits;
use player::is_player;
use repeat::{Repeat, Sentences};
use shapes::Shapes;
use title::Title;
use whole::WordsSeen;
use within::Cut;

/// Rounds after which a text that still changes is left as it is. Enough for nearly all: most settle in two.
const ROUNDS_MAX: usize = 12;

/// Lines that are judged together at most, each at some 700 bytes of memory. A book of 10 MB has some ten times as many.
const PART_LINES: usize = 1 << 14;

/// Log-odds (either way) of a line of prose that may be article or furniture.
const DOUBT: f32 = 1.5;

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
const SURE: f32 = 2.5;

/// Among so many lines at the top a date is that of the article ...
const DATE_LINES: usize = 5;
/// ... and no longer than this.
const DATE_BYTES_MAX: usize = 60;

/// Lines of a text that is a brief at most.
const BRIEF_LINES_MAX: usize = 6;
/// Lines of a brief together with links to other articles, at most.
const LINKED_LINES_MAX: usize = 16;
/// A headline has at least this many words.
const HEADLINE_WORDS_MIN: f32 = 4.0;

/// Whether a line is furniture wherever it stands, in a page as in a text: where a post appeared first, what stands in the place of
/// embedded content, an offer to read the article aloud, a call to click, whose the rights are, the mark of an advertisement, a link to another article behind a lead ("Read more: …").
pub(super) fn is_furniture(line: &str) -> bool {
    is_attribution(line)
        || is_placeholder(line)
        || is_player(line)
        || is_call(line)
        || reserves_rights(line)
        || names_holder(line)
        || phrases::marks_an_advertisement(line)
        || phrases::leads_on(line) && is_link(line)
}

/// Log-odds that each of these lines of a text belongs to its article, as the net's first look at them says; `None` for one that repeats
/// earlier ones. The lines are places in the text, none of them empty.
pub(super) fn odds(text: &str, lines: impl Iterator<Item = Range<usize>>) -> Vec<Option<f32>> {
    let lines = lines.map(|Range { start, end }| Line { start, end }).collect();
    let page = Page::read(text, lines);
    let mut kept = page.all();
    let repeats = page.drop_repeats(&mut kept, |_| ());
    let mut odds = vec![None; page.lines.len()];
    let (of_kept, _) = page.odds(&kept, &repeats, &mut WordsSeen::new());
    for (&line, of_line) in kept.iter().zip(of_kept) {
        odds[line as usize] = Some(of_line);
    }
    odds
}

/// Clean a text whose furniture stands on lines of its own.
pub fn clean(text: &str, hints: &Hints<'_>) -> Cleaned {
    let mut folded = String::with_capacity(text.len());
    let lines = lines::split(text);
    let cuts = within::find(text, &lines);
    let places = fold(text, &lines, &cuts, &mut folded);
    let reasons = reasons(&folded, &places, &Title::new(hints.title), PART_LINES);
    let mut cleaned = Cleaned {
        text: String::with_capacity(folded.len()),
        ..Cleaned::default()
    };
    let mut reason_before = None;
    for (number, ((line, place), reason)) in lines.iter().zip(&places).zip(reasons).enumerate() {
        let before = std::mem::replace(&mut reason_before, reason);
        if let Some(reason) = reason {
            match cleaned.removed.last_mut() {
                Some(last) if before == Some(reason) => last.end = line.end,
                _ => push_removed(&mut cleaned.removed, reason, line.start..line.end),
            }
            continue;
        }
        for cut in within::cuts_of(number, &cuts) {
            push_removed(&mut cleaned.removed, cut.reason, cut.span.clone());
        }
        if !cleaned.text.is_empty() {
            cleaned.text.push('\n');
        }
        cleaned.text.push_str(place.of(&folded));
        cleaned.places.push(line.start..line.end);
    }
    cleaned
}

/// Why each line goes, or `None` for one that stays; at most so many lines are judged together.
fn reasons(text: &str, lines: &[Line], title: &Title, together: usize) -> Vec<Option<&'static str>> {
    parts::judge(lines, together, |part| Page::read(text, part).settle(title))
}

/// Write all lines, without what is cut from them and with their white space folded; their places in what was written.
fn fold(text: &str, lines: &[Line], cuts: &[Cut], folded: &mut String) -> Vec<Line> {
    let fold_line = |(number, line): (usize, &Line)| {
        let start = folded.len();
        match within::cuts_of(number, cuts) {
            [] => lines::push_folded(folded, line.of(text)),
            cuts => lines::push_folded(folded, &within::left_of(text, line, cuts)),
        }
        let end = folded.len();
        folded.push('\n');
        Line { start, end }
    };
    lines.iter().enumerate().map(fold_line).collect()
}

/// A span for what went.
fn push_removed(removed: &mut Vec<Removed>, reason: &'static str, span: Range<usize>) {
    removed.push(Removed {
        reason,
        start: span.start,
        end: span.end,
    });
}

/// A text with what its lines say by themselves.
struct Page<'a> {
    text: &'a str,
    lines: Vec<Line>,
    shapes: Shapes,
    hits: Vec<Hits>,
    sentences: Sentences,
    /// What each line gives the net by itself.
    units: Vec<Units>,
}

impl<'a> Page<'a> {
    fn read(text: &'a str, lines: Vec<Line>) -> Self {
        let shapes = shapes::shapes(text, &lines);
        let hits = phrases::find(text, &lines);
        let each = lines.iter().zip(&shapes.lines).zip(&hits);
        Self {
            units: each
                .map(|((line, shape), hits)| model::own_units(&features::own(line, shape, hits)))
                .collect(),
            sentences: repeat::sentences(text, &lines),
            text,
            lines,
            shapes,
            hits,
        }
    }

    fn all(&self) -> Vec<u32> {
        (0..self.lines.len() as u32).collect()
    }

    /// Judge what is left again and again until a round takes nothing away. A text that does not settle is kept whole, so that
    /// cleaning it again gives the same.
    fn settle(&self, title: &Title) -> Vec<Option<&'static str>> {
        let mut reasons = vec![None; self.lines.len()];
        let mut kept = self.all();
        Self::drop_lines(&mut kept, &mut reasons, "footer", |line| {
            is_attribution(self.text_of(line)) || reserves_rights(self.text_of(line))
        });
        Self::drop_lines(&mut kept, &mut reasons, "notice", |line| {
            is_placeholder(self.text_of(line)) || is_player(self.text_of(line))
        });
        let slots = self.slots(&kept);
        Self::drop_lines(&mut kept, &mut reasons, "ad", |line| slots.contains(&line));
        Self::drop_lines(&mut kept, &mut reasons, "promotion", |line| is_call(self.text_of(line)));
        Self::drop_lines(&mut kept, &mut reasons, "notice", |line| self.is_notices(line));
        Self::drop_lines(&mut kept, &mut reasons, "newsletter", |line| self.is_newsletter(line));
        Self::drop_lines(&mut kept, &mut reasons, "related", |line| self.is_link(line));
        let (whole, line_count) = (reasons.clone(), kept.len());
        Self::drop_lines(&mut kept, &mut reasons, "title", |line| title.is(self.text_of(line)));
        let mut headlines_end = self.headlines_end(&kept);
        let first = kept.first().copied().filter(|_| self.may_be_a_headline(&kept));
        let seen: Vec<inline::Seen> = self.all().into_iter().map(|line| self.seen_inline(line)).collect();
        let mut words = WordsSeen::new();
        let mut surest = f32::INFINITY;
        for _ in 0..ROUNDS_MAX {
            let before = kept.len();
            let bracketed = self.bracketed(&kept);
            Self::drop_lines(&mut kept, &mut reasons, "related", |line| bracketed.contains(&line));
            let dated = self.dateline(&kept);
            Self::drop_lines(&mut kept, &mut reasons, "date", |line| Some(line) == dated);
            Self::drop_inline(&seen, &mut kept, &mut reasons);
            surest = surest.min(self.round(&mut kept, &mut reasons, &mut words, headlines_end));
            // What made the headlines may have gone as a repeat.
            let were_to = headlines_end;
            headlines_end = were_to.min(self.headlines_end(&kept));
            if kept.len() == before && headlines_end == were_to {
                if headlines_end == 0 && self.is_no_article(&kept, surest) {
                    let gone = vec![true; kept.len()];
                    retain(&mut kept, &gone, |line| reasons[line] = Some("not-an-article"));
                }
                if kept.is_empty() {
                    if line_count <= BRIEF_LINES_MAX && is_brief(&whole, &reasons) {
                        return whole;
                    }
                    if let Some(line) = first {
                        reasons[line as usize] = None;
                    }
                }
                return reasons;
            }
        }
        whole
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
    fn is_named(&self, line: u32) -> bool {
        let hits = &self.hits[line as usize];
        hits.begins.is_some() && reason::by_phrase(hits, self.text_of(line).len()).is_some()
    }

    /// The lines that `goes` names go for this reason, where others stay.
    fn drop_lines(
        kept: &mut Vec<u32>,
        reasons: &mut [Option<&'static str>],
        reason: &'static str,
        goes: impl Fn(u32) -> bool,
    ) {
        let gone: Vec<bool> = kept.iter().map(|line| goes(*line)).collect();
        if gone.contains(&false) {
            retain(kept, &gone, |line| reasons[line] = Some(reason));
        }
    }

    /// Runs of furniture between sentences go; `seen` has an entry for each line of the text.
    fn drop_inline(seen: &[inline::Seen], kept: &mut Vec<u32>, reasons: &mut [Option<&'static str>]) {
        let seen: Vec<inline::Seen> = kept.iter().map(|line| seen[*line as usize]).collect();
        let why = inline::find(&seen);
        let gone: Vec<bool> = why.iter().map(Option::is_some).collect();
        let mut why = why.into_iter().flatten();
        retain(kept, &gone, |line| reasons[line] = why.next());
    }

    fn seen_inline(&self, line: u32) -> inline::Seen {
        inline::seen(self.text_of(line), self.shape_of(line), &self.hits[line as usize])
    }

    fn text_of(&self, line: u32) -> &str {
        self.lines[line as usize].of(self.text)
    }

    fn shape_of(&self, line: u32) -> &shapes::Shape {
        &self.shapes.lines[line as usize]
    }

    /// The line near the top that is a date and nothing else, if it is the only one: others head the entries of a chronicle.
    fn dateline(&self, kept: &[u32]) -> Option<u32> {
        let is_date = |line: &&u32| {
            let text = self.text_of(**line);
            text.len() <= DATE_BYTES_MAX
                && text.contains(|c: char| c.is_ascii_digit())
                && date::parse_alone(text).is_some()
        };
        let (top, below) = kept.split_at_checked(DATE_LINES).unwrap_or((kept, &[]));
        let mut dates = top.iter().filter(is_date);
        let (first, second) = (dates.next()?, dates.next());
        (second.is_none() && !below.iter().any(|line| is_date(&line))).then_some(*first)
    }

    /// The lines of furniture that is marked at its beginning and its end among these.
    fn bracketed(&self, kept: &[u32]) -> BTreeSet<u32> {
        if !kept.iter().any(|line| brackets::opens(self.text_of(*line))) {
            return BTreeSet::new();
        }
        let lines: Vec<&str> = kept.iter().map(|line| self.text_of(*line)).collect();
        let runs = brackets::find(&lines);
        runs.into_iter().flatten().map(|place| kept[place]).collect()
    }

    /// Whether a line is nothing but a call to take a newsletter, with what it begins with to catch the reader.
    fn is_newsletter(&self, line: u32) -> bool {
        self.hits[line as usize].bytes[phrases::NEWSLETTER] > 0 && within::is_call_with_its_hook(self.text_of(line))
    }

    /// The lines of advertisements' slots among these.
    fn slots(&self, kept: &[u32]) -> BTreeSet<u32> {
        let markers: Vec<usize> = (0..kept.len()).filter(|place| self.is_marker(kept[*place])).collect();
        let text_of = |place: usize| kept.get(place).map(|line| self.text_of(*line));
        slots::find(&markers, text_of)
            .into_iter()
            .map(|place| kept[place])
            .collect()
    }

    /// Whether a line only says "Advertisement": wherever one stands, the text goes on behind it.
    fn is_marker(&self, line: u32) -> bool {
        phrases::is_marker(self.text_of(line), &self.hits[line as usize])
    }

    /// Whether a line is a paragraph of notices.
    fn is_notices(&self, line: u32) -> bool {
        let sentences = self.sentences.places(line as usize);
        are_notices(sentences.filter_map(|place| self.text.get(place)).map(str::trim_start))
    }

    /// Whether a line is the headline of another article behind a lead ("Read more: …"): such stand between any two paragraphs.
    fn is_link(&self, line: u32) -> bool {
        // What the line begins with is known, and few begin so.
        self.hits[line as usize].begins.map(usize::from) == Some(phrases::RELATED) && is_link(self.text_of(line))
    }

    /// Whether nothing of a page is left around the article.
    fn is_alone(&self, kept: &[u32]) -> bool {
        alone::is_alone(kept.iter().map(|&line| alone::Seen {
            text: self.text_of(line),
            shape: self.shape_of(line),
            hits: &self.hits[line as usize],
            is_prose: is_prose(self.shape_of(line)),
        }))
    }

    /// One short line of furniture (an advertisement's marker) behind a sure line does not end an article: prose behind it, which
    /// might be either, is given the benefit of the doubt.
    fn step_over_markers(&self, kept: &[u32], odds: &mut [f32]) {
        for place in 2..kept.len().min(odds.len()) {
            let shape = |place: usize| &self.shapes.lines[kept[place] as usize];
            let unsure = odds[place] > -DOUBT && odds[place] < DOUBT && shape(place).is_sentence();
            if unsure && odds[place - 1] < 0.0 && shape(place - 1).units <= 3.0 && odds[place - 2] > DOUBT {
                odds[place] += DOUBT;
            }
        }
    }

    /// A sentence right before the form for comments, which might be either, is the article's last and given the benefit of the doubt.
    fn keep_before_comments(&self, kept: &[u32], odds: &mut [f32]) {
        let is_form =
            |line: u32| inline::named(&self.hits[line as usize], self.text_of(line).len()) == Some(phrases::COMMENTS);
        let Some(form) = kept.iter().position(|line| is_form(*line)).filter(|form| *form > 0) else {
            return;
        };
        let last = kept[form - 1];
        let is_plain = self.shape_of(last).is_sentence() && !self.hits[last as usize].any();
        if let Some(odds) = odds.get_mut(form - 1).filter(|odds| is_plain && **odds < 0.0) {
            *odds += DOUBT;
        }
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
    fn drop_repeats(&self, kept: &mut Vec<u32>, went: impl FnMut(usize)) -> Vec<Repeat> {
        let repeats = repeat::find(self.text, &self.lines, &self.sentences, kept);
        let gone = repeat::collapse(self.text, &self.lines, &repeats, kept);
        retain(kept, &gone, went);
        repeat::left(&repeats, &gone)
    }

    /// The net's log-odds that each of the kept lines belongs to the article, as if they were all there is, and [`AROUND`] numbers for each;
    /// `repeats` has an entry for each.
    fn odds(&self, kept: &[u32], repeats: &[Repeat], words: &mut WordsSeen) -> (Vec<f32>, Vec<f32>) {
        let mut numbers = Vec::new();
        features::around(
            &self.lines,
            &self.shapes,
            repeats,
            &self.hits,
            kept,
            words,
            &mut numbers,
        );
        let odds = model::log_odds(kept.iter().map(|&line| &self.units[line as usize]), &numbers);
        (odds, numbers)
    }

    /// What the trees see of the kept line in this place, with the numbers of what stands around each.
    fn row(&self, kept: &[u32], place: usize, around: &[f32]) -> doubt::Row {
        let mut row = [0.0; _];
        let (own, rest) = row.split_at_mut(OWN);
        let (surroundings, beside) = rest.split_at_mut(AROUND);
        own.copy_from_slice(&self.own(kept[place]));
        surroundings.copy_from_slice(&around[place * AROUND..][..AROUND]);
        let neighbours = [place.checked_sub(1), Some(place + 1)];
        for (neighbour, out) in neighbours.into_iter().zip(beside.chunks_exact_mut(OWN)) {
            if let Some(&line) = neighbour.and_then(|place| kept.get(place)) {
                out.copy_from_slice(&self.own(line));
            }
        }
        row
    }

    /// The numbers that a line alone gives.
    fn own(&self, line: u32) -> [f32; OWN] {
        let index = line as usize;
        features::own(&self.lines[index], &self.shapes.lines[index], &self.hits[index])
    }

    /// Take away what one look at the kept lines takes away, of those before `stay_until` only repeats. The log-odds of the line that
    /// is the surest to stay.
    fn round(
        &self,
        kept: &mut Vec<u32>,
        reasons: &mut [Option<&'static str>],
        words: &mut WordsSeen,
        stay_until: u32,
    ) -> f32 {
        work::note(kept.len());
        let repeats = self.drop_repeats(kept, |line| reasons[line] = Some("repeated"));
        if self.is_alone(kept) {
            return f32::INFINITY;
        }
        let (mut odds, around) = self.odds(kept, &repeats, words);
        let last_named = kept.iter().rposition(|&line| self.hits[line as usize].any());
        let named = last_named.map_or(0, |place| place + 1);
        doubt::ask_trees(&mut odds, named, |place| self.row(kept, place, &around));
        self.step_over_markers(kept, &mut odds);
        self.keep_before_comments(kept, &mut odds);
        let mut keep = self.verdict(kept, &odds);
        self.keep_refrains(kept, &repeats, &mut keep);
        for (line, keep) in kept.iter().zip(&mut keep) {
            *keep |= *line < stay_until;
        }
        let gone: Vec<bool> = keep.iter().map(|k| !k).collect();
        let why = reason::of(&self.lines, &self.shapes, &self.hits, kept, &keep);
        let mut why = why.into_iter();
        retain(kept, &gone, |line| reasons[line] = why.next());
        odds.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}

fn is_prose(shape: &shapes::Shape) -> bool {
    shape.is_sentence() || shape.units >= LONG_LINE_WORDS
}

/// Whether none of the lines that were judged was called furniture: a feed's summary, or a bare headline. There is no article
/// beside them for which they could be given up.
fn is_brief(whole: &[Option<&'static str>], reasons: &[Option<&'static str>]) -> bool {
    let mut judged = whole.iter().zip(reasons).filter(|(before, _)| before.is_none());
    judged.all(|(_, reason)| *reason == Some("title"))
}

/// Keep the lines that are not gone, and hand the others to `went`, in order.
fn retain(kept: &mut Vec<u32>, gone: &[bool], mut went: impl FnMut(usize)) {
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
mod tests;
