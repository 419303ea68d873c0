//! The names of the months.
//!
//! In: a word. Out: the month that it names, in any of the languages that news is written in.
//!
//! A name stands in the lines of its month in [`MONTHS`]; one of two words, in [`TWO_WORDS`].

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

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

/// Each name in the order of their letters, with its place in [`MONTHS`] and its month.
static NAMES: LazyLock<Vec<(&str, usize, i8)>> = LazyLock::new(|| {
    let of_month = |(month, names): (i8, &'static str)| names.split_whitespace().map(move |name| (name, month));
    let names = (1..).zip(MONTHS).flat_map(of_month).enumerate();
    let mut names: Vec<_> = names.map(|(place, (name, month))| (name, place, month)).collect();
    names.sort_unstable();
    names
});

/// Months of the Levant and Iraq that have two words.
const TWO_WORDS: [(&str, &str); 6] = [
    ("كانون الثاني", "يناير"),
    ("تشرين الأول", "أكتوبر"),
    ("تشرين الاول", "أكتوبر"),
    ("تشرين الثاني", "نوفمبر"),
    ("كانون الأول", "ديسمبر"),
    ("كانون الاول", "ديسمبر"),
];

/// Croatian months, whose abbreviations are other months elsewhere. `listopada` is November in Polish, which writes no point behind the day.
const CROATIAN: [(&str, &str); 15] = [
    ("siječnja", "january"),
    ("veljače", "february"),
    ("ožujka", "march"),
    ("travnja", "april"),
    ("svibnja", "may"),
    ("lipnja", "june"),
    ("srpnja", "july"),
    ("kolovoza", "august"),
    ("rujna", "september"),
    (". listopada", ". october"),
    (".listopada", ". october"),
    (". listopad ", ". october "),
    ("studenoga", "november"),
    ("studenog", "november"),
    ("prosinca", "december"),
];

/// Finds any of them: hardly a date has one.
static MAY_BE_CROATIAN: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let names = CROATIAN.map(|(croatian, _)| croatian);
    AhoCorasick::new(names).expect("a few names make an automaton")
});

/// The text with months by names that one word tells: those of two words, and Croatian ones.
pub(super) fn in_one_word(mut text: Cow<'_, str>) -> Cow<'_, str> {
    if MAY_BE_CROATIAN.is_match(&*text) {
        for (croatian, english) in CROATIAN {
            if text.contains(croatian) {
                text = Cow::Owned(text.replace(croatian, english));
            }
        }
    }
    if text.is_ascii() {
        return text;
    }
    for (two, one) in TWO_WORDS {
        if text.contains(two) {
            text = Cow::Owned(text.replace(two, one));
        }
    }
    text
}

/// Beginnings of two months: June and July in French, Czech and Greek; `srp` is July in Croatian and August in Czech.
const OF_TWO: [&str; 7] = ["jui", "čer", "červ", "červe", "ιου", "ιού", "srp"];

/// A month, and whether its name was given whole.
pub(super) type Month = (i8, bool);

/// The month that a word names: by its name, or by three letters and more of its beginning.
pub(super) fn named(word: &str) -> Option<Month> {
    let lower = word.to_lowercase();
    if OF_TWO.contains(&lower.as_str()) {
        return None;
    }
    // Those that begin with the word stand together, and the word itself before them.
    let behind = NAMES.get(NAMES.partition_point(|(name, ..)| *name < &*lower)..)?;
    let begun = behind.iter().take_while(|(name, ..)| name.starts_with(&*lower));
    let whole = behind.first().filter(|(name, ..)| *name == lower);
    let is_long = lower.chars().count() >= 3;
    let first = || begun.min_by_key(|(_, place, _)| *place).filter(|_| is_long);
    let (.., month) = whole.or_else(first)?;
    Some((*month, whole.is_some()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, nothing};

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
        nothing("5 jui 2024");
        nothing("5 červ 2024");
        nothing("5 Ιου 2024");
        check("5 juil. 2024", "2024-07-05");
    }

    #[test]
    fn months_of_other_scripts_are_read() {
        check("الثلاثاء، 5 آذار 2024", "2024-03-05");
        check("5 كانون الثاني 2024", "2024-01-05");
        check("5 تشرين الأول 2024", "2024-10-05");
        check("5 آب 2024", "2024-08-05");
        check("5 جويلية 2024", "2024-07-05");
        check("05 मई 2024, 07:08 AM", "2024-05-05T07:08:00");
        check("15 अप्रैल 2024", "2024-04-15");
        check("15 फ़रवरी 2024", "2024-02-15");
        nothing("5 म 2024");
    }
}
