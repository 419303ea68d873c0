//! The edge to Kafka: [`source`] reads batches, [`sink`] commits plans, [`memory`] reads back and tails the verdicts.
//!
//! In: topics. Out: [`Batch`](crate::stage::Batch)es, committed transactions. Always: every setting that a promise rests on is made
//! in [`settings`], and every failure is sorted in [`error`].

pub mod ask;
mod certificate;
pub mod client;
pub mod earlier;
pub mod error;
pub mod instance;
pub mod members;
pub mod memory;
pub mod missing;
pub mod oauth;
mod offsets;
pub mod probe;
pub mod publish;
pub mod range;
pub mod reader;
pub(crate) mod record;
pub mod redrive;
mod refusals;
pub mod requests;
pub mod scan;
pub mod settings;
pub mod sink;
pub mod source;
pub mod topics;
mod trouble;
pub mod writer;
