//! Text → seen before?
//!
//! [`fingerprint()`] reduces an article to a few hundred bytes, on any worker; [`Index`] judges alone, in order. Always: pure, no clock (time
//! comes with the record), no randomly seeded map; the same sequence of origins, times and fingerprints gives the same verdicts.

mod arena;
mod bytes;
mod dates;
mod digits;
mod entry;
mod explain;
mod fingerprint;
mod index;
mod judge;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod trees;
mod url;
mod verdict;
mod watermark;

pub use bytes::BytesError;
pub use explain::{ComparedArticle, Comparison, Difference, Facts, compare};
pub use fingerprint::{Fingerprint, fingerprint, salted};
pub use index::{Index, Limits};
pub use judge::Features;
pub(crate) use url::{host, key as address_key, site_key, text_key};
pub use verdict::{Kind, Original, Verdict};

/// Names the parameters that fingerprints and verdicts depend on. A memory that was built with others is not to be mixed with this one.
pub const PARAMETERS: &str = "words-4/frames-96/anchors-16of32/facts-20/days-8/trees-3";

/// What is fingerprinted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    /// The scraper's own id; not the origin.
    pub id: Option<&'a str>,
    /// Its address, in any form.
    pub url: Option<&'a str>,
    /// The outlet, by host or name.
    pub site: Option<&'a str>,
    /// Counts only where the text is very short or missing, or where what it shares with another may be a passage or a standing end.
    pub title: Option<&'a str>,
    /// The clean text.
    pub text: &'a str,
}
