//! What each subcommand does: the edges and rooms put together for it.
//!
//! In: a configuration, and options. Out: what a command writes, and how it ends: each failure has an exit status.

pub mod audit;
pub mod compare;
pub mod config;
pub mod dead_letters;
pub mod demo;
pub mod diff;
pub mod enrich;
pub mod explain;
mod harmless;
pub mod health;
pub mod inputs;
pub mod machine;
pub mod offsets;
mod output;
mod records;
pub mod replay;
pub mod run;
pub mod sample;
mod signals;
pub mod tags;
pub mod taxonomies;
pub mod topics;

use std::sync::Arc;

pub use self::output::written;
use crate::clock;
use crate::config::{Config, ConfigError, Tombstones, fields};
use crate::decode;
use crate::dedupe::Limits;
use crate::failure::Failure;
use crate::judge::{Judge, Judged, Rules};
use crate::pipeline::{Pipeline, Steps, Worked};
use crate::replay::Bound;
use crate::tag::Tagger;

pub use harmless::harmless;

/// Why a command ends without having done its work, by exit status.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// 2: wrong options or configuration.
    #[error("{0}")]
    Usage(String),
    /// 3: what is needed at the start was not there, or refused: Kafka, the store of claims, a file, a port.
    #[error(transparent)]
    Start(Failure),
    /// 4: a threshold that the command was given is exceeded.
    #[error("{0}")]
    Exceeded(String),
    /// 1: failed while running.
    #[error(transparent)]
    Running(#[from] Failure),
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        if error.may_pass() {
            Self::Start(Failure::new(error.to_string()))
        } else {
            Self::Usage(error.to_string())
        }
    }
}

impl CommandError {
    /// The process's exit status.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Running(_) => 1,
            Self::Usage(_) => 2,
            Self::Start(_) => 3,
            Self::Exceeded(_) => 4,
        }
    }
}

/// The pipeline that a configuration asks for.
pub fn pipeline(config: &Config) -> Result<Arc<Pipeline>, CommandError> {
    Ok(pipeline_with(config, taxonomies::tagger(&config.tags)?))
}

/// A time that a user names: RFC 3339 with its zone, a date (its midnight UTC), or a time before now (`-6h`); milliseconds since the epoch.
pub(crate) fn time_named(option: &str, text: &str) -> Result<i64, CommandError> {
    match text.parse::<Bound>().map(|bound| bound.at(clock::unix_ms())) {
        Ok(Bound::Time(ms)) => Ok(ms),
        _ => Err(CommandError::Usage(format!(
            "`{option} {text}` is not a time\nhint: a time has its zone, as 2026-11-24T06:00:00Z, or is a day, 2026-11-24, or a time before now, -6h"
        ))),
    }
}

/// Refuse a start for which there is not enough memory.
fn has_room(config: &Config) -> Result<(), CommandError> {
    Ok(config.check_room(machine::room())?)
}

/// How records are read.
pub fn decode_options(config: &Config) -> decode::Options {
    decode::Options {
        value_bytes_max: config.input.value_bytes_max.0 as usize,
        tombstones_pass: config.input.tombstones == Tombstones::Pass,
        preset: (config.input.preset != "auto").then(|| config.input.preset.clone()),
        // A configuration whose fields cannot be used was refused when it was loaded.
        fields: fields::aliases(&config.input.fields).unwrap_or_default(),
        ..Default::default()
    }
}

/// The pipeline that a configuration asks for, with this tagger.
pub fn pipeline_with(config: &Config, tagger: Tagger) -> Arc<Pipeline> {
    let steps = Steps {
        decode: decode_options(config),
        clean: config.clean.enabled,
        sites: config.clean.site_memory,
        tags: config.tags.enabled,
    };
    Arc::new(Pipeline::new(steps, tagger))
}

/// Judge a batch as one who is alone does: first what most pages of its sites carry goes from the articles.
fn judged_alone(judge: &mut Judge, pipeline: &Pipeline, batch: u64, mut worked: Vec<Worked>) -> Vec<Judged> {
    let gone = judge.carried(batch, &worked, &[]);
    pipeline.leave_out(&mut worked, &gone);
    judge.judge(batch, worked)
}

/// The rules for duplicates that a configuration asks for. Half of the budget is the index's.
pub fn rules(config: &Config) -> Rules {
    let limits = Limits {
        window_ms: i64::try_from(config.dedupe.window.0.as_millis()).unwrap_or(i64::MAX),
        bytes_max: (config.memory.budget.bytes() / 2) as usize,
    };
    Rules {
        enabled: config.dedupe.enabled,
        shared: false, // who runs with a store says so
        policy: config.dedupe.policy,
        limits,
        sites_bytes_max: config.clean.site_memory.then_some(config.sites_bytes() as usize),
    }
}
