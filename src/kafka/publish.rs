//! A plain idempotent producer for `sample publish` and the demo: no pipeline, no transaction.
//!
//! In: records. Out: how many the brokers acknowledged. Always: all of them, or an error that says what the brokers said.

use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext};

use super::client::{self, Authenticated};
use super::error;
use super::oauth::Tokens;
use super::{settings, trouble};
use crate::config::Config;
use crate::failure::Failure;

/// How long the brokers may take to acknowledge what was sent.
const ACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(30);

/// One record; its timestamp is the time of writing.
#[derive(Debug)]
pub struct Outgoing {
    /// The key.
    pub key: String,
    /// The value; `None` is Kafka's null.
    pub value: Option<Vec<u8>>,
    /// The partition.
    pub partition: i32,
}

/// Keeps the first delivery that failed.
#[derive(Debug)]
struct FirstFailure {
    first: Mutex<Option<KafkaError>>,
    tokens: Tokens,
}

impl Authenticated for FirstFailure {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

impl ClientContext for FirstFailure {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.tokens.serve()
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        trouble::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        trouble::tell("producer", &error, reason);
    }
}

impl ProducerContext for FirstFailure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut first = self.first.lock();
            first.get_or_insert_with(|| error.clone());
        }
    }
}

/// Write the records to `topic` in their order and wait until the brokers have them.
pub fn publish(config: &Config, topic: &str, records: &[Outgoing]) -> Result<usize, Failure> {
    let failed = |e: &KafkaError| Failure::new(format!("could not publish to `{topic}`: {e}{}", error::hint(e)));
    let mut settings = settings::admin(config);
    settings
        .set("enable.idempotence", "true")
        .set("delivery.timeout.ms", ACKNOWLEDGED_TIMEOUT.as_millis().to_string());
    let context = FirstFailure {
        first: Mutex::default(),
        tokens: Tokens::of(config),
    };
    let producer = client::make_producer(&settings, context).map_err(|e| failed(&e))?;
    for outgoing in records {
        let mut record: BaseRecord<'_, str, [u8]> = BaseRecord::to(topic)
            .key(outgoing.key.as_str())
            .partition(outgoing.partition);
        record.payload = outgoing.value.as_deref();
        while let Err((e, back)) = producer.send(record) {
            if e.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(failed(&e));
            }
            producer.poll(Duration::from_millis(10));
            record = back;
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(ACKNOWLEDGED_TIMEOUT).map_err(|e| failed(&e))?;
    let first = producer.context().first.lock().take();
    first.map_or(Ok(records.len()), |e| Err(failed(&e)))
}
