//! What a page says its title is, and the block that shows it.
//!
//! In: the titles that the head and the linked data give, and the layout. Out: whether a block stands in a title, and the headline.
//! Always: linear in the page.

use super::super::work;
use super::beside::is_short;
use super::byline::is_unspaced;
use super::layout::{Block, Layout};
use super::tags::Tag;

/// A block is looked up in no more of the titles than this, in bytes: each block is.
const BYTES_MAX: usize = 2_000;

/// The titles of a page, in lower case.
#[derive(Debug)]
pub(super) struct Titles {
    text: String,
    pairs: Pairs,
}

impl Titles {
    /// Of titles, a line each.
    pub(super) fn new(lines: &str) -> Self {
        let text = beginning(lines).to_lowercase();
        let pairs = Pairs::of(text.as_bytes());
        Self { text, pairs }
    }

    /// The tab's, which is the first.
    fn tab(&self) -> &str {
        self.text.trim_start().lines().next().unwrap_or_default().trim_end()
    }

    /// Whether a text stands in one of them.
    pub(super) fn hold(&self, text: &str) -> bool {
        if text.len() > self.text.len() + 8 {
            return false;
        }
        work::note(self.text.len());
        if text.is_ascii() && !self.pairs.may_hold(text.as_bytes()) {
            return false;
        }
        self.text.contains(&text.to_lowercase())
    }

    /// The block that is the page's headline: a heading that stands in a title and is not the outlet's name beside it, the first of the
    /// first level, any that stands in one.
    pub(super) fn headline(&self, layout: &Layout<'_>) -> Option<usize> {
        const LETTERS_MIN: usize = 16;
        let tag = |block: &Block| layout.node_of(block).tag;
        let is_held = |block: &Block| {
            let text = layout.text_of(block);
            !is_short(text, LETTERS_MIN - 1) && self.hold(text)
        };
        let is_outlet = |block: &Block| {
            let heading = layout.text_of(block).to_lowercase();
            title_behind(&heading, self.tab(), layout).is_some() || title_before(&heading, self.tab(), layout).is_some()
        };
        let blocks = || layout.blocks.iter().enumerate();
        let headings = || blocks().filter(|(_, block)| tag(block).is_heading());
        let first_level = || headings().filter(|(_, block)| tag(block) == Tag::Heading1);
        // A bar on top of the page may say the headline, too.
        let on_first_level =
            |said: &Block| first_level().find(|(_, block)| layout.text_of(block) == layout.text_of(said));
        headings()
            .find(|(_, block)| is_held(block) && !is_outlet(block))
            .map(|held| on_first_level(held.1).unwrap_or(held))
            .or_else(|| first_level().next())
            .or_else(|| blocks().find(|(_, block)| is_held(block)))
            .map(|(index, _)| index)
    }
}

/// Strokes and marks that part a headline from its outlet's name, each between blanks.
const SEPARATORS: [&str; 7] = [" - ", " – ", " — ", " | ", " · ", " • ", " » "];
/// Most words of an outlet's name, with a section's before it.
const OUTLET_WORDS_MAX: usize = 7;

/// The heading that is a title but for the outlet's name, in front of it or behind: then one of the first level, where there are such. A title
/// that is shown whole stays.
pub(super) fn without_outlet<'l>(title: &str, layout: &'l Layout<'_>) -> Option<&'l str> {
    // One that the title ends with is the outlet's.
    let has_first = layout
        .first_headings()
        .any(|block| !title.ends_with(layout.text_of(block)));
    let is_meant = |block: &&Block| {
        let node = layout.node_of(block);
        let is_level = node.tag == Tag::Heading1 || node.tag.is_heading() && !has_first;
        is_level && !node.is_apart()
    };
    if headings(layout).any(|heading| heading == title) {
        return None;
    }
    if let Some(behind) = headings(layout).find_map(|heading| title_behind(heading, title, layout)) {
        return Some(behind);
    }
    let blocks = layout.blocks.iter().filter(is_meant).take(HEADINGS_MAX);
    let mut headings = blocks.map(|block| layout.text_of(block));
    headings.find(|heading| {
        let rest = title.strip_prefix(heading);
        is_headline(heading) && rest.is_some_and(|rest| outlet_behind(rest).is_some() || names_outlet(rest))
    })
}

/// Whether a heading is the outlet's name, which stands in front of the headline in the tab's title, or behind it: as the page itself calls
/// it, where another heading is that headline, or where it is a name behind a sentence.
pub(super) fn is_outlet(heading: &str, tab: &str, site: Option<&str>, layout: &Layout<'_>) -> bool {
    let is_site = site.is_some_and(|site| site.trim() == heading);
    if is_site && behind_outlet(heading, tab).is_some() || title_behind(heading, tab, layout).is_some() {
        return true;
    }
    let Some(before) = before_outlet(heading, tab) else {
        return false;
    };
    let is_shown = || title_before(heading, tab, layout).is_some();
    let is_few = heading.split_whitespace().count() <= OUTLET_WORDS_MAX;
    is_site || is_few && (small_words(heading) == 0 && small_words(before) >= 2 || is_shown())
}

/// The headline that a tab's title goes on with behind this heading, which is then the outlet's name: longer, and shown further down.
fn title_behind<'l>(heading: &str, tab: &str, layout: &'l Layout<'_>) -> Option<&'l str> {
    let title = behind_outlet(heading, tab).filter(|title| title.len() > heading.len())?;
    let mut below = headings(layout).skip_while(|other| !is_same(other, heading));
    below.find(|other| is_headline(other) && is_same(other, title))
}

/// The headline that stands in a tab's title before this heading, which is then the outlet's name, if the page shows it.
fn title_before<'l>(heading: &str, tab: &str, layout: &'l Layout<'_>) -> Option<&'l str> {
    let title = before_outlet(heading, tab)?;
    headings(layout).find(|other| is_headline(other) && is_same(other, title))
}

/// Whether two titles differ in their capitals at most.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// What a tab's title says before a name that it ends with, and a separator.
fn before_outlet<'t>(name: &str, tab: &'t str) -> Option<&'t str> {
    let before = tab.strip_suffix(name)?;
    SEPARATORS.iter().find_map(|mark| before.strip_suffix(mark))
}

/// What a tab's title says behind a name that it begins with, and a separator: here that may be a colon.
fn behind_outlet<'t>(name: &str, tab: &'t str) -> Option<&'t str> {
    let rest = tab.strip_prefix(name)?;
    let mut separators = SEPARATORS.iter().chain(&[": ", "："]);
    separators.find_map(|mark| rest.strip_prefix(*mark))
}

/// Words of a sentence, none of them an "of" or a "the": a name has none.
fn small_words(text: &str) -> usize {
    const LETTERS_MIN: usize = 4;
    let words = text.split_whitespace();
    words
        .filter(|word| word.starts_with(char::is_lowercase) && word.chars().count() >= LETTERS_MIN)
        .count()
}

/// Headings that are looked at.
const HEADINGS_MAX: usize = 64;

/// The headings, as far as they are looked at.
fn headings<'l>(layout: &'l Layout<'_>) -> impl Iterator<Item = &'l str> {
    let blocks = layout.blocks.iter();
    let headings = blocks.filter(|block| layout.node_of(block).tag.is_heading());
    headings.take(HEADINGS_MAX).map(|block| layout.text_of(block))
}

/// What a title's rest begins with, behind a separator, if that is a few words.
fn outlet_behind(rest: &str) -> Option<&str> {
    let outlet = SEPARATORS.iter().find_map(|mark| rest.strip_prefix(mark))?;
    let words = outlet.split_whitespace().take(OUTLET_WORDS_MAX + 1).count();
    (1..=OUTLET_WORDS_MAX).contains(&words).then_some(outlet)
}

/// Whether a title's rest is a mark without blanks and a short name in a script without blanks ("-新华网", "_证券时报网").
fn names_outlet(rest: &str) -> bool {
    const LETTERS_MAX: usize = 16;
    let Some(name) = rest.trim_start().strip_prefix(['_', '-', '－', '—', '|', '｜']) else {
        return false;
    };
    let name = name.trim_start_matches(['_', '-', '—']).trim();
    name.chars().any(is_unspaced) && name.chars().nth(LETTERS_MAX).is_none()
}

/// What the tab's title begins with, where a heading ends with it and says more in front: a kicker above the headline.
pub(super) fn without_kicker<'t>(heading: &str, tab: &'t str) -> Option<&'t str> {
    let outlets = SEPARATORS.iter().filter_map(|mark| tab.rfind(mark));
    let headline = |end: usize| {
        let headline = tab.get(..end)?;
        let kicker = heading.strip_suffix(headline)?;
        (is_headline(headline) && !kicker.trim().is_empty()).then_some(headline)
    };
    outlets.chain([tab.len()]).find_map(headline)
}

/// Three words, or as many letters of a script without blanks: fewer may be a section's name, or what a title is about.
fn is_headline(heading: &str) -> bool {
    const LETTERS_MIN: usize = 8;
    let is_unspaced = heading.chars().any(is_unspaced);
    heading.split_whitespace().nth(2).is_some() || is_unspaced && heading.chars().nth(LETTERS_MIN - 1).is_some()
}

/// As much of a title as is looked at.
pub(super) fn beginning(lines: &str) -> &str {
    let end = (0..=BYTES_MAX.min(lines.len()))
        .rev()
        .find(|at| lines.is_char_boundary(*at));
    lines.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Which pairs of bytes stand in a text: what has another is not part of it, which is found out sooner than by searching.
#[derive(Debug)]
struct Pairs([u64; 64]);

impl Pairs {
    fn of(text: &[u8]) -> Self {
        let mut pairs = Self([0; 64]);
        for pair in text.windows(2) {
            let (word, bit) = Self::place(pair[0], pair[1]);
            pairs.0[word] |= bit;
        }
        pairs
    }

    fn place(a: u8, b: u8) -> (usize, u64) {
        (usize::from(b & 63), 1 << (a.wrapping_add(b >> 6) & 63))
    }

    /// Whether all pairs of an ASCII text, in lower case, are there.
    fn may_hold(&self, text: &[u8]) -> bool {
        text.windows(2).all(|pair| {
            let (word, bit) = Self::place(pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase());
            self.0[word] & bit != 0
        })
    }
}
