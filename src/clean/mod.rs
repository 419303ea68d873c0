//! Page or text as scraped → main text, with a reason for every span that went.
//!
//! In: the body and what the record said of it. Out: [`Cleaned`]. Always: every character of the text is in the input, in order;
//! cleaning is idempotent and linear in its input; pure.

pub mod html;
mod markdown;
mod normalize;
pub mod text;
#[doc(hidden)]
pub mod weights;
mod work;

use std::ops::Range;

pub use crate::article::Body;
use crate::article::Removed;
use crate::places::Places;

/// Changes with each change of what comes out for any body, the language that is found in it included. `tests/versions.rs` fails where
/// it was forgotten.
pub const VERSION: &str = "26";

/// The same with the memory of sites, which takes away more.
pub const VERSION_WITH_SITES: &str = "26+sites-1";

/// What the record says of the article beside its body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    pub url: Option<&'a str>,
    pub title: Option<&'a str>,
    pub language: Option<&'a str>,
    pub fetched_at: Option<&'a str>,
}

/// What a page says of itself (JSON-LD, OpenGraph, meta tags). All `None` for text as scraped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub title: Option<String>,
    pub authors: Vec<String>,
    /// RFC 3339 or a bare day.
    pub published_at: Option<String>,
    pub modified_at: Option<String>,
    pub language: Option<String>,
    pub site: Option<String>,
    pub section: Option<String>,
    pub canonical_url: Option<String>,
    pub image: Option<String>,
    /// `article`, `list`, `gallery`, `paywalled`, `not-an-article`; `None` where nothing tells.
    pub kind: Option<&'static str>,
    /// Rights signals as found: `noai`, `noarchive`, `tdm-reservation`, a licence's URL …
    pub rights: Vec<String>,
}

/// The result of cleaning.
#[derive(Debug, Clone, Default)]
pub struct Cleaned {
    /// Main text, a paragraph (heading, list item, table row, quote) a line, `\n` between; may be empty.
    pub text: String,
    /// Where each line of the text stands in the input: an empty place for one of several that share a block, and none at all where that is
    /// not known.
    pub places: Vec<Range<usize>>,
    /// What went, in order of `start`, without overlap.
    pub removed: Vec<Removed>,
    pub page: Page,
}

impl Cleaned {
    /// Tell spans as those of the string that the body was read from.
    pub fn take_to(&mut self, source: &Places) {
        if source.are_own() {
            return;
        }
        for place in self.places.iter_mut().filter(|place| place.start < place.end) {
            *place = source.in_source(place.clone());
        }
        for span in &mut self.removed {
            let Range { start, end } = source.in_source(span.start..span.end);
            (span.start, span.end) = (start, end);
        }
    }
}

/// Clean a body in the mode that fits its form.
pub fn clean(body: &Body, hints: &Hints<'_>) -> Cleaned {
    match body {
        Body::Html(page) => html::clean(page, hints),
        Body::Text(text) => text::clean(text, hints),
        // Spans would be those of the stripped text, not of the input: none is told.
        Body::Markdown(markdown) => Cleaned {
            places: Vec::new(),
            removed: Vec::new(),
            ..text::clean(&markdown::strip(markdown), hints)
        },
        Body::None => Cleaned::default(),
    }
}

/// Clean a body, or where nothing is left of it (a page that shows its text by script only) what stands for it. Spans of that would be
/// places in another text than the body: none is told.
pub fn clean_either(body: &Body, instead: &Body, hints: &Hints<'_>) -> Cleaned {
    let cleaned = clean(body, hints);
    if !cleaned.text.is_empty() || *instead == Body::None {
        return cleaned;
    }
    let other = clean(instead, hints);
    if other.text.is_empty() {
        return cleaned;
    }
    let mut page = cleaned.page;
    // That was said for want of text.
    page.kind = page.kind.filter(|kind| *kind != "not-an-article");
    Cleaned {
        text: other.text,
        page,
        ..Cleaned::default()
    }
}

/// The body as it is, for a stage whose cleaning is switched off.
pub fn untouched(body: &Body) -> Cleaned {
    match body {
        Body::Html(s) | Body::Text(s) | Body::Markdown(s) => Cleaned {
            text: s.clone(),
            ..Cleaned::default()
        },
        Body::None => Cleaned::default(),
    }
}
