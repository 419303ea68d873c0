//! goose3 `infos`: the text is `cleaned_text`, the URL may stand in `meta.canonical` alone.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "goose3",
    tool: "goose3 3.1",
    detected_by: &[&["cleaned_text"], &["opengraph", "meta.favicon"]],
    url: &["url", "final_url", "meta.canonical", "opengraph.url"],
    canonical_url: &["meta.canonical", "opengraph.url"],
    title: &["title", "opengraph.title"],
    body: &[("cleaned_text", Form::Text), ("raw_html", Form::Html)],
    authors: &["authors", "opengraph.article:author"],
    published_at: &[
        "publish_datetime_utc",
        "opengraph.article:published_time",
        "publish_date",
    ],
    modified_at: &["opengraph.article:modified_time", "opengraph.updated_time"],
    language: &["meta.lang", "opengraph.locale"],
    site: &["opengraph.site_name", "domain"],
    bulk: &["raw_html", "raw_doc", "doc"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "meta": {"lang": "en", "canonical": "https://example.org/a", "favicon": ""}, "domain": "example.org", "title": "T",
            "cleaned_text": "Words.", "opengraph": {"site_name": "Example Post"}, "authors": [], "publish_date": "March 5, 2024",
        });
        check(
            "goose3",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                "2024-03-05",
                "en",
                "Example Post",
                "",
            ],
        );
    }
}
