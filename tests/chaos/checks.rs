//! What must hold of the records that a chaos has left behind, beside the audit: read by the tests' own reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::reader::{self, Read};

/// What a verdict may take to reach the other instances once a reader has seen it, on a machine that does much else.
const MARGIN_MS: i64 = 1_000;

/// Longest wait for the first answer of a broker that is busy with its start.
const START: Duration = Duration::from_secs(60);

/// (partition, offset) of an input record.
type Origin = (i64, i64);

/// When each verdict was first seen, in milliseconds since the epoch.
pub(crate) type Seen = BTreeMap<Origin, i64>;

/// A `read_committed` reader of the memory topic, as every instance has one, that notes when it sees what.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Watch {
    pub(crate) fn start(brokers: &str, topic: &str) -> Self {
        let mut client = ClientConfig::new();
        client
            .set("bootstrap.servers", brokers)
            .set("group.id", "test-watch")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "earliest")
            .set("enable.partition.eof", "true")
            // The topic was made a moment ago, and a busy broker may not know of it yet.
            .set("topic.metadata.refresh.interval.ms", "1000")
            .set("fetch.wait.max.ms", "50");
        let consumer: BaseConsumer = client.create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        consumer.assign(&list).unwrap();
        let started = Instant::now();
        while !matches!(
            consumer.poll(Duration::from_millis(100)),
            Some(Err(KafkaError::PartitionEOF(_)))
        ) {
            assert!(started.elapsed() < START, "`{topic}` cannot be watched");
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || watch(&consumer, &stopped));
        Self { stop, thread }
    }

    /// What was seen, and when.
    pub(crate) fn end(self) -> Seen {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn watch(consumer: &BaseConsumer, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::new();
    while !stop.load(Ordering::SeqCst) {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
        // `topic/partition/offset/position`
        let key = String::from_utf8(message.key().unwrap().to_vec()).unwrap();
        let numbers: Vec<i64> = key.rsplit('/').take(3).map(|n| n.parse().unwrap()).collect();
        seen.entry((numbers[2], numbers[1])).or_insert(now);
    }
    seen
}

/// An article in one of the topics.
struct Published {
    n: u64,
    origin: Origin,
    /// When its input record was written.
    time_ms: i64,
    is_original: bool,
}

fn published(read: &Read) -> Published {
    let value = read.json();
    let number = |name: &str| value["provenance"][name].as_i64().unwrap();
    Published {
        n: n(read),
        origin: (number("partition"), number("offset")),
        time_ms: read.timestamp.unwrap(),
        is_original: value["duplicate"]["kind"] == "unique",
    }
}

/// The number that the writer gave the record.
fn n(read: &Read) -> u64 {
    std::str::from_utf8(read.key.as_deref().unwrap())
        .unwrap()
        .parse()
        .unwrap()
}

/// What was found about exact copies.
#[derive(Default)]
pub(crate) struct Originals {
    stories: usize,
    /// Copies that came once the original's verdict was to be seen, in another partition.
    apart: usize,
    /// Stories with an original in each of two partitions, of copies that came before that.
    at_once: usize,
}

impl fmt::Display for Originals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stories,
            apart,
            at_once,
        } = self;
        write!(
            f,
            "{stories} stories; of {apart} copies that came to another partition after the original's commit none is an original; \
             {at_once} stories have two, of copies at once"
        )
    }
}

/// Of exact copies in one partition exactly one is an original; so it is of those in two that came more than a commit apart.
pub(crate) fn one_original(brokers: &str, name: &str, seen: &Seen, story: impl Fn(u64) -> u64) -> Originals {
    let mut stories: BTreeMap<u64, Vec<Published>> = BTreeMap::new();
    for role in ["out", "dup"] {
        for read in reader::read_committed(brokers, &format!("{name}-{role}")) {
            let published = published(&read);
            stories.entry(story(published.n)).or_default().push(published);
        }
    }
    let mut found = Originals {
        stories: stories.len(),
        ..Originals::default()
    };
    let mut wrong = Vec::new();
    for (story, copies) in &stories {
        let originals: Vec<&Published> = copies.iter().filter(|copy| copy.is_original).collect();
        assert!(!originals.is_empty(), "story {story} has no original");
        found.at_once += usize::from(originals.len() > 1);
        for original in originals {
            let visible = seen.get(&original.origin).map_or(i64::MAX - MARGIN_MS, |ms| *ms) + MARGIN_MS;
            for copy in copies.iter().filter(|copy| copy.origin != original.origin) {
                let is_apart = copy.time_ms > visible;
                if copy.is_original && (is_apart || copy.origin.0 == original.origin.0) {
                    let late = copy.time_ms - visible + MARGIN_MS;
                    wrong.push(format!(
                        "story {story}: {:?} is an original, and {:?}, written {late} ms after its verdict was seen, is one too",
                        original.origin, copy.origin
                    ));
                }
                found.apart += usize::from(is_apart && copy.origin.0 != original.origin.0);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} stories with two originals:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(found.apart > 0, "no copy came late enough to tell: {found}");
    found
}

/// The origins under which each record was published, whatever became of it.
pub(crate) fn settled(brokers: &str, name: &str) -> BTreeMap<u64, Vec<Origin>> {
    let mut settled: BTreeMap<u64, Vec<Origin>> = BTreeMap::new();
    for role in ["out", "dup", "dead"] {
        for read in reader::read_committed(brokers, &format!("{name}-{role}")) {
            let origin = if role == "dead" {
                let number = |name: &str| read.headers[&format!("__connect.errors.{name}")].parse().unwrap();
                (number("partition"), number("offset"))
            } else {
                published(&read).origin
            };
            settled.entry(n(&read)).or_default().push(origin);
        }
    }
    settled
}

/// Records that nobody published, and how many came more than once. Those that did name the same origin each time.
pub(crate) fn lost_and_repeated(settled: &BTreeMap<u64, Vec<Origin>>, records: u64) -> (Vec<u64>, usize) {
    let mut origins = BTreeSet::new();
    for (n, places) in settled {
        assert!(
            places.windows(2).all(|p| p[0] == p[1]),
            "record {n} came from {places:?}"
        );
        assert!(origins.insert(places[0]), "record {n} has the origin of another");
    }
    let lost = (0..records).filter(|n| !settled.contains_key(n)).collect();
    (lost, settled.values().filter(|places| places.len() > 1).count())
}
