//! WARC records as JSON: flat headers (WET, responses) or under `warc_headers` (OSCAR). Languages are ISO 639-3 lists.

use super::{Form, Preset};

pub(super) const PRESET: Preset = Preset {
    name: "warc_wet",
    tool: "WARC and WET as JSON, OSCAR",
    detected_by: &[&["WARC-Target-URI"], &["warc_headers"], &["warc-target-uri"]],
    id: &[
        "WARC-Record-ID",
        "warc_headers.warc-record-id",
        "warc_headers.WARC-Record-ID",
    ],
    url: &[
        "WARC-Target-URI",
        "warc_headers.warc-target-uri",
        "warc_headers.WARC-Target-URI",
        "warc-target-uri",
        "url",
    ],
    title: &["title"],
    body: &[
        ("html", Form::Html),
        ("content", Form::Guess),
        ("payload", Form::Guess),
        ("body", Form::Guess),
        ("text", Form::Text),
    ],
    fetched_at: &[
        "WARC-Date",
        "warc_headers.warc-date",
        "warc_headers.WARC-Date",
        "warc-date",
    ],
    language: &[
        "metadata.identification.label",
        "WARC-Identified-Content-Language",
        "warc_headers.warc-identified-content-language",
        "warc_headers.WARC-Identified-Content-Language",
    ],
    charset: &["http_headers.Content-Type", "http_headers.content-type"],
    kind: &[
        "WARC-Type",
        "warc-type",
        "warc_headers.warc-type",
        "warc_headers.WARC-Type",
    ],
    no_documents: &["request", "metadata", "warcinfo", "revisit", "continuation"],
    status: &["http_status", "http_status_code", "status_code", "http_headers.status"],
    own_names_only: true,
    ..Preset::EMPTY
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::check;

    #[test]
    fn what_is_no_document_and_what_was_not_found_are_refused() {
        let check = |kind: &str, content: &str, code: &str| {
            let record = json!({
                "WARC-Type": kind, "WARC-Target-URI": "https://example.org/a", "WARC-Date": "2024-03-05T07:08:09Z", "content": content,
            });
            let fields = crate::decode::fields::Fields::new(record.as_object().expect("an object").clone());
            let refused = crate::decode::map::read(fields, &super::PRESET, &crate::decode::Aliases::default());
            assert_eq!(refused.map_err(|why| why.code).err(), Some(code), "{kind}");
        };
        check("request", "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n", "no-document");
        check(
            "response",
            "HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n<p>Gone.</p>",
            "fetch-failed",
        );
    }

    #[test]
    fn an_answers_head_is_no_part_of_the_page() {
        let record = json!({
            "WARC-Type": "response", "WARC-Target-URI": "https://example.org/a",
            "content": "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html><p>Words.</p>",
        });
        let expected = ["https://example.org/a", "", "html <html><p>Words.</p>", "", "", "", ""];
        check("warc_wet", record, expected);
    }

    #[test]
    fn wet_records_and_oscar_documents_are_read() {
        let record = json!({
            "WARC-Type": "conversion", "WARC-Target-URI": "https://example.org/a", "WARC-Date": "2024-03-05T07:08:09Z",
            "WARC-Identified-Content-Language": "rus,eng", "Content-Type": "text/plain", "text": "Words.",
        });
        check(
            "warc_wet",
            record,
            ["https://example.org/a", "", "text Words.", "", "ru", "", ""],
        );
        let record = json!({
            "content": "Words.", "warc_headers": {"warc-target-uri": "https://example.org/a", "warc-identified-content-language": "eng"},
            "metadata": {"identification": {"label": "en", "prob": 0.9}},
        });
        check(
            "warc_wet",
            record,
            ["https://example.org/a", "", "text Words.", "", "en", "", ""],
        );
    }
}
