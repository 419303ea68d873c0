//! An earlier output of a record → what of it stands as it is, and what must be done again.
//!
//! In: the value of an output record, and the versions of the steps now. Out: the fields that a present step would write the same, as the
//! bytes that they are. Always: pure; an output that is not wholly understood is none, and its record is done whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Recorded;
use crate::article::{Origin, Record};
use crate::encode::{CLEAN_FIELDS, HEAD_FIELDS, SCHEMA, TAG_FIELDS, Versions};

/// What is known of a batch's records from an earlier run; nothing in a live one.
#[derive(Debug, Default)]
pub struct Earlier {
    /// (partition, offset) → the values of the outputs.
    outputs: BTreeMap<(i32, i64), Vec<Arc<Vec<u8>>>>,
    recorded: Arc<Recorded>,
}

impl Earlier {
    /// Nothing so far, beside the verdicts on record.
    pub fn new(recorded: Arc<Recorded>) -> Self {
        Self {
            outputs: BTreeMap::new(),
            recorded,
        }
    }

    /// These outputs were made of this record.
    pub fn insert(&mut self, record: &Record, outputs: Vec<Vec<u8>>) {
        if !outputs.is_empty() {
            let place = (record.origin.partition, record.origin.offset);
            self.outputs.insert(place, outputs.into_iter().map(Arc::new).collect());
        }
    }

    /// The outputs that a record has.
    pub fn outputs(&self, record: &Record) -> Option<&[Arc<Vec<u8>>]> {
        let outputs = self.outputs.get(&(record.origin.partition, record.origin.offset))?;
        Some(outputs)
    }

    /// Whether an article's verdict is on record: nothing more is needed to judge it.
    pub fn is_judged(&self, origin: &Origin) -> bool {
        self.recorded.get(origin).is_some()
    }
}

/// The fields of an output that stand as they are: pieces of its JSON, where they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    value: Arc<Vec<u8>>,
    at: Pieces,
    with_tags: bool,
}

/// Where the pieces of an output begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pieces {
    tags: usize,
    duplicate: usize,
    middle: usize,
    provenance: usize,
    rest: usize,
}

impl Kept {
    /// `{"schema":…,` up to the tags.
    pub fn head(&self) -> &[u8] {
        self.piece(0, self.at.tags)
    }

    /// From `"tags":` up to `"duplicate":`; `None` where the article is tagged anew.
    pub fn tags(&self) -> Option<&[u8]> {
        self.with_tags.then(|| self.piece(self.at.tags, self.at.duplicate))
    }

    /// Between the verdict and the provenance.
    pub fn middle(&self) -> &[u8] {
        self.piece(self.at.middle, self.at.provenance)
    }

    /// Behind the provenance, to the end of the object.
    pub fn rest(&self) -> &[u8] {
        self.piece(self.at.rest, self.value.len())
    }

    fn piece(&self, from: usize, to: usize) -> &[u8] {
        self.value.get(from..to).unwrap_or_default()
    }
}

/// The output of one article, as it was written.
#[derive(Debug)]
pub struct Output<'a> {
    value: &'a Arc<Vec<u8>>,
    fields: Vec<(Name<'a>, &'a RawValue)>,
    at: Pieces,
    made: Provenance<'a>,
}

impl<'a> Output<'a> {
    /// Read an output; `None` for what this stage would not write so.
    pub fn parse(value: &'a Arc<Vec<u8>>) -> Option<Self> {
        let Fields(fields) = serde_json::from_slice(value).ok()?;
        let provenance = fields.iter().position(|(name, _)| name.0 == "provenance")?;
        let made: Provenance<'a> = serde_json::from_str(fields.get(provenance)?.1.get()).ok()?;
        let own: Vec<&str> = fields.iter().take(provenance).map(|(name, _)| &*name.0).collect();
        let duplicate = own.iter().position(|name| *name == "duplicate")?;
        let (head, tags) = own.get(..duplicate)?.split_at_checked(HEAD_FIELDS.len())?;
        let is_ours = *head == HEAD_FIELDS
            && (*tags == TAG_FIELDS || *tags == TAG_FIELDS[..2])
            && own.iter().skip(duplicate + 1).all(|name| CLEAN_FIELDS.contains(name));
        let schema = serde_json::from_str::<&str>(fields.first()?.1.get()).ok()?;
        let at = Pieces::of(value, &fields, duplicate, provenance)?;
        (is_ours && schema == SCHEMA).then_some(Self {
            value,
            fields,
            at,
            made,
        })
    }

    /// The article's place in its record.
    pub fn position(&self) -> u32 {
        self.made.position
    }

    /// How many articles the record held.
    pub fn articles(&self) -> u32 {
        self.made.articles
    }

    /// The preset that read the record.
    pub fn preset(&self) -> &str {
        &self.made.preset
    }

    /// Whether it was made of this record.
    pub fn is_of(&self, origin: &Origin) -> bool {
        let made = &self.made;
        (&*made.topic, made.partition, made.offset) == (&*origin.topic, origin.partition, origin.offset)
    }

    /// Whether its text and all that was read with it would be the same now.
    pub fn has_text_of(&self, versions: &Versions<'_>) -> bool {
        let made = &self.made.versions;
        made.decode == versions.decode && made.clean == versions.clean
    }

    /// Whether its tags would be the same now, given the same text.
    pub fn has_tags_of(&self, versions: &Versions<'_>) -> bool {
        self.made.versions.taxonomy == versions.taxonomy
    }

    /// A field that is a string, if it is one.
    pub fn string(&self, name: &str) -> Option<String> {
        let (_, value) = self.fields.iter().find(|(field, _)| field.0 == name)?;
        serde_json::from_str(value.get()).ok()?
    }

    /// The fields that stand as they are, with the tags or without.
    pub fn keep(&self, with_tags: bool) -> Kept {
        Kept {
            value: Arc::clone(self.value),
            at: self.at,
            with_tags,
        }
    }
}

impl Pieces {
    /// Found by the fields' values, which are parts of the output. `None` where something stands between two fields besides a comma.
    fn of(value: &[u8], fields: &[(Name<'_>, &RawValue)], duplicate: usize, provenance: usize) -> Option<Self> {
        let end = |field: usize| {
            let part = fields.get(field)?.1.get();
            Some(part.as_ptr() as usize - value.as_ptr() as usize + part.len())
        };
        let behind = |field: usize| {
            let end = end(field)?;
            (value.get(end..end + 2)? == b",\"").then_some(end + 1)
        };
        Some(Self {
            tags: behind(HEAD_FIELDS.len() - 1)?,
            duplicate: behind(duplicate - 1)?,
            middle: behind(duplicate)?,
            provenance: behind(provenance - 1)?,
            rest: end(provenance)?,
        })
    }
}

/// The record that an output was made of: topic, partition and offset. Quick, since every output that is read is asked: what passes through
/// may be mistaken for it, so the answer is to be made sure of with [`Output::is_of`].
pub fn origin(value: &[u8]) -> Option<(String, i32, i64)> {
    const NAME: &[u8] = b"\"provenance\":";
    let at = memchr::memmem::rfind(value, NAME)? + NAME.len();
    let mut parts = serde_json::Deserializer::from_slice(value.get(at..)?).into_iter();
    let made: Provenance<'_> = parts.next()?.ok()?;
    Some((made.topic.into_owned(), made.partition, made.offset))
}

/// Where an output was made, and by what. Other programs' may lack the latter.
#[derive(Debug, Deserialize)]
struct Provenance<'a> {
    #[serde(borrow)]
    topic: Cow<'a, str>,
    partition: i32,
    offset: i64,
    #[serde(default)]
    position: u32,
    #[serde(default = "one")]
    articles: u32,
    #[serde(borrow, default)]
    preset: Cow<'a, str>,
    #[serde(borrow, default)]
    versions: Made<'a>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Made<'a> {
    #[serde(borrow)]
    decode: Cow<'a, str>,
    #[serde(borrow)]
    clean: Cow<'a, str>,
    #[serde(borrow)]
    taxonomy: Cow<'a, str>,
}

/// An object's fields, in their order.
struct Fields<'a>(Vec<(Name<'a>, &'a RawValue)>);

#[derive(Debug, Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
