//! An earlier output of a record → what of it stands as it is, and what must be done again.
//!
//! In: the value of an output record, and the versions of the steps now. Out: the fields that a present step would write the same, as the
//! bytes that they are. Always: pure; an output that is not wholly understood is none, and its record is done whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::Recorded;
use crate::article::{Origin, Record};
use crate::encode::{CLEAN_FIELDS, HEAD_FIELDS, SCHEMA, TAG_FIELDS};
use crate::pipeline::Versions;

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
    pub fn is_judged(&self, origin: &Origin, time_ms: Option<i64>) -> bool {
        time_ms.is_some_and(|ms| self.recorded.get(origin, ms).is_some())
    }
}

/// Articles by what was done of them, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Redone {
    /// Nothing but the verdict.
    pub unchanged: u64,
    /// The tags.
    pub tagged_again: u64,
    /// All of it.
    pub done_whole: u64,
}

impl Redone {
    /// Add other articles.
    pub fn add(&mut self, other: Self) {
        self.unchanged += other.unchanged;
        self.tagged_again += other.tagged_again;
        self.done_whole += other.done_whole;
    }
}

/// The fields of an output that stand as they are: pieces of its JSON, where they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    value: Arc<Vec<u8>>,
    at: Pieces,
    tags: KeptTags,
}

/// What of an output's tags stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptTags {
    /// Nothing.
    None,
    /// Of each tag, in their order, what stands of it.
    Some(Vec<KeptTag>),
    /// The fields as they are.
    All,
}

/// What of a tag stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTag {
    /// The tag's name.
    pub name: Arc<str>,
    /// The JSON of its score, and of itself where it was given; `None` where it is judged anew.
    pub as_it_was: Option<(Range<usize>, Option<Range<usize>>)>,
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

    /// What of the tags stands.
    pub fn tags(&self) -> &KeptTags {
        &self.tags
    }

    /// From `"tags":` up to `"duplicate":`.
    pub fn all_tags(&self) -> &[u8] {
        self.piece(self.at.tags, self.at.duplicate)
    }

    /// The JSON of a kept tag's part.
    pub fn part(&self, range: &Range<usize>) -> &[u8] {
        self.piece(range.start, range.end)
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
pub struct EarlierOutput<'a> {
    value: &'a Arc<Vec<u8>>,
    fields: Vec<(Name<'a>, &'a RawValue)>,
    at: Pieces,
    made: Provenance<'a>,
}

impl<'a> EarlierOutput<'a> {
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

    /// Whether a replay made it.
    pub fn is_of_a_run(&self) -> bool {
        self.made.run.is_some()
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

    /// The version of the tags.
    pub fn taxonomy(&self) -> &str {
        &self.made.versions.taxonomy
    }

    /// What stands of these tags, of which some are unchanged; `None` where one of those is not there.
    pub fn tags(&self, tags: &[(Arc<str>, bool)]) -> Option<KeptTags> {
        let field = |name: &str| self.fields.iter().find(|(field, _)| field.0 == name);
        let scores: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(field(TAG_FIELDS[1])?.1.get()).ok()?;
        let given: Vec<&RawValue> = serde_json::from_str(field(TAG_FIELDS[0])?.1.get()).ok()?;
        let mut named = BTreeMap::new();
        for tag in given {
            let Named { name } = serde_json::from_str(tag.get()).ok()?;
            named.insert(name, tag);
        }
        let kept = |(name, is_unchanged): &(Arc<str>, bool)| {
            let as_it_was = if *is_unchanged {
                let given = named.get(&**name).map(|tag| self.range(tag));
                Some((self.range(scores.get(&**name)?), given))
            } else {
                None
            };
            let name = Arc::clone(name);
            Some(KeptTag { name, as_it_was })
        };
        Some(KeptTags::Some(tags.iter().map(kept).collect::<Option<_>>()?))
    }

    fn range(&self, part: &RawValue) -> Range<usize> {
        let from = part.get().as_ptr() as usize - self.value.as_ptr() as usize;
        from..from + part.get().len()
    }

    /// The fields that stand as they are, and these tags.
    pub fn keep(&self, tags: KeptTags) -> Kept {
        Kept {
            value: Arc::clone(self.value),
            at: self.at,
            tags,
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

/// The record that an output was made of: topic, partition and offset, and how many articles it holds. Quick, since every output that is read is asked: what passes through
/// may be mistaken for it, so the answer is to be made sure of with [`EarlierOutput::is_of`].
pub fn origin(value: &[u8]) -> Option<(Cow<'_, str>, (i32, i64, u32))> {
    const NAME: &[u8] = b"\"provenance\":";
    let at = memchr::memmem::rfind(value, NAME)? + NAME.len();
    let mut parts = serde_json::Deserializer::from_slice(value.get(at..)?).into_iter();
    let made: Provenance<'_> = parts.next()?.ok()?;
    Some((made.topic, (made.partition, made.offset, made.articles)))
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
    #[serde(borrow, default)]
    run: Option<Cow<'a, str>>,
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

/// A tag as it was given.
#[derive(Debug, Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
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
