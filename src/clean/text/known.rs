//! Lines that go before any odds are taken: what is furniture wherever it stands, and what its neighbours tell of.
//!
//! In: the lines that are kept. Out: fewer of them, each of the others with its reason. Always: not all of them go.

use super::call::is_call;
use super::link::is_link;
use super::notes::{is_attribution, is_placeholder, reserves_rights};
use super::notices::are_notices;
use super::page::{Page, retain};
use super::player::is_player;
use super::{brackets, inline, phrases, slots, within};
use crate::date;

/// Among so many lines at the top a date is that of the article ...
const DATE_LINES: usize = 5;
/// ... and no longer than this.
const DATE_BYTES_MAX: usize = 60;

impl Page<'_> {
    /// What is furniture wherever it stands goes.
    pub(super) fn drop_known(&self, kept: &mut Vec<u32>, reasons: &mut [Option<&'static str>]) {
        drop_lines(kept, reasons, "footer", |line| {
            is_attribution(self.text_of(line)) || reserves_rights(self.text_of(line))
        });
        drop_lines(kept, reasons, "notice", |line| {
            is_placeholder(self.text_of(line)) || is_player(self.text_of(line))
        });
        let of_slots = self.slots(kept);
        drop_places(kept, reasons, "ad", of_slots);
        drop_lines(kept, reasons, "promotion", |line| is_call(self.text_of(line)));
        drop_lines(kept, reasons, "notice", |line| self.is_notices(line));
        drop_lines(kept, reasons, "newsletter", |line| self.is_newsletter(line));
        drop_lines(kept, reasons, "related", |line| self.is_link(line));
    }

    /// What the lines around it tell of goes; `seen` has an entry for each line of the text.
    pub(super) fn drop_by_surroundings(
        &self,
        seen: &[inline::Seen],
        kept: &mut Vec<u32>,
        reasons: &mut [Option<&'static str>],
    ) {
        let bracketed = brackets::find(|place| kept.get(place).map(|line| self.text_of(*line)));
        drop_places(kept, reasons, "related", bracketed.into_iter().flatten());
        let dated = self.dateline(kept);
        drop_places(kept, reasons, "date", dated);
        let seen: Vec<inline::Seen> = kept.iter().map(|line| seen[*line as usize]).collect();
        let why = inline::find(&seen);
        let gone: Vec<bool> = why.iter().map(Option::is_some).collect();
        if !gone.contains(&true) {
            return;
        }
        let mut why = why.into_iter().flatten();
        retain(kept, &gone, |line| reasons[line] = why.next());
    }

    /// What each line of the text is by itself, for runs of furniture.
    pub(super) fn seen_inline(&self) -> Vec<inline::Seen> {
        let seen = |line: u32| inline::seen(self.text_of(line), self.shape_of(line), &self.hits[line as usize]);
        self.all().into_iter().map(seen).collect()
    }

    /// The places of advertisements' slots among these.
    fn slots(&self, kept: &[u32]) -> Vec<usize> {
        let markers: Vec<usize> = (0..kept.len()).filter(|place| self.is_marker(kept[*place])).collect();
        slots::find(&markers, |place| kept.get(place).map(|line| self.text_of(*line)))
    }

    /// Whether a line only says "Advertisement": wherever one stands, the text goes on behind it.
    fn is_marker(&self, line: u32) -> bool {
        phrases::is_marker(self.text_of(line), &self.hits[line as usize])
    }

    /// Whether a line is a paragraph of notices.
    fn is_notices(&self, line: u32) -> bool {
        let sentences = self.sentences.places(line as usize);
        are_notices(sentences.map(|place| self.text.get(place).unwrap_or_default().trim_start()))
    }

    /// Whether a line is nothing but a call to take a newsletter, with what it begins with to catch the reader.
    fn is_newsletter(&self, line: u32) -> bool {
        self.hits[line as usize].bytes[phrases::NEWSLETTER] > 0 && within::is_call_with_its_hook(self.text_of(line))
    }

    /// Whether a line is the headline of another article behind a lead ("Read more: …"): such stand between any two paragraphs.
    fn is_link(&self, line: u32) -> bool {
        // What the line begins with is known, and few begin so.
        self.hits[line as usize].begins.map(usize::from) == Some(phrases::RELATED) && is_link(self.text_of(line))
    }

    /// The place near the top of the line that is a date and nothing else, if it is the only one: others head the entries of a chronicle.
    fn dateline(&self, kept: &[u32]) -> Option<usize> {
        let is_date = |place: &usize| {
            let text = self.text_of(kept[*place]);
            text.len() <= DATE_BYTES_MAX
                && text.contains(|c: char| c.is_ascii_digit())
                && date::parse_alone(text).is_some()
        };
        let first = (0..kept.len().min(DATE_LINES)).find(is_date)?;
        let is_alone = !(first + 1..kept.len()).any(|place| is_date(&place));
        is_alone.then_some(first)
    }
}

/// The lines that `goes` names go for this reason, where others stay.
pub(super) fn drop_lines(
    kept: &mut Vec<u32>,
    reasons: &mut [Option<&'static str>],
    reason: &'static str,
    goes: impl Fn(u32) -> bool,
) {
    // Nearly always there is none.
    let Some(first) = kept.iter().position(|line| goes(*line)) else {
        return;
    };
    let others = (first + 1..kept.len()).filter(|place| goes(kept[*place]));
    let places: Vec<usize> = std::iter::once(first).chain(others).collect();
    drop_places(kept, reasons, reason, places);
}

/// The lines in these places go for this reason, where others stay.
fn drop_places(
    kept: &mut Vec<u32>,
    reasons: &mut [Option<&'static str>],
    reason: &'static str,
    places: impl IntoIterator<Item = usize>,
) {
    let mut places = places.into_iter().peekable();
    if places.peek().is_none() {
        return;
    }
    let mut gone = vec![false; kept.len()];
    for place in places {
        gone[place] = true;
    }
    if gone.contains(&false) {
        retain(kept, &gone, |line| reasons[line] = Some(reason));
    }
}
