//! GDELT DOC API, article list: no text; `seendate` is the only date.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "gdelt_doc",
    tool: "GDELT DOC 2.0 API, ArtList",
    detected_by: &[&["seendate", "sourcecountry"], &["seendate", "socialimage"]],
    url: &["url", "url_mobile"],
    title: &["title"],
    body: &[("text", Form::Text)],
    published_at: &["seendate"],
    language: &["language"],
    site: &["domain"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_listed_article_is_read() {
        let record = json!({
            "url": "https://example.org/a", "url_mobile": "", "title": "T", "seendate": "20240305T070809Z", "domain": "example.org",
            "language": "Portuguese", "sourcecountry": "Brazil",
        });
        check(
            "gdelt_doc",
            record,
            [
                "https://example.org/a",
                "T",
                "none",
                "2024-03-05T07:08:09Z",
                "pt",
                "example.org",
                "",
            ],
        );
    }
}
