//! Dates with words, or with the day first.
//!
//! In: text. Out: what its pieces say together. Always: of two dates or two times the first; a text that is prose is no date.

use super::parts::{Parts, Time, YEARS};
use super::tokens::{Token, Tokens};
use super::words::{self, Half};
use super::{months, zones};

/// RFC 2822, `November 18, 2019 8:05 pm`, `18. November 2019`, `Published 18 Nov 2019`, `Wed Nov 20 08:00:00 2019`, `20.11.2019`,
/// `2019年11月20日`.
pub(super) fn read(raw: &str) -> Option<Parts> {
    let mut read = Read {
        is_dotted: is_dotted(raw),
        ..Read::default()
    };
    let mut tokens = Tokens::of(raw).peekable();
    while let Some(token) = tokens.next() {
        // A second date after a whole one (`Nov 19, 2019 8:00, updated Nov 20, 2019`) is left alone.
        if read.add(token, tokens.peek().copied()).is_none() {
            return read.is_whole().then_some(read)?.finish();
        }
    }
    read.finish()
}

/// How sure a month is: whether a day stands beside it, and whether its name was given whole.
type Sure = (bool, bool);

/// What the tokens so far have said.
#[derive(Debug, Default)]
struct Read {
    month: Option<(i8, Sure)>,
    year: Option<i16>,
    small: smallvec::SmallVec<[i16; 4]>,
    year_first: bool,
    /// Dots stand between day, month and year.
    is_dotted: bool,
    /// The month's name stood behind one number.
    day_first: bool,
    /// A number of two digits directly behind the month and before any time: a year, as RFC 822 wrote them.
    short_year: bool,
    /// The token before was the month.
    at_month: bool,
    /// The token before was a number of a day's size, or an `of` behind one.
    at_number: bool,
    /// The token before was a time.
    at_clock: bool,
    time: Option<Time>,
    /// Before noon or after it, where that was said: `Some(true)` is after.
    afternoon: Option<bool>,
    /// `p` or `a`, of a `p. m.` in two words.
    half: Option<bool>,
    /// The time was counted in German, where `am` is "on the".
    in_german: bool,
    zone: Option<i32>,
    others: usize,
}

impl Read {
    /// `None` once the text cannot be a date.
    fn add(&mut self, token: Token<'_>, next: Option<Token<'_>>) -> Option<()> {
        let at_month = std::mem::take(&mut self.at_month);
        let before_zone = matches!(next, Some(Token::Word(name)) if zones::named(name).is_some());
        match token {
            // `1830 GMT, 13 Nov 2024`
            Token::Number(n, 4)
                if before_zone && self.time.is_none() && (self.is_whole() || self.is_empty()) && is_clock(n) =>
            {
                self.time = Some(Time {
                    hour: (n / 100) as i8,
                    minute: (n % 100) as i8,
                    ..Time::default()
                });
            }
            Token::Number(n, 4) if self.year.is_none() && YEARS.contains(&n) => {
                self.year_first = self.small.is_empty() && self.month.is_none();
                self.year = Some(n);
            }
            Token::Number(n, digits @ 1..=2) if self.small.len() < 3 && !self.is_whole() => {
                self.short_year = at_month && digits == 2 && self.time.is_none();
                self.small.push(n);
            }
            Token::Number(..) => return None,
            Token::Clock(time) if self.time.is_none() => self.time = Some(time),
            Token::Clock(_) => {}
            Token::Zone(minutes) => {
                // `GMT+0100`: the number is the zone, the name only its measure.
                if self.time.is_some() && self.zone.unwrap_or(0) == 0 {
                    self.zone = Some(minutes);
                }
            }
            Token::Word(word) => self.word(word, next)?,
        }
        let is_of = matches!(token, Token::Word(word) if words::is_of(word));
        self.at_number = matches!(token, Token::Number(_, 1..=2)) || is_of && self.at_number;
        self.at_clock = matches!(token, Token::Clock(_));
        Some(())
    }

    fn is_empty(&self) -> bool {
        self.year.is_none() && self.month.is_none() && self.small.is_empty()
    }

    fn word(&mut self, word: &str, next: Option<Token<'_>>) -> Option<()> {
        let half = self.half.take();
        let plain = words::plain(word);
        match &*plain {
            "uhr" => self.in_german = true,
            "am" if self.in_german => {}
            "a" => self.half = Some(false),
            "p" => self.half = Some(true),
            "m" if half.is_some() => return self.half_day(half == Some(true)),
            _ => match words::half_of_day(word, &plain, self.at_clock) {
                Some(Half::Behind(afternoon)) => return self.half_day(afternoon),
                Some(Half::Before(afternoon)) => self.say_half(afternoon),
                None => {}
            },
        }
        if self.time.is_some() && self.zone.is_none() && word.bytes().all(|b| b.is_ascii_uppercase()) {
            self.zone = zones::named(word);
            if self.zone.is_some() {
                return Some(());
            }
        }
        if self.year.is_none() || self.month.is_none() {
            // Of two words the one nearer to the year is the month, unless it is the less certain: `mar. 12 nov. 2024` begins with a
            // day of the week, `May` and `April` may be names.
            let beside = self.at_number || matches!(next, Some(Token::Number(_, 1..=2)));
            // August in the languages of Spain and Italy, but not in `3 days ago`.
            let is_month = !words::is_weekday(word) && (beside || !word.eq_ignore_ascii_case("ago"));
            let found = is_month.then(|| months::named(word)).flatten();
            if let Some((month, whole)) = found
                && self.month.is_none_or(|(_, sure)| (beside, whole) >= sure)
            {
                self.month = Some((month, (beside, whole)));
                self.day_first = self.small.len() == 1;
                self.at_month = true;
                return Some(());
            }
        }
        self.others += 1;
        // More words than a label and a weekday is prose that happens to hold a date.
        (self.others <= 8).then_some(())
    }

    /// `8:05 pm`, or `8 pm`, where the hour stood alone. Before a time the words say nothing (`am 5. März`).
    fn half_day(&mut self, afternoon: bool) -> Option<()> {
        if self.time.is_none()
            && !self.is_whole()
            && let Some(hour) = self.small.pop()
        {
            self.time = Some(Time {
                hour: hour as i8,
                ..Time::default()
            });
        }
        if self.time.is_some() {
            self.say_half(afternoon);
        }
        Some(())
    }

    /// The first word is the first time's: `10:00 am - 2:00 pm`.
    fn say_half(&mut self, afternoon: bool) {
        self.afternoon.get_or_insert(afternoon);
    }

    fn is_whole(&self) -> bool {
        let numbers = if self.month.is_some() { 1 } else { 2 };
        self.year.is_some() && (self.month.is_some() || self.year_first) && self.small.len() == numbers
    }

    fn finish(self) -> Option<Parts> {
        let month = self.month.map(|(month, _)| month);
        let (year, month, day) = match (self.year, month, self.small.as_slice()) {
            (Some(year), Some(month), [day]) => (year, month, *day),
            (Some(year), None, [month, day]) if self.year_first => (year, *month as i8, *day),
            (Some(year), None, [day, month]) if self.is_dotted && *month <= 12 => (year, *month as i8, *day),
            (Some(year), None, [a, b]) => {
                let (month, day) = day_and_month(*a, *b)?;
                (year, month, day)
            }
            // RFC 822 wrote years with two digits, and always a time.
            (None, Some(month), [day, year]) if self.day_first && self.short_year && self.time.is_some() => {
                (if *year < 50 { 2000 + year } else { 1900 + year }, month, *day)
            }
            _ => return None,
        };
        let half = |mut time: Time| {
            time.hour = match (time.hour, self.afternoon) {
                (12, Some(false)) => 0,
                (hour, Some(true)) if hour < 12 => hour + 12,
                (hour, _) => hour,
            };
            time
        };
        Some(Parts {
            year,
            month,
            day: day as i8,
            time: self.time.map(half),
            zone: self.zone,
        })
    }
}

/// Whether a text begins a date as `5.3.2024` or `05. 03. 2024`: where dots stand between the numbers the day is first, everywhere.
fn is_dotted(raw: &str) -> bool {
    let mut parts = raw.split('.').map(str::trim).skip_while(|part| !ends_with_day(part));
    let is_month = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let is_year = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count() == 4;
    parts.next().is_some() && parts.next().is_some_and(is_month) && parts.next().is_some_and(is_year)
}

/// Whether a text is, or ends with, a number of one or two digits.
fn ends_with_day(text: &str) -> bool {
    (1..=2).contains(&text.bytes().rev().take_while(u8::is_ascii_digit).count())
}

/// Two numbers before a year: only an order that cannot be otherwise is read.
fn day_and_month(first: i16, second: i16) -> Option<(i8, i16)> {
    match (first, second) {
        (month, day) if day > 12 && month <= 12 => Some((month as i8, day)),
        (day, month) if month <= 12 && (day > 12 || day == month) => Some((month as i8, day)),
        _ => None,
    }
}

/// `1830`
fn is_clock(n: i16) -> bool {
    n / 100 < 24 && n % 100 < 60
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, nothing};

    #[test]
    fn mail_and_browser_dates_are_read() {
        check("Tue, 05 Mar 2024 07:08:09 +0000", "2024-03-05T07:08:09Z");
        check("Tue, 5 Mar 2024 07:08:09 GMT", "2024-03-05T07:08:09Z");
        check("05 Mar 2024 07:08 EST", "2024-03-05T07:08:00-05:00");
        check("Tue Mar 05 07:08:09 2024", "2024-03-05T07:08:09");
        check(
            "Tue Mar 05 2024 07:08:09 GMT+0100 (Central European Standard Time)",
            "2024-03-05T07:08:09+01:00",
        );
    }

    #[test]
    fn written_out_dates_are_read() {
        check("March 5, 2024", "2024-03-05");
        check("Mar. 5, 2024 7:08 p.m.", "2024-03-05T19:08:00");
        check("Published 5 March 2024", "2024-03-05");
        check("5th of March 2024 at 12:30 AM", "2024-03-05T00:30:00");
        check("5. März 2024", "2024-03-05");
        check("5 de marzo de 2024", "2024-03-05");
        check("Di, 05 Mrz 2024 07:08:09 +0100", "2024-03-05T07:08:09+01:00");
        check("le 5 août 2024", "2024-08-05");
        check(
            "Mar. 5, 2024 7:08 AM, updated Mar. 6, 2024 9:00 AM",
            "2024-03-05T07:08:00",
        );
        check("7:08 PM EST March 5, 2024", "2024-03-05T19:08:00-05:00");
        check("5 марта 2024", "2024-03-05");
        check("2024年3月5日", "2024-03-05");
        check("2024년 3월 5일", "2024-03-05");
        check("am 5. März 2024 um 12:30 Uhr", "2024-03-05T12:30:00");
    }

    #[test]
    fn of_two_times_the_first_is_read() {
        check("Nov 13, 2024 10:00 am - 2:00 pm", "2024-11-13T10:00:00");
        check("13 Nov 2024 10:00-11:30", "2024-11-13T10:00:00");
        check("13 Nov 2024 10:00-11:15", "2024-11-13T10:00:00");
        check("13 Nov 2024 07:08:09-03:30", "2024-11-13T07:08:09-03:30");
        check("13 Nov 2024 07:08:09 -0530", "2024-11-13T07:08:09-05:30");
        check("12:30 Uhr am 13. November 2024", "2024-11-13T12:30:00");
        check("12:30 Sa, 16.11.2024", "2024-11-16T12:30:00");
    }

    #[test]
    fn a_month_has_a_day_beside_it_where_another_word_could_be_one() {
        check("By April Ryan, Nov 13, 2024", "2024-11-13");
        check("By April Ryan, 13 Nov 2024", "2024-11-13");
        check("mar. 12 d'octubre 2024", "2024-10-12");
        check("3 ago 2024", "2024-08-03");
        check("3 de ago. de 2024", "2024-08-03");
        nothing("3 days ago, 2024");
        nothing("13 srp 2024");
    }

    #[test]
    fn a_second_date_behind_a_whole_one_is_left_alone() {
        check("입력 2024.11.13 07:08 수정 2024.11.14 09:00", "2024-11-13T07:08:00");
        check(
            "Published: 2024-11-13 07:08 | Updated: 2024-11-14 09:00",
            "2024-11-13T07:08:00",
        );
    }

    #[test]
    fn forms_of_old_mail_are_read() {
        check("Wed, 13 Nov 24 07:08:09 GMT", "2024-11-13T07:08:09Z");
        check("Fri, 13 Nov 98 07:08:09 GMT", "1998-11-13T07:08:09Z");
        nothing("13 Nov 07:08 10 comments");
        nothing("Mon, 13 Nov, 07:08 - 3 Kommentare");
        nothing("11 Nov 8 am - 10 pm");
    }

    #[test]
    fn day_and_month_are_read_only_where_they_cannot_be_swapped() {
        check("25/03/2024", "2024-03-25");
        check("03/25/2024", "2024-03-25");
        check("25.03.2024, 07:08", "2024-03-25T07:08:00");
        nothing("05/03/2024");
        nothing("05-03-2024");
    }

    #[test]
    fn with_dots_the_day_is_first() {
        check("05.03.2024", "2024-03-05");
        check("5.3.2024", "2024-03-05");
        check("05. 03. 2024", "2024-03-05");
        check("Stand: 05.03.2024, 07:08 Uhr", "2024-03-05T07:08:00");
        check("03.25.2024", "2024-03-25");
        check("Di. 05.03.2024 | 07.08 Uhr", "2024-03-05T07:08:00");
        check("2024.03.05", "2024-03-05");
    }
}
