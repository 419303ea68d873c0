//! A call to take a newsletter, at a paragraph's end → where it begins.
//!
//! In: a line. Out: where the calls begin that its last sentences are ("… the mayor said. Sign up for our newsletter."). Always: a sentence
//! stands before them; linear in the line, of which only the end is looked at; in what is left none is found.
//!
//! A crawler that takes a page's text in one piece sets such a call behind the last paragraph. Other calls (to read more, to follow) stand
//! as often in what an author wrote: of those in articles that benchmarks of extraction hold, nearly all belong to the article.

/// How such calls begin.
const OPENINGS: &str = include_str!("endings.txt");

/// What they offer.
pub(super) const OFFERS: [&str; 4] = ["ewsletter", "nfolettre", "boletín", "ieuwsbrief"];

/// A call is no longer than this, in bytes.
const CALL_BYTES_MAX: usize = 160;

/// Where the calls at the end begin, with the white space before them.
pub(super) fn starts_at(line: &str) -> Option<usize> {
    let mut rest = line;
    while let Some(start) = last_sentence(rest).filter(|start| is_call(&rest[*start..])) {
        rest = rest[..start].trim_end();
    }
    (rest.len() < line.len()).then_some(rest.len())
}

/// Where the last sentence begins, if a sentence ends before it and it is short enough for a call.
fn last_sentence(text: &str) -> Option<usize> {
    let from = text.floor_char_boundary(text.len().saturating_sub(CALL_BYTES_MAX));
    let tail = &text[from..];
    let begins = |at: usize| {
        let before = tail[..at].trim_end_matches(['"', '”', '’', '»', ')', ']']);
        before.ends_with(['.', '!', '?', '…']) && tail[at..].trim_start().starts_with(char::is_uppercase)
    };
    let mut spaces = tail.char_indices().rev().filter(|(_, c)| c.is_whitespace());
    let (at, _) = spaces.find(|(at, _)| begins(*at))?;
    Some(text.len() - tail[at..].trim_start().len())
}

fn is_call(sentence: &str) -> bool {
    OPENINGS.lines().any(|opening| {
        sentence
            .strip_prefix(opening)
            .is_some_and(|rest| rest.starts_with([' ', '\u{a0}']))
    }) && OFFERS.iter().any(|offer| sentence.contains(offer))
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
    fn other_endings_stay() {
        for line in [
            "Sign up for our newsletter.",
            "The locks open on Monday. Click here to see the map.",
            "The locks open on Monday. Signing up for a newsletter is what it takes.",
            "The mayor writes a newsletter. Sign up for the course by Friday.",
            "La esclusa abre el lunes. Recibe cada boleto un número.",
            "He said: Sign up for our newsletter.",
            "",
        ] {
            check(line, line);
        }
    }
}
