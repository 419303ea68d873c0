//! `sluice run`: the stage beside a scraper fleet.
//!
//! In: a configuration. Out: a [`Summary`]. Always: partitions are asked for only by a stage that can work on them, and on a signal what is
//! in flight is finished, within `kafka.drain_ms_max`.

use std::sync::Arc;

use parking_lot::Mutex;

use super::signals::{Signals, stop_on_signal};
use super::{CommandError, has_room, rules, taxonomies};
use crate::clock::now;
use crate::config::{Config, Store};
use crate::dead_letter::Reporter;
use crate::judge::{Judge, Rules};
use crate::kafka::instance::{self, Instance};
use crate::kafka::memory::{Foreign, MemoryTail};
use crate::kafka::requests::Requests;
use crate::kafka::sink::KafkaSink;
use crate::kafka::source::{KafkaSource, Until};
use crate::kafka::topics::MissingInput;
use crate::kafka::{ask, members, topics};
use crate::stage::{Stage, Summary, Workers};
use crate::telemetry::Metrics;
use crate::telemetry::http;
use crate::valkey::ValkeyClaims;

/// Run the stage until it is told to stop, or to the end that the input has now.
pub async fn run(config: &Config, until: Until, metrics: Arc<Metrics>) -> Result<Summary, CommandError> {
    let mut signals = Signals::install()?;
    has_room(config)?;
    let instance = claim(config)?;
    metrics.configured(config);
    metrics
        .start_traces(config, &instance.name)
        .map_err(CommandError::Usage)?;
    let server = http::serve(&config.http.listen, Arc::clone(&metrics))
        .await
        .map_err(CommandError::Start)?;
    let stage = tokio::select! {
        assembled = assemble(config, until, metrics, &instance) => assembled?,
        () = signals.next() => {
            tracing::info!("stopped before anything was read");
            return Ok(Summary::default());
        }
    };
    let stopper = stage.source.stopper();
    let signals = tokio::spawn(stop_on_signal(signals, move || stopper.stop()));
    let summary = stage.run().await;
    stage.metrics.set_ready(false);
    let Stage {
        source, sink, metrics, ..
    } = stage;
    let is_untried = metrics.records_committed() == 0;
    // Leaving waits for the poll thread, and for the last spans, which an async thread must not.
    let left = tokio::task::spawn_blocking(move || {
        source.close();
        metrics.stop_traces();
    })
    .await;
    signals.abort();
    if let Some(server) = server {
        server.abort();
    }
    drop(sink);
    if let Err(panic) = left {
        tracing::error!(%panic, "could not leave the group");
    }
    summary.map_err(|failure| {
        if failure.is_denied && is_untried {
            // A right to write shows only with the first record: without it the stage has never begun.
            CommandError::Start(failure)
        } else {
            failure.into()
        }
    })
}

fn claim(config: &Config) -> Result<Instance, CommandError> {
    instance::claim(
        &config.instance,
        &config.kafka.group,
        &instance::host(),
        &std::env::temp_dir(),
    )
    .map_err(CommandError::Start)
}

/// Reach Kafka, read the memory back, take up the transactional id, join the group: in this order, so that partitions are asked
/// for only by a stage that can work on them.
async fn assemble(
    config: &Config,
    until: Until,
    metrics: Arc<Metrics>,
    instance: &Instance,
) -> Result<Stage<KafkaSource, KafkaSink, MemoryTail, Option<ValkeyClaims>>, CommandError> {
    let pipeline = taxonomies::watched(config)?;
    let topics = topics::ensure(config, missing_input(until))
        .await
        .map_err(CommandError::Start)?;
    topics::warn_of_uneven(config, &topics);
    if topics.memory > 0 {
        // The start does not wait for what is no more than a warning.
        let asked = config.clone();
        tokio::spawn(async move { topics::warn_of_forgetting(&asked).await });
    }
    let claims = claims(config, &metrics).await?;
    let rules = Rules {
        shared: claims.is_some(),
        ..rules(config)
    };
    let judge = Arc::new(Mutex::new(Judge::new(rules)));
    let foreign = Foreign::counted_by(metrics.foreign_memory_records());
    let tail = MemoryTail::start(config, topics.memory, foreign).map_err(CommandError::Start)?;
    restore(&tail, &judge, &metrics).await?;
    let transactional_id = members::transactional_id(config, &instance.name);
    let source = KafkaSource::prepare(config, until, &transactional_id, Arc::clone(&metrics));
    let source = source.map_err(CommandError::Start)?;
    let epoch = source.epoch_of();
    let sink = KafkaSink::start(
        config,
        &topics,
        transactional_id,
        source.consumer(),
        Requests::default(),
        epoch,
    )
    .await;
    let sink = sink.map_err(CommandError::Start)?;
    source.subscribe(config).map_err(CommandError::Start)?;
    metrics.set_ready(true);
    Ok(Stage {
        source,
        sink,
        tail,
        claims,
        pipeline,
        judge,
        workers: Workers::pool(config.worker_count()).map_err(CommandError::Start)?,
        metrics,
        reporter: Arc::new(Reporter {
            group: config.kafka.group.clone(),
            instance: instance.name.clone(),
            names: config.dead_letters.headers,
        }),
        run: None,
    })
}

/// Who reads to the end needs what is there; who goes on may start before the first record is written.
fn missing_input(until: Until) -> MissingInput {
    match until {
        Until::End => MissingInput::Refused,
        Until::Stopped => MissingInput::CreatedIfNew,
    }
}

/// The store that instances share, where one is asked for.
async fn claims(config: &Config, metrics: &Arc<Metrics>) -> Result<Option<ValkeyClaims>, CommandError> {
    if !config.dedupe.enabled || config.dedupe.store == Store::Kafka {
        return Ok(None);
    }
    let cluster = ask::cluster_id(config).await.map_err(CommandError::Start)?;
    let claims = ValkeyClaims::connect(config, &cluster, Arc::clone(metrics)).await;
    claims.map(Some).map_err(CommandError::Start)
}

async fn restore(tail: &MemoryTail, judge: &Arc<Mutex<Judge>>, metrics: &Metrics) -> Result<(), CommandError> {
    let started = now();
    let taker = Arc::clone(judge);
    let read = tail.restore(move |entry| taker.lock().restore(entry)).await;
    let entries = read.map_err(CommandError::Start)?;
    metrics.restored(started.elapsed());
    let judge = judge.lock();
    metrics.index(&judge);
    let (articles, bytes) = judge.size();
    if entries > 0 {
        let seconds = started.elapsed().as_secs_f32();
        tracing::info!(entries, articles, bytes, seconds, "read the memory back");
    }
    Ok(())
}
