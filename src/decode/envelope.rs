//! What wraps an article → the article, or the articles.
//!
//! In: a parsed value. Out: contents, each with what its envelope said. Always: an envelope is opened only by its own marks;
//! positions follow the order of the value; an element that is no article is refused in its place, but for what linked data has beside
//! its articles.
//!
//! Known: `CloudEvents` 1.0 in structured and batched mode (`specversion`, `data`, `data_base64`), Kafka Connect's JSON converter
//! (`{schema, payload}`), Debezium (`{before, after, op}`), Mongo's change
//! streams (`{operationType, fullDocument}`), committers' `{upsert}`, API answers (`{success, data}`, `{articles: […]}` and the like),
//! search hits (`_source`), what queues, log shippers and pipelines carry ([`CARRIERS`]), values as Avro's JSON encoding writes them, a
//! JSON string that holds JSON, and arrays.

use std::collections::BTreeMap;

use serde_json::Value;

use super::alike::{self, Role};
use super::fields::{self, Fields, Object, is_empty};
use super::preset::schema_org;
use super::{Content, Item, Options, address, bytes, json, reject, text};
use crate::article::Reject;

/// Envelopes inside envelopes that are opened.
const DEPTH_MAX: usize = 6;

/// What an envelope says of its content is copied for each article in it: longer ones are no addresses, times or types.
const SAID_BYTES_MAX: usize = 8 << 10;

/// Names under which API answers hold their list; dots go deeper.
const LISTS: &[&str] = &[
    "articles.results",
    "articles",
    "results",
    "posts",
    "items",
    "entries",
    "docs",
    "news",
    "hits.hits",
    "response.docs",
    "response.results",
    "recentActivityArticles.activity",
    "data.web",
    "data.articles",
    "rss.channel.item",
    "feed.entry",
    // Of SerpApi, Firecrawl's search and Zyte.
    "news_results",
    "data.news",
    "articleList.articles",
];

/// The same where what they hold looks like articles and nothing beside them does: of Diffbot, of queues, of Kafka's REST proxy.
const LISTS_OF_ANY: &[&str] = &["objects", "Records", "records"];

/// Names under which queues, log shippers and pipelines carry a record, as an object or as JSON in a string.
const CARRIERS: &[&str] = &[
    "value",
    "payload",
    "message",
    "Message",
    "record",
    "item",
    "document",
    "doc",
    "article",
    "entry",
    "detail",
    "result",
    "attributes",
    "node",
    "_airbyte_data",
    "log",
    "data",
    "body",
    "content",
    "text",
];

/// Where the one of a list stands alone: of a question for one article, and as xmltodict gives a feed of one.
const ALONE: &[&str] = &["response.content", "rss.channel.item", "feed.entry"];

/// Fields of which an article has at least one and an envelope none.
const BODIES: &[&str] = &[
    "text",
    "html",
    "body",
    "content",
    "markdown",
    "rawHtml",
    "raw_html",
    "maintext",
    "articleBody",
    "cleaned_html",
];

pub(super) fn holds_nothing() -> Reject {
    reject("no-body", "the envelope holds no article")
}

/// Open all envelopes around a value.
pub(super) fn open(value: Value, options: &Options) -> Result<Vec<Result<Item, Reject>>, Reject> {
    let mut opened = Opened {
        items: Vec::new(),
        articles_max: options.articles_max,
    };
    opened.value(value, Said::default(), 0)?;
    if opened.items.is_empty() {
        return Err(holds_nothing());
    }
    if let [Err(_)] = opened.items.as_slice() {
        // One article that cannot be read is a record that cannot be read.
        return Err(opened
            .items
            .remove(0)
            .map(|_| ())
            .expect_err("the only item is an error"));
    }
    Ok(opened.items)
}

/// What the envelopes so far have said of their content.
#[derive(Debug, Clone, Default)]
struct Said {
    url: Option<String>,
    time: Option<String>,
    content_type: Option<String>,
}

struct Opened {
    items: Vec<Result<Item, Reject>>,
    articles_max: usize,
}

impl Opened {
    fn value(&mut self, value: Value, said: Said, depth: usize) -> Result<(), Reject> {
        if depth > DEPTH_MAX {
            self.items.push(Err(reject(
                "too-deep",
                format!("more than {DEPTH_MAX} envelopes inside each other"),
            )));
            return Ok(());
        }
        match value {
            Value::Object(object) => self.object(object, said, depth),
            Value::Array(list) => self.list(list, &said, depth),
            Value::String(text) => self.text(text, said, depth),
            Value::Null => self.refuse(reject("null-value", "the value is JSON `null`")),
            other => {
                let kind = fields::kind(&other);
                self.refuse(reject("not-an-object", format!("the value is {kind}, not an object")))
            }
        }
    }

    fn refuse(&mut self, why: Reject) -> Result<(), Reject> {
        self.push(Err(why))
    }

    fn push(&mut self, item: Result<Item, Reject>) -> Result<(), Reject> {
        if self.items.len() >= self.articles_max {
            let max = self.articles_max;
            return Err(reject(
                "too-large",
                format!("value with more than the {max} articles allowed"),
            ));
        }
        self.items.push(item);
        Ok(())
    }

    fn content(&mut self, content: Content, said: Said) -> Result<(), Reject> {
        self.push(Ok(Item {
            content,
            url: said.url,
            time: said.time,
            content_type: said.content_type,
        }))
    }

    fn list(&mut self, mut list: Vec<Value>, said: &Said, depth: usize) -> Result<(), Reject> {
        // A list of numbers is one bad record, not as many bad articles.
        let may_hold = |v: &Value| matches!(v, Value::Object(_) | Value::String(_) | Value::Array(_));
        if !list.is_empty() && !list.iter().any(may_hold) {
            return self.refuse(reject("not-an-object", "the value is a list without an object"));
        }
        // What a page says of itself in JSON-LD: beside articles, what has a type and no words is none.
        let articles_alone = list.iter().any(holds_typed_article);
        if articles_alone {
            name_by_id(&mut list);
        }
        list.into_iter()
            .filter(|element| !articles_alone || is_typed_article(element) || !is_bare(element))
            .try_for_each(|element| self.value(element, said.clone(), depth + 1))
    }

    /// A string is JSON once more, or a page or text.
    fn text(&mut self, text: String, said: Said, depth: usize) -> Result<(), Reject> {
        let starts = text.trim_start().starts_with(['{', '[']);
        if starts && json::is_meant(text.as_bytes()) {
            return match json::parse(text.as_bytes(), None) {
                Ok(inner) => self.value(inner, said, depth + 1),
                Err(why) => self.refuse(why),
            };
        }
        self.content(Content::Plain(text), said)
    }

    fn object(&mut self, object: Object, said: Said, depth: usize) -> Result<(), Reject> {
        let mut fields = Fields::new(object);
        out_of_unions(&mut fields);
        if let Some(why) = deletion(&fields) {
            return self.refuse(why);
        }
        if fields.has("specversion") && fields.has("type") {
            return self.cloud_event(fields.object, said, depth);
        }
        if is_connect(&fields) {
            return self.connect(fields.object, said, depth);
        }
        let is_change = fields.has("op") && (fields.has("before") || fields.has("source"));
        if fields.get("after").is_some_and(is_row) && (is_change || fields.has("op_type")) {
            let after = fields.take_top("after").unwrap_or(Value::Null);
            return self.value(out_of_record(after), said, depth + 1);
        }
        if fields.has("operationType")
            && let Some(document) = fields.take_top("fullDocument")
        {
            return self.value(document, said, depth + 1);
        }
        if fields.object.len() == 1
            && let Some(document) = fields.take_top("upsert")
        {
            return self.value(document, said, depth + 1);
        }
        if fields.has("_source") && (fields.has("_index") || fields.has("_id")) {
            let source = fields.take_top("_source").unwrap_or(Value::Null);
            return self.value(source, said, depth + 1);
        }
        if let Some(inner) = answer(&mut fields)? {
            return self.value(inner, said, depth + 1);
        }
        if let Some(inner) = carried(&mut fields) {
            let url = ["url", "link"].iter().find_map(|name| fields.get(name)?.as_str());
            let url = url.filter(|url| url.len() <= SAID_BYTES_MAX && address::is_url(url));
            let said = Said {
                url: url.map(str::to_owned).or(said.url),
                ..said
            };
            return self.value(inner, said, depth + 1);
        }
        self.content(Content::Object(fields), said)
    }

    fn cloud_event(&mut self, mut event: Object, mut said: Said, depth: usize) -> Result<(), Reject> {
        let mut text = |name: &str| match event.swap_remove(name) {
            Some(Value::String(s)) => Some(s),
            _ => None,
        };
        // Each article of a list gets its own.
        let mut short = |name: &str| text(name).filter(|s| s.len() <= SAID_BYTES_MAX);
        said.content_type = short("datacontenttype");
        said.url = short("subject").filter(|s| address::is_url(s)).or(said.url);
        said.time = short("time").or(said.time);
        if let Some(packed) = text("data_base64") {
            let Some(raw) = bytes::from_base64(&packed) else {
                return self.refuse(reject(
                    "wrong-type",
                    "field `data_base64` of the CloudEvent is not base64",
                ));
            };
            return match super::parse(&raw, said.content_type.as_deref()) {
                Ok(inner) => self.value(inner, said, depth + 1),
                Err(why) => self.refuse(why),
            };
        }
        match event.swap_remove("data") {
            Some(data) => self.value(data, said, depth + 1),
            None => self.refuse(reject("null-value", "the CloudEvent has no data")),
        }
    }

    fn connect(&mut self, mut envelope: Object, said: Said, depth: usize) -> Result<(), Reject> {
        let payload = envelope.swap_remove("payload").unwrap_or(Value::Null);
        let packed = matches!(fields::at(&envelope, "schema.type"), Some(Value::String(t)) if t == "bytes");
        match payload {
            Value::String(base64) if packed => match bytes::from_base64(&base64).map(|raw| super::parse(&raw, None)) {
                Some(Ok(inner)) => self.value(inner, said, depth + 1),
                Some(Err(why)) => self.refuse(why),
                None => self.refuse(reject(
                    "wrong-type",
                    "field `payload` has the schema type bytes, but is not base64",
                )),
            },
            payload => self.value(payload, said, depth + 1),
        }
    }
}

/// A row that was deleted, as Debezium's flattened changes, Maxwell and Canal tell it.
fn deletion(fields: &Fields) -> Option<Reject> {
    let says = |name: &str, word: &str| match fields.get(name) {
        Some(Value::Bool(said)) => *said && word == "true",
        Some(Value::String(said)) => said.eq_ignore_ascii_case(word),
        _ => false,
    };
    let of_table = fields.has("database") && fields.has("table") && says("type", "delete");
    (says("__deleted", "true") || of_table).then(|| reject("no-document", "a row that was deleted holds no document"))
}

/// Values as Avro's JSON encoding writes optional ones (`{"string": "…"}`) → the values.
fn out_of_unions(fields: &mut Fields) {
    const TYPES: &[&str] = &["string", "long", "int", "double", "float", "boolean", "array"];
    let is_union = |value: &Value| {
        let alone = value.as_object().filter(|map| map.len() == 1);
        alone.is_some_and(|map| map.keys().all(|name| TYPES.contains(&name.as_str())))
    };
    let mut names = ["title", "url"].iter().chain(BODIES);
    if !names.any(|name| fields.get(name).is_some_and(is_union)) {
        return;
    }
    for value in fields.object.values_mut().filter(|value| is_union(value)) {
        let inner = value.as_object_mut().and_then(|map| map.values_mut().next());
        if let Some(inner) = inner.map(Value::take) {
            *value = inner;
        }
    }
}

/// The same of a row: `{"db.articles.Value": {…}}`.
fn out_of_record(mut row: Value) -> Value {
    let alone = row.as_object_mut().filter(|row| row.len() == 1);
    let inner = alone.and_then(|row| row.iter_mut().find(|(name, _)| name.ends_with(".Value")));
    match inner.map(|(_, inner)| inner.take()) {
        Some(inner) => inner,
        None => row,
    }
}

/// A row as a change tells it: an object, nothing where it was deleted, or in Mongo's changes JSON in a string.
fn is_row(after: &Value) -> bool {
    match after {
        Value::String(text) => is_object(text),
        after => after.is_object() || after.is_null(),
    }
}

/// Names under which articles, and what carries them, may have words.
const WORDS: &[&str] = &["name", "h1", "description", "summary", "abstract", "excerpt"];

/// Whether an object has words of its own under a name that is meant.
fn says(fields: &Fields, is_meant: impl Fn(&str) -> bool) -> bool {
    let is_words = |value: &Value| matches!(value, Value::String(text) if !is_empty(value) && !is_object(text));
    let holds_words = |value: &Value| match value {
        Value::Array(lines) => lines.iter().any(is_words),
        value => is_words(value),
    };
    let mut all = fields.object.iter();
    all.any(|(name, value)| holds_words(value) && is_meant(name))
}

/// The name of a title or of a text, however it is written.
fn is_of_article(name: &str) -> bool {
    matches!(alike::role(name), Some(Role::Title | Role::Body))
}

/// Whether a value has a title and a text.
fn is_whole(value: &Value) -> bool {
    let says = |names: &[&str]| {
        names.iter().any(|name| {
            value
                .get(*name)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        })
    };
    says(&["title", "headline"]) && says(BODIES)
}

/// What an object without words of its own carries under one of the usual names, where that looks like an article.
fn carried(fields: &mut Fields) -> Option<Value> {
    if fields.has("title") || fields.has("headline") || !CARRIERS.iter().any(|name| fields.has(name)) {
        return None;
    }
    if says(fields, is_of_article) {
        return None;
    }
    // A name or a teaser may be the carrier's: what it carries must be an article then.
    let needs_all = says(fields, |name| WORDS.contains(&name));
    for name in CARRIERS {
        let needs_title = BODIES.contains(name);
        match fields.get(name) {
            Some(found @ Value::Object(inner))
                if is_load(inner, needs_title, CARRIED_DEPTH_MAX) && (!needs_all || is_whole(found)) =>
            {
                return fields.take_top(name);
            }
            Some(Value::Object(inner)) if !needs_all => {
                let packed = published(inner);
                if packed.is_some() {
                    return packed;
                }
            }
            Some(Value::String(text)) if is_object(text) => {
                let parsed = serde_json::from_str::<Value>(text).ok();
                let is_one = |inner: &Value| {
                    let inner = inner.as_object();
                    inner.is_some_and(|inner| is_load(inner, needs_title, CARRIED_DEPTH_MAX))
                };
                let is_one = |inner: &Value| is_one(inner) && (!needs_all || is_whole(inner));
                if let Some(inner) = parsed.filter(is_one) {
                    return Some(inner);
                }
            }
            _ => {}
        }
    }
    None
}

/// The string may be an object in JSON.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.trim_end().ends_with('}')
}

/// How deep a record is looked for in what carries it.
const CARRIED_DEPTH_MAX: usize = 2;

/// An article, or what carries one.
fn is_load(inner: &Object, needs_title: bool, depth: usize) -> bool {
    let is_said = |name: &&str| {
        inner
            .get(*name)
            .is_some_and(|value| value.is_string() && !is_empty(value))
    };
    let titled = ["title", "headline"].iter().any(is_said);
    let has_body = || !needs_title && BODIES.iter().any(is_said);
    let carries = || {
        let next = |name: &&str| inner.get(*name)?.as_object();
        depth > 0
            && CARRIERS
                .iter()
                .filter_map(next)
                .any(|next| is_load(next, needs_title, depth - 1))
    };
    titled || has_body() || carries()
}

/// The same, or what carries JSON in a string.
fn may_be_load(value: &Value) -> bool {
    let packs = |inner: &Object| {
        let packed = |name: &&str| inner.get(*name).and_then(Value::as_str).is_some_and(is_object);
        CARRIERS.iter().any(packed)
    };
    let is_alike = |(name, value): (&String, &Value)| value.is_string() && !is_empty(value) && is_of_article(name);
    let inner = value.as_object();
    inner.is_some_and(|inner| is_load(inner, false, CARRIED_DEPTH_MAX) || packs(inner) || inner.iter().any(is_alike))
}

/// The data of a message of Google's Pub/Sub, which is base64 of JSON.
fn published(message: &Object) -> Option<Value> {
    let is_message = ["messageId", "message_id", "publishTime"]
        .iter()
        .any(|name| message.contains_key(*name));
    let data = message.get("data").filter(|_| is_message)?.as_str()?;
    let value: Value = serde_json::from_slice(&bytes::from_base64(data)?).ok()?;
    value.is_object().then_some(value)
}

/// Kafka Connect's JSON converter: `schema` and `payload`, and nothing else.
fn is_connect(fields: &Fields) -> bool {
    fields.object.len() == 2
        && fields.has("payload")
        && matches!(fields.get("schema"), Some(Value::Null | Value::Object(_)))
}

/// The content of an API's answer; `None` where the object is no such answer.
fn answer(fields: &mut Fields) -> Result<Option<Value>, Reject> {
    // Most objects are articles, and most articles have one of these.
    if BODIES.iter().any(|name| fields.has(name)) {
        return Ok(None);
    }
    if let Some(why) = failure(fields) {
        return Err(why);
    }
    for path in LISTS {
        if fields.get(path).is_some_and(is_objects) {
            return Ok(fields.take(path));
        }
    }
    if let Some(name) = LISTS_OF_ANY.iter().find(|name| is_list_of_articles(fields, name)) {
        return Ok(fields.take_top(name));
    }
    if fields.object.len() == 1 {
        for path in ALONE {
            if fields.get(path).is_some_and(Value::is_object) {
                return Ok(fields.take(path));
            }
        }
    }
    // These may stand beside an article's own fields, too.
    if !fields.has("title") && !fields.has("url") {
        for name in ["stories", "json-ld", "value"] {
            if fields.get(name).is_some_and(is_objects) {
                return Ok(fields.take_top(name));
            }
        }
    }
    let wraps = match fields.get("data") {
        Some(Value::Object(_)) => true,
        Some(list) => is_objects(list),
        None => false,
    };
    if wraps && !fields.has("url") && !fields.has("title") {
        return Ok(fields.take_top("data"));
    }
    // Zyte's API answers with the article beside the request's own fields.
    let titled = |article: &Object| {
        ["headline", "title", "articleBody"]
            .iter()
            .any(|n| article.contains_key(*n))
    };
    if matches!(fields.get("article"), Some(Value::Object(article)) if titled(article)) {
        return Ok(fields.take_top("article"));
    }
    Ok(graph(fields))
}

fn is_objects(value: &Value) -> bool {
    matches!(value, Value::Array(list) if list.iter().all(Value::is_object))
}

/// Whether a list holds what looks like articles, and the object beside it is none itself.
fn is_list_of_articles(fields: &Fields, name: &str) -> bool {
    let list = fields.get(name).filter(|list| is_objects(list));
    let Some(list) = list.and_then(Value::as_array) else {
        return false;
    };
    let is_said = |name: &str| fields.get(name).is_some_and(|value| !is_empty(value));
    let is_article =
        is_said("title") || is_said("url") || says(fields, |name| WORDS.contains(&name) || is_of_article(name));
    // The title of an answer may stand beside the articles that it holds, which are whole.
    let is_answer = || list.iter().any(is_whole) && !says(fields, |name| alike::role(name) == Some(Role::Body));
    list.iter().any(may_be_load) && (!is_article || is_answer())
}

/// The articles of a JSON-LD `@graph`, whose other members (pages, people, images) are none.
fn graph(fields: &mut Fields) -> Option<Value> {
    let is_graph = |v: &Value| matches!(v, Value::Array(members) if members.iter().any(is_typed_article));
    if !fields.get("@graph").is_some_and(is_graph) {
        return None;
    }
    let mut graph = fields.take_top("@graph")?;
    let members = graph.as_array_mut()?;
    name_by_id(members);
    members.retain(is_typed_article);
    Some(graph)
}

/// What is named in another member's place is copied for each that refers to it: longer ones are no names.
const NAME_BYTES_MAX: usize = 160;

/// Articles say who wrote and published them by the `@id` of another member: its name is written beside.
fn name_by_id(members: &mut [Value]) {
    let id_and_name = |member: &Value| {
        let text = |name: &str| Some(member.get(name)?.as_str()?.to_owned());
        text("@id").zip(text("name").filter(|name| name.len() <= NAME_BYTES_MAX))
    };
    let is_other = |member: &&Value| !is_typed_article(member);
    let names: BTreeMap<String, String> = members.iter().filter(is_other).filter_map(id_and_name).collect();
    let name = |one: &mut Value| {
        if let Value::Object(reference) = one
            && !reference.contains_key("name")
            && let Some(id) = reference.get("@id").and_then(Value::as_str)
            && let Some(name) = names.get(id)
        {
            reference.insert("name".to_owned(), name.as_str().into());
        }
    };
    for article in members.iter_mut().filter(|member| is_typed_article(member)) {
        for role in ["author", "creator", "publisher"] {
            match article.get_mut(role) {
                Some(Value::Array(list)) => list.iter_mut().for_each(name),
                Some(one) => name(one),
                None => {}
            }
        }
    }
}

/// Whether a member of linked data has a type and no words of its own: an organisation, a list of links, an image.
fn is_bare(value: &Value) -> bool {
    let words = ["text", "articleBody", "description", "reviewBody"];
    value.get("@type").is_some() && words.iter().all(|name| value.get(*name).is_none())
}

fn is_typed_article(value: &Value) -> bool {
    let object = value.as_object();
    object.is_some_and(|o| o.contains_key("@type") && schema_org::is_article(o))
}

/// The same, or a graph with one.
fn holds_typed_article(value: &Value) -> bool {
    let members = value.get("@graph").and_then(Value::as_array);
    is_typed_article(value) || members.is_some_and(|members| members.iter().any(is_typed_article))
}

/// An answer that says that it failed and holds nothing.
fn failure(fields: &Fields) -> Option<Reject> {
    let failed = fields.get("success") == Some(&Value::Bool(false))
        || matches!(fields.get("status"), Some(Value::String(s)) if s == "error" || s == "fail" || s == "failed");
    let empty = fields.get("data").is_none_or(is_empty) && !fields.has("url");
    (failed && empty).then(|| {
        let said = ["error", "message", "code"]
            .iter()
            .find_map(|name| fields.get(name)?.as_str());
        reject(
            "fetch-failed",
            format!(
                "the answer says that it failed: {}",
                text::shortened(said.unwrap_or("no reason given"))
            ),
        )
    })
}
