//! `sluice explain`: an article with what went, what decided, and what was missing, for people.
//!
//! In: files of articles. Out: what is said of each, which `lines` and `page` write. Always: worked on and judged as the stage does, one record
//! after another.

mod lines;
mod page;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::records::read_records;
use super::{CommandError, compare, decode_options, judged_alone, pipeline, rules};
use crate::article::{Body, Origin, Record, Removed};
use crate::config::Config;
use crate::decode;
use crate::dedupe::{self, ComparedArticle, Fingerprint, Verdict};
use crate::headline::headline;
use crate::judge::{Fate, Judge, Judged};
use crate::pipeline::{Pipeline, TaggedArticle};
use crate::places::Places;
use crate::tag::{Evidence, PhrasesRead, Subject, Tagger, Text};

/// What is explained, and how.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// Files of JSON Lines, of JSON over several lines or each of one page, packed (gzip, zstd) or not; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// A page with the removed spans in place, instead of lines.
    #[arg(long)]
    pub html: bool,
    /// Only how two articles compare, whatever the verdict; each by its id, or as FILE:LINE.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub compare: Vec<String>,
}

/// Explain every article of the files, one after another.
pub fn explain(config: &Config, arguments: &Arguments, out: &mut impl Write) -> Result<(), CommandError> {
    let asked = Asked {
        files: &arguments.files,
        pair: match arguments.compare.as_slice() {
            [a, b] => Some([a.as_str(), b.as_str()]),
            _ => None,
        },
    };
    let written = if arguments.html {
        page::write(config, asked, out)?
    } else {
        lines::write(config, asked, out)?
    };
    Ok(super::written(written.and_then(|()| out.flush()))?)
}

/// The files, and where only two of their articles are to be compared those: then only how the second compares with the first is told.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    files: &'a [PathBuf],
    pair: Option<[&'a str; 2]>,
}

/// A piece of the input body, and why it went.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    reason: Option<&'static str>,
}

/// All that is said of one article.
struct Explained {
    article: Box<TaggedArticle>,
    verdict: Verdict,
    pieces: Vec<Piece>,
    tags: Vec<TagReason>,
    /// How it compares with its original, or with the article that was named.
    comparison: Vec<compare::Line>,
}

/// What is kept of an article, to compare later ones with.
struct Comparable {
    text: String,
    fingerprint: Fingerprint,
}

impl Comparable {
    fn of(article: &TaggedArticle) -> Self {
        let title = article.title.as_ref().filter(|_| article.text.is_empty());
        Self {
            text: title.unwrap_or(&article.text).clone(),
            fingerprint: article.fingerprint.clone().unwrap_or_default(),
        }
    }

    fn side(&self) -> ComparedArticle<'_> {
        ComparedArticle {
            text: &self.text,
            fingerprint: &self.fingerprint,
        }
    }
}

/// The two articles that are to be compared, as far as they were met.
struct Pair<'a> {
    names: [&'a str; 2],
    met: [Option<Origin>; 2],
}

impl<'a> Pair<'a> {
    fn new(names: [&'a str; 2]) -> Self {
        Self {
            names,
            met: [None, None],
        }
    }

    /// Meet an article. Where it is the last of the two: the other one.
    fn meet(&mut self, origin: &Origin, id: &str) -> Option<Origin> {
        let place = format!("{}:{}", origin.topic, origin.offset + 1);
        for (name, met) in self.names.iter().zip(&mut self.met) {
            if (*name == id || *name == place) && met.is_none() {
                *met = Some(origin.clone());
            }
        }
        match &self.met {
            [Some(first), Some(second)] if first == origin => Some(second.clone()),
            [Some(first), Some(second)] if second == origin => Some(first.clone()),
            _ => None,
        }
    }

    /// The name of one that was not met.
    fn missing(&self) -> Option<&'a str> {
        let mut names = self.names.iter().zip(&self.met);
        names.find(|(_, met)| met.is_none()).map(|(name, _)| *name)
    }
}

/// Why a tag was given or not.
struct TagReason {
    name: String,
    score: f32,
    threshold: f32,
    subject: Subject,
    phrases: Vec<Evidence>,
}

/// What is said of an article; of one that cannot be read its origin, and why.
type Told = Result<Explained, (Origin, String)>;

/// Work and judge record after record, and hand over what is said of each article.
fn each(
    config: &Config,
    Asked { files, pair }: Asked<'_>,
    mut take: impl FnMut(Told) -> io::Result<()>,
) -> Result<io::Result<()>, CommandError> {
    let mut explainer = Explainer {
        pipeline: pipeline(config)?,
        judge: Judge::new(rules(config)),
        batch: 0,
        met: BTreeMap::new(),
        pair: pair.map(Pair::new),
    };
    for file in files {
        for record in read_records(config, file)? {
            let record = record?;
            let bodies = bodies(config, &record);
            for judged in explainer.judge(&record) {
                let Some(told) = explainer.tell(judged, &bodies) else {
                    continue;
                };
                let taken = take(told);
                if taken.is_err() || explainer.pair.is_some() {
                    return Ok(taken);
                }
            }
        }
    }
    if let Some(id) = explainer.pair.and_then(|pair| pair.missing()) {
        let message = format!("there is no article `{id}` to compare\nhint: name two by id, or by FILE:LINE");
        return Err(CommandError::Usage(message));
    }
    Ok(Ok(()))
}

/// Judges as a stage that is alone, and keeps what it met.
struct Explainer<'a> {
    pipeline: Arc<Pipeline>,
    judge: Judge,
    batch: u64,
    met: BTreeMap<Origin, Comparable>,
    /// The two that are to be compared, and nothing else told.
    pair: Option<Pair<'a>>,
}

impl Explainer<'_> {
    fn judge(&mut self, record: &Record) -> Vec<Judged> {
        self.batch += 1;
        let worked = self.pipeline.work(record);
        let judged = judged_alone(&mut self.judge, &self.pipeline, self.batch, worked);
        self.judge.committed(self.batch);
        judged
    }

    /// What is said of an article; nothing of a tombstone, nor of one that is none of the two or the first of them.
    fn tell(&mut self, judged: Judged, bodies: &Bodies) -> Option<Told> {
        match judged.fate {
            Fate::Enriched(article, verdict) | Fate::Duplicate(article, verdict) | Fate::Dropped(article, verdict) => {
                self.explain(article, verdict, bodies).map(Ok)
            }
            Fate::DeadLetter(reject) if self.pair.is_none() => {
                let why = format!("{} ({}): {}", reject.code, reject.step, reject.message);
                Some(Err((judged.origin, why)))
            }
            Fate::DeadLetter(_) | Fate::Tombstone => None,
        }
    }

    fn explain(&mut self, article: Box<TaggedArticle>, verdict: Verdict, bodies: &Bodies) -> Option<Explained> {
        let origin = &article.origin;
        let other = match &mut self.pair {
            None => verdict.of.as_ref().map(|of| of.origin.clone()),
            Some(pair) => pair.meet(origin, &article.id),
        };
        let is_meant = self.pair.is_none() || other.is_some();
        let this = Comparable::of(&article);
        let other = other.and_then(|other| self.met.get(&other));
        let comparison = other.map(|other| dedupe::compare(other.side(), this.side()));
        self.met.insert(origin.clone(), this);
        if !is_meant {
            return None;
        }
        let nothing = (Body::None, Places::default());
        let (body, places) = bodies.get(&origin.position).unwrap_or(&nothing);
        Some(Explained {
            pieces: pieces(body, &in_body(places, &article.removed), &article.text),
            tags: tags(self.pipeline.tagger(), &article),
            article,
            verdict,
            comparison: comparison.as_ref().map(compare::lines).unwrap_or_default(),
        })
    }
}

/// The bodies of a record's articles, and where their bytes stood, by position.
type Bodies = BTreeMap<u32, (Body, Places)>;

/// The bodies as they were decoded, by position: the pipeline keeps none.
fn bodies(config: &Config, record: &Record) -> Bodies {
    let decoded = decode::decode(record, &decode_options(config)).unwrap_or_default();
    (0..)
        .zip(decoded)
        .filter_map(|(position, article)| {
            let article = article.ok()?;
            Some((position, (article.body, article.places)))
        })
        .collect()
}

/// Spans of the record as spans of the decoded body.
fn in_body(places: &Places, removed: &[Removed]) -> Vec<Removed> {
    let span = |removed: &Removed| {
        let std::ops::Range { start, end } = places.in_body(removed.start..removed.end);
        Removed { start, end, ..*removed }
    };
    removed.iter().map(span).collect()
}

/// The body cut at the removed spans. Where no spans are told (Markdown, a page that gave way to its text), the clean text is the one piece.
fn pieces(body: &Body, removed: &[Removed], clean: &str) -> Vec<Piece> {
    let (source, is_html) = match body {
        Body::Html(source) if !removed.is_empty() => (source.as_str(), true),
        Body::Text(source) if !removed.is_empty() => (source.as_str(), false),
        _ => (clean, false),
    };
    let shown = |text: &str| if is_html { visible(text) } else { text.trim().to_owned() };
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut push = |text: &str, reason| {
        let text = shown(text);
        if !text.is_empty() {
            pieces.push(Piece { text, reason });
        }
    };
    for span in removed {
        push(source.get(at..span.start).unwrap_or_default(), None);
        push(source.get(span.start..span.end).unwrap_or_default(), Some(span.reason));
        at = span.end.max(at);
    }
    push(source.get(at..).unwrap_or_default(), None);
    // The text that a page's linked data alone holds is no piece of what it shows.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let kept = pieces.iter().filter(|piece| piece.reason.is_none());
    if 2 * kept.map(|piece| letters(&piece.text)).sum::<usize>() < letters(clean) {
        pieces.push(Piece {
            text: clean.to_owned(),
            reason: None,
        });
    }
    pieces
}

/// What a reader of the page would see of a piece of it: no tags, scripts or styles; a block a line.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        text += before;
        let name: String = tag
            .chars()
            .skip(1)
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        let end = match name.as_str() {
            "script" | "style" | "title" => tag.find(&format!("</{name}")).unwrap_or(tag.len()),
            _ => tag.find('>').map_or(tag.len(), |end| end + 1),
        };
        match name.as_str() {
            "td" | "th" => text.push(' '),
            "p" | "div" | "li" | "br" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "tr" | "section" | "ul" | "ol"
            | "dt" | "dd" | "summary" | "button" | "figcaption" | "blockquote" | "pre" | "article" | "header"
            | "footer" | "aside" | "nav" => text.push('\n'),
            _ => {}
        }
        rest = tag.get(end..).unwrap_or_default();
    }
    // A piece may begin within a tag.
    text += rest;
    let lines = htmlize::unescape(text);
    let lines: Vec<String> = lines
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn tags(tagger: &Tagger, article: &TaggedArticle) -> Vec<TagReason> {
    let (site, url) = (article.site.as_deref(), article.url.as_deref());
    let text = Text {
        title: article.title.as_deref().map(|title| headline(title, site, url)),
        body: &article.text,
        language: article.language.as_deref(),
    };
    let reason = |taxonomy: &crate::tag::taxonomy::Taxonomy| {
        let name = &taxonomy.name;
        Some(TagReason {
            score: *article.tagging.scores.get(name)?,
            threshold: taxonomy.threshold,
            subject: tagger.subject(&text, name),
            phrases: tagger.evidence(&text, name),
            name: name.clone(),
        })
    };
    tagger.taxonomies().iter().filter_map(reason).collect()
}

impl TagReason {
    fn is_given(&self) -> bool {
        self.score >= self.threshold
    }

    /// What spoke for the tag and against it, and for one that is not given what was missing.
    fn words(&self) -> String {
        let phrase = |e: &Evidence| format!("{:+.2} “{}” in the {}", e.weight, e.phrase, e.zone);
        let phrases: Vec<String> = self.phrases.iter().map(phrase).collect();
        if self.is_given() {
            return phrases.join(", ");
        }
        if phrases.is_empty() {
            return "no phrase of the tag stands in it".to_owned();
        }
        let log_odds = |p: f32| (p / (1.0 - p)).ln();
        let lack = log_odds(self.threshold) - log_odds(self.score.clamp(1e-6, 1.0 - 1e-6));
        let subject = match self.subject {
            Subject::Nowhere => "names the subject nowhere, and ",
            Subject::InBody => "names the subject in the body alone, and ",
            Subject::UpFront => "",
        };
        format!("{subject}lacks {lack:.2} of the log-odds; has {}", phrases.join(", "))
    }
}

/// Where the phrases looked for are not those of the article's language, which they are.
fn phrases_words(article: &TaggedArticle) -> &'static str {
    match article.tagging.phrases_read {
        PhrasesRead::Language => "",
        PhrasesRead::Names => ", in which no tag has phrases: read for names alone",
        PhrasesRead::All => ", read for the phrases of all languages",
    }
}

fn verdict_words(verdict: &Verdict) -> String {
    match &verdict.of {
        None => "unique: no copy of it has been seen".to_owned(),
        Some(of) => format!(
            "{} of `{}` ({} [{}] at offset {}), similarity {:.2}",
            verdict.relation.unwrap_or("copy"),
            of.id,
            of.origin.topic,
            of.origin.partition,
            of.origin.offset,
            verdict.similarity
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, PartialEq)]
    enum Form {
        Terminal,
        Html,
    }

    fn explained(lines: &str, form: Form) -> String {
        asked(lines, None, form).unwrap()
    }

    fn asked(lines: &str, pair: Option<[&str; 2]>, form: Form) -> Result<String, CommandError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("articles.jsonl");
        std::fs::write(&file, lines).unwrap();
        let mut out = Vec::new();
        let arguments = Arguments {
            files: vec![file],
            html: form == Form::Html,
            compare: pair.into_iter().flatten().map(str::to_owned).collect(),
        };
        explain(&Config::default(), &arguments, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn explained_duplicates_say_what_they_share_and_what_differs() {
        let changed = TARIFF
            .replace("steel", "copper")
            .replace("port of Mora", "port of Tarn");
        let lines = line("a", TARIFF) + &line("b", &format!("{TARIFF} The vote is on Friday.")) + &line("c", &changed);
        let shown = explained(&lines, Form::Terminal);
        assert!(
            shown.contains("+ “The vote is on Friday”, after “the trade court”"),
            "{shown}"
        );
        let pair = asked(&lines, Some(["a", "c"]), Form::Terminal).unwrap();
        assert!(pair.contains("− “steel”, after “tariff on imported”"), "{pair}");
        assert!(
            pair.contains("− names only there: Mora") && pair.contains("+ names only here: Tarn"),
            "{pair}"
        );
        assert!(!pair.contains("Friday"), "{pair}");
        let page = asked(&lines, Some(["c", "a"]), Form::Html).unwrap();
        assert!(page.contains("<li class=\"new\">“copper”"), "{page}");
        let missing = asked(&lines, Some(["a", "z"]), Form::Terminal).unwrap_err().to_string();
        assert!(missing.contains("`z`"), "{missing}");
    }

    const TARIFF: &str = "The ministry announced a new tariff on imported steel, which the trade minister called fair.\n\
        Exporters in the port of Mora said that they would take the tariff to the trade court.";

    fn line(id: &str, text: &str) -> String {
        serde_json::json!({ "id": id, "title": "Tariff on steel", "text": text }).to_string() + "\n"
    }

    #[test]
    fn explained_says_what_went_what_decided_and_what_was_missing() {
        let text = format!("{TARIFF}\nShare this article\nSubscribe to our newsletter");
        let shown = explained(&(line("a", &text) + &line("b", &text) + "{ broken\n"), Form::Terminal);
        assert!(shown.contains("  - Share this article  [share]"), "{shown}");
        assert!(shown.contains("✓ trade"), "{shown}");
        assert!(
            shown.contains("· rare-earths") && shown.contains("no phrase of the tag stands in it"),
            "{shown}"
        );
        assert!(shown.contains("exact of `a`"), "{shown}");
        assert!(shown.contains("dead letter: not-json"), "{shown}");
    }

    #[test]
    fn what_an_article_says_cannot_steer_the_terminal() {
        let text = format!("{TARIFF}\u{1b}[31m\u{202e}\nA line\u{7} that\u{9b}1m is\rnew.");
        let record = |id: &str, text: &str| {
            let record = serde_json::json!({ "id": id, "title": "Tariff \u{1b}]0;mine\u{7} on steel", "text": text });
            record.to_string() + "\n"
        };
        let lines = record("\u{1b}[2J", TARIFF) + &record("b", &text) + "{\"text\": \u{1b}[2J}\n";
        let shown = explained(&lines, Form::Terminal);
        let steers = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') || *c == '\u{202e}';
        assert_eq!(shown.chars().find(steers), None, "{shown:?}");
        assert!(shown.contains("  \\u{1b}[2J · read as"), "{shown}");
        assert!(shown.contains(" of `\\u{1b}[2J` ("), "{shown}");
        assert!(shown.contains("Tariff \\u{1b}]0;mine\\u{7} on steel"), "{shown}");
    }

    #[test]
    fn explained_says_where_the_subject_is_missed() {
        let text = "The exporters met in the port of Mora. Their exports were painted blue, and so was the quay.";
        let shown = explained(
            &line("a", text).replace("Tariff on steel", "A blue quay"),
            Form::Terminal,
        );
        assert!(
            shown.contains("· trade") && shown.contains("names the subject nowhere, and lacks"),
            "{shown}"
        );
    }

    #[test]
    fn an_unknown_language_is_read_for_names_and_said_so() {
        let text = "Kören övar på nattfärjan varje kväll, och passagerarna sjunger med när de kan orden. \
            Dirigenten bad besättningen om ett piano till, och de hittade ett på bildäck under resan.";
        let record = serde_json::json!({ "id": "a", "title": "Kören", "text": text, "language": "sv" });
        let shown = explained(&(record.to_string() + "\n"), Form::Terminal);
        assert!(
            shown.contains("language sv, in which no tag has phrases: read for names alone"),
            "{shown}"
        );
    }

    #[test]
    fn explained_as_a_page_shows_removed_spans_in_place_and_escapes() {
        let text = format!("{TARIFF}\nA <script> is a word here, said nobody in the port of Mora.\nShare this article");
        let page = explained(&line("a&b", &text), Form::Html);
        assert!(page.contains("<del title=\"share\">Share this article</del>"), "{page}");
        assert!(page.contains("a&amp;b") && !page.contains("<script>"), "{page}");
    }

    #[test]
    fn explained_where_a_page_gave_way_to_its_text_that_is_shown() {
        let shell = "<html><body><div id=root></div><script>x=1</script></body></html>";
        let record = serde_json::json!({"id": "a", "html": shell, "text": format!("{TARIFF}\nShare this article")});
        let page = explained(&record.to_string(), Form::Html);
        let sentence = TARIFF.split('.').next().unwrap_or_default();
        assert!(page.contains(sentence) && !page.contains("<del"), "{page}");
    }

    #[test]
    fn a_page_s_pieces_are_what_a_reader_sees() {
        assert_eq!(
            visible("<p>One &amp; two<script>x < 1</script></p><p>Three<tr><td>4<td>5"),
            "One & two\nThree\n4 5"
        );
        let source = "<nav>Home</nav><p>Text</p>".to_owned();
        let removed = [Removed {
            reason: "navigation",
            start: 0,
            end: 15,
        }];
        let piece = |text: &str, reason| Piece {
            text: text.to_owned(),
            reason,
        };
        assert_eq!(
            pieces(&Body::Html(source), &removed, "Text"),
            [piece("Home", Some("navigation")), piece("Text", None)]
        );
        let scripted = "<nav>Home</nav><script>show()</script>".to_owned();
        assert_eq!(
            pieces(&Body::Html(scripted), &removed, "An article that only a script shows."),
            [
                piece("Home", Some("navigation")),
                piece("An article that only a script shows.", None)
            ]
        );
    }
}
