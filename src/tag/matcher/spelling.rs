//! A phrase → the spellings in which a text may hold it.

/// Two capitals or more and no small letter: `US` is no `us`.
pub(super) fn is_acronym(word: &str) -> bool {
    word.chars().filter(|c| c.is_uppercase()).count() > 1 && !word.chars().any(char::is_lowercase)
}

/// The spellings of a phrase that the matcher, which knows the case of ASCII letters alone, must be told.
pub(super) fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.contains('\'') {
        forms.push(word.replace('\'', "’"));
    }
    if word.chars().any(is_cased) && !is_acronym(word) {
        for form in forms.clone() {
            let lower = form.to_lowercase();
            let each: Vec<String> = lower.split(' ').map(capital).collect();
            forms.extend([
                form.to_uppercase(),
                capital(&form),
                capital(&lower),
                each.join(" "),
                lower,
            ]);
        }
        forms.sort();
        forms.dedup();
    }
    forms
}

/// A letter beyond ASCII that is written small and as a capital.
fn is_cased(c: char) -> bool {
    !c.is_ascii() && (c.is_lowercase() || c.is_uppercase())
}

/// The word with its first letter as a capital.
fn capital(word: &str) -> String {
    let mut rest = word.chars();
    rest.next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(rest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn capitals_count_in_an_acronym() {
        check(&["US"], "Give us the US.", &["US"]);
        check(&["ВТО"], "вто и ВТО", &["ВТО"]);
    }

    #[test]
    fn each_word_may_have_a_capital_in_any_script() {
        check(&["совет безопасности"], "Совет Безопасности", &["Совет Безопасности"]);
        check(&["плотина на Ниле"], "Плотина на Ниле", &["Плотина на Ниле"]);
    }
}
