//! What the suites with a container engine share: is there one, and a writer's side of Kafka.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

mod reader;

pub(crate) use reader::{Read, read_committed};

/// True where a container engine answers to each of `commands`. Without one it says that the test is skipped, and why; with
/// `SLUICE_REQUIRE_ENGINE=1` that is a failure.
pub(crate) fn engine_answers(commands: &[&[&str]]) -> bool {
    let Some(why) = commands.iter().find_map(|command| refusal(command)) else {
        return true;
    };
    let required = std::env::var("SLUICE_REQUIRE_ENGINE").is_ok_and(|v| v == "1");
    assert!(!required, "a container engine is required here: {why}");
    // Written past the test's capture, so that it shows.
    let line = format!("skipped: needs a Docker engine ({why})\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

/// Why a command of the engine did not work.
fn refusal(command: &[&str]) -> Option<String> {
    let name = command.join(" ");
    match Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .output()
    {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
            Some(format!("`{name}` said: {said}"))
        }
        Err(error) => Some(format!("`{name}` could not be run: {error}")),
    }
}

/// A port that was free a moment ago. It must be known before a broker starts, since the broker tells it to its clients.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Run to the end, or fail with what it said.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} ended with {}: {said}",
        output.status
    );
    output
}

/// A record to publish.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The header that each published record has.
pub(crate) const HEADER: (&str, &str) = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

/// Publish, and wait until the broker has all.
pub(crate) fn publish(brokers: &str, topic: &str, records: &[Raw]) {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", brokers).set("linger.ms", "20");
    let producer: BaseProducer = client.create().unwrap();
    for raw in records {
        let headers = OwnedHeaders::new().insert(Header {
            key: HEADER.0,
            value: Some(HEADER.1),
        });
        let record = BaseRecord::to(topic)
            .partition(raw.partition)
            .key(&raw.key)
            .payload(&raw.value)
            .headers(headers);
        producer.send(record).map_err(|(error, _)| error).unwrap();
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}

pub(crate) fn is_dead_letter(read: &Read) -> bool {
    read.headers.contains_key("__connect.errors.exception.class.name")
}

/// The value, for the words of a failure.
pub(crate) fn said(read: &Read) -> String {
    String::from_utf8_lossy(read.value.as_deref().unwrap_or_default()).into_owned()
}

/// The article's id, or the key of a dead letter.
fn id(read: &Read) -> String {
    if is_dead_letter(read) {
        return String::from_utf8(read.key.clone().unwrap()).unwrap();
    }
    read.json()["id"].as_str().unwrap().to_owned()
}

/// The topics in which a record can end, with the defaults' names.
pub(crate) const OUTPUTS: [&str; 3] = ["enriched-articles", "duplicate-articles", "dead-letters"];

/// Where each record ended, by its id (a dead letter's by its key): every topic in which it was read, in order.
pub(crate) fn fates(brokers: &str) -> BTreeMap<String, Vec<(&'static str, Read)>> {
    let mut fates: BTreeMap<String, Vec<(&'static str, Read)>> = BTreeMap::new();
    for topic in OUTPUTS {
        for read in read_committed(brokers, topic) {
            fates.entry(id(&read)).or_default().push((topic, read));
        }
    }
    fates
}

/// A dead letter keeps what the input record had, and says where it stood and why.
pub(crate) fn assert_is_the_dead_letter_of(raw: &Raw, topic: &str, read: &Read) {
    assert_eq!(read.key.as_deref(), Some(raw.key.as_bytes()));
    assert_eq!(read.value.as_deref(), Some(raw.value.as_bytes()));
    assert_eq!(read.headers[HEADER.0], HEADER.1);
    assert_eq!(read.headers["__connect.errors.topic"], topic);
    assert_eq!(read.headers["__connect.errors.partition"], raw.partition.to_string());
    assert_eq!(read.headers["__connect.errors.exception.class.name"], "not-json");
    assert_eq!(read.headers["sluice.attempt"], "1");
}

/// An article of its own: invented words, of which no two stories share more than chance gives. Delivery is tested with it, not the
/// judgement of what is near, so nothing in it may look like a template.
pub(crate) fn article(partition: i32, id: &str, story: usize) -> Raw {
    let mut state = story as u64 + 1;
    let mut below = |bound: usize| {
        // Knuth's MMIX generator; the high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound
    };
    let syllables = [
        "ba", "cor", "del", "fi", "gan", "ho", "jur", "ka", "lem", "mi", "nor", "pe", "qua", "ris", "so", "tan", "ul",
        "ves", "wy", "zo",
    ];
    let mut word = || (0..3).map(|_| syllables[below(syllables.len())]).collect::<String>();
    let mut sentence = || (0..12).map(|_| word()).collect::<Vec<_>>().join(" ") + ".";
    let title = sentence();
    let text: Vec<String> = (0..8).map(|_| sentence()).collect();
    let value = serde_json::json!({ "id": id, "title": title, "text": text.join("\n") });
    Raw {
        partition,
        key: format!("key-{id}"),
        value: value.to_string(),
    }
}

/// A value that is not JSON. Its key is its id.
pub(crate) fn broken(partition: i32, id: &str) -> Raw {
    Raw {
        partition,
        key: id.into(),
        value: format!("{{\"id\": \"{id}\", \"text\": "),
    }
}
