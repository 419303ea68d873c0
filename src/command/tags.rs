//! `sluice tags`: show, check, test, score, compare and train taxonomies.
//!
//! In: files of taxonomies and of articles. Out: text, or a taxonomy. Always: without a broker.

mod articles;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use self::articles::{Article, never_labelled, read_articles};
use super::{CommandError, harmless, taxonomies};
use crate::config::Config;
use crate::failure::Failure;
use crate::tag::measure::{Quality, quality};
use crate::tag::taxonomy::{Judged, Taxonomy, TaxonomyError};
use crate::tag::train::{self, Labelled, Trained};
use crate::tag::{SHIPPED, Tagger, Tagging, Text, shipped_files};

/// What to do with taxonomies.
#[derive(Debug, Subcommand)]
pub enum TagsCommand {
    /// Print a tag's file, a shipped one's as it ships, or name all tags of the configuration.
    Show {
        /// Such as `trade`.
        name: Option<String>,
    },
    /// Read files and tell each mistake with its line and remedy.
    Check {
        /// Taxonomies.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Run the examples in the files, and tell which fail and why.
    Test {
        /// Taxonomies; the shipped ones where none is named.
        files: Vec<PathBuf>,
    },
    /// Measure the configured tags on labelled articles.
    Score {
        /// Articles with `title`, `text`, `language`, and `labels` (tag → 0 or 1) or `tags` (a list of names): JSON Lines or a list, packed
        /// or not.
        file: PathBuf,
        /// One JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show which articles another version of a tag's file would judge otherwise, and by which phrases.
    Diff {
        /// The file as it is.
        old: PathBuf,
        /// The file as it may become.
        new: PathBuf,
        /// Clean articles, such as `sluice enrich` writes.
        #[arg(required = true)]
        articles: Vec<PathBuf>,
    },
    /// Learn a tag from labelled articles and write its file to standard output.
    Train {
        /// Articles, as for `score`.
        file: PathBuf,
        /// The tag to learn.
        #[arg(long)]
        tag: String,
    },
}

/// Run one of the subcommands. Results go to `out`, what is said of them to standard error.
pub fn tags(config: &Config, command: &TagsCommand, out: &mut impl Write) -> Result<(), CommandError> {
    let written = match command {
        TagsCommand::Show { name } => show(config, name.as_deref(), out)?,
        TagsCommand::Check { files } => check(files, out)?,
        TagsCommand::Test { files } => return test(files, out),
        TagsCommand::Score { file, json } => score(config, file, *json, out)?,
        TagsCommand::Diff { old, new, articles } => diff(config, old, new, articles, out)?,
        TagsCommand::Train { file, tag } => learn(config, file, tag, out)?,
    };
    Ok(super::written(written.and_then(|()| out.flush()))?)
}

type Written = io::Result<()>;

fn show(config: &Config, name: Option<&str>, out: &mut impl Write) -> Result<Written, CommandError> {
    let Some(name) = name else {
        let tagger = taxonomies::tagger(&config.tags)?;
        let line = |t: &Taxonomy| {
            let languages: BTreeSet<&str> = t
                .concepts
                .iter()
                .flat_map(|c| c.phrases.keys())
                .map(String::as_str)
                .collect();
            let phrases: usize = t.concepts.iter().flat_map(|c| c.phrases.values()).map(Vec::len).sum();
            let languages: Vec<&str> = languages.into_iter().collect();
            let (name, threshold) = (&t.name, t.threshold);
            format!(
                "{name:<16} threshold {threshold:<5} {phrases:>5} phrases  {}\n",
                languages.join(" ")
            )
        };
        let lines: String = tagger.taxonomies().iter().map(line).collect();
        return Ok(out.write_all(lines.as_bytes()));
    };
    let shipped = shipped_files().find(|(file, _)| file.trim_end_matches(".toml") == name);
    let text = match shipped {
        Some((_, text)) => Some(text),
        None => taxonomies::text_of(&config.tags, name)?,
    };
    let Some(text) = text else {
        let shipped = SHIPPED
            .iter()
            .map(|(file, _)| file.trim_end_matches(".toml").to_owned());
        let configured = taxonomies::tagger(&config.tags)?;
        let configured = configured.names().into_iter().map(str::to_owned);
        let known: BTreeSet<String> = shipped.chain(configured).collect();
        let known: Vec<String> = known.into_iter().collect();
        return Err(CommandError::Usage(format!(
            "there is no tag `{name}`, only {}",
            known.join(", ")
        )));
    };
    Ok(out.write_all(text.as_bytes()))
}

/// Every file is read, so that all mistakes are told at once.
fn check(files: &[PathBuf], out: &mut impl Write) -> Result<Written, CommandError> {
    let mut mistakes = Vec::new();
    let mut lines = String::new();
    for file in files {
        match taxonomies::read(file) {
            Ok(taxonomy) => {
                let (concepts, examples) = (taxonomy.concepts.len(), taxonomy.all_examples().count());
                lines += &format!(
                    "{}: tag `{}`, {concepts} concepts, {examples} examples\n",
                    file.display(),
                    taxonomy.name
                );
            }
            Err(e) => mistakes.push(e.to_string()),
        }
    }
    if mistakes.is_empty() {
        return Ok(out.write_all(lines.as_bytes()));
    }
    Err(CommandError::Usage(mistakes.join("\n")))
}

fn test(files: &[PathBuf], out: &mut impl Write) -> Result<(), CommandError> {
    let taxonomies: Vec<(String, Taxonomy)> = if files.is_empty() {
        let parse = |(file, text): (&str, String)| Ok((file.to_owned(), Taxonomy::parse(file, &text)?));
        let parsed: Result<_, TaxonomyError> = shipped_files().map(parse).collect();
        parsed.map_err(|e| CommandError::Usage(e.to_string()))?
    } else {
        let read = |file: &PathBuf| Ok((file.display().to_string(), taxonomies::read(file)?));
        files.iter().map(read).collect::<Result<_, CommandError>>()?
    };
    let (mut examples, mut failures) = (0, 0);
    let mut lines = String::new();
    for (file, taxonomy) in &taxonomies {
        let judged = taxonomy.judged_examples();
        examples += judged.len();
        let failed: Vec<&Judged> = judged.iter().filter(|j| !j.holds(taxonomy.threshold)).collect();
        failures += failed.len();
        let tagger = Tagger::new(vec![taxonomy.clone()]);
        for failed in failed {
            lines += &failure(file, taxonomy, &tagger, failed);
        }
        lines += &by_language(taxonomy, &judged);
    }
    lines += &format!("{} of {examples} examples hold\n", examples - failures);
    super::written(out.write_all(harmless(&lines).as_bytes()).and_then(|()| out.flush()))?;
    if failures > 0 {
        return Err(Failure::new(format!("{failures} examples fail")).into());
    }
    Ok(())
}

/// What an example asks for, what it got, and the phrases that decided.
fn failure(file: &str, taxonomy: &Taxonomy, tagger: &Tagger, failed: &Judged) -> String {
    let example = &failed.example;
    let wanted = if example.tagged {
        "must be given"
    } else {
        "must not be given"
    };
    let named = example.title.as_deref().unwrap_or(&example.text);
    let text = Text {
        title: example.title.as_deref(),
        body: &example.text,
        language: Some(&example.language),
    };
    format!(
        "{file}: `{}` {wanted} to “{}” ({}), but its score is {:.3} and the threshold {}\n    {}\n",
        taxonomy.name,
        shortened(named),
        example.language,
        failed.score,
        taxonomy.threshold,
        phrases_for(tagger, &text, &taxonomy.name)
    )
}

/// A tag's examples that hold and its F1 on them, for each language.
fn by_language(taxonomy: &Taxonomy, judged: &[Judged]) -> String {
    let mut languages: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for j in judged {
        languages.entry(&j.example.language).or_default().push(j);
    }
    let line = |(language, judged): (&str, Vec<&Judged>)| {
        let scored: Vec<(f32, bool)> = judged.iter().map(|j| (j.score, j.example.tagged)).collect();
        let held = judged.iter().filter(|j| j.holds(taxonomy.threshold)).count();
        format!(
            "{:<16} {language}  {held:>3} of {:>3} hold  F1 {:.3}\n",
            taxonomy.name,
            judged.len(),
            quality(&scored, taxonomy.threshold).f1
        )
    };
    languages.into_iter().map(line).collect()
}

/// The phrases that count for a tag, or that there are none.
fn phrases_for(tagger: &Tagger, text: &Text<'_>, tag: &str) -> String {
    let evidence = tagger.evidence(text, tag);
    if evidence.is_empty() {
        return "no phrase of the tag stands in it".to_owned();
    }
    let phrase = |e: &crate::tag::Evidence| format!("{:+.2} “{}” ({})", e.weight, e.phrase, e.zone);
    evidence.iter().map(phrase).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('\n', " ")
}

fn score(config: &Config, file: &Path, json: bool, out: &mut impl Write) -> Result<Written, CommandError> {
    let tagger = taxonomies::tagger(&config.tags)?;
    let articles = read_articles(config, file)?;
    let taggings: Vec<Tagging> = articles.iter().map(|a| tagger.tag(&a.text())).collect();
    let mut measured: BTreeMap<&str, Quality> = BTreeMap::new();
    for taxonomy in tagger.taxonomies() {
        let score = |(article, tagging): (&Article, &Tagging)| {
            let score = tagging.scores.get(&taxonomy.name).copied().unwrap_or(0.0);
            Some((score, article.label(&taxonomy.name)?))
        };
        let scored: Vec<(f32, bool)> = articles.iter().zip(&taggings).filter_map(score).collect();
        if !scored.is_empty() {
            measured.insert(&taxonomy.name, quality(&scored, taxonomy.threshold).rounded());
        }
    }
    if measured.is_empty() {
        let names = tagger.names().join("`, `");
        let message = format!(
            "no article of `{}` has a label for `{names}`\nhint: give each `labels` or `tags`",
            file.display()
        );
        return Err(CommandError::Usage(message));
    }
    if json {
        let line = serde_json::to_string(&measured).expect("plain data is JSON");
        return Ok(writeln!(out, "{line}"));
    }
    let mut table = format!(
        "{:<16} {:>8} {:>9} {:>9} {:>7} {:>6} {:>6} {:>6}\n",
        "tag", "articles", "positives", "precision", "recall", "F1", "AP", "ECE"
    );
    for (name, quality) in measured {
        table += &row(name, &quality);
    }
    Ok(out.write_all(table.as_bytes()))
}

fn row(name: &str, q: &Quality) -> String {
    format!(
        "{name:<16} {:>8} {:>9} {:>9.3} {:>7.3} {:>6.3} {:>6.3} {:>6.3}\n",
        q.articles, q.positives, q.precision, q.recall, q.f1, q.average_precision, q.calibration_error
    )
}

fn diff(
    config: &Config,
    old: &Path,
    new: &Path,
    files: &[PathBuf],
    out: &mut impl Write,
) -> Result<Written, CommandError> {
    let (old, new) = (taxonomies::read(old)?, taxonomies::read(new)?);
    if old.name != new.name {
        let message = format!("the files describe two tags, `{}` and `{}`", old.name, new.name);
        return Err(CommandError::Usage(message));
    }
    let name = old.name.clone();
    let thresholds = [old.threshold, new.threshold];
    let thresholds = match thresholds.map(f32::to_bits) {
        [was, is] if was == is => String::new(),
        _ => format!(" (threshold {} → {})", old.threshold, new.threshold),
    };
    let (before, after) = (Tagger::new(vec![old]), Tagger::new(vec![new]));
    let (mut lines, mut gained, mut lost, mut all, mut errors) = (String::new(), 0, 0, 0, 0);
    for file in files {
        for article in read_articles(config, file)? {
            if article.is_error() {
                errors += 1;
                continue;
            }
            all += 1;
            let text = article.text();
            let (was, is) = (before.tag(&text), after.tag(&text));
            if was.tags.is_empty() == is.tags.is_empty() {
                continue;
            }
            let (change, tagger) = if is.tags.is_empty() {
                ("loses", &before)
            } else {
                ("gains", &after)
            };
            *(if is.tags.is_empty() { &mut lost } else { &mut gained }) += 1;
            let score = |tagging: &Tagging| tagging.scores.get(&name).copied().unwrap_or(0.0);
            lines += &format!(
                "{} {change} `{name}`: {:.3} → {:.3}{thresholds}, {}\n",
                article.name(file),
                score(&was),
                score(&is),
                phrases_for(tagger, &text, &name)
            );
        }
    }
    lines += &format!("of {all} articles {gained} gain `{name}` and {lost} lose it\n");
    if errors > 0 {
        lines += &format!("left out: {errors} records that could not be read\n");
    }
    Ok(out.write_all(harmless(&lines).as_bytes()))
}

fn learn(config: &Config, file: &Path, tag: &str, out: &mut impl Write) -> Result<Written, CommandError> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if tag.is_empty() || !tag.chars().all(is_name) {
        return Err(CommandError::Usage(format!(
            "`--tag {tag}` is not of small letters, digits and hyphens"
        )));
    }
    let articles = read_articles(config, file)?;
    let failed = |why: &str| {
        let shown = file.display();
        CommandError::Usage(format!("could not learn `{tag}` from `{shown}`: {why}"))
    };
    if let Some(why) = never_labelled(&articles, tag) {
        return Err(failed(&why));
    }
    let labelled = |article: &Article| {
        let text = article.text();
        Some(Labelled {
            tagged: article.label(tag)?,
            title: text.title.map(str::to_owned),
            text: text.body.to_owned(),
            language: text.language.map(str::to_owned),
        })
    };
    let labelled: Vec<Labelled> = articles.iter().filter_map(labelled).collect();
    let without_text = labelled.iter().filter(|article| article.text.trim().is_empty()).count();
    if without_text > 0 {
        let hint = "hint: the text is expected under `text`, clean; `sluice enrich` makes it of pages and raw records";
        let of = labelled.len();
        return Err(CommandError::Usage(format!(
            "{without_text} of {of} labelled articles have no text\n{hint}"
        )));
    }
    let trained = train::train(tag, &labelled).map_err(|why| failed(&why))?;
    tell(&trained);
    Ok(out.write_all(train::as_file(&trained).as_bytes()))
}

/// Standard output is the tag's file, so this goes to standard error; if that is gone, the file still comes.
fn tell(trained: &Trained) {
    let mut lines = format!(
        "cross-validated, each article scored by a fit that had not seen it:\n{}",
        row(&trained.taxonomy.name, &trained.cross_validated)
    );
    for learned in &trained.learned {
        let [with, without] = learned.articles;
        lines += &format!(
            "{:+.2} {} ({}; {with} articles with the tag, {without} without)\n",
            learned.weight,
            learned.phrases.join(", "),
            learned.language
        );
    }
    drop(io::stderr().write_all(harmless(&lines).as_bytes()));
}

#[cfg(test)]
mod tests;
