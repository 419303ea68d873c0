//! A call to take a newsletter, at a paragraph's end → where it begins.
//!
//! In: a line. Out: where the calls begin that its last sentences are ("… the mayor said. Sign up for our newsletter."). Always: a sentence
//! stands before them; linear in the line, of which only the end is looked at; in what is left none is found.
//!
//! A crawler that takes a page's text in one piece sets such a call behind the last paragraph. Other calls (to read more, to follow) stand
//! as often in what an author wrote: of those in articles that benchmarks of extraction hold, nearly all belong to the article.

use std::sync::LazyLock;

/// How such calls begin.
static OPENINGS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("endings.txt").lines().collect());

/// What they offer.
pub(super) const OFFERS: [&str; 4] = ["ewsletter", "nfolettre", "nuestro boletín", "ieuwsbrief"];

/// A call is no longer than this, in bytes.
const CALL_BYTES_MAX: usize = 160;

/// How sentences begin that catch the reader before such a call ("Enjoying this story?").
const HOOKS: &str = include_str!("hooks.txt");

/// A hook is no longer than this, in bytes.
const HOOK_BYTES_MAX: usize = 100;

/// Where the calls at the end begin, with the white space before them; `None` where nothing stands before them but a hook.
pub(super) fn starts_at(line: &str) -> Option<usize> {
    let left = without_calls(line);
    (left.len() < line.len() && !is_hook(left)).then_some(left.len())
}

/// Whether a line is calls alone, behind a sentence that catches the reader.
pub(in crate::clean::text) fn is_call_with_its_hook(line: &str) -> bool {
    let left = without_calls(line);
    left.len() < line.len() && is_hook(left)
}

fn without_calls(line: &str) -> &str {
    let mut rest = line;
    while let Some(start) = last_sentence(rest).filter(|start| is_call(&rest[*start..])) {
        rest = rest[..start].trim_end();
    }
    rest
}

/// Whether all that is left of a line is one short sentence to the reader.
fn is_hook(text: &str) -> bool {
    text.len() <= HOOK_BYTES_MAX
        && last_sentence(text).is_none()
        && HOOKS.lines().any(|hook| text.starts_with(hook))
        && !TELLS.iter().any(|word| text.contains(word))
}

/// Where the last sentence begins, if a sentence ends before it and it is short enough for a call.
fn last_sentence(text: &str) -> Option<usize> {
    let from = text.floor_char_boundary(text.len().saturating_sub(CALL_BYTES_MAX));
    let tail = &text[from..];
    let begins = |at: usize| {
        let before = tail[..at].trim_end_matches(['"', '”', '’', '»', ')', ']']);
        before.ends_with(['.', '!', '?', '…']) && begins_sentence(tail[at..].trim_start())
    };
    let mut spaces = tail.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    let (at, _) = spaces.find(|(at, _)| begins(*at))?;
    Some(text.len() - tail[at..].trim_start().len())
}

/// Whether a sentence may begin so: with anything but a word in small letters. Names like `iPhone` have a capital.
fn begins_sentence(text: &str) -> bool {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) => !first.is_lowercase() || second.is_uppercase(),
        (first, _) => first.is_some(),
    }
}

/// What a sentence holds that speaks of such a call, or is said by somebody.
const TELLS: [&str; 14] = [
    "“", "”", "«", "»", "\"", " he ", " she ", " his ", " her ", " said", " says", " advises", " einen ", "cancel",
];

fn is_call(sentence: &str) -> bool {
    let opens = |opening: &str| {
        sentence
            .strip_prefix(opening)
            .is_some_and(|rest| rest.starts_with([' ', '\u{a0}']))
    };
    OPENINGS.iter().any(|opening| opens(opening))
        && OFFERS.iter().any(|offer| sentence.contains(offer))
        && !TELLS.iter().any(|word| sentence.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(line.get(..starts_at(line).unwrap_or(line.len())), Some(expected));
    }

    #[test]
    fn calls_at_the_end_of_a_paragraph_are_found() {
        check(
            "The locks open on Monday, she said. Click here to subscribe to the Gull’s Newsletter comments",
            "The locks open on Monday, she said.",
        );
        check(
            "“The locks open on Monday.” Sign up for our newsletter. Get our weekly newsletter, too!",
            "“The locks open on Monday.”",
        );
        check(
            "Die Schleuse öffnet wieder. Melden Sie sich hier für unseren Newsletter an.",
            "Die Schleuse öffnet wieder.",
        );
        check(
            "La esclusa abre el lunes. Suscríbete a nuestro boletín.",
            "La esclusa abre el lunes.",
        );
    }

    #[test]
    fn a_call_with_its_hook_is_no_paragraph() {
        for line in [
            "Enjoying this story? Sign up for our newsletter.",
            "Stay up to date with the harbour. Subscribe to our newsletter.",
            "Nichts mehr verpassen! Melden Sie sich hier für unseren Newsletter an.",
        ] {
            assert!(is_call_with_its_hook(line), "{line}");
            check(line, line);
        }
        assert!(!is_call_with_its_hook(
            "The locks open on Monday. Sign up for our newsletter."
        ));
        assert!(!is_call_with_its_hook(
            "Stay here, he said. Sign up for our newsletter."
        ));
    }

    #[test]
    fn other_endings_stay() {
        for line in [
            "Sign up for our newsletter.",
            "The locks open on Monday. Click here to see the map.",
            "The locks open on Monday. Signing up for a newsletter is what it takes.",
            "The mayor writes a newsletter. Sign up for the course by Friday.",
            "La esclusa abre el lunes. Recibe el boletín oficial en su despacho desde hace diez años.",
            "It broke. Sign up for our newsletter. “It will not happen again,” said the mayor on Monday.",
            "It broke. Sign up for our newsletter. 12 people were hurt, the police said.",
            "It broke. Sign up for our newsletter. iPhone sales rose by 5 percent in May.",
            "“Stay in touch. Sign up for our newsletter,” said Ada Holm, who runs the museum.",
            "She is known. Subscribe to his newsletter and he sends a recipe a week.",
            "It looked real. Click here to cancel your newsletter, it read.",
            "Es hilft wenig. Melden Sie sich nur mit einer zweiten Adresse für einen Newsletter an.",
            "Il porto chiude. Abbonati e iscritti alla newsletter riceveranno un rimborso.",
            "He said: Sign up for our newsletter.",
            "",
        ] {
            check(line, line);
        }
    }
}
