//! Text as scraped → main text.
//!
//! In: text and what the record said of it. Out: [`Cleaned`]. Always: every character of the output is in the input, in order.

use super::{Cleaned, Hints};

/// Clean text as scraped. A placeholder: the text as it is.
pub fn clean(text: &str, _hints: &Hints<'_>) -> Cleaned {
    Cleaned {
        text: text.to_owned(),
        ..Cleaned::default()
    }
}
