//! Sluice: a streaming stage that cleans, deduplicates and tags scraped articles.

pub mod article;
pub mod audit;
pub mod claims;
pub mod clean;
pub mod command;
pub mod config;
pub mod counts;
pub mod date;
pub mod dead_letter;
pub mod decode;
pub mod dedupe;
pub mod diff;
mod eight;
pub mod encode;
pub mod http;
pub mod judge;
pub mod kafka;
pub mod language;
pub mod liveness;
pub mod pipeline;
pub mod redrive;
pub mod replay;
pub mod stage;
pub mod tag;
pub mod telemetry;
pub mod valkey;
pub mod version;
