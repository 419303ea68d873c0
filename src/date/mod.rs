//! Dates as scrapers and pages write them → one form.
//!
//! In: raw text. Out: RFC 3339 (or the bare day). Always: a date that cannot be read is `None`, never guessed from "now" and
//! never from an order of day and month that could be either; a zone that was not given is not added.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A date that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// RFC 3339 with a zone where one was given, `YYYY-MM-DDTHH:MM:SS` without, `YYYY-MM-DD` for a day.
    pub text: String,
    /// Milliseconds since the epoch; a missing zone is read as UTC, a bare day as its midnight.
    pub millis: i64,
}

/// Longest text that can be a date; longer ones are prose.
const CHARS_MAX: usize = 120;
/// Years outside are what tools write for "no date" (`0001-01-01`, `9999-12-31`) or garbage.
const YEARS: std::ops::RangeInclusive<i16> = 1500..=2200;

/// Read a date in any of the forms that scrapers write: ISO 8601 and its relatives, RFC 2822, epoch numbers, English and other
/// month names, year-first and day-first numbers.
pub fn parse(raw: &str) -> Option<Date> {
    let raw = raw.trim();
    if raw.len() < 6 || raw.len() > CHARS_MAX {
        return None;
    }
    let raw = &*western(raw);
    // As ASP.NET's JSON writes them; behind the number may stand the zone that it was shown in.
    let raw = raw.strip_prefix("/Date(").map_or(raw, |rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or(rest)
    });
    if raw.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return digits(raw);
    }
    iso(raw).or_else(|| words(raw)).and_then(Parts::into_date)
}

/// The text with its digits as ASCII has them, and Arabic months of two words by their other names.
fn western(raw: &str) -> Cow<'_, str> {
    /// The zeros of Arabic, Persian, Hindi, Bengali and of wide digits.
    const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];
    if raw.is_ascii() {
        return Cow::Borrowed(raw);
    }
    let digit = |c: char| {
        ZEROS
            .iter()
            .find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|n| *n < 10))
    };
    let is_other = |c: char| c == '：' || digit(c).is_some();
    let mut text = if raw.contains(is_other) {
        let ascii = |c: char| match digit(c) {
            Some(n) => char::from_digit(n, 10).unwrap_or(c),
            None if c == '：' => ':',
            None => c,
        };
        Cow::Owned(raw.chars().map(ascii).collect())
    } else {
        Cow::Borrowed(raw)
    };
    for (two, one) in LEVANTINE {
        if text.contains(two) {
            text = Cow::Owned(text.replace(two, one));
        }
    }
    text
}

/// Months of the Levant and Iraq that have two words.
const LEVANTINE: [(&str, &str); 6] = [
    ("كانون الثاني", "يناير"),
    ("تشرين الأول", "أكتوبر"),
    ("تشرين الاول", "أكتوبر"),
    ("تشرين الثاني", "نوفمبر"),
    ("كانون الأول", "ديسمبر"),
    ("كانون الاول", "ديسمبر"),
];

/// An instant given as a number since the epoch: seconds, milliseconds, microseconds or nanoseconds, told by its size.
/// Zero and instants before 1990 are what tools write for "no date".
pub fn from_epoch(number: f64) -> Option<Date> {
    let millis = match number {
        n if (631_152_000.0..7_258_118_400.0).contains(&n) => n * 1e3,
        n if (631_152_000e3..7_258_118_400e3).contains(&n) => n,
        n if (631_152_000e6..7_258_118_400e6).contains(&n) => n / 1e3,
        n if (631_152_000e9..7_258_118_400e9).contains(&n) => n / 1e6,
        _ => return None,
    };
    let timestamp = jiff::Timestamp::from_millisecond(millis.round() as i64).ok()?;
    Some(Date {
        text: timestamp.to_string(),
        millis: timestamp.as_millisecond(),
    })
}

impl Date {
    /// The same date, where a time without a zone is known to be UTC.
    #[must_use]
    pub fn or_utc(mut self) -> Self {
        let has_time = self.text.len() > 10;
        if has_time && !self.has_zone() {
            self.text.push('Z');
        }
        self
    }
}

impl Date {
    /// Whether the zone of the time is known.
    pub fn has_zone(&self) -> bool {
        self.text.ends_with('Z') || self.text.get(19..).is_some_and(|t| t.contains(['+', '-']))
    }
}

/// What was read, before it is checked against the calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    time: Option<Time>,
    /// Minutes east of UTC.
    zone: Option<i32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Time {
    hour: i8,
    minute: i8,
    second: i8,
    /// Nanoseconds, and with how many digits they were written.
    nanos: i32,
    digits: usize,
}

impl Parts {
    fn into_date(self) -> Option<Date> {
        if !YEARS.contains(&self.year) {
            return None;
        }
        let midnight = self
            .time
            .is_none_or(|t| t.hour == 0 && t.minute == 0 && t.second == 0 && t.nanos == 0);
        // A midnight without a zone is how a bare day looks after it went through a date-time type.
        let time = self.time.filter(|_| !midnight || self.zone.is_some());
        let t = time.unwrap_or_default();
        let second = t.second.min(59);
        let civil = DateTime::new(self.year, self.month, self.day, t.hour, t.minute, second, t.nanos).ok()?;
        let minutes = if time.is_some() { self.zone.unwrap_or(0) } else { 0 };
        let instant = Offset::from_seconds(minutes * 60).ok()?.to_timestamp(civil).ok()?;
        let millis = instant.as_millisecond();
        let epoch_zero = millis == 0;
        if epoch_zero {
            return None;
        }
        let mut text = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        if time.is_some() {
            write_time(&mut text, &t, self.zone);
        }
        Some(Date { text, millis })
    }
}

fn write_time(text: &mut String, t: &Time, zone: Option<i32>) {
    use std::fmt::Write;
    const INFALLIBLE: &str = "writing to a string cannot fail";
    write!(text, "T{:02}:{:02}:{:02}", t.hour, t.minute, t.second.min(59)).expect(INFALLIBLE);
    if t.digits > 0 {
        let nanos = format!("{:09}", t.nanos);
        write!(text, ".{}", nanos.get(..t.digits).unwrap_or(&nanos)).expect(INFALLIBLE);
    }
    match zone {
        None => {}
        Some(0) => text.push('Z'),
        Some(m) => {
            let sign = if m < 0 { '-' } else { '+' };
            write!(text, "{sign}{:02}:{:02}", m.abs() / 60, m.abs() % 60).expect(INFALLIBLE);
        }
    }
}

/// A date of digits alone: `20191120`, `20191120081500`, or a number since the epoch.
fn digits(raw: &str) -> Option<Date> {
    let compact = |with_time: bool| {
        let at = |range| number(raw.get(range)?);
        let mut parts = Parts {
            year: at(0..4)?,
            month: at(4..6)? as i8,
            day: at(6..8)? as i8,
            ..Parts::default()
        };
        if with_time {
            parts.time = Some(Time {
                hour: at(8..10)? as i8,
                minute: at(10..12)? as i8,
                second: at(12..14)? as i8,
                ..Time::default()
            });
        }
        parts.into_date()
    };
    match (raw.contains('.'), raw.len()) {
        (false, 8) => compact(false),
        (false, 14) => compact(true),
        (false, _) => from_epoch(raw.parse().ok()?),
        (true, _) if raw.bytes().filter(|&b| b == b'.').count() == 1 => from_epoch(raw.parse().ok()?),
        (true, _) => words(raw).and_then(Parts::into_date),
    }
}

fn number(s: &str) -> Option<i16> {
    s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse().ok()).flatten()
}

/// `2019-11-20`, `2019-11-20T08:15:00.123+01:00`, `2019-11-20 08:15 UTC`, `20191120T081500Z`, `2019/11/20 08:15`.
fn iso(raw: &str) -> Option<Parts> {
    let mut c = Cursor { rest: raw.as_bytes() };
    let year = c.fixed(4)?;
    let separator = c.any(b"-/.");
    let month = c.fixed(2)? as i8;
    if separator.is_some() {
        c.exact(separator?)?;
    }
    let day = c.fixed(2)? as i8;
    let mut parts = Parts {
        year,
        month,
        day,
        ..Parts::default()
    };
    if c.rest.is_empty() {
        return Some(parts);
    }
    c.any(b"Tt ,_")?;
    c.spaces();
    parts.time = Some(c.clock()?);
    c.spaces();
    if !c.rest.is_empty() {
        parts.zone = Some(c.zone()?);
    }
    c.rest.is_empty().then_some(parts)
}

/// Reads from the front of a date; a step that does not fit gives `None`.
struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn any(&mut self, of: &[u8]) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        of.contains(&first).then(|| {
            self.rest = rest;
            first
        })
    }

    fn exact(&mut self, byte: u8) -> Option<u8> {
        self.any(&[byte])
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Exactly `count` digits, as a number.
    fn fixed(&mut self, count: usize) -> Option<i16> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        let n = number(std::str::from_utf8(head).ok()?)?;
        self.rest = rest;
        Some(n)
    }

    /// `08:15`, `08:15:00`, `08:15:00.123`, `081500`, `0815`.
    fn clock(&mut self) -> Option<Time> {
        let mut t = Time {
            hour: self.fixed(2)? as i8,
            ..Time::default()
        };
        let colon = self.any(b":.").is_some();
        t.minute = self.fixed(2)? as i8;
        let more = if colon {
            self.exact(b':').is_some()
        } else {
            self.rest.first().is_some_and(u8::is_ascii_digit)
        };
        if more {
            t.second = self.fixed(2)? as i8;
            if self.any(b".,").is_some() {
                (t.nanos, t.digits) = self.fraction()?;
            }
        }
        Some(t)
    }

    fn fraction(&mut self) -> Option<(i32, usize)> {
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        let kept = digits.get(..count.min(9))?;
        let value: i32 = std::str::from_utf8(kept).ok()?.parse().ok()?;
        Some((value * 10_i32.pow(9 - kept.len() as u32), kept.len()))
    }

    /// Minutes east of UTC; `None` is a zone that cannot be read.
    fn zone(&mut self) -> Option<i32> {
        if let Some(sign) = self.any(b"+-") {
            let hours = i32::from(self.fixed(2)?);
            self.any(b":");
            let minutes = if self.rest.is_empty() {
                0
            } else {
                i32::from(self.fixed(2)?)
            };
            let total = hours * 60 + minutes;
            // A zone's name may follow in brackets: `[UTC]`, `(CET)`.
            self.spaces();
            if matches!(self.rest.first(), Some(b'[' | b'(')) {
                self.rest = b"";
            }
            return Some(if sign == b'-' { -total } else { total });
        }
        let name = std::str::from_utf8(self.rest).ok()?.trim();
        self.rest = b"";
        zone_named(name)
    }
}

/// Zones that mean one offset alone, in the reading of RFC 2822 and of European and East Asian news. `IST` and the like are
/// left out: they mean several.
fn zone_named(name: &str) -> Option<i32> {
    const ZONES: &[(&str, i32)] = &[
        ("Z", 0),
        ("UTC", 0),
        ("GMT", 0),
        ("UT", 0),
        ("WET", 0),
        ("EST", -300),
        ("EDT", -240),
        ("CST", -360),
        ("CDT", -300),
        ("MST", -420),
        ("MDT", -360),
        ("PST", -480),
        ("PDT", -420),
        ("BST", 60),
        ("CET", 60),
        ("CEST", 120),
        ("WEST", 60),
        ("EET", 120),
        ("EEST", 180),
        ("MSK", 180),
        ("SAST", 120),
        ("WAT", 60),
        ("CAT", 120),
        ("EAT", 180),
        ("PKT", 300),
        ("WIB", 420),
        ("WITA", 480),
        ("WIT", 540),
        ("BRT", -180),
        ("AKST", -540),
        ("AKDT", -480),
        ("HST", -600),
        ("NZST", 720),
        ("NZDT", 780),
        ("HKT", 480),
        ("SGT", 480),
        ("JST", 540),
        ("KST", 540),
        ("AEST", 600),
        ("AEDT", 660),
    ];
    ZONES
        .iter()
        .find(|(zone, _)| zone.eq_ignore_ascii_case(name))
        .map(|&(_, minutes)| minutes)
}

/// The names of the months, in lower case, as they stand beside a day in the languages that news is written in.
const MONTHS: [&str; 12] = [
    "january januar jänner jaenner janvier enero janeiro gennaio gener januari ianuarie styczeń stycznia leden ledna január ocak \
     tammikuu tammikuuta январь января січень січня януари ιανουαρίου ιανουάριος يناير \
     जनवरी জানুয়ারি জানুয়ারি جانفي",
    "february februar feber février fevrier febrero fevereiro febbraio febrer februari februarie luty lutego únor února február \
     şubat helmikuu helmikuuta февраль февраля лютий лютого февруари φεβρουαρίου φεβρουάριος فبراير \
     फ़रवरी फ़रवरी फरवरी ফেব্রুয়ারি ফেব্রুয়ারি شباط فيفري",
    "march märz maerz mrz mars marzo março marco març maart mrt maret martie marzec marca březen března március mart marts \
     maaliskuu maaliskuuta март марта березень березня μαρτίου μάρτιος مارس \
     मार्च মার্চ آذار اذار märts marec",
    "april avril abril aprile aprilie kwiecień kwietnia duben dubna április nisan huhtikuu huhtikuuta апрель апреля квітень \
     квітня април απριλίου απρίλιος أبريل ابريل إبريل \
     अप्रैल এপ্রিল نيسان أفريل",
    "may mai mayo maio maggio maig mei maj maja květen května május mayıs toukokuu toukokuuta май мая травень травня μαΐου \
     μάιος مايو \
     मई মে أيار ايار ماي",
    "june juni juin junio junho giugno juny iunie czerwiec czerwca červen června június haziran kesäkuu kesäkuuta июнь июня \
     червень червня юни ιουνίου ιούνιος يونيو يونيه \
     जून জুন حزيران جوان",
    "july juli juillet julio julho luglio juliol iulie lipiec lipca červenec července július temmuz heinäkuu heinäkuuta июль \
     июля липень липня юли ιουλίου ιούλιος يوليو يوليه \
     जुलाई জুলাই تموز جويلية",
    "august août aout agosto agost augustus augusti agustus sierpień sierpnia srpen srpna augusztus ağustos elokuu elokuuta \
     август августа серпень серпня αυγούστου αύγουστος أغسطس اغسطس \
     अगस्त আগস্ট آب أوت",
    "september septembre septiembre setiembre setembro settembre setembre septembrie wrzesień września září szeptember eylül \
     syyskuu syyskuuta сентябрь сентября вересень вересня септември σεπτεμβρίου σεπτέμβριος سبتمبر \
     सितंबर सितम्बर সেপ্টেম্বর أيلول ايلول",
    "october oktober octobre octubre outubro ottobre octombrie październik października říjen října október ekim lokakuu \
     lokakuuta октябрь октября жовтень жовтня октомври οκτωβρίου οκτώβριος أكتوبر اكتوبر \
     अक्टूबर अक्तूबर অক্টোবর",
    "november novembre noviembre novembro noiembrie listopad listopada listopadu kasım marraskuu marraskuuta ноябрь ноября \
     листопад листопада ноември νοεμβρίου νοέμβριος نوفمبر \
     नवंबर नवम्बर নভেম্বর",
    "december dezember décembre decembre diciembre dezembro dicembre desembre desember decembrie grudzień grudnia prosinec \
     prosince aralık joulukuu joulukuuta декабрь декабря грудень грудня декември δεκεμβρίου δεκέμβριος ديسمبر \
     दिसंबर दिसम्बर ডিসেম্বর",
];

/// Each name with its month, the first month's names first.
static NAMES: LazyLock<Vec<(&str, i8)>> = LazyLock::new(|| {
    let of_month = |(month, names): (i8, &'static str)| names.split_whitespace().map(move |name| (name, month));
    (1..).zip(MONTHS).flat_map(of_month).collect()
});

/// A month, and whether its name was given whole.
type Month = (i8, bool);

/// How sure a month is: whether a day stands beside it, and whether its name was given whole.
type Sure = (bool, bool);

/// The month that a word names: by its name, or by three letters and more of its beginning. `listopada` is November as in Polish, and
/// not October as in Croatian.
fn month_named(word: &str) -> Option<Month> {
    let lower = word.to_lowercase();
    // `srp` is July in Croatian and August in Czech.
    if lower == "srp" {
        return None;
    }
    let begun = || NAMES.iter().filter(|(name, _)| name.starts_with(&*lower));
    let whole = begun().find(|(name, _)| name.len() == lower.len());
    let is_long = lower.chars().count() >= 3;
    let (_, month) = whole.or_else(|| begun().next().filter(|_| is_long))?;
    Some((*month, whole.is_some()))
}

/// A piece of a date that is written out.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    /// Value and how many digits it was written with.
    Number(i16, usize),
    Word(&'a str),
    Clock(Time),
    /// `+0100`, `-05:00`.
    Zone(i32),
}

/// Dates with words or with the day first: RFC 2822, `November 18, 2019 8:05 pm`, `18. November 2019`, `Published 18 Nov 2019`,
/// `Wed Nov 20 08:00:00 2019`, `20.11.2019`, `2019年11月20日`.
fn words(raw: &str) -> Option<Parts> {
    let mut read = Read::default();
    let tokens = Tokens {
        rest: raw,
        at_zone: false,
        at_name: false,
        at_hour: false,
    };
    let mut tokens = tokens.peekable();
    while let Some(token) = tokens.next() {
        // A second date after a whole one (`Nov 19, 2019 8:00, updated Nov 20, 2019`) is left alone.
        if read.add(token, tokens.peek().copied()).is_none() {
            return read.is_whole().then_some(read)?.finish();
        }
    }
    read.finish()
}

/// What the tokens so far have said.
#[derive(Debug, Default)]
struct Read {
    month: Option<(i8, Sure)>,
    year: Option<i16>,
    small: smallvec::SmallVec<[i16; 4]>,
    year_first: bool,
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
        let before_zone = matches!(next, Some(Token::Word(name)) if zone_named(name).is_some());
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
        let is_of = matches!(token, Token::Word(word) if matches!(word, "de" | "of" | "d" | "del" | "do" | "di"));
        self.at_number = matches!(token, Token::Number(_, 1..=2)) || is_of && self.at_number;
        self.at_clock = matches!(token, Token::Clock(_));
        Some(())
    }

    fn is_empty(&self) -> bool {
        self.year.is_none() && self.month.is_none() && self.small.is_empty()
    }

    fn word(&mut self, word: &str, next: Option<Token<'_>>) -> Option<()> {
        let half = self.half.take();
        match word.to_lowercase().replace('.', "").as_str() {
            "uhr" => self.in_german = true,
            "am" if self.in_german => {}
            "am" | "πμ" => return self.half_day(false),
            "pm" | "μμ" => return self.half_day(true),
            "ص" if self.at_clock => return self.half_day(false),
            "م" if self.at_clock => return self.half_day(true),
            // Vietnamese; `Sa` is a German Saturday.
            _ if word == "SA" && self.at_clock => return self.half_day(false),
            _ if word == "CH" && self.at_clock => return self.half_day(true),
            // These stand before the time.
            "午前" | "上午" | "凌晨" | "早上" | "오전" => self.say_half(false),
            "午後" | "下午" | "晚上" | "오후" => self.say_half(true),
            "a" => self.half = Some(false),
            "p" => self.half = Some(true),
            "m" if half.is_some() => return self.half_day(half == Some(true)),
            _ => {}
        }
        if self.time.is_some() && self.zone.is_none() && word.bytes().all(|b| b.is_ascii_uppercase()) {
            self.zone = zone_named(word);
            if self.zone.is_some() {
                return Some(());
            }
        }
        if self.year.is_none() || self.month.is_none() {
            // Of two words the one nearer to the year is the month, unless it is the less certain: `mar. 12 nov. 2024` begins with a
            // day of the week, `May` and `April` may be names.
            let beside = self.at_number || matches!(next, Some(Token::Number(_, 1..=2)));
            // August in the languages of Spain and Italy, but not in `3 days ago`.
            let is_month = !is_weekday(word) && (beside || !word.eq_ignore_ascii_case("ago"));
            let found = is_month.then(|| month_named(word)).flatten();
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

/// Days of the week that begin like a month (`martes`, `mardi`) or that English dates hold.
fn is_weekday(word: &str) -> bool {
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
fn is_before_time(word: &str) -> bool {
    ["kl", "klokken", "klockan", "klo", "ore", "alle"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

/// Marks of Hindi and Bengali that are of their word and are no letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}')
}

/// Splits a written-out date; signs and brackets between the pieces are dropped.
struct Tokens<'a> {
    rest: &'a str,
    /// Behind a time, or a zone's name: a short number with a sign is an offset there (`GMT+8`, `07:08:09 +03`).
    at_zone: bool,
    /// Behind a zone's name: minutes may follow a short number too (`GMT+5:30`).
    at_name: bool,
    /// Behind a word that a time follows: its hour and its minutes may have a dot between them (`kl. 07.08`).
    at_hour: bool,
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
        self.at_hour = matches!(token, Some(Token::Word(word)) if is_before_time(word));
        token
    }
}

impl<'a> Tokens<'a> {
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
                let ordinal = matches!(short, "st" | "nd" | "rd" | "th" | "er" | "T" | "º" | "ª");
                if ordinal || short.is_empty() {
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
        let lower = word.to_lowercase().replace('.', "");
        let says_time = matches!(&*lower, "uhr" | "am" | "pm" | "uur") || word.len() >= 3 && zone_named(word).is_some();
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
        if is_span || !(has_minutes || is_short) || !ends || hours > 15 || minutes > 59 || goes_on {
            return None;
        }
        self.rest = rest.get(rest.len() - cursor.rest.len()..)?;
        let total = hours * 60 + minutes;
        Some(Token::Zone(if sign == '+' { total } else { -total }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, text: &str) {
        assert_eq!(parse(raw).map(|d| d.text).as_deref(), Some(text), "{raw}");
    }

    fn nothing(raw: &str) {
        assert_eq!(parse(raw), None, "{raw}");
    }

    #[test]
    fn iso_and_its_relatives_are_read() {
        check("2024-03-05T07:08:09Z", "2024-03-05T07:08:09Z");
        check("2024-03-05T07:08:09+00:00", "2024-03-05T07:08:09Z");
        check("2024-03-05T07:08:09.018+03:00", "2024-03-05T07:08:09.018+03:00");
        check("2024-03-05T07:08:09-0530", "2024-03-05T07:08:09-05:30");
        check("2024-03-05T07:08:09+02", "2024-03-05T07:08:09+02:00");
        check("2024-03-05 07:08:09 UTC", "2024-03-05T07:08:09Z");
        check("2024-03-05 07:08", "2024-03-05T07:08:00");
        check("20240305T070809Z", "2024-03-05T07:08:09Z");
        check("20240305070809", "2024-03-05T07:08:09");
        check("20240305", "2024-03-05");
        check("2024/03/05", "2024-03-05");
        check("2024.03.05", "2024-03-05");
        check("2024-03-05T07:08:09.123456789012Z", "2024-03-05T07:08:09.123456789Z");
        check("2024-03-05T07:08:09+01:00[Europe/Paris]", "2024-03-05T07:08:09+01:00");
    }

    #[test]
    fn a_midnight_without_a_zone_is_a_bare_day() {
        check("2024-03-05T00:00:00", "2024-03-05");
        check("2024-03-05T00:00:00Z", "2024-03-05T00:00:00Z");
    }

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
    fn a_month_is_known_by_its_name_and_not_by_what_begins_like_one() {
        check("mar. 12 nov. 2024 à 10:00", "2024-11-12T10:00:00");
        check("mar, 12 nov 2024 10:00:00 +0100", "2024-11-12T10:00:00+01:00");
        check("Marţi, 12 noiembrie 2024", "2024-11-12");
        check("Середа, 13 березня 2024, 10:15", "2024-03-13T10:15:00");
        check("Published by Mark Ingot on 13 November 2024", "2024-11-13");
        check("Generated on 13 November 2024", "2024-11-13");
        check("Maine, 13 November 2024", "2024-11-13");
        check("13. marraskuuta 2024", "2024-11-13");
        check("13 listopada 2024", "2024-11-13");
        check("13 Ιουνίου 2024", "2024-06-13");
        check("13 نوفمبر 2024", "2024-11-13");
        check("Sept. 13, 2024", "2024-09-13");
        nothing("13 Mayor 2024");
    }

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
    fn digits_and_months_of_other_scripts_are_read() {
        check("٥ مارس ٢٠٢٤", "2024-03-05");
        check("٢٠٢٤-٠٣-٠٥ ٠٧:٠٨", "2024-03-05T07:08:00");
        check("２０２４年３月５日　７：０８", "2024-03-05T07:08:00");
        check("الثلاثاء، 5 آذار 2024", "2024-03-05");
        check("5 كانون الثاني 2024", "2024-01-05");
        check("5 تشرين الأول 2024", "2024-10-05");
        check("5 آب 2024", "2024-08-05");
        check("5 جويلية 2024", "2024-07-05");
        check("मंगलवार, ५ मार्च २०२४", "2024-03-05");
        check("05 मई 2024, 07:08 AM", "2024-05-05T07:08:00");
        check("15 अप्रैल 2024", "2024-04-15");
        check("15 फ़रवरी 2024", "2024-02-15");
        check("৫ মার্চ ২০২৪", "2024-03-05");
        nothing("۵ مارس ۱۴۰۲");
        nothing("5 म 2024");
    }

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
        nothing("12.11.2024 Uhr");
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
    fn halves_of_the_day_in_more_languages() {
        check("13 Νοεμβρίου 2024 7:08 μ.μ.", "2024-11-13T19:08:00");
        check("13 Νοεμβρίου 2024 12:08 π.μ.", "2024-11-13T00:08:00");
        check("13 نوفمبر 2024 7:08 م", "2024-11-13T19:08:00");
        check("13 نوفمبر 2024م 7:08 ص", "2024-11-13T07:08:00");
        check("13/11/2024 7:08 CH", "2024-11-13T19:08:00");
        check("2024年11月13日晚上7:08", "2024-11-13T19:08:00");
        check("2024年11月13日 凌晨12:08", "2024-11-13T00:08:00");
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
    fn forms_of_old_mail_and_of_some_json_are_read() {
        check("Wed, 13 Nov 24 07:08:09 GMT", "2024-11-13T07:08:09Z");
        check("Fri, 13 Nov 98 07:08:09 GMT", "1998-11-13T07:08:09Z");
        check("/Date(1709622489000)/", "2024-03-05T07:08:09Z");
        check("/Date(1709622489000+0100)/", "2024-03-05T07:08:09Z");
        nothing("13 Nov 07:08 10 comments");
        nothing("Mon, 13 Nov, 07:08 - 3 Kommentare");
        nothing("11 Nov 8 am - 10 pm");
    }

    #[test]
    fn a_number_since_the_epoch_is_read_by_its_size() {
        check("1709622489", "2024-03-05T07:08:09Z");
        check("1709622489000", "2024-03-05T07:08:09Z");
        check("1709622489.25", "2024-03-05T07:08:09.25Z");
        assert_eq!(
            from_epoch(1_709_622_489_000_000.0).map(|d| d.millis),
            Some(1_709_622_489_000)
        );
        assert_eq!(from_epoch(0.0), None);
        assert_eq!(from_epoch(f64::NAN), None);
    }

    #[test]
    fn day_and_month_are_read_only_where_they_cannot_be_swapped() {
        check("25/03/2024", "2024-03-25");
        check("03/25/2024", "2024-03-25");
        check("25.03.2024, 07:08", "2024-03-25T07:08:00");
        nothing("05/03/2024");
    }

    #[test]
    fn what_is_no_date_is_nothing() {
        for raw in [
            "",
            "None",
            "null",
            "yesterday",
            "2024",
            "2024-03",
            "2024-13-01",
            "2024-02-30",
            "0001-01-01T00:00:00Z",
            "9999-12-31",
            "0000-00-00 00:00:00",
            "1970-01-01T00:00:00Z",
            "2 hours ago",
            "12345",
            "+-+-+-",
        ] {
            nothing(raw);
        }
    }

    #[test]
    fn an_unknown_zone_is_assumed_only_on_request() {
        assert_eq!(
            parse("2024-03-05 07:08:09").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05T07:08:09Z")
        );
        assert_eq!(
            parse("2024-03-05").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05")
        );
        assert_eq!(
            parse("2024-03-05T07:08:09-03:00").map(|d| d.or_utc().text).as_deref(),
            Some("2024-03-05T07:08:09-03:00")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_date_or_nothing(raw in ".{0,60}") {
            let _ = parse(&raw);
        }

        #[test]
        fn a_date_read_again_is_the_same(raw in "[0-9:TZ .+/-]{6,30}|[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9]{2}:[0-9]{2}") {
            if let Some(date) = parse(&raw) {
                proptest::prop_assert_eq!(parse(&date.text).map(|d| d.millis), Some(date.millis));
            }
        }
    }
}
