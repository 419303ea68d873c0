//! trafilatura: JSON output (where `source` is the URL and `source-hostname` the site) and `Document.as_dict()`.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "trafilatura",
    tool: "trafilatura 1.6 to 2, JSON output",
    detected_by: &[
        &["source-hostname"],
        &["fingerprint", "excerpt", "source"],
        &["raw_text", "source", "hostname"],
        &["filedate", "source", "excerpt"],
    ],
    id: &["id"],
    url: &["source", "url"],
    title: &["title"],
    body: &[("text", Form::Text), ("raw_text", Form::Text)],
    authors: &["author"],
    published_at: &["date"],
    fetched_at: &["filedate"],
    language: &["language"],
    site: &["source-hostname", "hostname"],
    bulk: &["comments"],
    ..Preset::EMPTY
};

/// The same extraction, as a Python dictionary.
pub(super) const PYTHON: Preset = Preset {
    name: "trafilatura_document",
    tool: "trafilatura 1.6 to 2, Document.as_dict()",
    detected_by: &[
        &["sitename", "hostname"],
        &["fingerprint", "pagetype"],
        &["raw_text", "sitename"],
        &["filedate", "fingerprint"],
    ],
    id: &["id"],
    url: &["url", "source"],
    title: &["title"],
    body: &[("text", Form::Text), ("raw_text", Form::Text)],
    authors: &["author"],
    published_at: &["date"],
    fetched_at: &["filedate"],
    language: &["language"],
    site: &["sitename", "hostname"],
    bulk: &["body", "commentsbody", "comments"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn both_outputs_are_read() {
        let record = json!({
            "title": "T", "author": "Ada Quill; Ben Ink", "hostname": "example.org", "date": "2024-03-05", "fingerprint": "f", "id": null,
            "raw_text": "Words.", "text": "Words.", "language": null, "source": "https://example.org/a",
            "source-hostname": "Example Post", "excerpt": "W",
        });
        let authors = "Ada Quill; Ben Ink";
        let url = "https://example.org/a";
        check(
            "trafilatura",
            record,
            [url, "T", "text Words.", "2024-03-05", "", "Example Post", authors],
        );
        let record = json!({
            "title": "T", "author": "Ada Quill", "url": url, "hostname": "example.org", "sitename": "Example Post",
            "date": "2024-03-05", "fingerprint": null, "pagetype": "article", "text": null,
        });
        check(
            "trafilatura_document",
            record,
            [url, "T", "none", "2024-03-05", "", "Example Post", "Ada Quill"],
        );
    }
}
