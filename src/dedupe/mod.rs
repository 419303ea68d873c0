//! Text → seen before?
//!
//! [`fingerprint`] reduces an article to a few hundred bytes, on any worker; [`Index`] judges alone, in order. Always: pure, no clock (time
//! comes with the record), no randomly seeded map; the same sequence of origins, times and fingerprints gives the same verdicts.

mod arena;
mod bytes;
mod dates;
mod fingerprint;
mod index;
mod judge;
mod table;
mod tokens;
mod url;
mod verdict;

pub use bytes::BytesError;
pub use fingerprint::{Fingerprint, fingerprint};
pub use index::{Index, Limits};
pub use judge::Features;
pub use verdict::{Kind, Original, Verdict};

/// Names the parameters that fingerprints and verdicts depend on. A memory that was built with others is not to be mixed with this one.
pub const PARAMETERS: &str = "frames-96x24/anchors-16of32/facts-20/1";

/// What is fingerprinted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Document<'a> {
    pub id: Option<&'a str>,
    pub url: Option<&'a str>,
    pub site: Option<&'a str>,
    pub title: Option<&'a str>,
    pub text: &'a str,
    pub language: Option<&'a str>,
    /// Milliseconds since the epoch, where the article says when it was published.
    pub published_ms: Option<i64>,
}
