//! One output record, as small as a comparison allows.
//!
//! In: the bytes of an enriched article, or of a line that could not be read. Out: its origin, and what can be compared. Always: the text
//! is kept as a hash and a length, some 300 bytes in all.

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::article::Origin;

/// What is compared of one article.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Article {
    pub(super) id: Box<str>,
    /// The reason's code, for a dead letter.
    pub(super) dead: Option<Box<str>>,
    pub(super) text: u64,
    pub(super) characters: u32,
    /// Sorted, separated by `, `.
    pub(super) tags: Box<str>,
    pub(super) scores: u64,
    /// Kind, relation, original and similarity, as [`verdict`] writes them.
    pub(super) verdict: Box<str>,
    /// Hashes of the values of [`NAMED`], and of all others together; 0 for one that is not there.
    pub(super) fields: [u32; NAMED.len() + 1],
}

/// A record that is no output of this stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not a JSON object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// An object that does not say where it comes from.
    #[error("it has no `provenance` with a topic, a partition and an offset")]
    NoOrigin,
}

impl Article {
    /// Read one output record.
    pub fn parse(value: &[u8]) -> Result<(Origin, Self), ReadError> {
        let object: Map<String, Value> = serde_json::from_slice(value).map_err(|_| ReadError::NotAnObject)?;
        if let Some(error) = object.get("error").filter(|_| !object.contains_key("provenance")) {
            return dead_line(error).ok_or(ReadError::NoOrigin);
        }
        let origin = origin(object.get("provenance")).ok_or(ReadError::NoOrigin)?;
        let text = object.get("text").and_then(Value::as_str).unwrap_or_default();
        let article = Self {
            id: object.get("id").and_then(Value::as_str).unwrap_or_default().into(),
            dead: None,
            text: xxh3_64(text.as_bytes()),
            characters: text.chars().count() as u32,
            tags: tags(object.get("tags")).into(),
            scores: object
                .get("tag_scores")
                .map_or(0, |v| xxh3_64(v.to_string().as_bytes())),
            verdict: verdict(object.get("duplicate")).into(),
            fields: fields(&object),
        };
        Ok((origin, article))
    }

    /// A dead letter with the code of its reason.
    pub fn dead_letter(code: &str) -> Self {
        Self {
            id: "".into(),
            dead: Some(code.into()),
            text: 0,
            characters: 0,
            tags: "".into(),
            scores: 0,
            verdict: "".into(),
            fields: Default::default(),
        }
    }
}

/// Fields that are compared in a way of their own, or not at all.
const OWN: [&str; 8] = [
    "schema",
    "id",
    "text",
    "tags",
    "tag_scores",
    "tag_phrases",
    "duplicate",
    "provenance",
];

/// The other fields of the output by name. What passes through is one more.
pub(super) const NAMED: [&str; 9] = [
    "url",
    "title",
    "language",
    "published_at",
    "authors",
    "site",
    "removed",
    "page",
    "input",
];

fn fields(object: &Map<String, Value>) -> [u32; NAMED.len() + 1] {
    let mut hashes = [0_u32; NAMED.len() + 1];
    for (name, value) in object.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        let at = NAMED.iter().position(|field| field == name);
        let text = if at.is_some() {
            value.to_string()
        } else {
            format!("{name}={value}")
        };
        // Summed, since the order of the fields that pass through says nothing.
        let hash = &mut hashes[at.unwrap_or(NAMED.len())];
        *hash = hash.wrapping_add(xxh3_64(text.as_bytes()) as u32);
    }
    hashes
}

impl Article {
    /// Bytes of its words.
    pub(super) fn words(&self) -> usize {
        self.id.len() + self.tags.len() + self.verdict.len() + self.dead.as_ref().map_or(0, |code| code.len())
    }

    /// The kind of its verdict.
    pub(super) fn verdict_kind(&self) -> &str {
        self.verdict.split([' ', ',']).next().unwrap_or_default()
    }

    /// The names of the fields that differ from another article's.
    pub(super) fn other_fields(&self, other: &Self) -> Vec<&'static str> {
        let names = NAMED.into_iter().chain(["fields that pass through"]);
        let mut differ: Vec<&str> = names
            .zip(self.fields.iter().zip(&other.fields))
            .filter(|(_, (own, others))| own != others)
            .map(|(name, _)| name)
            .collect();
        if self.id != other.id {
            differ.insert(0, "id");
        }
        differ
    }
}

fn origin(provenance: Option<&Value>) -> Option<Origin> {
    let provenance = provenance?;
    Some(Origin {
        topic: provenance.get("topic")?.as_str()?.into(),
        partition: provenance.get("partition")?.as_i64()?.try_into().ok()?,
        offset: provenance.get("offset")?.as_i64()?,
        position: provenance.get("position").and_then(Value::as_u64).unwrap_or(0) as u32,
    })
}

/// What `sluice enrich` writes in place of a line that cannot be read.
fn dead_line(error: &Value) -> Option<(Origin, Article)> {
    let origin = Origin {
        topic: error.get("file")?.as_str()?.into(),
        partition: 0,
        offset: error.get("line")?.as_i64()? - 1,
        position: 0,
    };
    Some((origin, Article::dead_letter(error.get("code")?.as_str()?)))
}

fn tags(tags: Option<&Value>) -> String {
    let tags = tags.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut names: Vec<&str> = tags.iter().filter_map(|tag| tag.get("name")?.as_str()).collect();
    names.sort_unstable();
    names.join(", ")
}

/// `unique`, or `near, edited of raw-0-17 (0.870)`: begins with the kind.
fn verdict(duplicate: Option<&Value>) -> String {
    let Some(duplicate) = duplicate else {
        return "unique".into();
    };
    let word = |name: &str| duplicate.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(of) = origin(duplicate.get("of")) else {
        return word("kind").to_owned();
    };
    let similarity = duplicate.get("similarity").and_then(Value::as_f64).unwrap_or_default();
    let (kind, relation) = (word("kind"), word("relation"));
    let relation = if relation == kind {
        String::new()
    } else {
        format!(", {relation}")
    };
    format!("{kind}{relation} of {of} ({similarity:.3})")
}
