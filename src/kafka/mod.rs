//! The edge to Kafka.
//!
//! In: topics. Out: [`Batch`](crate::stage::Batch)es, committed transactions. Always: every setting that a promise rests on is made
//! in [`settings`], and every failure is sorted in [`error`].
//!
//! | for | look into |
//! | --- | --- |
//! | `sluice run`: a member of the group reads, a transaction writes | [`source`], [`sink`], [`memory`], [`members`], [`instance`] |
//! | reading a topic otherwise: a range by record time (`replay`) / all of it (`audit`, `diff`, `dead-letters`) / from here to there | [`range`], [`earlier`] / [`reader`] / [`scan`] |
//! | writing | [`writer`] (queued, waited for, transactional), [`requests`] (records a request), `refusals` (which record is to blame), [`redrive`], [`publish`] |
//! | clients and what is asked of a cluster | [`settings`], [`client`], [`oauth`], [`blocking`] (calls off the async threads), [`ask`], [`group`], [`topics`], [`probe`] |
//! | errors and the log | [`error`], `certificate`, `trouble` |

pub mod ask;
pub mod blocking;
mod certificate;
pub mod client;
pub mod earlier;
pub mod error;
pub mod group;
pub mod instance;
pub mod members;
pub mod memory;
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
