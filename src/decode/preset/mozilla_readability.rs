//! Mozilla Readability `parse()`: `content` is the HTML, `textContent` the same without its blocks.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "mozilla_readability",
    tool: "@mozilla/readability 0.4 to 0.6",
    detected_by: &[&["textContent", "content"], &["byline", "siteName"]],
    url: &["url", "uri"],
    title: &["title"],
    body: &[("content", Form::Html), ("textContent", Form::Text)],
    authors: &["byline"],
    published_at: &["publishedTime"],
    fetched_at: &["fetchedAt"],
    language: &["lang"],
    site: &["siteName"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "title": "T", "byline": "Ada Quill", "dir": null, "lang": "pt-BR", "content": "<div><p>Words.</p></div>",
            "textContent": "Words.", "length": 6, "excerpt": "W", "siteName": "Example Post", "publishedTime": "2024-03-05T07:08:09Z",
        });
        let body = "html <div><p>Words.</p></div>";
        check(
            "mozilla_readability",
            record,
            ["", "T", body, "2024-03-05T07:08:09Z", "pt", "Example Post", "Ada Quill"],
        );
    }
}
