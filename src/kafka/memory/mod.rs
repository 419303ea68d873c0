//! The memory topic: verdicts that outlive a restart, and those of the other instances.
//!
//! Key: the origin. Value: one line of JSON (id, time, verdict), then the fingerprint's bytes. A header names the parameters the
//! fingerprint was made with. Written in the same transaction as the output, so memory, output and offsets cannot disagree.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use serde::{Deserialize, Serialize};

use super::oauth::Tokens;
use super::{client, error};
use crate::article::Origin;
use crate::clock::now;
use crate::config::Config;
use crate::dedupe::{Fingerprint, Kind, Original, PARAMETERS, Verdict};
use crate::failure::Failure;
use crate::judge::MemoryEntry;
use crate::stage::{Destination, Output, Tail};

/// The header that names the parameters.
const PARAMETERS_HEADER: &str = "sluice.parameters";

/// Longest silence of the broker while the memory is read to its end.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Offsets of a partition that a look at the memory takes in: a transaction's marker has one too, and is no record.
const LOOK_AT: i64 = 20;

#[derive(Serialize, Deserialize)]
struct Value<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    time_ms: i64,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<(String, String)>,
    #[serde(default)]
    similarity: f32,
}

/// An entry as a record of the memory topic.
pub fn as_output(entry: &MemoryEntry) -> Output {
    let verdict = &entry.verdict;
    let value = Value {
        id: Cow::Borrowed(&entry.id),
        time_ms: entry.time_ms,
        kind: verdict.kind,
        relation: verdict.relation.map(str::to_owned),
        of: verdict.of.as_ref().map(|o| (o.id.clone(), key(&o.origin))),
        similarity: verdict.similarity,
    };
    let mut bytes = serde_json::to_vec(&value).expect("plain data is JSON");
    bytes.push(b'\n');
    if let Some(fingerprint) = &entry.fingerprint {
        bytes.extend_from_slice(&fingerprint.to_bytes());
    }
    Output {
        to: Destination::Enriched, // not read: the sink knows this record's topic
        partition: entry.origin.partition,
        key: Some(key(&entry.origin).into_bytes()),
        value: Some(bytes),
        headers: vec![(PARAMETERS_HEADER.into(), Some(PARAMETERS.as_bytes().to_vec()))],
        // Kafka keeps a record by its timestamp. The entry's own time may lie far back in a replay, and it would be gone at once.
        timestamp_ms: None,
    }
}

fn key(origin: &Origin) -> String {
    format!(
        "{}/{}/{}/{}",
        origin.topic, origin.partition, origin.offset, origin.position
    )
}

fn parse_key(text: &str) -> Option<Origin> {
    let mut parts = text.rsplitn(4, '/');
    let position = parts.next()?.parse().ok()?;
    let offset = parts.next()?.parse().ok()?;
    let partition = parts.next()?.parse().ok()?;
    Some(Origin {
        topic: Arc::from(parts.next()?),
        partition,
        offset,
        position,
    })
}

/// Read one record of the memory topic back. `None` for a tombstone.
pub fn parse(key: &[u8], value: Option<&[u8]>) -> Result<Option<MemoryEntry>, String> {
    parse_with(key, value, true)
}

/// The same, with its fingerprint or without.
fn parse_with(key: &[u8], value: Option<&[u8]>, with_fingerprint: bool) -> Result<Option<MemoryEntry>, String> {
    let Some(value) = value else { return Ok(None) };
    let origin = std::str::from_utf8(key)
        .ok()
        .and_then(parse_key)
        .ok_or("its key is not an origin")?;
    let line = memchr::memchr(b'\n', value).ok_or("its value has no first line")?;
    let (json, fingerprint) = (&value[..line], &value[line + 1..]);
    let value: Value<'_> = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let of = match value.of {
        Some((id, origin)) => Some(Original {
            id,
            origin: parse_key(&origin).ok_or("its original is not an origin")?,
        }),
        None => None,
    };
    let fingerprint = match fingerprint {
        [] => None,
        _ if !with_fingerprint => None,
        bytes => Some(Fingerprint::from_bytes(bytes).map_err(|e| e.to_string())?),
    };
    let relation = value.relation.as_deref().and_then(Verdict::relation_named);
    let verdict = Verdict {
        kind: value.kind,
        relation,
        of,
        similarity: value.similarity,
    };
    Ok(Some(MemoryEntry {
        origin,
        id: value.id.into_owned(),
        time_ms: value.time_ms,
        verdict,
        fingerprint,
    }))
}

/// Entries as they were read, kept until they are asked for.
#[derive(Debug, Default)]
pub struct RawEntries {
    /// Keys and values, one behind the other.
    blocks: Vec<Vec<u8>>,
    /// The lengths of each key and value, block by block; a value may be a tombstone.
    lengths: Vec<Vec<(u32, Option<u32>)>>,
    bytes: usize,
}

impl RawEntries {
    /// Bytes are reserved in steps of this: what was kept is never moved.
    const BLOCK: usize = 1 << 20;

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keep an entry; its verdict, without the fingerprint.
    pub fn keep(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<Option<MemoryEntry>, String> {
        let entry = parse_with(key, value, false)?;
        let (length, of_value) = (key.len() + value.map_or(0, <[u8]>::len), value.map(|v| v.len() as u32));
        let has_room = |block: &Vec<u8>| block.len() + length <= block.capacity();
        if !self.blocks.last().is_some_and(has_room) {
            self.blocks.push(Vec::with_capacity(Self::BLOCK.max(length)));
            self.lengths.push(Vec::new());
        }
        if let (Some(block), Some(lengths)) = (self.blocks.last_mut(), self.lengths.last_mut()) {
            block.extend_from_slice(key);
            block.extend_from_slice(value.unwrap_or_default());
            lengths.push((key.len() as u32, of_value));
        }
        self.bytes += length + size_of::<(u32, Option<u32>)>();
        Ok(entry)
    }

    /// Hand all entries over, in their order. What cannot be read was refused when it was kept, but for a fingerprint, which is left out.
    pub fn read(self, take: &mut dyn FnMut(MemoryEntry)) {
        for (block, lengths) in self.blocks.into_iter().zip(self.lengths) {
            let mut rest = block.as_slice();
            for (of_key, of_value) in lengths {
                let (key, behind) = rest.split_at(of_key as usize);
                let (value, behind) = behind.split_at(of_value.unwrap_or(0) as usize);
                rest = behind;
                let value = of_value.map(|_| value);
                let entry = parse(key, value).or_else(|_| parse_with(key, value, false));
                entry.ok().flatten().into_iter().for_each(&mut *take);
            }
        }
    }
}

/// The end of the memory topic, followed by this instance. Without the memory topic it is silent.
pub struct MemoryTail(Option<Arc<Follower>>);

impl std::fmt::Debug for MemoryTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryTail")
    }
}

struct Follower {
    topic: String,
    partitions: i32,
    is_restored: AtomicBool,
    /// Tokens are handed over by polls.
    has_tokens: bool,
    consumer: Mutex<BaseConsumer<client::Reasons>>,
}

impl MemoryTail {
    /// A tail without news, for whoever is alone.
    pub fn silent() -> Self {
        Self(None)
    }

    /// Follow the memory topic from its beginning; nothing is read yet.
    pub fn start(config: &Config, partitions: i32) -> Result<Self, Failure> {
        if partitions == 0 {
            return Ok(Self(None));
        }
        let topic = config.dedupe.memory_topic.clone();
        let failed =
            |e: KafkaError| Failure::new(format!("could not read the memory `{topic}`: {e}{}", error::hint(&e)));
        let created = client::make_consumer(&client::memory_consumer(config), client::Reasons::of(config));
        let consumer = created.map_err(failed)?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition_offset(&topic, partition, Offset::Beginning)
                .map_err(failed)?;
        }
        consumer.assign(&list).map_err(failed)?;
        Ok(Self(Some(Arc::new(Follower {
            consumer: Mutex::new(consumer),
            partitions,
            is_restored: AtomicBool::new(false),
            has_tokens: Tokens::of(config).are_ours(),
            topic,
        }))))
    }

    /// Look at the last few records of each partition: can they be read, and were they made with the parameters of this build? Gives
    /// the number of offsets that the topic holds.
    pub fn last(config: &Config, partitions: i32) -> Result<i64, Failure> {
        Self::last_within(config, partitions, SILENCE_MAX)
    }

    fn last_within(config: &Config, partitions: i32, wait_max: Duration) -> Result<i64, Failure> {
        let Self(Some(follower)) = Self::start(config, partitions)? else {
            return Ok(0);
        };
        let failed = |e: KafkaError| follower.failed(&e);
        let consumer = follower.consumer.lock();
        let (mut offsets, mut list, mut open) = (0, TopicPartitionList::new(), BTreeSet::new());
        for partition in 0..partitions {
            let (low, high) = client::watermarks(&*consumer, &follower.topic, partition).map_err(failed)?;
            if high > low {
                offsets += high - low;
                open.insert(partition);
                list.add_partition_offset(&follower.topic, partition, Offset::OffsetTail(LOOK_AT))
                    .map_err(failed)?;
            }
        }
        consumer.assign(&list).map_err(failed)?;
        let started = now();
        while !open.is_empty() {
            if started.elapsed() > wait_max {
                return Err(follower.silent(wait_max));
            }
            match consumer.poll(Duration::from_millis(100)) {
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(polled) => follower.take(polled, &mut drop)?,
                None => {}
            }
        }
        Ok(offsets)
    }

    /// Read all that is there, handing entries over in portions, with progress in the log.
    pub async fn restore(&self, mut take: impl FnMut(MemoryEntry) + Send + 'static) -> Result<u64, Failure> {
        self.restore_raw(move |key, value| {
            parse(key, value)?.into_iter().for_each(&mut take);
            Ok(())
        })
        .await
    }

    /// The same, with the entries as they were read.
    pub async fn restore_raw(
        &self,
        mut take: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String> + Send + 'static,
    ) -> Result<u64, Failure> {
        let Some(follower) = self.0.clone() else { return Ok(0) };
        let read = tokio::task::spawn_blocking(move || {
            let mut count = 0_u64;
            follower.read_raw_to_end(|key, value| {
                count += 1;
                if count.is_multiple_of(100_000) {
                    tracing::info!(entries = count, "reading the memory back");
                }
                take(key, value)
            })?;
            Ok(count)
        });
        read.await.map_err(|e| Failure::new(e.to_string()))?
    }
}

impl Tail for MemoryTail {
    fn arrived(&self) -> Result<Vec<MemoryEntry>, Failure> {
        let Some(follower) = &self.0 else { return Ok(Vec::new()) };
        let consumer = follower.consumer.lock();
        let mut entries = Vec::new();
        while let Some(polled) = consumer.poll(Duration::ZERO) {
            follower.take(polled, &mut |entry| entries.push(entry))?;
        }
        Ok(entries)
    }

    async fn catch_up(&self) -> Result<Vec<MemoryEntry>, Failure> {
        let Some(follower) = self.0.clone() else {
            return Ok(Vec::new());
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut entries = Vec::new();
            follower.read_to_end(|entry| entries.push(entry))?;
            Ok(entries)
        });
        read.await.map_err(|e| Failure::new(e.to_string()))?
    }
}

impl Follower {
    fn failed(&self, e: &KafkaError) -> Failure {
        Failure::new(format!(
            "could not read the memory `{}`: {e}{}",
            self.topic,
            error::hint(e)
        ))
    }

    fn silent(&self, wait: Duration) -> Failure {
        let (topic, seconds) = (&self.topic, wait.as_secs());
        Failure::new(format!(
            "could not read the memory `{topic}` to its end: no answer for {seconds} s"
        ))
    }

    /// Read every partition to the end it has now.
    fn read_to_end(&self, mut take: impl FnMut(MemoryEntry)) -> Result<(), Failure> {
        self.read_raw_to_end(|key, value| {
            parse(key, value)?.into_iter().for_each(&mut take);
            Ok(())
        })
    }

    /// The same, with the entries as they were read.
    fn read_raw_to_end(&self, mut take: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String>) -> Result<(), Failure> {
        let consumer = self.consumer.lock();
        let mut ends = BTreeMap::new();
        for partition in 0..self.partitions {
            let (low, high) = client::watermarks(&*consumer, &self.topic, partition).map_err(|e| self.failed(&e))?;
            if high > low {
                ends.insert(partition, high);
            }
        }
        self.go_on_from_position(&consumer, &ends)?;
        let mut heard = now();
        while !ends.is_empty() {
            match consumer.poll(Duration::from_millis(100)) {
                None if heard.elapsed() > SILENCE_MAX => {
                    return Err(self.silent(SILENCE_MAX));
                }
                None => {}
                // Markers of transactions have offsets but are never delivered, so the end may also show as the end of partition.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    ends.remove(&partition);
                }
                Some(polled) => {
                    heard = now();
                    if let Ok(message) = &polled
                        && ends
                            .get(&message.partition())
                            .is_some_and(|end| message.offset() + 1 >= *end)
                    {
                        ends.remove(&message.partition());
                    }
                    self.take_raw(polled, &mut take)?;
                }
            }
        }
        Ok(())
    }

    /// Fetch again from where each partition stands. What was queued before is void then, above all the news of an end that
    /// was reached before the end was asked for.
    fn go_on_from_position(
        &self,
        consumer: &BaseConsumer<client::Reasons>,
        ends: &BTreeMap<i32, i64>,
    ) -> Result<(), Failure> {
        if !self.is_restored.swap(true, Ordering::SeqCst) {
            return Ok(()); // nothing is queued before the first read, and a partition that is not fetched yet cannot seek
        }
        let mut target = TopicPartitionList::new();
        let positions = consumer.position().map_err(|e| self.failed(&e))?;
        for element in positions
            .elements()
            .iter()
            .filter(|e| ends.contains_key(&e.partition()))
        {
            let offset = match element.offset() {
                Offset::Offset(next) => Offset::Offset(next),
                _ => Offset::Beginning,
            };
            target
                .add_partition_offset(&self.topic, element.partition(), offset)
                .map_err(|e| self.failed(&e))?;
        }
        if target.count() > 0 {
            consumer
                .seek_partitions(target, SILENCE_MAX)
                .and_then(client::each_without_error)
                .map_err(|e| self.failed(&e))?;
        }
        Ok(())
    }

    fn take(
        &self,
        polled: Result<BorrowedMessage<'_>, KafkaError>,
        into: &mut impl FnMut(MemoryEntry),
    ) -> Result<(), Failure> {
        self.take_raw(polled, &mut |key, value| {
            parse(key, value)?.into_iter().for_each(&mut *into);
            Ok(())
        })
    }

    fn take_raw(
        &self,
        polled: Result<BorrowedMessage<'_>, KafkaError>,
        into: &mut impl FnMut(&[u8], Option<&[u8]>) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let message = match polled {
            Ok(message) => message,
            Err(KafkaError::PartitionEOF(_)) => return Ok(()),
            Err(e) if e.rdkafka_error_code().is_some_and(error::is_fatal) && !self.is_late_token(&e) => {
                return Err(self.failed(&e));
            }
            Err(e) => {
                tracing::warn!(error = %e, "following the memory goes on after an error");
                return Ok(());
            }
        };
        self.check_parameters(&message)?;
        let at = |why: String| {
            let place = format!(
                "`{}` [{}] at offset {}",
                self.topic,
                message.partition(),
                message.offset()
            );
            Failure::new(format!(
                "could not read the memory {place}: {why}\nhint: is it another program's topic? see `dedupe.memory_topic`"
            ))
        };
        into(message.key().unwrap_or_default(), message.payload()).map_err(at)
    }

    /// A connection ended with its token, before the next one was handed over.
    fn is_late_token(&self, e: &KafkaError) -> bool {
        self.has_tokens && e.rdkafka_error_code() == Some(RDKafkaErrorCode::Authentication)
    }

    /// A memory built with other parameters cannot be compared with what this build makes.
    fn check_parameters(&self, message: &BorrowedMessage<'_>) -> Result<(), Failure> {
        let headers = message.headers();
        let found = headers.and_then(|h| h.iter().find(|h| h.key == PARAMETERS_HEADER).and_then(|h| h.value));
        let Some(found) = found else { return Ok(()) };
        if found == PARAMETERS.as_bytes() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the memory `{}` was built with the parameters `{}`, and this build makes `{PARAMETERS}`\n\
             hint: name a new topic in `dedupe.memory_topic` (copies of articles seen before the change will pass once), \
             or run the build that wrote it",
            self.topic,
            String::from_utf8_lossy(found)
        )))
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::ClientConfig;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    use super::*;
    use crate::dedupe::{Document, fingerprint};

    fn origin(offset: i64) -> Origin {
        Origin {
            topic: "raw/odd".into(),
            partition: 3,
            offset,
            position: 1,
        }
    }

    #[test]
    fn an_entry_reads_back_as_it_was_written() {
        let document = Document {
            text: "Some words that an article might have, enough of them.",
            ..Document::default()
        };
        let original = MemoryEntry {
            origin: origin(7),
            id: "a \"quoted\" id\n".into(),
            time_ms: 12,
            verdict: Verdict::unique(),
            fingerprint: Some(fingerprint(&document)),
        };
        let of = Some(Original {
            id: "x".into(),
            origin: origin(7),
        });
        let verdict = Verdict {
            kind: Kind::Near,
            relation: Some("trimmed"),
            of,
            similarity: 0.75,
        };
        let duplicate = MemoryEntry {
            origin: origin(8),
            id: "b".into(),
            time_ms: 13,
            verdict,
            fingerprint: None,
        };
        for entry in [original, duplicate] {
            let record = as_output(&entry);
            let read = parse(record.key.as_deref().unwrap(), record.value.as_deref()).unwrap();
            assert_eq!(read, Some(entry));
        }
    }

    #[test]
    fn what_is_kept_as_it_was_read_gives_the_same_entries() {
        let text = "Some words that an article might have, enough of them.".repeat(40);
        let entry = |n: i64| MemoryEntry {
            origin: origin(n),
            id: format!("id-{n}"),
            time_ms: n,
            verdict: Verdict::unique(),
            fingerprint: (n % 3 != 0).then(|| {
                let text = format!("{text} {n}");
                fingerprint(&Document {
                    text: &text,
                    ..Document::default()
                })
            }),
        };
        let (mut raw, entries) = (RawEntries::default(), (0..8_000).map(entry).collect::<Vec<_>>());
        for entry in &entries {
            let Output { key, value, .. } = as_output(entry);
            let kept = raw.keep(key.as_deref().unwrap(), value.as_deref()).unwrap().unwrap();
            assert_eq!((kept.origin, kept.fingerprint), (entry.origin.clone(), None));
        }
        assert_eq!(raw.keep(b"raw/1/2/0", None), Ok(None));
        assert!(raw.keep(b"raw/1/2", Some(b"{}\n")).is_err());
        assert!(raw.blocks.len() > 1, "more than a block: {} bytes", raw.bytes());
        let mut read = Vec::new();
        raw.read(&mut |entry| read.push(entry));
        assert_eq!(read, entries);
    }

    #[test]
    fn a_record_that_is_no_entry_is_an_error_with_its_reason() {
        assert!(parse(b"raw/1/2", Some(b"{}\n")).unwrap_err().contains("origin"));
        assert!(parse(b"raw/1/2/0", Some(b"{}")).unwrap_err().contains("first line"));
        assert!(parse(b"raw/1/2/0", Some(b"{}\n")).is_err());
        assert_eq!(parse(b"raw/1/2/0", None), Ok(None));
    }

    #[test]
    fn a_partition_that_cannot_seek_is_not_passed_over() {
        let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
        let mut config = Config::default();
        config.kafka.brokers = cluster.bootstrap_servers();
        cluster.create_topic(&config.dedupe.memory_topic, 1, 1).unwrap();
        let MemoryTail(Some(follower)) = MemoryTail::start(&config, 1).unwrap() else {
            panic!("it follows");
        };
        // A partition whose offset is refused is fetched no more, and cannot seek.
        let mut settings = client::memory_consumer(&config);
        settings.set("auto.offset.reset", "error");
        let consumer = client::make_consumer(&settings, client::Reasons::of(&config)).unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&follower.topic, 0, Offset::Offset(100))
            .unwrap();
        consumer.assign(&list).unwrap();
        let is_refused = |e: &KafkaError| e.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset);
        let started = now();
        while !consumer
            .poll(Duration::from_millis(100))
            .is_some_and(|polled| polled.is_err_and(|e| is_refused(&e)))
        {
            assert!(started.elapsed() < Duration::from_secs(30), "it is not refused");
        }
        let ends = BTreeMap::from([(0, 1)]);
        let sought = || follower.go_on_from_position(&consumer, &ends);
        assert!(sought().is_ok(), "nothing is sought at first");
        let failure = sought().unwrap_err();
        assert!(failure.message.starts_with("could not read the memory"), "{failure}");
    }

    #[test]
    fn a_memory_that_gives_no_answer_is_not_called_readable() {
        let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
        let mut config = Config::default();
        config.kafka.brokers = cluster.bootstrap_servers();
        let topic = config.dedupe.memory_topic.clone();
        cluster.create_topic(&topic, 1, 1).unwrap();
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &config.kafka.brokers)
            .create()
            .unwrap();
        producer.send(BaseRecord::<_, ()>::to(&topic).key("raw/1/2/0")).unwrap();
        producer.flush(SILENCE_MAX).unwrap();
        let look = |seconds| MemoryTail::last_within(&config, 1, Duration::from_secs(seconds)).map_err(|f| f.message);
        assert_eq!(look(30), Ok(1));
        let away = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR; 1_000];
        cluster.request_errors(RDKafkaApiKey::Fetch, &away);
        let expected = format!("could not read the memory `{topic}` to its end: no answer for 2 s");
        assert_eq!(look(2), Err(expected));
    }
}
