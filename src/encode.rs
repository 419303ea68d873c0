//! Tagged article + verdict → the output record's value.
//!
//! In: everything known of one article. Out: one JSON object, described by [`schema`]. Always: the same article gives the same
//! bytes; fields are only ever added.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::article::{Origin, Removed};
use crate::dedupe::{Kind, Verdict};
use crate::fast::json_text::{self, Text};
use crate::pipeline::{TaggedArticle, Versions};
use crate::replay::{Kept, KeptTag, KeptTags};
use crate::tag::{PhrasesRead, Tag, Tagging};

/// The output's schema name; a new major number would be a breaking change.
pub const SCHEMA: &str = "sluice.article.v1";

/// An enriched article as it is published.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Enriched<'a> {
    /// Names the form of this record.
    pub schema: &'static str,
    /// The article's own id, or its origin (`topic-partition-offset`) where it has none.
    pub id: &'a str,
    pub url: Option<&'a str>,
    pub title: Option<&'a str>,
    /// The main text, a paragraph a line.
    #[schemars(with = "String")]
    pub text: Text<'a>,
    /// ISO 639-1.
    pub language: Option<&'a str>,
    /// RFC 3339, or a bare day where only that is known.
    pub published_at: Option<&'a str>,
    pub authors: &'a [String],
    /// The outlet.
    pub site: Option<&'a str>,
    /// The tags above their thresholds.
    pub tags: &'a [Tag],
    /// Tag name → probability, for every tag known.
    pub tag_scores: &'a BTreeMap<String, f32>,
    /// Which phrases were looked for, where not those of the text's language: `names` alone, or `all` of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_phrases: Option<PhrasesRead>,
    pub duplicate: Duplicate<'a>,
    /// What the cleaning took away, with the reason. Offsets are bytes of the input body (UTF-8).
    pub removed: &'a [Removed],
    /// What the page says of itself beyond the fields above; absent where it says nothing.
    #[serde(skip_serializing_if = "PageFields::is_empty")]
    pub page: PageFields<'a>,
    pub provenance: Provenance<'a>,
    /// Input fields that the stage does not know pass through as they are.
    #[serde(flatten)]
    pub passed_through: PassedThrough<'a>,
}

/// Fields that pass through. Those whose name an output field has stand under `input`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PassedThrough<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Map<String, Value>>,
    #[serde(flatten)]
    pub fields: BTreeMap<&'a str, &'a Value>,
}

/// How the article stands to those seen before it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Duplicate<'a> {
    pub kind: Kind,
    /// The original of the story; null for a unique article.
    pub of: Option<Of<'a>>,
    /// 0 to 1: what the shorter text shares with the other, of this article and the one that it was recognised by, which is the original
    /// or a copy of it.
    pub similarity: f32,
    /// `exact`, `syndicated`, `trimmed`, `edited` or `update`; absent for a unique article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
}

/// Names an original by its id and its origin.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Of<'a> {
    pub id: &'a str,
    pub topic: &'a str,
    pub partition: i32,
    pub offset: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub position: u32,
}

/// Metadata of the page that has no field of its own.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PageFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
    /// `article`, `list`, `gallery`, `paywalled`, `not-an-article`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'a str>,
    /// Rights signals as found on the page.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub rights: &'a [String],
}

impl PageFields<'_> {
    fn is_empty(&self) -> bool {
        *self == PageFields::default()
    }
}

/// Where the article came from and what made this record.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Provenance<'a> {
    pub topic: &'a str,
    pub partition: i32,
    pub offset: i64,
    #[serde(skip_serializing_if = "is_zero")]
    pub position: u32,
    /// How many articles the record holds; absent where it is one.
    #[serde(skip_serializing_if = "is_one")]
    pub articles: u32,
    /// The preset that read the record.
    pub preset: &'a str,
    pub versions: Versions<'a>,
    /// The id of the replay that wrote this record; absent in a live run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<&'a str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one(n: &u32) -> bool {
    *n == 1
}

/// The output fields' names, in order: those before the tags,
pub(crate) const HEAD_FIELDS: [&str; 9] = [
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
/// those of the tagger, of which the last is there only where it says something,
pub(crate) const TAG_FIELDS: [&str; 3] = ["tags", "tag_scores", "tag_phrases"];
/// and, behind the verdict, those of the cleaning.
pub(crate) const CLEAN_FIELDS: [&str; 2] = ["removed", "page"];
/// The rest, with what the input's fields of such names are called.
const OTHER_FIELDS: [&str; 4] = ["duplicate", "provenance", "input", "html"];

/// Whether a name is the output's own: input fields of these names do not pass through at the top level.
fn is_own(name: &str) -> bool {
    let all: [&[&str]; 4] = [&HEAD_FIELDS, &TAG_FIELDS, &CLEAN_FIELDS, &OTHER_FIELDS];
    all.iter().any(|fields| fields.contains(&name))
}

impl<'a> PassedThrough<'a> {
    fn new(extra: &'a Map<String, Value>) -> Self {
        let (own, free): (Vec<_>, Vec<_>) = extra.iter().partition(|(name, _)| is_own(name));
        let input: Map<String, Value> = own
            .into_iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Self {
            input: (!input.is_empty()).then_some(input),
            fields: free.into_iter().map(|(name, value)| (name.as_str(), value)).collect(),
        }
    }
}

impl<'a> Duplicate<'a> {
    fn new(verdict: &'a Verdict) -> Self {
        Self {
            kind: verdict.kind,
            of: verdict.of.as_ref().map(|o| Of::new(&o.id, &o.origin)),
            similarity: verdict.similarity,
            relation: verdict.relation,
        }
    }
}

impl<'a> Provenance<'a> {
    fn new(article: &'a TaggedArticle, versions: &Versions<'a>, run: Option<&'a str>) -> Self {
        Self {
            topic: &article.origin.topic,
            partition: article.origin.partition,
            offset: article.origin.offset,
            position: article.origin.position,
            articles: article.of_record,
            preset: article.preset,
            versions: versions.clone(),
            run,
        }
    }
}

impl<'a> Of<'a> {
    fn new(id: &'a str, origin: &'a Origin) -> Self {
        Self {
            id,
            topic: &origin.topic,
            partition: origin.partition,
            offset: origin.offset,
            position: origin.position,
        }
    }
}

/// Write one article as the value of an output record.
pub fn encode(article: &TaggedArticle, verdict: &Verdict, versions: &Versions<'_>, run: Option<&str>) -> Vec<u8> {
    if let Some(kept) = &article.kept {
        return again(kept, article, verdict, versions, run);
    }
    let page = &article.page;
    let record = Enriched {
        schema: SCHEMA,
        id: &article.id,
        url: article.url.as_deref(),
        title: article.title.as_deref(),
        text: Text(&article.text),
        language: article.language.as_deref(),
        published_at: article.published_at.as_deref(),
        authors: &article.authors,
        site: article.site.as_deref(),
        tags: &article.tagging.tags,
        tag_scores: &article.tagging.scores,
        tag_phrases: phrases_read(article),
        duplicate: Duplicate::new(verdict),
        removed: &article.removed,
        page: PageFields {
            canonical_url: page.canonical_url.as_deref(),
            modified_at: page.modified_at.as_deref(),
            section: page.section.as_deref(),
            image: page.image.as_deref(),
            kind: page.kind,
            rights: &page.rights,
        },
        provenance: Provenance::new(article, versions, run),
        passed_through: PassedThrough::new(&article.extra),
    };
    let mut value = Vec::with_capacity(article.text.len() + 2048);
    json_text::append(&mut value, &record).expect("an article has no map keys that JSON cannot hold");
    value
}

/// The same for an article of which an earlier output is kept: what was done again in its place, the rest as it stands there.
fn again(
    kept: &Kept,
    article: &TaggedArticle,
    verdict: &Verdict,
    versions: &Versions<'_>,
    run: Option<&str>,
) -> Vec<u8> {
    let mut value = Vec::with_capacity(kept.head().len() + kept.middle().len() + kept.rest().len() + 4096);
    value.extend_from_slice(kept.head());
    match kept.tags() {
        KeptTags::All => value.extend_from_slice(kept.all_tags()),
        KeptTags::Some(tags) => some_tags(&mut value, kept, tags, &article.tagging),
        KeptTags::None => {
            field(&mut value, "tags", &article.tagging.tags);
            field(&mut value, "tag_scores", &article.tagging.scores);
        }
    }
    if *kept.tags() != KeptTags::All
        && let Some(read) = phrases_read(article)
    {
        field(&mut value, "tag_phrases", &read);
    }
    field(&mut value, "duplicate", &Duplicate::new(verdict));
    value.extend_from_slice(kept.middle());
    field(&mut value, "provenance", &Provenance::new(article, versions, run));
    // The last field's comma: `rest` brings its own, or ends the object.
    value.pop();
    value.extend_from_slice(kept.rest());
    value
}

/// The fields of the tags, of which some stand and some were judged anew.
fn some_tags(bytes: &mut Vec<u8>, kept: &Kept, tags: &[KeptTag], anew: &Tagging) {
    fn comma(bytes: &mut Vec<u8>) {
        if !bytes.ends_with(b"[") && !bytes.ends_with(b"{") {
            bytes.push(b',');
        }
    }
    bytes.extend_from_slice(b"\"tags\":[");
    for tag in tags {
        match &tag.as_it_was {
            Some((_, None)) => {}
            Some((_, Some(given))) => {
                comma(bytes);
                bytes.extend_from_slice(kept.part(given));
            }
            None => {
                if let Some(given) = anew.tags.iter().find(|t| *t.name == *tag.name) {
                    comma(bytes);
                    json(bytes, given);
                }
            }
        }
    }
    bytes.extend_from_slice(b"],\"tag_scores\":{");
    let by_name: BTreeMap<&str, &KeptTag> = tags.iter().map(|tag| (&*tag.name, tag)).collect();
    for (name, tag) in by_name {
        comma(bytes);
        json(bytes, &name);
        bytes.push(b':');
        match &tag.as_it_was {
            Some((score, _)) => bytes.extend_from_slice(kept.part(score)),
            None => json(bytes, &anew.scores.get(name)),
        }
    }
    bytes.extend_from_slice(b"},");
}

/// Those of the text's language go without saying.
fn phrases_read(article: &TaggedArticle) -> Option<PhrasesRead> {
    Some(article.tagging.phrases_read).filter(|read| *read != PhrasesRead::Language)
}

fn field(bytes: &mut Vec<u8>, name: &str, content: &impl Serialize) {
    bytes.extend_from_slice(format!("\"{name}\":").as_bytes());
    json(bytes, content);
    bytes.push(b',');
}

fn json(bytes: &mut Vec<u8>, content: &impl Serialize) {
    serde_json::to_writer(bytes, content).expect("an article has no map keys that JSON cannot hold");
}

/// The JSON Schema of the output, as it is checked in under `deploy/`: of what is written, in which some fields may be absent.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Enriched<'static>>().to_value()
}
