//! What most pages of a site carry, learned from the stream: the outlet's word on itself, a standing appeal, a footer without a word that tells.
//!
//! In: articles in their order, each as the hashes of its lines ([`SitePage`]). Out: which of its lines go, and a [`SiteNote`] for the memory.
//! Always: the same articles in the same order give the same; what was not committed can be taken back as if it had never been; an
//! article on record gets what it got; bounded in sites, pages and lines.

mod memory;
mod page;

pub use memory::{SiteNote, Sites};
pub use page::SitePage;
