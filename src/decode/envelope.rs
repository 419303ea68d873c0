//! What wraps an article → the article, or the articles.
//!
//! In: a parsed value. Out: contents, each with what its envelope said. Always: an envelope is opened only by its own marks;
//! positions follow the order of the value; an element that is no article is refused in its place.
//!
//! Known: CloudEvents 1.0 in structured and batched mode (`specversion`, `data`, `data_base64`), Kafka Connect's JSON converter
//! (`{schema, payload}`), Debezium (`{before, after, op}`), API answers (`{success, data}`, `{articles: […]}` and the like),
//! search hits (`_source`), a JSON string that holds JSON, and arrays.

use serde_json::Value;

use super::fields::{self, Object};
use super::preset::schema_org;
use super::{Content, Item, Options, bytes, json, map, reject};
use crate::article::Reject;

/// Envelopes inside envelopes that are opened.
const DEPTH_MAX: usize = 6;

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
];

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

    fn list(&mut self, list: Vec<Value>, said: &Said, depth: usize) -> Result<(), Reject> {
        list.into_iter()
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

    fn object(&mut self, mut object: Object, said: Said, depth: usize) -> Result<(), Reject> {
        if object.contains_key("specversion") && object.contains_key("type") {
            return self.cloud_event(object, said, depth);
        }
        if is_connect(&object) {
            return self.connect(object, said, depth);
        }
        if object.contains_key("op") && object.contains_key("after") && object.contains_key("before") {
            let after = object.swap_remove("after").unwrap_or(Value::Null);
            return self.value(after, said, depth + 1);
        }
        if object.contains_key("_source") && (object.contains_key("_index") || object.contains_key("_id")) {
            let source = object.swap_remove("_source").unwrap_or(Value::Null);
            return self.value(source, said, depth + 1);
        }
        if let Some(inner) = self::answer(&mut object)? {
            return self.value(inner, said, depth + 1);
        }
        self.content(Content::Object(object), said)
    }

    fn cloud_event(&mut self, mut event: Object, mut said: Said, depth: usize) -> Result<(), Reject> {
        let mut text = |name: &str| match event.swap_remove(name) {
            Some(Value::String(s)) => Some(s),
            _ => None,
        };
        said.content_type = text("datacontenttype");
        said.url = text("subject").filter(|s| map::is_url(s)).or(said.url);
        said.time = text("time").or(said.time);
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

/// Kafka Connect's JSON converter: `schema` and `payload`, and nothing else.
fn is_connect(object: &Object) -> bool {
    object.len() == 2
        && object.contains_key("payload")
        && matches!(object.get("schema"), Some(Value::Null | Value::Object(_)))
}

/// The content of an API's answer; `None` where the object is no such answer.
fn answer(object: &mut Object) -> Result<Option<Value>, Reject> {
    // Most objects are articles, and most articles have one of these.
    if BODIES.iter().any(|name| object.contains_key(*name)) {
        return Ok(None);
    }
    if let Some(why) = failure(object) {
        return Err(why);
    }
    let is_objects = |v: &Value| matches!(v, Value::Array(list) if list.iter().all(Value::is_object));
    for path in LISTS {
        if fields::at(object, path).is_some_and(is_objects) {
            return Ok(take(object, path));
        }
    }
    let wraps = match object.get("data") {
        Some(Value::Object(_)) => true,
        Some(list) => is_objects(list),
        None => false,
    };
    let held = ["url", "title"].iter().any(|name| object.contains_key(*name));
    Ok(if wraps && !held {
        object.swap_remove("data")
    } else {
        None
    })
}

/// The articles of a JSON-LD `@graph`, whose other members (pages, people, images) are none.
fn graph(object: &mut Object) -> Option<Value> {
    let is_article = |v: &Value| {
        v.as_object()
            .is_some_and(|o| o.contains_key("@type") && schema_org::is_article(o))
    };
    let Some(Value::Array(members)) = object.get("@graph") else {
        return None;
    };
    let articles: Vec<Value> = members.iter().filter(|m| is_article(m)).cloned().collect();
    (!articles.is_empty()).then_some(Value::Array(articles))
}

fn take(object: &mut Object, path: &str) -> Option<Value> {
    match path.split_once('.') {
        None => object.swap_remove(path),
        Some((name, rest)) => take(object.get_mut(name)?.as_object_mut()?, rest),
    }
}

/// An answer that says that it failed and holds nothing.
fn failure(object: &Object) -> Option<Reject> {
    let failed = object.get("success") == Some(&Value::Bool(false))
        || matches!(object.get("status"), Some(Value::String(s)) if s == "error" || s == "fail" || s == "failed");
    let empty = object.get("data").is_none_or(fields::is_empty) && !object.contains_key("url");
    (failed && empty).then(|| {
        let said = ["error", "message", "code"]
            .iter()
            .find_map(|name| object.get(*name)?.as_str());
        reject(
            "fetch-failed",
            format!(
                "the answer says that it failed: {}",
                map::shortened(said.unwrap_or("no reason given"))
            ),
        )
    })
}
