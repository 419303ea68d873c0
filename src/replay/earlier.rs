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
use crate::encode::{SCHEMA, Versions};

/// What is known of a batch's records from an earlier run; nothing in a live one.
#[derive(Debug, Default)]
pub struct Earlier {
    /// (partition, offset) → the values of the outputs.
    outputs: BTreeMap<(i32, i64), Vec<Vec<u8>>>,
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
            self.outputs.insert(place, outputs);
        }
    }

    /// The outputs that a record has.
    pub fn outputs(&self, record: &Record) -> Option<&[Vec<u8>]> {
        let outputs = self.outputs.get(&(record.origin.partition, record.origin.offset))?;
        Some(outputs)
    }

    /// Whether an article's verdict is on record: nothing more is needed to judge it.
    pub fn is_judged(&self, origin: &Origin) -> bool {
        self.recorded.get(origin).is_some()
    }
}

/// The fields of an output that stand as they are: pieces of its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// `{"schema":…,` up to the tags.
    pub head: Vec<u8>,
    /// `"tags":…,"tag_scores":…,`; `None` where the article is tagged anew.
    pub tags: Option<Vec<u8>>,
    /// Between the verdict and the provenance.
    pub middle: Vec<u8>,
    /// Behind the provenance, from a comma on.
    pub rest: Vec<u8>,
}

/// The output of one article, as it was written.
#[derive(Debug)]
pub struct Output<'a> {
    fields: Vec<(Name<'a>, &'a RawValue)>,
    made: Provenance<'a>,
}

/// Fields before the tags, in their order.
const HEAD: [&str; 9] = [
    "schema",
    "id",
    "url",
    "title",
    "text",
    "language",
    "published_at",
    "authors",
    "site",
];
/// Those that a step may write anew.
const ANEW: [&str; 3] = ["tags", "tag_scores", "duplicate"];
/// Behind them.
const MIDDLE: [&str; 2] = ["removed", "page"];

impl<'a> Output<'a> {
    /// Read an output; `None` for what this stage would not write so.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let Fields(fields) = serde_json::from_slice(value).ok()?;
        let at = fields.iter().position(|(name, _)| name.0 == "provenance")?;
        let made: Provenance<'a> = serde_json::from_str(fields.get(at)?.1.get()).ok()?;
        let own: Vec<&str> = fields.iter().take(at).map(|(name, _)| &*name.0).collect();
        let (first, middle) = own.split_at_checked(HEAD.len() + ANEW.len())?;
        let is_ours = first.iter().eq(HEAD.iter().chain(&ANEW)) && middle.iter().all(|name| MIDDLE.contains(name));
        let schema = serde_json::from_str::<&str>(fields.first()?.1.get()).ok()?;
        (is_ours && schema == SCHEMA).then_some(Self { fields, made })
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
        let piece = |names: &[&str]| {
            let mut bytes = Vec::new();
            for (name, value) in self.fields.iter().filter(|(name, _)| names.contains(&&*name.0)) {
                write(&mut bytes, name, value);
                bytes.push(b',');
            }
            bytes
        };
        let behind = self
            .fields
            .iter()
            .skip_while(|(name, _)| name.0 != "provenance")
            .skip(1);
        let mut rest = Vec::new();
        for (name, value) in behind {
            rest.push(b',');
            write(&mut rest, name, value);
        }
        Kept {
            head: [b"{", &piece(&HEAD)[..]].concat(),
            tags: with_tags.then(|| piece(&ANEW[..2])),
            middle: piece(&MIDDLE),
            rest,
        }
    }
}

fn write(bytes: &mut Vec<u8>, name: &Name<'_>, value: &RawValue) {
    serde_json::to_writer(&mut *bytes, &name.0).expect("a name is JSON");
    bytes.push(b':');
    bytes.extend_from_slice(value.get().as_bytes());
}

/// The record that an output was made of: topic, partition and offset.
pub fn origin(value: &[u8]) -> Option<(String, i32, i64)> {
    #[derive(Deserialize)]
    struct Only<'a> {
        #[serde(borrow)]
        provenance: Provenance<'a>,
    }
    let made = serde_json::from_slice::<Only<'_>>(value).ok()?.provenance;
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
