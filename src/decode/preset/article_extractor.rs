//! @extractus/article-extractor: `source` is the site, `ttr` a reading time.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "article_extractor",
    tool: "@extractus/article-extractor 7 to 9",
    detected_by: &[&["ttr", "content"], &["ttr", "source"]],
    url: &["url"],
    title: &["title"],
    body: &[("content", Form::Html)],
    teasers: &[("description", Form::Text)],
    authors: &["author"],
    published_at: &["published"],
    language: &["lang", "language"],
    site: &["source"],
    bulk: &["links"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read_and_a_handle_is_no_author() {
        let record = json!({
            "url": "https://example.org/a", "title": "T", "links": [], "content": "<div><p>Words.</p></div>", "author": "@adaquill",
            "source": "Example Post", "published": "2024-03-05T00:00:00.000Z", "ttr": 3, "type": "article",
        });
        let body = "html <div><p>Words.</p></div>";
        let date = "2024-03-05T00:00:00.000Z";
        check(
            "article_extractor",
            record,
            ["https://example.org/a", "T", body, date, "", "Example Post", ""],
        );
    }
}
