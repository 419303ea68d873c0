//! A tag's file: its phrases with weights, and the line from their sum to a probability.
//!
//! In: TOML text. Out: a [`Taxonomy`], or what is wrong with it. Always: a phrase has a weight; unknown fields are errors.

use serde::Deserialize;

/// One tag as its file describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taxonomy {
    /// The tag's name.
    pub name: String,
    /// The probability from which an article is given the tag.
    pub threshold: f32,
    /// Log-odds of the tag where no phrase stands.
    pub bias: f32,
    /// Log-odds for one unit of weight.
    pub scale: f32,
    /// The IPTC Media Topics code, where one fits.
    #[serde(default)]
    pub iptc: Option<String>,
    /// The phrases, grouped by language and weight.
    pub phrases: Vec<Group>,
}

/// Phrases of one language and weight.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// ISO 639-1; tells the reader, since a phrase counts wherever it stands.
    pub language: String,
    /// How much one occurrence speaks for the tag; 0 takes the place of shorter phrases within it (`trade union`).
    pub weight: f32,
    /// Counts only beside a phrase of the tag that is not itself context.
    #[serde(default)]
    pub context: bool,
    /// Written by the fitting: takes the place of the same phrases' weights above it.
    #[serde(default)]
    pub fitted: bool,
    /// Words as they stand in a text; `*` at the end takes any ending; capitals count where the phrase is all capitals.
    pub list: Vec<String>,
}

/// A file that is no taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("taxonomy `{file}`: {message}")]
pub struct TaxonomyError {
    /// The file's name.
    pub file: String,
    /// What is wrong, with the line.
    pub message: String,
}

impl Taxonomy {
    /// Read a tag's file.
    pub fn parse(file: &str, text: &str) -> Result<Self, TaxonomyError> {
        let wrong = |message: String| TaxonomyError {
            file: file.to_owned(),
            message,
        };
        let taxonomy: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        if !(0.0..=1.0).contains(&taxonomy.threshold) {
            return Err(wrong(format!(
                "`threshold` is {}, allowed is 0 to 1",
                taxonomy.threshold
            )));
        }
        let empty = taxonomy
            .phrases
            .iter()
            .flat_map(|g| &g.list)
            .find(|p| p.trim_matches('*').trim().is_empty());
        if let Some(phrase) = empty {
            return Err(wrong(format!("the phrase `{phrase}` is empty")));
        }
        Ok(taxonomy)
    }
}
