//! news-please: flat, dates without a zone, `"None"` for nothing.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "news_please",
    tool: "news-please 1.4 to 1.6",
    detected_by: &[
        &["maintext", "source_domain"],
        &["maintext", "date_download"],
        &["date_publish", "source_domain"],
    ],
    url: &["url"],
    title: &["title", "title_page", "title_rss"],
    body: &[("maintext", Form::Text), ("text", Form::Text), ("html", Form::Html)],
    authors: &["authors"],
    published_at: &["date_publish"],
    modified_at: &["date_modify"],
    fetched_at: &["date_download"],
    language: &["language"],
    site: &["source_domain"],
    bulk: &["filename", "localpath"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn an_article_is_read() {
        let record = json!({
            "authors": ["Ada Quill", "None"], "date_download": "None", "date_modify": "None", "date_publish": "2024-03-05 07:08:09",
            "language": "en", "maintext": "Words.", "source_domain": "example.org", "text": null, "title": "T",
            "url": "https://example.org/a",
        });
        let date = "2024-03-05T07:08:09";
        check(
            "news_please",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                date,
                "en",
                "example.org",
                "Ada Quill",
            ],
        );
    }
}
