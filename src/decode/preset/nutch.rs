//! Apache Nutch `indexer-kafka`: every value is a list.

use super::{Form, Preset};

use super::Object;
use serde_json::Value;

pub(super) const PRESET: Preset = Preset {
    name: "nutch",
    tool: "Apache Nutch 1.15 to 1.20, indexer-kafka",
    detected_by: &[&["digest", "tstamp"], &["segment", "digest"], &["boost", "tstamp"]],
    only_if: Some(("all values are lists", all_lists)),
    url: &["url", "id"],
    id: &["id"],
    title: &["title"],
    body: &[
        ("rawcontent", Form::Html),
        ("binaryContent", Form::Html),
        ("content", Form::Text),
    ],
    authors: &["author", "metatag.author"],
    // `date` is when the server says that it changed, or when it was fetched.
    published_at: &[
        "publishedDate",
        "metatag.article:published_time",
        "metatag.datepublished",
        "metatag.pubdate",
        "metatag.dc.date.issued",
    ],
    modified_at: &["lastModified"],
    fetched_at: &["tstamp"],
    language: &["lang"],
    site: &["metatag.og:site_name", "site", "host", "domain"],
    bulk: &["cache", "anchor"],
    own_names_only: true,
    ..Preset::EMPTY
};

fn all_lists(object: &Object) -> bool {
    object.values().all(Value::is_array)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn a_document_of_lists_is_read() {
        let record = json!({
            "id": ["https://example.org/a"], "url": ["https://example.org/a"], "title": ["T"], "content": ["Words."],
            "host": ["example.org"], "digest": ["d"], "tstamp": ["2024-03-05T07:08:09Z"], "lang": ["de"],
        });
        check(
            "nutch",
            record,
            ["https://example.org/a", "T", "text Words.", "", "de", "example.org", ""],
        );
    }
}
