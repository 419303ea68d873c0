//! Sluice: a streaming stage that cleans, deduplicates and tags scraped articles.
//!
//! ```text
//! Kafka ─▶ source ─▶ decode · clean · fingerprint · tag ─▶ judge ─▶ encode ─▶ sink ─▶ Kafka
//!          kafka     pipeline                              judge    stage     kafka
//! ```
//!
//! One idea, a batch: records that were read together are worked on together and committed as one transaction. [`stage`] is the loop, and a
//! good place to begin; [`article`] is what travels; [`pipeline`] has the order of the steps, and [`judge`] the memory of what was seen. The
//! rooms above [`stage`] are pure; [`kafka`], [`valkey`], [`telemetry`] and [`command`] are the edges. `ARCHITECTURE.md` has the promises and
//! the map.

pub mod article;
pub mod audit;
pub mod claims;
pub mod clean;
pub mod clock;
pub mod command;
pub mod config;
pub mod counts;
pub mod date;
pub mod dead_letter;
pub mod decode;
pub mod dedupe;
pub mod diff;
pub mod encode;
pub mod failure;
mod fast;
pub mod headline;
pub mod judge;
pub mod kafka;
pub mod language;
pub mod pipeline;
pub mod places;
pub mod redrive;
pub mod replay;
pub mod site;
pub mod stage;
pub mod tag;
pub mod telemetry;
mod toml_line;
pub mod valkey;
pub mod version;
