//! Notices run together in one paragraph → known for what they are.
//!
//! In: the sentences of a line. Out: whether it is furniture set like prose ("Follow us. Share this. Already a subscriber? Log in."). Always:
//! several sentences begin with phrases of furniture, and no fewer than every third; linear in the line.

use super::phrases::{self, KINDS};

/// So many sentences begin with a phrase ...
const NOTICES_MIN: usize = 3;
/// ... and at least one in so many does.
const SENTENCES_PER_NOTICE: usize = 3;

/// Kinds that are said of an article, and not to its reader.
const OF_THE_ARTICLE: [&str; 4] = ["credit", "byline", "date", "tags"];

/// Whether the line that consists of these sentences is nothing but notices.
pub(super) fn are_notices<'a>(sentences: impl Iterator<Item = &'a str>) -> bool {
    let (mut count, mut notices) = (0, 0);
    for sentence in sentences {
        count += 1;
        let kind = phrases::begins(sentence).and_then(|kind| KINDS.get(kind));
        notices += usize::from(kind.is_some_and(|kind| !OF_THE_ARTICLE.contains(kind)));
    }
    notices >= NOTICES_MIN && notices * SENTENCES_PER_NOTICE >= count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(
            are_notices(line.split_inclusive(['.', '?', ':']).map(str::trim)),
            expected,
            "{line:?}"
        );
    }

    #[test]
    fn notices_run_together_are_known() {
        check(
            "Follow us on every network. Share this story. Already a subscriber? Log in.",
            true,
        );
        check("Most read: Ferries late again. Advertisement. Share this story.", true);
        check(
            "Folgen Sie uns überall. Jetzt abonnieren. Teilen Sie den Artikel.",
            true,
        );
        check(
            "Follow us, said the pilot. Nobody did. The pier was dark. A dog barked.",
            false,
        );
        check("Share this. Follow us.", false);
        check("Share this. Follow us. Advertisement. A. B. C. D. E. F. G.", false);
        check("", false);
    }
}
