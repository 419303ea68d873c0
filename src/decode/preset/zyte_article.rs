//! Zyte API articles (zyte-common-items): `authors` are objects, dates have their raw twin.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "zyte_article",
    tool: "Zyte API, zyte-common-items",
    detected_by: &[
        &["articleBodyHtml"],
        &["articleBody", "headline", "breadcrumbs"],
        &["articleBody", "headline", "authors"],
        &["articleBody", "headline", "metadata"],
        &["articleBody", "canonicalUrl"],
        &["headline", "metadata.dateDownloaded"],
    ],
    url: &["url", "canonicalUrl"],
    canonical_url: &["canonicalUrl"],
    title: &["headline", "name"],
    body: &[("articleBodyHtml", Form::Html), ("articleBody", Form::Text)],
    authors: &["authors"],
    published_at: &["datePublished", "datePublishedRaw"],
    modified_at: &["dateModified", "dateModifiedRaw"],
    fetched_at: &["metadata.dateDownloaded"],
    language: &["inLanguage"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "headline": "T", "datePublished": "2024-03-05T07:08:09Z", "datePublishedRaw": "5 March", "inLanguage": "pt",
            "authors": [{"name": "Ada Quill", "nameRaw": "By Ada Quill"}], "articleBody": "Words.",
            "breadcrumbs": [{"name": "Home"}], "url": "https://example.org/a", "metadata": {"probability": 0.9},
        });
        let date = "2024-03-05T07:08:09Z";
        check(
            "zyte_article",
            record,
            ["https://example.org/a", "T", "text Words.", date, "pt", "", "Ada Quill"],
        );
    }
}
