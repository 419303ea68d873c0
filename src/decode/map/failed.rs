//! Records that the crawler itself calls failed, or no document.

use serde_json::Value;

use super::{Aliases, Reader};
use crate::article::Reject;
use crate::decode::alike::{self, Role};
use crate::decode::preset::Preset;
use crate::decode::text::shortened;
use crate::decode::values::{status_of, text_of};
use crate::decode::{fields, reject};

impl Reader {
    /// A fetch that the crawler itself calls failed is no article.
    pub(super) fn refuse_failed(&self, preset: &Preset, aliases: &Aliases) -> Result<(), Reject> {
        let words = || {
            let mut errors = preset.error.iter();
            errors.find_map(|path| text_of(self.fields.get(path)?).filter(|t| !fields::is_nothing(t)))
        };
        let said = || words().map(|w| format!(": {}", shortened(&w))).unwrap_or_default();
        // A workflow calls its own step so, too: beside an article it counts with the error alone.
        let counts = || words().is_some() || !self.has_words(preset, aliases);
        let kind = preset.kind.iter().find_map(|path| self.fields.get(path)?.as_str());
        if let Some(kind) = kind.filter(|kind| preset.no_documents.contains(kind)) {
            return Err(reject(
                "no-document",
                format!("a record of the kind `{kind}` holds no document"),
            ));
        }
        for path in preset.success {
            let value = self.fields.get(path);
            let failed = match value {
                Some(Value::Bool(success)) => !success,
                Some(Value::String(s)) => s.eq_ignore_ascii_case("false"),
                _ => false,
            };
            if failed && (*path == "success" || counts()) {
                return Err(reject(
                    "fetch-failed",
                    format!("the crawler says that the fetch failed (`{path}` is false){}", said()),
                ));
            }
        }
        if self.fields.get("#error") == Some(&Value::Bool(true)) {
            return Err(reject(
                "fetch-failed",
                format!("the crawler says that the fetch failed (`#error` is true){}", said()),
            ));
        }
        for path in preset.status {
            let value = self.fields.get(path);
            let status = value.and_then(status_of);
            let failed = matches!(value, Some(Value::String(said)) if ["failed", "failure", "error"].iter().any(|word| word.eq_ignore_ascii_case(said)));
            if failed && counts() {
                return Err(reject(
                    "fetch-failed",
                    format!("the crawler says that the fetch failed (`{path}`){}", said()),
                ));
            }
            if let Some(status @ 400..=599) = status {
                return Err(reject(
                    "fetch-failed",
                    format!("the page was answered with status {status} (`{path}`){}", said()),
                ));
            }
        }
        Ok(())
    }

    /// Whether something stands where a title or a body does.
    fn has_words(&self, preset: &Preset, aliases: &Aliases) -> bool {
        let others = preset.others();
        let own = [
            &aliases.title,
            &aliases.body,
            &aliases.html,
            &aliases.text,
            &aliases.markdown,
        ];
        let bodies = preset.body.iter().chain(others.body).map(|(path, _)| *path);
        // A name may be the crawler's.
        let titles = preset
            .title
            .iter()
            .chain(others.title)
            .copied()
            .filter(|path| *path != "name");
        let mut known = own
            .into_iter()
            .flatten()
            .map(String::as_str)
            .chain(titles)
            .chain(bodies);
        let holds = |path: &str| self.fields.get(path).is_some_and(|value| !fields::is_empty(value));
        let is_like = |name: &str| matches!(alike::role(name), Some(Role::Title | Role::Body));
        known.any(holds) || self.fields.object.keys().any(|name| is_like(name) && holds(name))
    }
}
