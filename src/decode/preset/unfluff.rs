//! node-unfluff: dates as they stand on the page.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "unfluff",
    tool: "node-unfluff 3",
    detected_by: &[&["softTitle"], &["canonicalLink", "text"]],
    url: &["url", "canonicalLink"],
    canonical_url: &["canonicalLink"],
    title: &["title", "softTitle"],
    body: &[("text", Form::Text)],
    authors: &["author"],
    published_at: &["date"],
    language: &["lang"],
    site: &["publisher"],
    bulk: &["videos", "links"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "url": "https://example.org/a", "title": "T", "softTitle": "T | Example", "date": "Published 5 March 2024",
            "author": ["Ada Quill"], "publisher": "Example Post", "lang": "en", "text": "Words.",
        });
        check(
            "unfluff",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                "2024-03-05",
                "en",
                "Example Post",
                "Ada Quill",
            ],
        );
    }
}
