//! White space: the only thing about a text that cleaning changes.
//!
//! In: text. Out: the same text, each run of white space as one space. Always: no other character changes.

/// Fold each run of white space into one space, with none at the ends.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
