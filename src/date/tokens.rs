//! A written-out date → its pieces: numbers, words, times and zones.
//!
//! In: text. Out: [`Token`]s, in order. Always: signs and brackets between them are dropped; no name is known here but those of zones.

use super::cursor::Cursor;
use super::parts::Time;
use super::{words, zones};

/// A piece of a date that is written out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    /// Value and how many digits it was written with.
    Number(i16, usize),
    Word(&'a str),
    Clock(Time),
    /// `+0100`, `-05:00`.
    Zone(i32),
}

/// Splits a written-out date; signs and brackets between the pieces are dropped.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// Behind a time, or a zone's name: a short number with a sign is an offset there (`GMT+8`, `07:08:09 +03`).
    at_zone: bool,
    /// Behind a zone's name: minutes may follow a short number too (`GMT+5:30`).
    at_name: bool,
    /// Behind a word that a time follows: its hour and its minutes may have a dot between them (`kl. 07.08`).
    at_hour: bool,
    /// Behind a word that may stand before a time.
    at_time: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            at_zone: false,
            at_name: false,
            at_hour: false,
            at_time: false,
        }
    }

    fn token(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            if first.is_ascii_digit() {
                return Some(self.number());
            }
            if matches!(first, '+' | '-' | '−')
                && let Some(zone) = self.offset(first)
            {
                return Some(zone);
            }
            if first.is_alphabetic() {
                let end = self
                    .rest
                    .find(|c: char| !(c.is_alphabetic() || c == '.' || is_mark(c)))
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                let short = word.trim_end_matches('.');
                // `日下午7:08`: what counts the number before stands with the next word.
                let short = short
                    .strip_prefix(['年', '月', '日', '년', '월', '일'])
                    .unwrap_or(short);
                if words::is_ordinal(short) || short.is_empty() {
                    continue;
                }
                return Some(Token::Word(short));
            }
            self.rest = self.rest.get(first.len_utf8()..)?;
        }
    }

    fn number(&mut self) -> Token<'a> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let clock = rest.starts_with(':') && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if end <= 2 && (clock || self.is_dotted_clock(rest)) {
            let padded = format!("{digits:0>2}{rest}");
            let mut cursor = Cursor {
                rest: padded.as_bytes(),
            };
            if let Some(time) = cursor.clock() {
                let left = cursor.rest.len();
                self.rest = self.rest.get(self.rest.len() - left..).unwrap_or("");
                return Token::Clock(time);
            }
        }
        if let Some((time, behind)) = hours(digits, rest, self.at_hour || self.at_time) {
            self.rest = behind;
            return Token::Clock(time);
        }
        self.rest = rest;
        let value = digits.parse().unwrap_or(-1);
        if let Some(minutes) = rest.strip_prefix(['時', '时', '시', '点', '點']).filter(|_| end <= 2) {
            return self.minutes(value, minutes);
        }
        Token::Number(value, end)
    }

    /// Behind an hour stand minutes with a dot before them: `07.08 Uhr`, `kl. 07.08`, `7.08am`, `07.08 GMT`.
    fn is_dotted_clock(&self, rest: &str) -> bool {
        let minutes = rest.strip_prefix('.').and_then(|rest| rest.split_at_checked(2));
        let Some((_, behind)) = minutes.filter(|(digits, _)| digits.bytes().all(|b| b.is_ascii_digit())) else {
            return false;
        };
        let goes_on = behind.starts_with(|c: char| c.is_ascii_digit())
            || behind.starts_with('.')
                && behind
                    .get(1..)
                    .is_some_and(|more| more.starts_with(|c: char| c.is_ascii_digit()));
        let word = behind
            .trim_start()
            .split(|c: char| !(c.is_alphabetic() || c == '.'))
            .next()
            .unwrap_or_default();
        let says_time = words::is_behind_time(word) || word.len() >= 3 && zones::named(word).is_some();
        !goes_on && (self.at_hour || says_time)
    }

    /// A time whose hour is counted by a word, from behind that word on: `7時08分`, `19시 08분`, `7时`.
    fn minutes(&mut self, hour: i16, rest: &'a str) -> Token<'a> {
        let mut time = Time {
            hour: hour as i8,
            ..Time::default()
        };
        self.rest = rest;
        let behind = rest.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        let (digits, rest) = behind.split_at(end);
        if let (Ok(minute), Some(rest)) = (digits.parse(), rest.strip_prefix(['分', '분'])) {
            (time.minute, self.rest) = (minute, rest);
        }
        Token::Clock(time)
    }

    fn offset(&mut self, sign: char) -> Option<Token<'a>> {
        let rest = self.rest.get(sign.len_utf8()..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mut cursor = Cursor { rest: rest.as_bytes() };
        let hours = i32::from(cursor.fixed(digits.min(2)).filter(|_| digits > 0)?);
        let colon = cursor.exact(b':').is_some();
        let has_minutes = digits == 4 || colon && (digits == 2 || digits == 1 && self.at_name);
        let minutes = if has_minutes { i32::from(cursor.fixed(2)?) } else { 0 };
        let is_short = self.at_zone && digits <= 2 && !colon;
        let ends = !cursor.rest.first().is_some_and(u8::is_ascii_digit);
        let goes_on = !colon && matches!(cursor.rest.first(), Some(b'-' | b'/'));
        // `10:00-11:30` is a span of time: west of UTC there is no such zone.
        let is_zone = minutes == 0 && hours <= 12 || minutes == 30 && matches!(hours, 2 | 3 | 4 | 9);
        let is_span = colon && self.at_zone && !self.at_name && sign != '+' && !is_zone;
        if is_span || !(has_minutes || is_short) || !ends || goes_on {
            return None;
        }
        let offset = zones::offset(sign != '+', hours, minutes)?;
        self.rest = rest.get(rest.len() - cursor.rest.len()..)?;
        Some(Token::Zone(offset))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.token();
        self.at_zone = match token {
            Some(Token::Clock(_)) => true,
            Some(Token::Word(word)) => matches!(word, "GMT" | "UTC"),
            _ => false,
        };
        self.at_name = self.at_zone && matches!(token, Some(Token::Word(_)));
        self.at_hour = matches!(token, Some(Token::Word(word)) if words::is_before_time(word));
        self.at_time = matches!(token, Some(Token::Word("à" | "às" | "as" | "alle" | "um" | "at")));
        token
    }
}

/// A time whose hour has an `h` behind it, and what is left: `10h30`, `10 h 30`, `10h30min`; without minutes behind a word for it alone, `à 10h`,
/// since `2h` may be a length.
fn hours<'t>(digits: &str, rest: &'t str, at_hour: bool) -> Option<(Time, &'t str)> {
    let hour: i8 = digits.parse().ok().filter(|hour| digits.len() <= 2 && *hour < 24)?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix(['h', 'H'])?;
    if rest.starts_with(char::is_alphabetic) {
        return None;
    }
    let hour = Time {
        hour,
        ..Time::default()
    };
    let behind = rest.strip_prefix(' ').unwrap_or(rest);
    let minutes = behind.split_at_checked(2).and_then(|(minute, rest)| {
        let minute: i8 = super::numbers::number(minute)?.try_into().ok()?;
        let goes_on = rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '/' | '.'));
        (minute < 60 && !goes_on).then_some((minute, rest))
    });
    let Some((minute, rest)) = minutes else {
        return at_hour.then_some((hour, rest));
    };
    let rest = rest.strip_prefix("min").unwrap_or(rest);
    let rest = rest
        .strip_prefix('.')
        .filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(rest);
    Some((Time { minute, ..hour }, rest))
}

/// Marks of Hindi and Bengali that are of their word and are no letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}')
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, nothing};

    #[test]
    fn a_dot_may_stand_between_hour_and_minutes() {
        check("Tue 13 Nov 2024 07.08 GMT", "2024-11-13T07:08:00Z");
        check("13. November 2024, 19.08 Uhr", "2024-11-13T19:08:00");
        check("13.11.2024, 07.08 Uhr", "2024-11-13T07:08:00");
        check("13. november 2024 kl. 07.08", "2024-11-13T07:08:00");
        check("13.11.2024 klo 7.08", "2024-11-13T07:08:00");
        check("13 novembre 2024 ore 07.08", "2024-11-13T07:08:00");
        check("13 Nov 2024 7.08pm", "2024-11-13T19:08:00");
        check("13.11.2024", "2024-11-13");
        check("am 13.11.2024 Uhr", "2024-11-13");
        check("12.11.2024 Uhr", "2024-11-12");
    }

    #[test]
    fn an_h_may_stand_behind_the_hour() {
        check("13/11/2024 07h08", "2024-11-13T07:08:00");
        check("13/11/2024 às 7h08", "2024-11-13T07:08:00");
        check("Publié le 13/11/2024 à 07h08", "2024-11-13T07:08:00");
        check("13 novembre 2024 à 19 h 08", "2024-11-13T19:08:00");
        check("le 13 novembre 2024 à 19h", "2024-11-13T19:00:00");
        check("13/11/2024 - 07h08min", "2024-11-13T07:08:00");
        check("19h08, 13/11/2024", "2024-11-13T19:08:00");
        check("às 19h 13/11/2024", "2024-11-13T19:00:00");
        check("13 Nov 2024 30h10", "2024-11-13");
        check("13 November 2024, 2h ago", "2024-11-13");
        nothing("il y a 2h, le 13 novembre 2024");
        nothing("13 hours ago, 2024");
    }

    #[test]
    fn an_offset_may_be_an_hour_alone() {
        check("Nov 13, 2024 07:08 PM GMT+8", "2024-11-13T19:08:00+08:00");
        check("2024-03-13 07:08:09 UTC+8", "2024-03-13T07:08:09+08:00");
        check("13/3/2024, 07:08 (GMT+7)", "2024-03-13T07:08:00+07:00");
        check("Wed, 13 Nov 2024 07:08:09 +03", "2024-11-13T07:08:09+03:00");
        check("13 Nov 2024 7:08-8:00 pm", "2024-11-13T19:08:00");
    }

    #[test]
    fn minutes_of_a_zone_stand_behind_its_name() {
        check("13 Nov 2024 07:08 GMT+5:30", "2024-11-13T07:08:00+05:30");
        check("Nov 13, 2024, 7:08 AM UTC+8:00", "2024-11-13T07:08:00+08:00");
        check("1830 GMT, 13 Nov 2024", "2024-11-13T18:30:00Z");
        check("13 Nov 2024 1830 GMT", "2024-11-13T18:30:00Z");
        check("13 Nov 2024 GMT", "2024-11-13");
    }
}
