//! A text or a page from among an object's fields, in the form that it has.
//!
//! In: the fields, and where a body may stand. Out: a [`Body`], or two. Always: what a tool writes in lists, in objects or as bytes is one text.

use serde_json::Value;

use super::in_form::{in_form, text_of};
use super::{Aliases, Reader};
use crate::article::{Body, Reject};
use crate::decode::alike::Role;
use crate::decode::fields;
use crate::decode::preset::{Form, Preset};
use crate::decode::values::{join_pieces, text_inside};
use crate::places::Places;

/// A body as it was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) body: Body,
    pub(super) places: Places,
    /// What stands for it.
    pub(super) instead: Body,
}

impl Reader {
    /// The body: the first candidate that holds one, and behind a page the next, which stands for it where the page shows nothing. Of the
    /// preset's candidates all others are copies of it, and go.
    pub(super) fn body(
        &mut self,
        preset: &Preset,
        others: &Preset,
        aliases: &Aliases,
        charset: Option<&str>,
    ) -> Result<Found, Reject> {
        let own = |paths: &[String], form: Form| paths.iter().map(move |p| (p.clone(), form)).collect::<Vec<_>>();
        let mut of_user = own(&aliases.html, Form::Html);
        of_user.extend(own(&aliases.body, Form::Guess));
        of_user.extend(own(&aliases.markdown, Form::Markdown));
        of_user.extend(own(&aliases.text, Form::Text));
        let of_user = of_user.iter().map(|(path, form)| (path.as_str(), *form));
        let mut found = Found::default();
        for (path, form) in of_user.chain(preset.body.iter().copied()) {
            if found.body == Body::None {
                found = self.take_body(path, form, charset);
            } else if matches!(found.body, Body::Html(_)) && found.instead == Body::None && self.holds_text(path) {
                found.instead = self.take_body(path, form, charset).body;
            } else {
                self.drop_copy(path);
            }
        }
        let mut bodies_of_others = others.body.iter();
        while found.body == Body::None
            && let Some((path, form)) = bodies_of_others.next()
        {
            found = self.take_body(path, *form, charset);
        }
        if found.body == Body::None {
            let alike = self.alike();
            let mut bodies_alike = alike.paths(Role::Body);
            while found.body == Body::None
                && let Some(path) = bodies_alike.next()
            {
                found = self.take_body(path, Form::Guess, charset);
            }
            drop(bodies_alike);
            self.alike = Some(alike);
        }
        if found.body == Body::None
            && let Some((path, form)) = self.teaser(preset.teasers.iter().chain(others.teasers))
        {
            found = self.take_body(path, form, charset);
        }
        match self.refused.take() {
            Some(refused) if found.body == Body::None => return Err(refused),
            _ => {}
        }
        self.required(found.body != Body::None)?;
        Ok(found)
    }

    /// The teaser that says most: `summary` is a piece of `description` in one reader, and the same in another.
    fn teaser<'a>(&self, all: impl Iterator<Item = &'a (&'static str, Form)>) -> Option<(&'static str, Form)> {
        let length = |path: &str| match self.fields.get(path) {
            Some(value) if fields::is_empty(value) => 0,
            Some(Value::String(text)) => text.len(),
            Some(Value::Object(_) | Value::Array(_)) => 1,
            _ => 0,
        };
        let said = all.map(|&(path, form)| (length(path), (path, form)));
        let (_, most) = said
            .filter(|(length, _)| *length > 0)
            .reduce(|most, next| if next.0 > most.0 { next } else { most })?;
        Some(most)
    }

    /// The body that stands there. What is refused is for another candidate to make good.
    fn take_body(&mut self, path: &str, form: Form, charset: Option<&str>) -> Found {
        let mut found = Found::default();
        let Some(text) = self.take_text(path, charset) else {
            return found;
        };
        match in_form(text, form, charset, &mut found.places) {
            Ok(body) => found.body = body,
            Err(refused) => {
                self.refused.get_or_insert(refused);
            }
        }
        found
    }

    /// A candidate that was not needed is a copy of the body, or a container of copies.
    fn drop_copy(&mut self, path: &str) {
        let value = self.fields.get(path);
        if value.is_some_and(|v| v.is_string() || fields::is_empty(v) || self.looks_inside(path)) {
            self.drop_top(path);
        }
    }

    /// Move a body's text out.
    fn take_text(&mut self, path: &str, charset: Option<&str>) -> Option<String> {
        let value = self.fields.get(path)?;
        if fields::is_empty(value) {
            self.drop_top(path);
            return None;
        }
        match value {
            Value::String(_) => {}
            Value::Array(list) if list.iter().all(Value::is_string) => {}
            // Bytes as some serialisers write them: `[60, 112, 62]`, `{"type": "Buffer", "data": [60, 112, 62]}`.
            Value::Array(list) if list.iter().all(Value::is_i64) => return self.take_bytes(path, charset),
            Value::Object(map) if map.get("data").is_some_and(Value::is_array) => {
                return self.take_bytes(path, charset);
            }
            // A container: `markdown: {raw_markdown}`, `content: [{value}]`, `content: {rendered}`.
            Value::Object(_) | Value::Array(_) if self.looks_inside(path) => return self.take_inside(path),
            other => {
                let kind = fields::kind(other);
                self.wrong.get_or_insert_with(|| format!("field `{path}` is {kind}"));
                return None;
            }
        }
        match self.fields.take(path)? {
            Value::String(s) => Some(s),
            Value::Array(list) => {
                let lines: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                Some(lines.join("\n"))
            }
            _ => None,
        }
    }

    fn take_bytes(&mut self, path: &str, charset: Option<&str>) -> Option<String> {
        let list = match self.fields.take(path)? {
            Value::Object(mut map) => map.swap_remove("data")?,
            list => list,
        };
        // Signed bytes (Java's) and unsigned ones are the same bytes.
        let byte = |v: &Value| v.as_i64().filter(|n| (-128..256).contains(n)).map(|n| n as u8);
        let raw: Option<Vec<u8>> = list.as_array()?.iter().map(byte).collect();
        match text_of(&raw?, charset) {
            Ok(text) => Some(text),
            Err(refused) => {
                self.refused.get_or_insert(refused);
                None
            }
        }
    }

    fn take_inside(&mut self, path: &str) -> Option<String> {
        match self.fields.take(path)? {
            Value::Array(list) => join_pieces(&list),
            value => text_inside(&value).map(str::to_owned),
        }
    }

    /// A text, its lines in a list, or a container of one.
    fn holds_text(&self, path: &str) -> bool {
        let is_text = |value: &Value| match value {
            Value::Array(lines) => lines.iter().all(Value::is_string),
            value => value.is_string(),
        };
        self.fields.get(path).is_some_and(is_text) || self.looks_inside(path)
    }

    fn looks_inside(&self, path: &str) -> bool {
        match self.fields.get(path) {
            Some(Value::Array(list)) => list
                .iter()
                .any(|piece| piece.is_object() && text_inside(piece).is_some()),
            Some(value @ Value::Object(_)) => text_inside(value).is_some(),
            _ => false,
        }
    }
}

/// Take away the words by which a service says that it cut the text (`… [+1234 chars]`); whether there were any.
pub(super) fn without_cut_mark(body: &mut Body) -> bool {
    let (Body::Html(text) | Body::Text(text) | Body::Markdown(text)) = body else {
        return false;
    };
    let mark = || {
        let before = text.trim_end().strip_suffix(" chars]")?;
        let open = before.rfind('[')?;
        let count = before.get(open + 1..)?;
        let digits = count.strip_prefix('+').unwrap_or(count);
        let is_count = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        is_count
            .then(|| before.get(..open).map(|kept| kept.trim_end().len()))
            .flatten()
    };
    match mark() {
        Some(kept) => {
            text.truncate(kept);
            true
        }
        None => false,
    }
}
