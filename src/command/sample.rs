//! `sluice sample publish`: the demo's articles into a real input topic, to see a stage at work.

use std::io::Write;

use super::CommandError;
use super::demo::samples;
use crate::config::Config;
use crate::failure::Failure;
use crate::kafka::blocking::blocking;
use crate::kafka::publish::{Outgoing, publish};
use crate::kafka::topics;
use crate::kafka::topics::MissingInput;

/// The sample that is only too large for the demo's limits, and for a broker's default.
const DEMO_ONLY: &str = "huge";

/// Publish the samples to `input.topic`, `rounds` times. From the second round on, every article was seen before.
pub async fn publish_samples(config: &Config, rounds: u32, out: &mut impl Write) -> Result<(), CommandError> {
    let samples = samples::all().map_err(CommandError::Usage)?;
    let there = topics::ensure(config, MissingInput::Created).await;
    let partitions = there.map_err(CommandError::Start)?.input;
    let once = samples.iter().filter(|sample| sample.name != DEMO_ONLY);
    let outgoing = once.map(|sample| Outgoing {
        key: sample.name.clone(),
        value: sample.value.clone(),
        // Samples that belong together share a partition, so that the original is always the earlier.
        partition: sample.partition % partitions.max(1),
    });
    let records: Vec<Outgoing> = outgoing.collect();
    let (config, topic) = (config.clone(), config.input.topic.clone());
    let publish_all = move || {
        (0..rounds).try_fold(0, |sum, _| {
            Ok::<_, Failure>(sum + publish(&config, &config.input.topic, &records)?)
        })
    };
    let count = blocking(publish_all).await??;
    drop(writeln!(out, "published {count} records to `{topic}`"));
    Ok(())
}
