//! schema.org articles as JSON-LD: authors, publisher and page are strings, objects or lists.

use super::{Form, Preset};

use super::Object;
use serde_json::Value;

pub(super) const PRESET: Preset = Preset {
    name: "schema_org",
    tool: "schema.org JSON-LD (extruct and others)",
    detected_by: &[
        &["@type"],
        &["@context", "headline"],
        &["articleBody", "headline"],
        &["headline", "datePublished"],
    ],
    only_if: Some(("`@type` is some kind of article or posting, or absent", is_article)),
    url: &[
        "url",
        "mainEntityOfPage.@id",
        "mainEntityOfPage.url",
        "mainEntityOfPage",
        "@id",
    ],
    title: &["headline", "name", "alternativeHeadline"],
    body: &[("articleBody", Form::Guess), ("text", Form::Guess)],
    authors: &["author", "creator"],
    published_at: &["datePublished", "dateCreated", "uploadDate"],
    modified_at: &["dateModified"],
    language: &["inLanguage", "inLanguage.alternateName", "inLanguage.name"],
    site: &[
        "publisher.name",
        "publisher",
        "sourceOrganization.name",
        "isPartOf.name",
    ],
    ..Preset::EMPTY
};

/// `NewsArticle`, `ReportageNewsArticle`, `BlogPosting`, … alone, in a list, or as a full address.
pub(in super::super) fn is_article(object: &Object) -> bool {
    let article = |name: &str| name.ends_with("Article") || name.ends_with("Posting") || name.ends_with("Report");
    match object.get("@type") {
        None => true,
        Some(Value::String(name)) => article(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(article),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn authors_publisher_and_page_may_be_objects() {
        let record = json!({
            "@context": "https://schema.org", "@type": ["NewsArticle"], "headline": "T", "articleBody": "Words.",
            "datePublished": "2024-03-05T07:08:09", "author": [{"@type": "Person", "name": "Ada Quill"}, "Ben Ink"],
            "publisher": {"@type": "Organization", "name": "Example Post"}, "inLanguage": "en-GB", "url": "/a",
            "mainEntityOfPage": {"@id": "https://example.org/a"},
        });
        let date = "2024-03-05T07:08:09";
        let authors = "Ada Quill; Ben Ink";
        check(
            "schema_org",
            record,
            [
                "https://example.org/a",
                "T",
                "text Words.",
                date,
                "en",
                "Example Post",
                authors,
            ],
        );
    }
}
