//! Dead letters driven again: to the input topic those that pass, to the parking topic those that failed too often.
//!
//! In: dead letters and what the trial said. Out: for each chunk one transaction with the records and a note that they are settled.
//! Always: what is noted is not driven again, so that a redrive that was broken off goes on where it was; a second one at the same time
//! fences the first.

use std::collections::BTreeSet;

use rdkafka::error::KafkaError;

use super::blocking::blocking;
use super::error::hint;
use super::scan::Scanner;
use super::topics::ForGood;
use super::writer::Writer;
use super::{members, topics};
use crate::article::{Origin, Record};
use crate::config::{Config, Delivery};
use crate::dead_letter;
use crate::failure::Failure;
use crate::stage::{Destination, Output};

/// Records in one transaction.
const CHUNK_RECORDS_MAX: usize = 500;

/// The input record of a dead letter, as the notes know it: by its place and its time, since a topic may be deleted and made again.
fn record_of(letter: &Record) -> Option<String> {
    let origin = dead_letter::origin(letter)?;
    let time = letter.timestamp_ms.map_or(String::new(), |ms| format!("@{ms}"));
    Some(format!("{}{time}", Origin { position: 0, ..origin }))
}

/// The input records whose dead letters are settled: driven again, or parked.
#[derive(Debug, Default)]
pub struct Settled(BTreeSet<String>);

impl Settled {
    /// Read the notes; none where there is no topic of them yet.
    pub fn read(reader: &Scanner, topic: &str) -> Result<Self, Failure> {
        let mut settled = BTreeSet::new();
        if let Some(extent) = reader.extent(topic)? {
            reader.read(topic, &extent, |record| {
                let key = record.key.as_deref().map(String::from_utf8_lossy);
                settled.extend(key.filter(|_| record.value.is_some()).map(|key| key.into_owned()));
                Ok(())
            })?;
        }
        Ok(Self(settled))
    }

    /// Whether a dead letter's record is among them.
    pub fn holds(&self, letter: &Record) -> bool {
        record_of(letter).is_some_and(|record| self.0.contains(&record))
    }

    /// From now on it is.
    pub fn add(&mut self, letter: &Record) {
        self.0.extend(record_of(letter));
    }
}

/// Where the records go.
#[derive(Debug)]
pub struct RedriveTopics {
    /// The input topic, and its partitions.
    pub input: (String, i32),
    /// The parking topic, and its partitions.
    pub parking: (String, i32),
    /// The topic of the notes; one partition.
    pub settled: String,
}

/// Drives dead letters in chunks.
#[derive(Debug)]
pub struct Redriver {
    writer: Writer,
    topics: RedriveTopics,
    is_transactional: bool,
    chunk: Vec<(String, i32, Output)>,
    bytes: usize,
    bytes_max: usize,
}

impl Redriver {
    /// See that the topics are there, and take up the transactional id: another redrive of this group is fenced, and what it had not
    /// committed is void.
    pub async fn start(config: &Config, topics: RedriveTopics) -> Result<Self, Failure> {
        topics::ensure_kept(config, &topics.settled, 1, ForGood::LastOfEachKey).await?;
        topics::ensure_kept(config, &topics.parking.0, topics.parking.1, ForGood::All).await?;
        let (settings, id) = (config.clone(), members::command_id(config, "redrive"));
        let writer = blocking(move || Writer::start(&settings, &id)).await??;
        Ok(Self {
            writer,
            topics,
            is_transactional: config.delivery == Delivery::ExactlyOnce,
            chunk: Vec::new(),
            bytes: 0,
            bytes_max: config.batch.bytes_max.0 as usize,
        })
    }

    /// Serve what librdkafka asks for by events, such as the next token: between two chunks much may be tried that does not pass. Never waits.
    pub fn serve(&self) {
        self.writer.serve();
    }

    /// Send a dead letter to the input again. `timestamp_ms` is the record's time there; `None` takes the time of the writing.
    pub fn redrive(&mut self, letter: &Record, timestamp_ms: Option<i64>) -> Result<(), Failure> {
        let mut record = dead_letter::redriven(letter);
        record.timestamp_ms = timestamp_ms;
        let (topic, partitions) = self.topics.input.clone();
        self.push(topic, partitions, record, letter, "redriven")
    }

    /// Put a dead letter aside, as it is.
    pub fn park(&mut self, letter: &Record) -> Result<(), Failure> {
        let record = letter.clone();
        let (topic, partitions) = self.topics.parking.clone();
        self.push(topic, partitions, record, letter, "parked")
    }

    fn push(
        &mut self,
        topic: String,
        partitions: i32,
        record: Record,
        letter: &Record,
        became: &str,
    ) -> Result<(), Failure> {
        let note = Output {
            to: Destination::DeadLetters, // not read: the topic is named beside it
            partition: 0,
            key: record_of(letter).map(String::into_bytes),
            value: Some(format!("{{\"became\":\"{became}\"}}").into_bytes()),
            headers: Vec::new(),
            timestamp_ms: None,
        };
        let partition = record.origin.partition % partitions.max(1);
        self.bytes += record.value.as_ref().map_or(0, Vec::len);
        let output = Output {
            to: Destination::DeadLetters,
            partition,
            key: record.key,
            value: record.value,
            headers: record.headers,
            timestamp_ms: record.timestamp_ms,
        };
        self.chunk.push((topic, partition, output));
        self.chunk.push((self.topics.settled.clone(), 0, note));
        if self.chunk.len() >= 2 * CHUNK_RECORDS_MAX || self.bytes >= self.bytes_max {
            return self.commit();
        }
        Ok(())
    }

    /// Make what was pushed durable: all of it or nothing.
    pub fn commit(&mut self) -> Result<(), Failure> {
        let chunk = std::mem::take(&mut self.chunk);
        self.bytes = 0;
        if chunk.is_empty() {
            return Ok(());
        }
        let failed = |e: KafkaError| {
            let settled = "nothing of this chunk is settled, and the next redrive goes on from here";
            Failure::new(format!(
                "could not drive {} dead letters again: {e}; {settled}{}",
                chunk.len() / 2,
                hint(&e)
            ))
        };
        if !self.is_transactional {
            return self.write(&chunk).map_err(failed);
        }
        self.writer.begin().map_err(failed)?;
        self.write(&chunk).and_then(|()| self.writer.commit()).map_err(|e| {
            // The stage waits in its input topic behind a transaction that is left open, until the broker ends it.
            if let Err(error) = self.writer.abort() {
                tracing::debug!(%error, "the chunk's transaction is left to the broker");
            }
            failed(e)
        })
    }

    fn write(&self, chunk: &[(String, i32, Output)]) -> Result<(), KafkaError> {
        for (topic, partition, output) in chunk {
            self.writer.produce(topic, *partition, output, 0)?;
        }
        self.writer.drain()?;
        self.writer.take_failure().map_or(Ok(()), |(_, error)| Err(error))
    }
}
