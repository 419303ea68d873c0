//! Firecrawl documents (v1, v2): `rawHtml` is the page, `html` a cleaned one; any metadata value may be a string or a list.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "firecrawl",
    tool: "Firecrawl v1 and v2",
    detected_by: &[
        &["metadata.sourceURL"],
        &["rawHtml", "metadata"],
        &["markdown", "metadata.ogUrl"],
        &["markdown", "metadata.statusCode"],
    ],
    url: &["metadata.sourceURL", "metadata.url", "metadata.ogUrl", "url"],
    canonical_url: &["metadata.ogUrl"],
    title: &["metadata.title", "metadata.ogTitle", "title"],
    body: &[
        ("rawHtml", Form::Html),
        ("html", Form::Html),
        ("markdown", Form::Markdown),
        ("content", Form::Guess),
    ],
    teasers: &[("summary", Form::Text)],
    authors: &["metadata.author", "metadata.article:author"],
    published_at: &[
        "metadata.publishedTime",
        "metadata.article:published_time",
        "metadata.dcTermsCreated",
        "metadata.dcDateCreated",
        "metadata.dcDate",
    ],
    modified_at: &["metadata.modifiedTime", "metadata.article:modified_time"],
    fetched_at: &["metadata.scrapedAt"],
    language: &["metadata.language", "metadata.ogLocale"],
    site: &["metadata.ogSiteName"],
    status: &["metadata.statusCode"],
    success: &["success"],
    error: &["metadata.error", "error", "warning"],
    bulk: &["screenshot", "actions", "links"],
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn lists_in_the_metadata_are_read() {
        let record = json!({
            "markdown": "# T\n\nWords.", "metadata": {
                "title": ["T", "T | Example"], "language": ["de-AT"], "sourceURL": "https://example.org/a", "statusCode": 200,
                "publishedTime": ["2024-03-05T07:08:09Z"], "ogSiteName": "Example Post",
            },
        });
        let body = "markdown # T\n\nWords.";
        check(
            "firecrawl",
            record,
            [
                "https://example.org/a",
                "T",
                body,
                "2024-03-05T07:08:09Z",
                "de",
                "Example Post",
                "",
            ],
        );
    }
}
