//! Whether a text is a date and nothing else.
//!
//! In: a text. Out: its date, or `None` where any word may say more. Always: what is read is what [`parse`] reads.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::parts::YEARS;
use super::tokens::{Token, Tokens};
use super::{Date, months, parse, scripts, weekdays, words, zones};

/// Read a text that is one date, with its time, day of the week and what joins these.
pub fn parse_alone(raw: &str) -> Option<Date> {
    let date = parse(raw)?;
    let composed = Cow::Owned(raw.trim().nfc().collect());
    let text = months::in_one_word(scripts::western(&composed));
    let rest = match text.split_once(',') {
        Some((first, rest)) if is_day(first.trim()) => rest,
        _ => &*text,
    };
    let mut years = 0;
    let is_only = Tokens::of(rest).all(|token| match token {
        Token::Number(number, 4) => {
            years += 1;
            YEARS.contains(&number)
        }
        Token::Number(_, digits) => digits <= 2,
        Token::Clock(_) | Token::Zone(_) => true,
        Token::Word(word) => is_of_date(word),
    });
    (is_only && years == 1).then_some(date)
}

/// Whether a word ends as days of the week do, or is one.
fn is_day(word: &str) -> bool {
    const ENDINGS: [&str; 8] = ["day", "tag", "dag", "woch", "abend", "di", "dì", "feira"];
    let lower = word.to_lowercase();
    let is_one = word.chars().all(|c| c.is_alphabetic() || c == '-');
    is_one && ENDINGS.iter().any(|ending| lower.ends_with(ending)) || weekdays::is_named(&lower)
}

fn is_of_date(word: &str) -> bool {
    const JOINING: [&str; 43] = [
        "a",
        "à",
        "às",
        "as",
        "at",
        "den",
        "dnia",
        "el",
        "em",
        "et",
        "god",
        "h",
        "hrs",
        "il",
        "ist",
        "kello",
        "las",
        "le",
        "los",
        "min",
        "o",
        "om",
        "on",
        "op",
        "pt",
        "r",
        "roku",
        "saat",
        "tarihinde",
        "u",
        "uhr",
        "um",
        "v",
        "в",
        "г",
        "год",
        "года",
        "о",
        "р",
        "року",
        "في",
        "को",
        "बजे",
    ];
    let plain = words::plain(word);
    JOINING.contains(&&*plain)
        || weekdays::is_named(&plain)
        || words::is_weekday(word)
        || words::is_of(word)
        || words::is_before_time(word)
        || words::half_of_day(word, &plain, true).is_some()
        || zones::named(word).is_some()
        || months::named(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_date_and_nothing_else_is_read() {
        let check = |raw: &str, text: &str| {
            assert_eq!(parse_alone(raw).map(|date| date.text).as_deref(), Some(text), "{raw}");
        };
        check("March 5, 2024", "2024-03-05");
        check("Tuesday, March 5, 2024 7:08 AM EST", "2024-03-05T07:08:00-05:00");
        check("Dienstag, 5. März 2024, 7:08 Uhr", "2024-03-05T07:08:00");
        check("25/05/2024 - 09:30", "2024-05-25T09:30:00");
        check("5 mars 2024 à 7h08", "2024-03-05T07:08:00");
        check("5 марта 2024 г.", "2024-03-05");
        check("2024年3月5日 18時30分", "2024-03-05T18:30:00");
        check("2024-03-05", "2024-03-05");
    }

    #[test]
    fn days_of_the_week_stand_anywhere_in_it() {
        let day = |raw: &str| assert!(parse_alone(raw).is_some(), "{raw}");
        day("5 Mart 2024 Salı 07:08");
        day("Martes 5 de marzo de 2024 a las 07:08h.");
        day("Quarta-feira 6 de março de 2024");
        day("الثلاثاء 5 مارس 2024 - 07:08 ص");
        day("मंगलवार, 5 मार्च 2024 7:08 AM IST");
        day("2024年3月5日(火) 18:30");
        day("2024年3月5日火曜日");
        day("2024年3月5日 星期二 18:30");
        day("2024년 3월 5일 (화) 18:30");
        day("Tue 5 Mar 2024 07.08 GMT");
    }

    #[test]
    fn what_says_more_is_none() {
        for raw in [
            "Remembering September 11, 2001",
            "Born 12 May 1960",
            "5 March 2024 – 8 March 2024",
            "Port Amsel, 5 March 2024",
            "Paris, 5 March 2024",
            "Deadline, 5 March 2024",
            "5 March 2024 in Port Amsel",
            "Volume 5, 3 March 2024",
            "March 2024",
        ] {
            assert_eq!(parse_alone(raw), None, "{raw}");
        }
    }
}
