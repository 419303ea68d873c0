//! Record + reason → the headers of its dead letter.
//!
//! In: the record, untouched, and why it could not be read. Out: its own headers and those that Kafka Connect's
//! `DeadLetterQueueReporter` writes, so that tools which read those read ours. Always: a second failure replaces the first's reason
//! and counts the attempt.

use crate::article::{Header, Record, Reject};

/// The prefix of Kafka Connect's error headers.
pub const CONNECT_PREFIX: &str = "__connect.errors.";

/// How often the record has failed so far, as a decimal number.
pub const ATTEMPT: &str = "sluice.attempt";

/// Who reports: the consumer group and the instance.
#[derive(Debug, Clone, Default)]
pub struct Reporter {
    /// The consumer group.
    pub group: String,
    /// The instance's name.
    pub instance: String,
}

/// The headers of a dead letter, values in UTF-8 text.
pub fn headers(record: &Record, reject: &Reject, reporter: &Reporter) -> Vec<Header> {
    let ours = |name: &str| name.starts_with(CONNECT_PREFIX) || name == ATTEMPT;
    let mut headers: Vec<Header> = record.headers.iter().filter(|(name, _)| !ours(name)).cloned().collect();
    let mut add =
        |name: &str, value: String| headers.push((format!("{CONNECT_PREFIX}{name}"), Some(value.into_bytes())));
    add("topic", record.origin.topic.to_string());
    add("partition", record.origin.partition.to_string());
    add("offset", record.origin.offset.to_string());
    add("connector.name", reporter.group.clone());
    add("task.id", reporter.instance.clone());
    add("stage", reject.step.to_owned());
    add("class.name", format!("sluice::{}", reject.step));
    add("exception.class.name", reject.code.to_owned());
    add("exception.message", reject.message.clone());
    headers.push((ATTEMPT.into(), Some((attempts(record) + 1).to_string().into_bytes())));
    headers
}

/// How often a record has failed before, by its header.
fn attempts(record: &Record) -> u32 {
    let value = record
        .headers
        .iter()
        .rev()
        .find(|(name, _)| name == ATTEMPT)
        .and_then(|(_, value)| value.as_deref());
    value
        .and_then(|v| std::str::from_utf8(v).ok())
        .and_then(|v| v.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Origin;

    #[test]
    fn a_dead_letter_says_what_where_and_why_and_counts_its_attempts() {
        let origin = Origin {
            topic: "raw".into(),
            partition: 2,
            offset: 77,
            position: 0,
        };
        let mut record = Record {
            origin,
            key: None,
            value: Some(b"{".to_vec()),
            headers: vec![("traceparent".into(), Some(b"00-1".to_vec()))],
            timestamp_ms: Some(5),
        };
        let reject = Reject::new("decode", "not-json", "end of input at line 1 column 1");
        let reporter = Reporter {
            group: "g".into(),
            instance: "i".into(),
        };
        record.headers = headers(&record, &reject, &reporter);
        let again = headers(&record, &reject, &reporter);
        let value = |name: &str| {
            let found: Vec<_> = again.iter().filter(|(n, _)| n == name).collect();
            assert_eq!(found.len(), 1, "{name}");
            String::from_utf8(found[0].1.clone().unwrap()).unwrap()
        };
        assert_eq!(value("traceparent"), "00-1");
        assert_eq!(value("__connect.errors.topic"), "raw");
        assert_eq!(value("__connect.errors.partition"), "2");
        assert_eq!(value("__connect.errors.offset"), "77");
        assert_eq!(value("__connect.errors.exception.class.name"), "not-json");
        assert_eq!(value("sluice.attempt"), "2");
    }
}
