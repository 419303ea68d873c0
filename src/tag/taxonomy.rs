//! A tag's file: its concepts with their phrases, what each weighs, and examples.
//!
//! In: TOML text. Out: a [`Taxonomy`], or what is wrong with it, on which line, and the remedy. Always: a taxonomy that was read
//! has a name, a threshold between 0 and 1, a concept that can name the subject, and no phrase twice.

mod codes;
mod shape;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use serde::Deserialize;

use super::{Tagger, Text};
use crate::toml_line::line_of;

/// One tag as its file describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    /// The tag's name: small letters, digits and hyphens.
    pub name: String,
    /// The IPTC Media Topics code, where one fits.
    #[serde(default)]
    pub iptc: Option<String>,
    /// The probability from which an article is given the tag.
    #[serde(default = "threshold")]
    pub threshold: f32,
    /// What the concepts weigh together; fitted for the shipped tags.
    #[serde(default)]
    pub sums: Sums,
    /// Phrases that mean the same.
    #[serde(rename = "concept", default)]
    pub concepts: Vec<Concept>,
    /// Texts that must be given the tag, or must not, with a title where it matters.
    #[serde(rename = "example", default)]
    pub examples: Vec<Example>,
    /// The same in short: ISO 639-1 → sentences.
    #[serde(rename = "examples", default)]
    pub sentences: BTreeMap<String, Sentences>,
}

/// Texts without a title that must be given the tag, or must not.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sentences {
    /// Those that must be given the tag.
    pub tagged: Vec<String>,
    /// Those that must not.
    pub untagged: Vec<String>,
}

fn threshold() -> f32 {
    0.5
}

/// How a concept speaks for the tag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Names the subject.
    #[default]
    Subject,
    /// Goes with the subject, and with others.
    Weak,
    /// Counts only in an article that names the subject somewhere.
    Support,
    /// Speaks against the tag, and takes the place of shorter phrases within it (`trade union`).
    Against,
}

/// Phrases that mean the same, in any number of languages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Concept {
    /// A name for people.
    pub name: String,
    /// How it speaks for the tag.
    #[serde(default)]
    pub role: Role,
    /// Log-odds of the first mention in the title, in the lead, in the body; by the role where absent.
    #[serde(default)]
    pub weights: Option<[f32; 3]>,
    /// ISO 639-1, or `any` for names that are the same in all languages → phrases. A `*` at the end takes any ending; capitals
    /// count where a phrase is all capitals.
    #[serde(flatten)]
    pub phrases: BTreeMap<String, Vec<String>>,
}

/// The terms of the score that no single concept has. Log-odds; zones are title, lead, body.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sums {
    /// The tag's log-odds where no phrase stands.
    pub bias: f32,
    /// The subject is named anywhere by one phrase; 1.6 times this by two different ones, twice this by three.
    pub anywhere: f32,
    /// The subject is named in the title or where the body begins; the less of this the further behind, and nothing from 4,000 bytes on.
    pub up_front: f32,
    /// Two different phrases that speak for the tag stand in the title, of whatever concepts.
    pub two_in_title: f32,
    /// For each doubling of the text beyond 500 bytes.
    pub length: f32,
    /// All subject concepts counted together.
    pub subject: [f32; 3],
    /// All weak concepts counted together.
    pub weak: [f32; 3],
}

impl Sums {
    /// By their names.
    fn numbers(&self) -> [(&'static str, &[f32]); 7] {
        [
            ("bias", slice::from_ref(&self.bias)),
            ("anywhere", slice::from_ref(&self.anywhere)),
            ("up_front", slice::from_ref(&self.up_front)),
            ("two_in_title", slice::from_ref(&self.two_in_title)),
            ("length", slice::from_ref(&self.length)),
            ("subject", &self.subject),
            ("weak", &self.weak),
        ]
    }
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            bias: -4.0,
            anywhere: 1.8,
            up_front: 2.0,
            two_in_title: 0.5,
            length: -0.1,
            subject: [0.5, 0.5, 0.5],
            weak: [0.2, 0.2, 0.1],
        }
    }
}

/// A text that must be given the tag, or must not.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Whether the tag must be given.
    pub tagged: bool,
    /// ISO 639-1.
    pub language: String,
    #[serde(default)]
    pub title: Option<String>,
    pub text: String,
}

/// An example, and the probability that the taxonomy gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub example: Example,
    pub score: f32,
}

impl Judged {
    /// Whether it is given the tag, or not, as it must be.
    pub fn holds(&self, threshold: f32) -> bool {
        (self.score >= threshold) == self.example.tagged
    }
}

/// A file that is no taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("taxonomy `{file}`{}: {message}\nhint: {hint}", line.map(|l| format!(" line {l}")).unwrap_or_default())]
pub struct TaxonomyError {
    /// The file's name.
    pub file: String,
    /// Counted from 1, where the mistake has one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// What is wrong: where, the message, the remedy.
type Mistake = (Place, String, Cow<'static, str>);

/// How the line of a mistake is found.
#[derive(Debug)]
enum Place {
    /// It holds these words.
    Words(String),
    /// It sets this key.
    Key(String),
}

fn words(piece: impl Into<String>) -> Place {
    Place::Words(piece.into())
}

/// Log-odds beyond this are a mistake: a tenth of it is as good as certain, and sums of far larger ones are no numbers any more.
const WEIGHT_MAX: f32 = 100.0;

/// Why a number weighs nothing that can be summed up, where that is so.
fn cannot_weigh(number: f32) -> Option<(String, &'static str)> {
    if !number.is_finite() {
        return Some(("is not finite".to_owned(), "`nan` and `inf` weigh nothing"));
    }
    (number.abs() > WEIGHT_MAX).then(|| {
        let message = format!("is {number}, allowed is {} to {WEIGHT_MAX}", -WEIGHT_MAX);
        (message, "weights are log-odds: 5 nearly decides by itself")
    })
}

impl Taxonomy {
    /// Read a tag's file; `file` is its name, for the error.
    pub fn parse(file: &str, text: &str) -> Result<Self, TaxonomyError> {
        let wrong = |line, message: &str, hint: &str| TaxonomyError {
            file: file.to_owned(),
            line,
            message: message.trim().to_owned(),
            hint: hint.to_owned(),
        };
        let told = |(place, message, hint): Mistake| {
            let line = match place {
                Place::Key(key) => line_of(text, &key),
                Place::Words(piece) => {
                    let lines = (1..).zip(text.lines()).filter(|(_, line)| line.contains(&piece));
                    lines.last().map(|(number, _)| number)
                }
            };
            wrong(line, &message, &hint)
        };
        let unread = |e: toml::de::Error| {
            let before = e.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() + 1);
            wrong(line, e.message(), "compare with a tag that ships with the stage")
        };
        let taxonomy: Self = toml::from_str(text).map_err(|e| shape::mistake(text).map_or_else(|| unread(e), told))?;
        taxonomy.mistake().map(told).map_or(Ok(taxonomy), Err)
    }

    fn mistake(&self) -> Option<Mistake> {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            let message = format!("the name `{}` is not of small letters, digits and hyphens", self.name);
            return Some((
                words(format!("\"{}\"", self.name)),
                message,
                "write it like `rare-earths`".into(),
            ));
        }
        if !(self.threshold > 0.0 && self.threshold < 1.0) {
            let message = format!("`threshold` is {}, allowed is between 0 and 1", self.threshold);
            return Some((Place::Key("threshold".into()), message, "leave it out for 0.5".into()));
        }
        for (name, numbers) in self.sums.numbers() {
            if let Some((why, hint)) = numbers.iter().copied().find_map(cannot_weigh) {
                let message = format!("`{name}` in `sums` {why}");
                return Some((Place::Key(format!("sums.{name}")), message, hint.into()));
            }
        }
        let is_media_topic = |code: &str| {
            let digits = code.strip_prefix("medtop:");
            digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()))
        };
        if let Some(code) = self.iptc.as_deref().filter(|code| !is_media_topic(code)) {
            let message = format!("`iptc` is `{code}`, no code of the Media Topics");
            return Some((
                Place::Key("iptc".into()),
                message,
                "write it like `medtop:20000373`".into(),
            ));
        }
        let names_the_subject = |c: &Concept| c.role == Role::Subject && c.phrases.values().any(|p| !p.is_empty());
        if !self.concepts.iter().any(names_the_subject) {
            let message =
                "no concept of the role `subject` has a phrase: nothing names the subject of the tag".to_owned();
            let hint = "add a `[[concept]]` with a `name` and phrases such as `en = [\"ferry\"]`";
            return Some((words("[[concept]]"), message, hint.into()));
        }
        let of_examples = (0..).zip(&self.examples).map(|(position, example)| {
            let place = format!("example.{position}.language");
            (&example.language, place, "an `[[example]]`")
        });
        let of_sentences = self.sentences.keys();
        let of_sentences = of_sentences.map(|language| (language, format!("examples.{language}"), "`examples`"));
        let mut languages = of_examples.chain(of_sentences);
        if let Some((language, place, whose)) = languages.find(|(language, ..)| !codes::is_code(language)) {
            let message = format!("`{language}` in {whose} is no language");
            return Some((Place::Key(place), message, codes::remedy(language).into()));
        }
        let mut seen = BTreeSet::new();
        (0..)
            .zip(&self.concepts)
            .find_map(|(position, concept)| concept.mistake(position, &mut seen))
    }

    /// All examples of the file, those in short too.
    pub fn all_examples(&self) -> impl Iterator<Item = Example> {
        let in_short = self.sentences.iter().flat_map(|(language, sentences)| {
            let sides = [(true, &sentences.tagged), (false, &sentences.untagged)];
            sides.into_iter().flat_map(move |(tagged, texts)| {
                texts.iter().map(move |text| Example {
                    tagged,
                    language: language.clone(),
                    title: None,
                    text: text.clone(),
                })
            })
        });
        self.examples.iter().cloned().chain(in_short)
    }

    /// Judge the file's own examples.
    pub fn judged_examples(&self) -> Vec<Judged> {
        let tagger = Tagger::new(vec![self.clone()]);
        let judge = |example: Example| {
            let (title, body, language) = (example.title.as_deref(), &*example.text, Some(&*example.language));
            let scores = tagger.tag(&Text { title, body, language }).scores;
            let score = scores.get(&self.name).copied().unwrap_or(0.0);
            Judged { example, score }
        };
        self.all_examples().map(judge).collect()
    }

    /// The examples that are judged otherwise than the file says.
    pub fn test(&self) -> Vec<Judged> {
        let mut judged = self.judged_examples();
        judged.retain(|j| !j.holds(self.threshold));
        judged
    }
}

/// Why a phrase could stand in no text, where that is so.
fn never_found(word: &str) -> Option<&'static str> {
    if word.len() < 2 {
        return Some("is a single letter of ASCII, which is never looked for");
    }
    if !word.starts_with(char::is_alphanumeric) {
        return Some("begins with neither a letter nor a digit, and would never be found");
    }
    let mut before = 'x';
    word.chars().find_map(|c| {
        let why = match c {
            ' ' if before != ' ' => None,
            '\\' | '|' | '[' | ']' | '(' | ')' | '{' | '}' => Some("looks like a regular expression, which it is not"),
            _ if c.is_whitespace() => Some("has white space other than single blanks, and would never be found"),
            _ => None,
        };
        before = c;
        why
    })
}

impl Concept {
    /// The weights of the file, or those of the role.
    pub fn weights(&self) -> [f32; 3] {
        self.weights.unwrap_or(match self.role {
            Role::Subject => [1.5, 0.8, 0.4],
            Role::Weak => [0.6, 0.3, 0.15],
            Role::Support => [0.4, 0.3, 0.1],
            Role::Against => [-1.0, -0.6, -0.3],
        })
    }

    /// `position` is its own among the concepts.
    fn mistake<'a>(&'a self, position: usize, seen: &mut BTreeSet<(&'a str, String)>) -> Option<Mistake> {
        let key = |name: &str| Place::Key(format!("concept.{position}.{name}"));
        if let Some((why, hint)) = self.weights().into_iter().find_map(cannot_weigh) {
            let message = format!("a weight of concept `{}` {why}", self.name);
            return Some((key("weights"), message, hint.into()));
        }
        for (language, phrases) in &self.phrases {
            if let Some((message, hint)) = shape::unknown(&self.name, language) {
                return Some((key(language), message, hint.into()));
            }
            for phrase in phrases {
                let word = phrase.trim_end_matches('*');
                if word.is_empty() || word.contains('*') || word.trim() != word {
                    let message = format!("the phrase `{phrase}` is empty, has a space at an end or a `*` within");
                    return Some((
                        words(format!("\"{phrase}\"")),
                        message,
                        "a `*` stands at the end only".into(),
                    ));
                }
                if let Some(why) = never_found(word) {
                    let message = format!("the phrase `{phrase}` of concept `{}` {why}", self.name);
                    return Some((
                        words(format!("\"{phrase}\"")),
                        message,
                        "a phrase is words as a text has them, with a `*` at the end for any ending".into(),
                    ));
                }
                if !seen.insert((language, phrase.to_lowercase())) {
                    let message = format!(
                        "the phrase `{phrase}` of concept `{}` stands twice for `{language}`",
                        self.name
                    );
                    return Some((
                        words(format!("\"{phrase}\"")),
                        message,
                        "leave it in one concept".into(),
                    ));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FERRIES: &str = r#"name = "ferries"

[[concept]]
name = "boats"
en = ["ferry", "ferries"]
de = ["Fähre*"]
"#;

    #[test]
    fn a_tag_of_ones_own_is_a_few_lines() {
        let examples = r#"
[[example]]
tagged = true
language = "de"
title = "Fähre fällt aus"
text = "Die Fähre bleibt im Hafen."

[[example]]
tagged = false
language = "en"
text = "The harbour was quiet, and the choir sang."
"#;
        let taxonomy = Taxonomy::parse("ferries.toml", &format!("{FERRIES}{examples}")).expect("a taxonomy");
        assert_eq!(taxonomy.test(), []);
        let contrary = examples.replace("tagged = true", "tagged = false");
        let taxonomy = Taxonomy::parse("ferries.toml", &format!("{FERRIES}{contrary}")).expect("a taxonomy");
        assert_eq!(taxonomy.test().len(), 1);
    }

    #[test]
    fn what_could_never_be_found_or_weighed_is_refused() {
        let told = |from: &str, to: &str| {
            let text = FERRIES.replace(from, to);
            assert_ne!(text, FERRIES);
            Taxonomy::parse("ferries.toml", &text).expect_err(to).to_string()
        };
        for phrase in ["f", ".NET", "night  ferry", "night\u{a0}ferry", "ferr(y|ies)"] {
            let words = told("\"ferry\"", &format!("\"{phrase}\""));
            assert!(words.contains(phrase) && words.contains("line 5"), "{words}");
        }
        for (weight, why) in [
            ("nan", "is not finite"),
            ("-inf", "is not finite"),
            ("3e38", "allowed is -100 to 100"),
        ] {
            let words = told("de =", &format!("weights = [1.0, {weight}, 0.1]\nde ="));
            assert!(
                words.contains("`boats`") && words.contains(why) && words.contains("line 6"),
                "{words}"
            );
            let words = told("[[concept]]", &format!("[sums]\nbias = {weight}\n[[concept]]"));
            assert!(
                words.contains("`bias` in `sums`") && words.contains(why) && words.contains("line 4"),
                "{words}"
            );
            let words = told(
                "[[concept]]",
                &format!("[sums]\nweak = [0.0, 0.0, {weight}]\n[[concept]]"),
            );
            assert!(words.contains("`weak` in `sums`") && words.contains(why), "{words}");
            let words = told("[[concept]]", &format!("[sums]\ntwo_in_title = {weight}\n[[concept]]"));
            assert!(
                words.contains("`two_in_title` in `sums`") && words.contains("line 4"),
                "{words}"
            );
            let words = told("\n\n", &format!("\nthreshold = {weight}\n"));
            assert!(words.contains("between 0 and 1") && words.contains("line 2"), "{words}");
        }
        // The line is that of the concept with the mistake, though another has weights, too.
        let other = "\n[[concept]]\nname = \"ships\"\nweights = [1, 1, 1]\nen = [\"ship\"]\n";
        let text = FERRIES.replace("en =", "weights = [101, 1, 1]\nen =") + other;
        assert_eq!(Taxonomy::parse("ferries.toml", &text).unwrap_err().line, Some(5));
    }

    #[test]
    fn a_mistake_is_told_with_line_and_remedy() {
        for (change, to, line, word) in [
            ("\"ferries\"\n\n", "\"Ferries!\"\n\n", 1, "small letters"),
            ("\"ferry\", ", "\"fer*ry\", ", 5, "`*`"),
            ("\"ferry\", ", "\"ferries\", ", 5, "twice"),
            ("de = ", "german = ", 6, "language"),
            ("\"boats\"\n", "\"boats\"\nrole = \"weak\"\n", 3, "subject"),
            ("\n\n", "\nthreshold = 2.0\n", 2, "between 0 and 1"),
            ("\n\n", "\nthreshhold = 0.6\n", 2, "threshhold"),
            ("\n\n", "\niptc = \"20000373\"\n", 2, "medtop:"),
            (
                "\n\n",
                "\n[examples.deutsch]\ntagged = []\n",
                2,
                "no language\nhint: write `de`",
            ),
            (
                "\n\n",
                "\n[[example]]\ntagged = true\ntext = \"x\"\nlanguage = \"english\"\n",
                5,
                "hint: write `en`",
            ),
            (
                "de = ",
                "jp = ",
                6,
                "`jp` in concept `boats` is neither an option nor a language\nhint: write `ja`",
            ),
            ("de = ", "xx = ", 6, "ISO 639-1"),
            ("[\"Fähre*\"]", "\"Fähre*\"", 6, "`de` in concept `boats` is no list"),
            (
                "\"Fähre*\"",
                "\"Fähre*\", 7",
                6,
                "`de` in concept `boats` holds what is no text",
            ),
            ("de = [\"Fähre*\"]", "wieghts = [1.0, 2, 3]", 6, "hint: write `weights`"),
            (
                "de = [\"Fähre*\"]",
                "weights = [1.0, 2]",
                6,
                "`weights` in concept `boats` are not three",
            ),
            ("de = [\"Fähre*\"]", "rol = \"weak\"", 6, "hint: write `role`"),
            (
                "de = [\"Fähre*\"]",
                "role = \"strong\"",
                6,
                "is \"strong\"\nhint: a role is `subject`",
            ),
            (
                "de = [\"Fähre*\"]",
                "threshold = 0.9",
                6,
                "before the first `[[concept]]`",
            ),
            ("\"boats\"", "7", 4, "`name` in concept"),
            ("[[concept]]", "[concept]", 3, "write `[[concept]]`"),
        ] {
            let text = FERRIES.replacen(change, to, 1);
            let error = Taxonomy::parse("ferries.toml", &text).expect_err(&text);
            assert!(
                error.line == Some(line) && error.to_string().contains(word),
                "{error} in\n{text}"
            );
        }
    }
}
