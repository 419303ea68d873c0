//! Sluice: a streaming stage that cleans, deduplicates and tags scraped articles.

pub mod article;
pub mod clean;
pub mod date;
pub mod decode;
pub mod dedupe;
pub mod encode;
pub mod language;
pub mod pipeline;
pub mod tag;
