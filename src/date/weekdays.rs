//! The names of the days of the week.
//!
//! In: a word beside a date. Out: whether it is a day of the week, in any of the languages that news is written in.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Names and what they are shortened to, in lower case. Some are other words, too: beside a date alone they are days.
const DAYS: [&str; 16] = [
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so",
    "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim",
    "lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom",
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira segunda terça quarta quinta sexta feira seg ter qua qui sex",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo",
    "poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob",
    "pondělí úterý středa čtvrtek pátek neděle pondelok utorok streda štvrtok piatok nedeľa",
    "понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок середа четвер субота неділя пн вт ср чт пт сб вс",
    "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    "måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag maanantai tiistai keskiviikko torstai \
     perjantai lauantai sunnuntai",
    "الاثنين الإثنين الثلاثاء الأربعاء الاربعاء الخميس الجمعة السبت الأحد الاحد",
    "सोमवार मंगलवार बुधवार गुरुवार बृहस्पतिवार शुक्रवार शनिवार रविवार",
    "月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月曜 火曜 水曜 木曜 金曜 土曜 日曜 火 水 木 金 土",
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일 월 화 수 목 금 토",
];

/// Each of them by itself.
static NAMES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| DAYS.iter().flat_map(|days| days.split_whitespace()).collect());

/// What stands before the day's number in Chinese: `星期二`, `周二`.
const WEEKS: [&str; 4] = ["星期", "周", "週", "礼拜"];

/// Whether a word, in lower case, names a day of the week.
pub(super) fn is_named(word: &str) -> bool {
    let is_counted = |week: &str| {
        let number = word.strip_prefix(week);
        number.is_some_and(|number| matches!(number, "一" | "二" | "三" | "四" | "五" | "六" | "日" | "天"))
    };
    NAMES.contains(word) || WEEKS.iter().any(|week| is_counted(week))
}
