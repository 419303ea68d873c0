//! readability-lxml: `summary()` is the HTML of the article, `[no-author]` nobody.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "readability_lxml",
    tool: "readability-lxml 0.8, 0.9",
    detected_by: &[&["short_title"]],
    url: &["url"],
    title: &["title", "short_title"],
    body: &[("content", Form::Html), ("summary", Form::Html), ("html", Form::Html)],
    authors: &["author"],
    published_at: &["published_at", "date"],
    fetched_at: &["fetched_at"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_without_an_author_is_read() {
        let record = json!({
            "url": "https://example.org/a", "title": "T | Example", "short_title": "T", "author": "[no-author]",
            "summary": "<html><body><div><p>Words.</p></div></body></html>",
        });
        let body = "html <html><body><div><p>Words.</p></div></body></html>";
        check(
            "readability_lxml",
            record,
            ["https://example.org/a", "T | Example", body, "", "", "", ""],
        );
    }
}
