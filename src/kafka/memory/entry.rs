//! An entry of the memory as a record of its topic, and back.
//!
//! In: an entry. Out: a record, whose form the room's own page describes, and back. Always: what is read is what was written, but for a
//! fingerprint that is left out on purpose.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::article::Origin;
use crate::dedupe::{Fingerprint, Kind, Original, PARAMETERS, Verdict};
use crate::judge::MemoryEntry;
use crate::site::SiteNote;
use crate::stage::{Destination, Output};

/// The header that names the parameters.
pub(super) const PARAMETERS_HEADER: &str = "sluice.parameters";

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<SiteNote>,
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
        site: entry.site.clone(),
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

/// The record that an entry with this key is of.
pub fn origin(key: &[u8]) -> Option<Origin> {
    parse_key(std::str::from_utf8(key).ok()?)
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
    let of_bytes = |bytes: &[u8]| Fingerprint::from_bytes(bytes).map(Some).map_err(|e| e.to_string());
    parse_with(key, value, of_bytes)
}

/// The same, without its fingerprint.
pub(super) fn parse_without_fingerprint(key: &[u8], value: Option<&[u8]>) -> Result<Option<MemoryEntry>, String> {
    parse_with(key, value, |_| Ok(None))
}

fn parse_with(
    key: &[u8],
    value: Option<&[u8]>,
    fingerprint_of: impl FnOnce(&[u8]) -> Result<Option<Fingerprint>, String>,
) -> Result<Option<MemoryEntry>, String> {
    let Some(value) = value else { return Ok(None) };
    let origin = origin(key).ok_or("its key is not an origin")?;
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
        bytes => fingerprint_of(bytes)?,
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
        site: value.site,
    }))
}

#[cfg(test)]
mod tests {
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
            site: None,
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
            site: Some(serde_json::from_str(r#"{"site":1,"address":2,"lines":[3,4],"gone":[5]}"#).unwrap()),
        };
        for entry in [original, duplicate] {
            let record = as_output(&entry);
            let read = parse(record.key.as_deref().unwrap(), record.value.as_deref()).unwrap();
            assert_eq!(read, Some(entry));
        }
    }

    #[test]
    fn a_record_that_is_no_entry_is_an_error_with_its_reason() {
        assert!(parse(b"raw/1/2", Some(b"{}\n")).unwrap_err().contains("origin"));
        assert!(parse(b"raw/1/2/0", Some(b"{}")).unwrap_err().contains("first line"));
        assert!(parse(b"raw/1/2/0", Some(b"{}\n")).is_err());
        assert_eq!(parse(b"raw/1/2/0", None), Ok(None));
    }
}
