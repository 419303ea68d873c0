//! Notices run together in one paragraph → known for what they are.
//!
//! In: the sentences of a line. Out: whether it is furniture set like prose ("Follow us. Share this. Already a subscriber? Log in."). Always:
//! several sentences begin with phrases of furniture, and no fewer than every third; linear in the line.

use super::phrases::{self, KINDS};

/// So many sentences begin with a phrase ...
const NOTICES_MIN: usize = 3;
/// ... and at least one in so many does.
const SENTENCES_PER_NOTICE: usize = 3;

/// Kinds that are said of an article, and not to its reader; and words of menus, which begin sentences of all sorts.
const OTHERS: [&str; 5] = ["credit", "byline", "date", "tags", "navigation"];

/// Whether the line that consists of these sentences is nothing but notices.
pub(super) fn are_notices<'a>(sentences: impl ExactSizeIterator<Item = &'a str>) -> bool {
    let count = sentences.len();
    let notices_min = count.div_ceil(SENTENCES_PER_NOTICE).max(NOTICES_MIN);
    let others_max = count.checked_sub(notices_min);
    let mut others = sentences.filter(|sentence| !is_notice(sentence));
    // Where one more is none of them, those behind it need no look.
    others_max.is_some_and(|others_max| others.nth(others_max).is_none())
}

/// Whether a sentence begins with a phrase of furniture: of more words than one, or it is most of the sentence. `Share prices rose` does
/// not.
fn is_notice(sentence: &str) -> bool {
    phrases::begins(sentence).is_some_and(|(kind, phrase)| {
        let tells =
            phrase.contains(' ') || phrases::starts_unspaced(phrase) || phrase.len() * 2 >= sentence.trim().len();
        tells && KINDS.get(kind).is_some_and(|kind| !OTHERS.contains(kind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        let sentences: Vec<&str> = line.split_inclusive(['.', '?', ':']).map(str::trim).collect();
        assert_eq!(are_notices(sentences.into_iter()), expected, "{line:?}");
    }

    #[test]
    fn notices_run_together_are_known() {
        check(
            "Follow us on every network. Share this story. Already a subscriber? Log in.",
            true,
        );
        check("Most read: Ferries late again. Advertisement. Share this story.", true);
        check(
            "Folgen Sie uns überall. Jetzt abonnieren. Mehr zum Thema: Fähren. Diesen Artikel teilen.",
            true,
        );
        check(
            "Follow us, said the pilot. Nobody did. The pier was dark. A dog barked.",
            false,
        );
        check(
            "Share prices rose. Technology stocks led the gains. Health shares fell, however, as investors waited.",
            false,
        );
        check(
            "Next week the court will hear the case. Previous hearings were closed. Latest estimates put it at nine million.",
            false,
        );
        check(
            "Close all windows. Watch for smoke. Follow the wardens to the pier. Print the list and save it.",
            false,
        );
        check(
            "Doporučujeme opatrnost, řekl kapitán. Přihlášení na plavbu skončilo. Předplatné si nikdo nevzal.",
            false,
        );
        check("Share this. Follow us.", false);
        check("Share this. Follow us. Advertisement. A. B. C. D. E. F. G.", false);
        check("", false);
    }
}
