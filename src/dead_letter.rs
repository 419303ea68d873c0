//! Record + reason → the headers of its dead letter, and back.
//!
//! In: the record, untouched, and why it could not be read. Out: its own headers and those that Kafka Connect's
//! `DeadLetterQueueReporter` writes, or Kafka Streams (KIP-1034), so that tools which read those read ours. Always: a second failure
//! replaces the first's reason and counts the attempt; both forms are read; a dead letter without our headers is the record as it was. A
//! record has one dead letter, however many of its articles were refused: each would hold the whole record.

use std::fmt::Write;

use crate::article::{Header, LeftOut, Origin, Record, Reject};
use crate::config::HeaderNames;
use crate::replay::{RUN, run_header};

/// The prefix of Kafka Connect's error headers.
pub const CONNECT_PREFIX: &str = "__connect.errors.";

/// The prefix of Kafka Streams' error headers.
pub const STREAMS_PREFIX: &str = "__streams.errors.";

/// How often the record has failed so far, as a decimal number.
pub const ATTEMPT: &str = "sluice.attempt";

/// Which article of its record was refused, the first of several, as a decimal number; absent for position 0, and where the whole record was.
pub const POSITION: &str = "sluice.position";

/// Which articles of its record were refused and why, where it was more than one: `decode/no-body 0-3,7; decode/null-value 5`.
pub const REFUSED: &str = "sluice.refused";

/// What of the record the dead letter does not hold, since the brokers take none as large: `value`, or `value, key and headers`.
pub const LEFT_OUT: &str = "sluice.left-out";

/// How many bytes a value had that was left out, as a decimal number.
pub const VALUE_BYTES: &str = "sluice.value-bytes";

/// The SHA-256 of these bytes, in hexadecimal digits.
pub const VALUE_SHA256: &str = "sluice.value-sha256";

/// What a dead letter's headers say of it beside the error's, whatever the form.
const OURS: [&str; 7] = [ATTEMPT, POSITION, REFUSED, LEFT_OUT, VALUE_BYTES, VALUE_SHA256, RUN];

const WITHOUT_ALL: &str = "value, key and headers";

/// More articles than a record can hold are named by nobody but a forger.
const ARTICLES_MAX: usize = 1 << 20;

/// The dead letter that a redriven record was, as `topic-partition-offset`.
pub const REDRIVEN: &str = "sluice.redriven";

/// Who reports, and in which form: the consumer group, the instance, and whose names the headers have.
#[derive(Debug, Clone, Default)]
pub struct Reporter {
    /// The consumer group.
    pub group: String,
    /// The instance's name.
    pub instance: String,
    /// Whose names the headers have.
    pub names: HeaderNames,
}

/// The headers of a dead letter, values in UTF-8 text. `refused` are the articles that it stands for, each with its position in the record,
/// in ascending order and at least one; `run` is the replay's id.
pub fn headers(record: &Record, refused: &[(u32, &Reject)], reporter: &Reporter, run: Option<&str>) -> Vec<Header> {
    let ours = |name: &str| is_error(name) || OURS.contains(&name);
    let (position, reject) = refused[0];
    let left_out = left_out_of(refused);
    let reasons = by_reason(refused);
    let message = in_words(&reasons);
    let own = record
        .headers
        .iter()
        .filter(|(name, _)| !ours(name) && left_out < LeftOut::All);
    let mut headers: Vec<Header> = own.cloned().collect();
    let prefix = match reporter.names {
        HeaderNames::Connect => CONNECT_PREFIX,
        HeaderNames::Streams => STREAMS_PREFIX,
    };
    let mut add = |name: &str, value: String| headers.push((format!("{prefix}{name}"), Some(value.into_bytes())));
    add("topic", record.origin.topic.to_string());
    add("partition", record.origin.partition.to_string());
    add("offset", record.origin.offset.to_string());
    match reporter.names {
        HeaderNames::Connect => {
            add("connector.name", reporter.group.clone());
            add("task.id", reporter.instance.clone());
            add("stage", reject.step.to_owned());
            add("class.name", format!("sluice::{}", reject.step));
            add("exception.class.name", reject.code.to_owned());
            add("exception.message", message);
        }
        HeaderNames::Streams => {
            add("exception", format!("{}/{}", reject.step, reject.code));
            add("message", message);
        }
    }
    if position > 0 {
        headers.push((POSITION.into(), Some(position.to_string().into_bytes())));
    }
    if refused.len() > 1 {
        let named = |(reject, positions): &(&Reject, Vec<u32>)| {
            format!("{}/{} {}", reject.step, reject.code, ranges(positions))
        };
        let named: Vec<String> = reasons.iter().map(named).collect();
        headers.push((REFUSED.into(), Some(named.join("; ").into_bytes())));
    }
    headers.extend(instead(record, left_out));
    headers.push((ATTEMPT.into(), Some((attempts(record) + 1).to_string().into_bytes())));
    headers.extend(run_header(run));
    headers
}

/// What the dead letter of these articles does without.
pub fn left_out_of(refused: &[(u32, &Reject)]) -> LeftOut {
    let each = refused.iter().map(|(_, reject)| reject.left_out);
    each.max().unwrap_or_default()
}

/// The headers that stand for what was left out.
fn instead(record: &Record, left_out: LeftOut) -> Vec<Header> {
    let what = match left_out {
        LeftOut::Nothing => return Vec::new(),
        LeftOut::Value => "value",
        LeftOut::All => WITHOUT_ALL,
    };
    let mut headers = vec![(LEFT_OUT, what.to_owned())];
    if let Some(value) = &record.value {
        let digits = openssl::sha::sha256(value).map(|byte| format!("{byte:02x}"));
        headers.extend([(VALUE_BYTES, value.len().to_string()), (VALUE_SHA256, digits.concat())]);
    }
    let header = |(name, value): (&str, String)| (name.to_owned(), Some(value.into_bytes()));
    headers.into_iter().map(header).collect()
}

/// What a dead letter may do without where the brokers take none as large; `None` where nothing is left to leave out.
pub fn may_leave_out(value: Option<&[u8]>, headers: &[Header]) -> Option<LeftOut> {
    let is_bare = |(name, value): &Header| name == LEFT_OUT && value.as_deref() == Some(WITHOUT_ALL.as_bytes());
    match value {
        Some(_) => Some(LeftOut::Value),
        None => (!headers.iter().any(is_bare)).then_some(LeftOut::All),
    }
}

/// Why a dead letter cannot be driven again: it does not hold all of its record.
pub fn is_incomplete(letter: &Record) -> Option<Reject> {
    let what = text(letter, LEFT_OUT)?;
    let bytes = text(letter, VALUE_BYTES).map_or(String::new(), |bytes| format!(" of {bytes} bytes"));
    let origin = origin(letter).map_or("the input record".into(), |origin| {
        format!("`{}`", Origin { position: 0, ..origin })
    });
    let message = format!("the dead letter is without its {what}{bytes}, which stands in {origin} alone");
    Some(Reject::new("redrive", "left-out", message))
}

/// The first article of each step and code, with the positions of all of them.
fn by_reason<'a>(refused: &[(u32, &'a Reject)]) -> Vec<(&'a Reject, Vec<u32>)> {
    let mut reasons: Vec<(&Reject, Vec<u32>)> = Vec::new();
    for (position, reject) in refused {
        let is_same = |(other, _): &&mut (&Reject, _)| (other.step, other.code) == (reject.step, reject.code);
        match reasons.iter_mut().find(is_same) {
            Some((_, positions)) => positions.push(*position),
            None => reasons.push((reject, vec![*position])),
        }
    }
    reasons
}

/// Ascending numbers as `0-3,7`.
fn ranges(numbers: &[u32]) -> String {
    let mut text = String::new();
    for range in numbers.chunk_by(|a, b| a + 1 == *b) {
        let (first, last) = (range[0], range[range.len() - 1]);
        let comma = if text.is_empty() { "" } else { "," };
        let written = if first == last {
            write!(text, "{comma}{first}")
        } else {
            write!(text, "{comma}{first}-{last}")
        };
        written.expect("a string takes all");
    }
    text
}

/// Why, in words: of several articles those of the first of each reason.
fn in_words(reasons: &[(&Reject, Vec<u32>)]) -> String {
    let words = |(reject, positions): &(&Reject, Vec<u32>)| match positions.as_slice() {
        [only] => format!("article {only}: {}", reject.message),
        all => format!("{} articles, the first {}: {}", all.len(), all[0], reject.message),
    };
    match reasons {
        [(reject, positions)] if positions.len() == 1 => reject.message.clone(),
        several => several.iter().map(words).collect::<Vec<_>>().join("; "),
    }
}

/// The articles of its record for which a dead letter stands: the position of each, with the step and the code.
pub fn articles(letter: &Record) -> Vec<(u32, [&str; 2])> {
    let several = text(letter, REFUSED).and_then(parse_refused);
    several.unwrap_or_else(|| {
        let [step, code, _] = reason(letter);
        vec![(number(letter, POSITION).unwrap_or(0), [step, code])]
    })
}

/// `None` for what this stage does not write.
fn parse_refused(text: &str) -> Option<Vec<(u32, [&str; 2])>> {
    let mut articles = Vec::new();
    for reason in text.split("; ") {
        let (reason, positions) = reason.split_once(' ')?;
        let (step, code) = reason.split_once('/')?;
        for range in positions.split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            if articles.len() + last.checked_sub(first)? as usize >= ARTICLES_MAX {
                return None;
            }
            articles.extend((first..=last).map(|position| (position, [step, code])));
        }
    }
    articles.sort_by_key(|(position, _)| *position);
    Some(articles)
}

/// Whether a header of this name tells of a failure.
fn is_error(name: &str) -> bool {
    name.starts_with(CONNECT_PREFIX) || name.starts_with(STREAMS_PREFIX)
}

/// How often a record has failed before, by its header.
pub fn attempts(record: &Record) -> u32 {
    number(record, ATTEMPT).unwrap_or(0)
}

/// The article that a dead letter stands for; `None` where its headers name none.
pub fn origin(letter: &Record) -> Option<Origin> {
    let told = |prefix: &str| {
        Some(Origin {
            topic: text(letter, &format!("{prefix}topic"))?.into(),
            partition: number(letter, &format!("{prefix}partition"))?,
            offset: number(letter, &format!("{prefix}offset"))?,
            position: number(letter, POSITION).unwrap_or(0),
        })
    };
    told(CONNECT_PREFIX).or_else(|| told(STREAMS_PREFIX))
}

/// Why a dead letter is one: the step, the code and the words; empty where a header is missing.
pub fn reason(letter: &Record) -> [&str; 3] {
    if let Some((step, code)) = text(letter, &format!("{STREAMS_PREFIX}exception")).and_then(|e| e.split_once('/')) {
        let message = text(letter, &format!("{STREAMS_PREFIX}message"));
        return [step, code, message.unwrap_or_default()];
    }
    let named = |name: &str| text(letter, &format!("{CONNECT_PREFIX}{name}")).unwrap_or_default();
    [
        named("stage"),
        named("exception.class.name"),
        named("exception.message"),
    ]
}

/// A dead letter as the input record that it was, with the count of its attempts and the place where it stood.
pub fn redriven(letter: &Record) -> Record {
    let ours = |name: &str| is_error(name) || name != ATTEMPT && (OURS.contains(&name) || name == REDRIVEN);
    let mut record = letter.clone();
    record.headers.retain(|(name, _)| !ours(name));
    let place = letter.origin.to_string().into_bytes();
    record.headers.push((REDRIVEN.into(), Some(place)));
    if let Some(origin) = origin(letter) {
        record.origin = Origin { position: 0, ..origin };
    }
    record
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    let found = record.headers.iter().rev().find(|(n, _)| n == name);
    std::str::from_utf8(found?.1.as_deref()?).ok()
}

fn number<T: std::str::FromStr>(record: &Record, name: &str) -> Option<T> {
    text(record, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Origin;
    use crate::replay::is_of_replay;

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
            names: HeaderNames::Connect,
        };
        record.headers = headers(&record, &[(0, &reject)], &reporter, None);
        let again = headers(&record, &[(3, &reject)], &reporter, None);
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
        assert_eq!(value("sluice.position"), "3");
    }

    #[test]
    fn a_dead_letter_may_have_the_names_of_kafka_streams_and_is_read_all_the_same() {
        let origin_of_it = Origin {
            topic: "raw".into(),
            partition: 2,
            offset: 77,
            position: 0,
        };
        let mut record = Record {
            origin: origin_of_it.clone(),
            key: None,
            value: Some(b"{".to_vec()),
            headers: vec![("traceparent".into(), Some(b"00-1".to_vec()))],
            timestamp_ms: Some(5),
        };
        let connect = Reporter::default();
        let streams = Reporter {
            names: HeaderNames::Streams,
            ..Reporter::default()
        };
        let reject = Reject::new("decode", "not-json", "end of input");
        record.headers = headers(&record, &[(0, &reject)], &connect, None);
        record.headers = headers(&record, &[(0, &reject)], &streams, None);
        let names: Vec<&str> = record.headers.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "traceparent",
            "__streams.errors.topic",
            "__streams.errors.partition",
            "__streams.errors.offset",
            "__streams.errors.exception",
            "__streams.errors.message",
            ATTEMPT,
        ];
        assert_eq!(names, expected);
        assert_eq!(reason(&record), ["decode", "not-json", "end of input"]);
        assert_eq!(origin(&record), Some(origin_of_it));
        assert_eq!(attempts(&record), 2);
        assert_eq!(
            redriven(&record).headers.len(),
            3,
            "its own, the attempts, and where it stood"
        );
    }

    #[test]
    fn bounded_one_dead_letter_names_all_articles_of_its_record_that_were_refused() {
        let origin_of_it = Origin {
            topic: "raw".into(),
            partition: 2,
            offset: 77,
            position: 0,
        };
        let record = Record {
            origin: origin_of_it,
            key: None,
            value: Some(b"[]".to_vec()),
            headers: Vec::new(),
            timestamp_ms: None,
        };
        let [no_body, null, panic] = [
            ("decode", "no-body", "neither text nor title"),
            ("decode", "null-value", "the value is JSON `null`"),
            ("clean", "panic", "panic in the step: no words"),
        ]
        .map(|(step, code, message)| Reject::new(step, code, message));
        let refused = [(1, &no_body), (2, &no_body), (3, &null), (4, &no_body), (6, &panic)];
        for names in [HeaderNames::Connect, HeaderNames::Streams] {
            let reporter = Reporter {
                names,
                ..Reporter::default()
            };
            let letter = Record {
                headers: headers(&record, &refused, &reporter, None),
                ..record.clone()
            };
            assert_eq!(
                text(&letter, REFUSED),
                Some("decode/no-body 1-2,4; decode/null-value 3; clean/panic 6")
            );
            let [step, code, message] = reason(&letter);
            assert_eq!((step, code), ("decode", "no-body"));
            assert_eq!(
                message,
                "3 articles, the first 1: neither text nor title; article 3: the value is JSON `null`; article 6: panic in the step: no words"
            );
            assert_eq!(origin(&letter).unwrap().position, 1);
            let named = refused.map(|(position, reject)| (position, [reject.step, reject.code]));
            assert_eq!(articles(&letter), named);
            assert!(redriven(&letter).headers.iter().all(|(name, _)| name != REFUSED));
            let again = Record {
                headers: headers(&letter, &[(0, &null)], &reporter, None),
                ..letter
            };
            assert_eq!(text(&again, REFUSED), None, "the first failure's");
            assert_eq!(articles(&again), [(0, ["decode", "null-value"])]);
        }
        for forged in [
            "",
            "decode/x",
            "decode/x 3-1",
            "decode/x 0-4294967295",
            "x 1",
            "decode/x 1,y",
        ] {
            assert_eq!(parse_refused(forged), None, "{forged}");
        }
    }

    #[test]
    fn no_poison_a_dead_letter_that_is_too_large_tells_what_it_does_without() {
        let record = Record {
            origin: Origin {
                topic: "raw".into(),
                partition: 2,
                offset: 77,
                position: 0,
            },
            key: None,
            value: Some(b"abc".to_vec()),
            headers: vec![("traceparent".into(), Some(b"00-1".to_vec()))],
            timestamp_ms: None,
        };
        let reject = |left_out| Reject {
            left_out,
            ..Reject::new("decode", "too-large", "value of 3 bytes")
        };
        let letter = |left_out| Record {
            headers: headers(&record, &[(0, &reject(left_out))], &Reporter::default(), None),
            value: None,
            ..record.clone()
        };
        let [whole, without, bare] = [LeftOut::Nothing, LeftOut::Value, LeftOut::All].map(letter);
        assert_eq!((text(&whole, LEFT_OUT), is_incomplete(&whole)), (None, None));
        assert_eq!(text(&without, LEFT_OUT), Some("value"));
        assert_eq!(text(&without, "traceparent"), Some("00-1"));
        assert_eq!(text(&without, VALUE_BYTES), Some("3"));
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(text(&without, VALUE_SHA256), Some(abc));
        assert_eq!(reason(&without), ["decode", "too-large", "value of 3 bytes"]);
        assert!(is_incomplete(&without).unwrap().message.contains("`raw-2-77`"));
        assert_eq!(text(&bare, "traceparent"), None);
        assert_eq!(origin(&bare), Some(record.origin.clone()));
        // First the value, then all else, then nothing is left.
        let may = |value, letter: &Record| may_leave_out(value, &letter.headers);
        assert_eq!(may(Some(&b"abc"[..]), &whole), Some(LeftOut::Value));
        assert_eq!(may(None, &without), Some(LeftOut::All));
        assert_eq!(may(None, &bare), None);
        assert!(
            redriven(&without)
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("sluice.value"))
        );
    }

    #[test]
    fn a_redriven_dead_letter_is_the_record_as_it_was_with_its_attempts() {
        let at = |topic: &str, offset| Origin {
            topic: topic.into(),
            partition: 2,
            offset,
            position: 0,
        };
        let record = Record {
            origin: at("raw", 77),
            key: Some(b"k".to_vec()),
            value: Some(b"{".to_vec()),
            headers: vec![("traceparent".into(), Some(b"00-1".to_vec())), ("empty".into(), None)],
            timestamp_ms: Some(5),
        };
        let reject = Reject::new("decode", "not-json", "end of input");
        let letter = Record {
            origin: at("dead", 4),
            headers: headers(&record, &[(1, &reject)], &Reporter::default(), Some("run-7")),
            ..record.clone()
        };
        assert!(is_of_replay(&letter) && !is_of_replay(&record));
        assert_eq!(reason(&letter), ["decode", "not-json", "end of input"]);
        assert_eq!(
            origin(&letter),
            Some(Origin {
                position: 1,
                ..at("raw", 77)
            })
        );
        let again = redriven(&letter);
        assert_eq!(
            (&again.key, &again.value, again.timestamp_ms),
            (&record.key, &record.value, Some(5))
        );
        assert_eq!(again.origin, record.origin);
        let ours = [
            (ATTEMPT.to_owned(), Some(b"1".to_vec())),
            (REDRIVEN.to_owned(), Some(b"dead-2-4".to_vec())),
        ];
        assert_eq!(again.headers, [&record.headers[..], &ours[..]].concat());
        assert_eq!(
            attempts(&Record {
                headers: headers(&again, &[(0, &reject)], &Reporter::default(), None),
                ..again
            }),
            2
        );
        assert_eq!(origin(&record), None);
    }
}
