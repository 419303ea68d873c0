//! Explained, as a reader of the output sees it: every removed span has a reason, every tag its evidence, every duplicate its original
//! and similarity, and nothing goes without being told.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::ops::Range;

use serde_json::{Value, json};
use sluice::command;
use sluice::config::{Config, Policy};
use sluice::encode::encode;
use sluice::judge::{Fate, Judge};

#[path = "common/record.rs"]
mod record;

use record::record;

const TARIFF: &str = "The ministry announced a new tariff on imported steel, which the trade minister called fair.\n\
    Exporters in the port of Mora said that they would take the tariff to the trade court.\n\
    The court has heard two such cases since spring, and decided one of them for the exporters.\n\
    A ruling is expected in autumn, when the ships of the northern line are back in port.";

const ADDED: &str = "The harbour master of Mora asked both sides for patience until then.";

const CHOIR: &str = "The choir of the night ferry rehearses every evening between the cars on the lower deck.\n\
    Passengers who know the words sing along, and the crew has asked for a second piano.\n\
    Nobody remembers who began with it, but the conductor has a seat of her own by now.";

/// What goes of a body, each with its reason.
const GOES: [(&str, &str); 5] = [
    ("Share this article", "share"),
    ("Subscribe to our newsletter", "newsletter"),
    ("Home", "navigation"),
    ("A choir at sea", "title"),
    ("All rights reserved", "footer"),
];

/// An original, its exact copy, the same with a sentence more, and a page of another story, each with its id.
fn articles() -> Vec<(&'static str, Value)> {
    let paragraphs = CHOIR.replace('\n', "</p><p>");
    let page = format!(
        "<html><body><nav><a href=\"/\">Home</a> <a href=\"/sea\">Sea</a></nav><article><h1>A choir at sea</h1><p>{paragraphs}</p>\
         </article><footer>All rights reserved</footer></body></html>"
    );
    let tariff = |text: &str| {
        let text = format!("{text}\nShare this article\nSubscribe to our newsletter");
        json!({ "title": "Tariff on steel", "text": text })
    };
    vec![
        ("original", tariff(TARIFF)),
        ("copy", tariff(TARIFF)),
        ("longer", tariff(&format!("{TARIFF}\n{ADDED}"))),
        ("page", json!({ "title": "A choir at sea", "html": page })),
    ]
}

/// What is published of each: the input's body, and the output record.
fn published() -> Vec<(String, Value)> {
    published_of(articles())
}

fn published_of(articles: Vec<(&'static str, Value)>) -> Vec<(String, Value)> {
    let mut config = Config::default();
    config.dedupe.policy = Policy::Mark;
    let pipeline = command::pipeline(&config).unwrap();
    let mut judge = Judge::new(command::rules(&config));
    let mut published = Vec::new();
    for (offset, (id, mut value)) in (0..).zip(articles) {
        value["id"] = id.into();
        let judged = judge
            .judge(offset as u64, pipeline.work(&record(offset, &value)))
            .remove(0);
        judge.committed(offset as u64);
        let Fate::Enriched(article, verdict) = judged.fate else {
            panic!("`{id}` is {}", judged.fate.name());
        };
        let output = encode(&article, &verdict, &pipeline.versions(), None);
        let body = value.get("text").or(value.get("html")).unwrap().as_str().unwrap();
        published.push((body.to_owned(), serde_json::from_slice(&output).unwrap()));
    }
    published
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The place of a span that an output gives.
fn place(span: &Value) -> Range<usize> {
    let end = |name: &str| span[name].as_u64().unwrap() as usize;
    end("start")..end("end")
}

/// The words of a text or a page, without its markup.
fn words(of: &str) -> Vec<String> {
    let pieces = of.split('<').enumerate();
    let shown = pieces.map(|(n, piece)| {
        if n == 0 {
            piece
        } else {
            piece.split_once('>').unwrap().1
        }
    });
    let shown: Vec<&str> = shown.collect();
    shown.join(" ").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn explained_each_removed_span_has_its_reason() {
    let mut gone = Vec::new();
    for (body, output) in published() {
        let removed = list(&output["removed"]);
        let mut left = body.clone().into_bytes();
        for span in removed {
            let (words, reason) = (&body[place(span)], span["reason"].as_str().unwrap());
            let expected = GOES.iter().find(|(of, _)| words.contains(of));
            assert_eq!(Some(reason), expected.map(|(_, reason)| *reason), "`{words}`");
            left[place(span)].fill(b' ');
            gone.push(reason.to_owned());
        }
        // And nothing goes beside the spans.
        let left = String::from_utf8(left).unwrap();
        assert_eq!(words(&left), words(output["text"].as_str().unwrap()), "{removed:?}");
    }
    for (words, reason) in GOES {
        assert!(gone.iter().any(|gone| gone == reason), "`{words}` did not go");
    }
}

/// Spans are of the body as the record holds it, whatever was decoded in it.
#[test]
fn explained_spans_are_places_in_the_record() {
    let text = format!(
        "Pears &amp; plums: a choir&#8217;s first course.<br>\n{CHOIR}\nShare this article\nSubscribe to our newsletter"
    );
    let paragraphs = CHOIR.replace('\n', "</p><p>");
    let page = format!(
        "<![CDATA[<html><body><article><p>{paragraphs}</p></article><footer>All rights reserved</footer></body></html>]]>"
    );
    let articles = vec![("text", json!({ "text": text })), ("page", json!({ "html": page }))];
    let gone: Vec<String> = published_of(articles)
        .iter()
        .flat_map(|(body, output)| list(&output["removed"]).iter().map(|span| body[place(span)].to_owned()))
        .collect();
    assert_eq!(
        gone,
        [
            "Share this article",
            "Subscribe to our newsletter",
            "All rights reserved"
        ]
    );
}

#[test]
fn explained_each_tag_has_its_evidence() {
    let mut tagged = 0;
    for (_, output) in published() {
        for tag in list(&output["tags"]) {
            tagged += 1;
            let name = tag["name"].as_str().unwrap();
            assert_eq!(tag["score"], output["tag_scores"][name]);
            let evidence = list(&tag["evidence"]);
            assert!(!evidence.is_empty(), "nothing spoke for {tag}");
            for phrase in evidence {
                let zone = if phrase["zone"] == "title" { "title" } else { "text" };
                let text = output[zone].as_str().unwrap();
                assert_eq!(&text[place(phrase)], phrase["phrase"].as_str().unwrap());
            }
            let moved: f64 = evidence.iter().map(|phrase| phrase["weight"].as_f64().unwrap()).sum();
            assert!(moved > 0.0, "what spoke for {tag} did not move it");
        }
    }
    assert_eq!(tagged, 3, "the original and its two copies are about trade");
}

#[test]
fn explained_each_duplicate_has_its_original_and_similarity() {
    let published = published();
    let kinds: Vec<&Value> = published
        .iter()
        .map(|(_, output)| &output["duplicate"]["kind"])
        .collect();
    assert_eq!(kinds, ["unique", "exact", "near", "unique"]);
    let of = json!({ "id": "original", "topic": "raw", "partition": 0, "offset": 0 });
    for (_, output) in &published {
        let duplicate = &output["duplicate"];
        let (kind, similarity) = (
            duplicate["kind"].as_str().unwrap(),
            duplicate["similarity"].as_f64().unwrap(),
        );
        if kind == "unique" {
            assert!(duplicate["of"].is_null() && similarity == 0.0, "{duplicate}");
            continue;
        }
        assert_eq!(duplicate["of"], of, "{duplicate}");
        assert!(duplicate["relation"].is_string(), "{duplicate}");
        assert!(similarity > 0.5 && similarity <= 1.0, "{duplicate}");
        assert!(kind != "exact" || similarity >= 1.0, "{duplicate}");
    }
}
