//! Words that stand beside a date or a time, other than the names of months and zones.
//!
//! In: a word as it is written. Out: what it says there.

/// Days of the week that begin like a month (`martes`, `mardi`) or that English dates hold.
pub(super) fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 19] = [
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "martes",
        "mardi",
        "martedì",
        "marți",
        "marţi",
    ];
    let lower = word.to_lowercase();
    DAYS.contains(&lower.as_str())
}

/// A word that stands before a time in Danish, Swedish, Finnish or Italian.
pub(super) fn is_before_time(word: &str) -> bool {
    ["kl", "klokken", "klockan", "klo", "ore", "alle"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// A word that stands behind a time, whatever else it says.
pub(super) fn is_behind_time(word: &str) -> bool {
    matches!(&*plain(word), "uhr" | "am" | "pm" | "uur")
}

/// A word between a day and its month.
pub(super) fn is_of(word: &str) -> bool {
    matches!(word, "de" | "of" | "d" | "del" | "do" | "di")
}

/// What is written behind a number to make it an ordinal.
pub(super) fn is_ordinal(word: &str) -> bool {
    matches!(word, "st" | "nd" | "rd" | "th" | "er" | "T" | "º" | "ª")
}

/// What a word says of the half of the day: `true` is after noon.
pub(super) enum Half {
    /// The word stands behind its time, or behind an hour alone.
    Behind(bool),
    /// The word stands before its time.
    Before(bool),
}

/// The half of the day that a word names; `plain` is the same word as [`plain()`] gives it. Some name one only directly behind a time.
pub(super) fn half_of_day(word: &str, plain: &str, behind_time: bool) -> Option<Half> {
    let half = match plain {
        "am" | "πμ" => Half::Behind(false),
        "pm" | "μμ" => Half::Behind(true),
        "ص" if behind_time => Half::Behind(false),
        "م" if behind_time => Half::Behind(true),
        // Vietnamese; `Sa` is a German Saturday.
        _ if word == "SA" && behind_time => Half::Behind(false),
        _ if word == "CH" && behind_time => Half::Behind(true),
        "午前" | "上午" | "凌晨" | "早上" | "오전" => Half::Before(false),
        "午後" | "下午" | "晚上" | "오후" => Half::Before(true),
        _ => return None,
    };
    Some(half)
}

/// The word in small letters and without dots.
pub(super) fn plain(word: &str) -> String {
    word.to_lowercase().replace('.', "")
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn the_half_of_the_day_is_read_in_its_language() {
        check("2024.11.13. 오후 7:08", "2024-11-13T19:08:00");
        check("2024年11月13日 下午7:08", "2024-11-13T19:08:00");
        check("2024年11月13日下午7:08", "2024-11-13T19:08:00");
        check("13 de noviembre de 2024 07:08 p. m.", "2024-11-13T19:08:00");
        check("Nov 13, 2024 7:08 p.m", "2024-11-13T19:08:00");
        check("2024年11月13日 午後7時08分", "2024-11-13T19:08:00");
        check("2024년 11월 13일 19시 08분", "2024-11-13T19:08:00");
    }

    #[test]
    fn halves_of_the_day_in_more_languages() {
        check("13 Νοεμβρίου 2024 7:08 μ.μ.", "2024-11-13T19:08:00");
        check("13 Νοεμβρίου 2024 12:08 π.μ.", "2024-11-13T00:08:00");
        check("13 نوفمبر 2024 7:08 م", "2024-11-13T19:08:00");
        check("13 نوفمبر 2024م 7:08 ص", "2024-11-13T07:08:00");
        check("13/11/2024 7:08 CH", "2024-11-13T19:08:00");
        check("2024年11月13日晚上7:08", "2024-11-13T19:08:00");
        check("2024年11月13日 凌晨12:08", "2024-11-13T00:08:00");
    }
}
