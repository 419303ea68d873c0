//! Captions of pictures, which tell what a picture shows and not what the article is about.
//!
//! In: a clean text. Out: the text without the captions at its end; nothing is left of a text that is a caption alone. Always: a caption
//! is a line that ends with whose picture it is, in brackets: a name of two words or more, a slash, an agency or a name.

/// The text without the captions at its end.
pub(super) fn without_captions(text: &str) -> &str {
    let mut end = text.len();
    for line in text.rsplit('\n') {
        if !is_caption(line) {
            return text.get(..end).unwrap_or(text);
        }
        end = end.saturating_sub(line.len() + 1);
    }
    ""
}

/// Whether a line ends like `(Ada Quill/The Post)`. An agency before the slash is whose words a text has: `(ANI/Xinhua)`.
fn is_caption(line: &str) -> bool {
    let brackets = line.trim_end().strip_suffix(')').and_then(|line| line.rsplit_once('('));
    let Some((before, after)) = brackets.and_then(|(_, within)| within.split_once('/')) else {
        return false;
    };
    let begins_large = |word: &str| word.starts_with(char::is_uppercase);
    before.contains(' ') && before.split(' ').all(begins_large) && begins_large(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(without_captions(text), expected, "{text}");
    }

    #[test]
    fn a_line_that_ends_with_whose_picture_it_is_tells_of_the_picture() {
        check(
            "The night ferry in the harbour of Mora on March 2. (Ada Quill/The Post)",
            "",
        );
        check(
            "The ferry is late.\nThe ferry in March. (ADA QUILL/Post via Pictures)",
            "The ferry is late.",
        );
        check(
            "The ferry. (The Mora Press/Ada Quill)\nThe pier. (Ada Quill/Post/Pictures) ",
            "",
        );
        check(
            "The ferry. (Ada Quill/Post)\nIt was late.",
            "The ferry. (Ada Quill/Post)\nIt was late.",
        );
    }

    #[test]
    fn other_brackets_are_of_the_text() {
        for text in [
            "The ferry was late. (MNI/Post)",
            "The ferry was late. (With words of Ada Quill/Post)",
            "It sails all week (Monday to Sunday/day and night)",
            "The ferry was late (by far).",
            "Ada Quill/Post",
            "",
        ] {
            check(text, text);
        }
    }
}
