//! newspaper4k and newspaper3k `to_json`. `language` is the setting the article was read with; `meta_lang` is the page's own word.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "newspaper",
    tool: "newspaper4k, newspaper3k",
    detected_by: &[
        &["meta_lang", "canonical_link"],
        &["meta_lang", "top_image"],
        &["meta_site_name", "publish_date"],
        &["top_image", "publish_date", "text"],
    ],
    url: &["url", "source_url", "canonical_link"],
    canonical_url: &["canonical_link"],
    title: &["title"],
    body: &[("text", Form::Text), ("article_html", Form::Html), ("html", Form::Html)],
    authors: &["authors"],
    published_at: &["publish_date"],
    fetched_at: &["download_date"],
    language: &["meta_lang"],
    site: &["meta_site_name"],
    bulk: &["article_html", "html", "images", "imgs", "movies", "clean_doc"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "url": "https://example.org/a", "language": "en", "title": "T", "top_image": "", "authors": ["Ada Quill"],
            "publish_date": "2024-03-05T07:08:09+04:00", "meta_lang": "ru", "meta_site_name": "", "canonical_link": "", "text": "Words.",
        });
        let date = "2024-03-05T07:08:09+04:00";
        check(
            "newspaper",
            record,
            ["https://example.org/a", "T", "text Words.", date, "ru", "", "Ada Quill"],
        );
    }
}
