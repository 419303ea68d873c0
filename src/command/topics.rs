//! `sluice topics create`: the topics that the stage needs, made ahead of it.
//!
//! For clusters where the stage itself may not create topics: an administrator, or a job at the deployment, runs this once.

use std::io::Write;

use super::CommandError;
use crate::config::{Config, Policy};
use crate::kafka::topics;
use crate::kafka::topics::MissingInput;

/// Create what is missing, and write each topic with its partitions.
pub async fn create(config: &Config, out: &mut impl Write) -> Result<(), CommandError> {
    let mut config = config.clone();
    config.kafka.create_topics = true;
    let found = topics::ensure(&config, MissingInput::Created)
        .await
        .map_err(CommandError::Start)?;
    let mut all = vec![
        (&config.input.topic, found.input),
        (&config.output.topic, found.output),
        (&config.output.dead_letters_topic, found.dead_letters),
    ];
    if config.dedupe.enabled {
        all.push((&config.dedupe.memory_topic, found.memory));
        if config.dedupe.policy == Policy::Route {
            all.push((&config.output.duplicates_topic, found.duplicates));
        }
    }
    for (topic, partitions) in all {
        // Whoever reads the output may have seen enough.
        drop(writeln!(out, "{topic} {partitions}"));
    }
    Ok(())
}
