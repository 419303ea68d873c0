//! An article alone → known for one, so that none of its lists, verses and speakers' names are taken for furniture.
//!
//! In: a text's lines, with what phrases say of them. Out: whether nothing in it tells of a page around it. Always: a function of
//! the lines that are left, whatever went before; linear in them.
//!
//! Most of it must be prose, no line may be named as furniture by a phrase, and it must be in a language whose furniture the
//! phrases know: that they find none would say nothing elsewhere.

use std::sync::LazyLock;

use super::phrases::{self, Hits, Languages};
use super::shapes::Shape;
use crate::fast::hashed::Words;

/// Share of the words that are prose, at least.
const PROSE_SHARE: f32 = 0.5;
/// A line of which phrases cover more than one part in so many is named by them.
const NAMED_PART: usize = 4;
/// Words that are looked at for the language.
const WORDS_LOOKED_AT: usize = 64;
/// One in so many of them is a small word of a language that the phrases know.
const WORDS_PER_SMALL: usize = 9;
/// Fewer words tell no language.
const WORDS_MIN: usize = 16;

/// A line as it is looked at here.
pub(super) struct Seen<'a> {
    pub(super) text: &'a str,
    pub(super) shape: &'a Shape,
    pub(super) hits: &'a Hits,
    pub(super) is_prose: bool,
}

/// Whether these lines are an article and nothing else.
pub(super) fn is_alone<'a>(lines: impl Iterator<Item = Seen<'a>> + Clone) -> bool {
    let (mut prose, mut all) = (0.0, 0.0);
    for line in lines.clone() {
        if is_named(&line) {
            return false;
        }
        let units = line.shape.units;
        all += units;
        prose += if line.is_prose { units } else { 0.0 };
    }
    prose > PROSE_SHARE * all && is_known(lines.filter(|line| line.is_prose).map(|line| line.text))
}

/// Whether phrases cover a good part of the line, or begin it; prose may begin with any word.
fn is_named(line: &Seen<'_>) -> bool {
    line.hits.begins.is_some() && !line.is_prose || line.hits.covered() * NAMED_PART > line.text.len()
}

/// Whether the phrases know the language: by its script, or by its smallest words, of which prose is full.
fn is_known<'a>(prose: impl Iterator<Item = &'a str>) -> bool {
    let mut words = 0;
    let (mut known, mut others) = (Tally::default(), Tally::default());
    for word in prose.flat_map(str::split_ascii_whitespace).take(WORDS_LOOKED_AT) {
        if word.chars().next().is_some_and(is_of_a_known_script) {
            return true;
        }
        words += 1;
        if word.len() <= SMALL_WORDS.bytes_max
            && let Some((of_phrases, of_neighbours)) = SMALL_WORDS.languages.get(word)
        {
            known.count(*of_phrases);
            others.count(*of_neighbours);
        }
    }
    let most = known.most();
    words >= WORDS_MIN && most * WORDS_PER_SMALL >= words && others.most() <= most
}

/// How often each language was named: bit by bit, the lowest of all counts first, so that a word counts for all its languages at once.
#[derive(Default)]
struct Tally([Languages; COUNT_BITS]);

/// Bits of a count of [`WORDS_LOOKED_AT`].
const COUNT_BITS: usize = WORDS_LOOKED_AT.ilog2() as usize + 1;

impl Tally {
    fn count(&mut self, languages: Languages) {
        let mut carry = languages;
        for bits in &mut self.0 {
            (*bits, carry) = (*bits ^ carry, *bits & carry);
        }
    }

    /// The highest count.
    fn most(&self) -> usize {
        let (mut most, mut left) = (0, Languages::MAX);
        for bits in self.0.iter().rev() {
            let is_set = left & bits != 0;
            left &= if is_set { *bits } else { Languages::MAX };
            most = most * 2 + usize::from(is_set);
        }
        most
    }
}

/// Chinese, Japanese, Korean, Hindi, Bengali, Thai, Greek and Hebrew.
fn is_of_a_known_script(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
        || matches!(c, '\u{900}'..='\u{9ff}' | '\u{e01}'..='\u{e5b}')
        || matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' | '\u{5d0}'..='\u{5ea}')
}

/// Small words.
struct SmallWords {
    /// For each, the languages of the phrases that have it, and those without phrases that share small words with them (Estonian, Galician,
    /// Afrikaans …): where one of these is nearer, the text is in none that is known.
    languages: Words<(Languages, Languages)>,
    /// No word is longer.
    bytes_max: usize,
}

static SMALL_WORDS: LazyLock<SmallWords> = LazyLock::new(|| {
    let mut small = SmallWords {
        languages: Words::default(),
        bytes_max: 0,
    };
    for (language, word) in phrases::small_words() {
        small.entry(word).0 |= 1 << language;
    }
    // A language a line.
    for (language, words) in include_str!("neighbours.txt").lines().enumerate() {
        for word in words.split(' ') {
            small.entry(word).1 |= 1 << language;
        }
    }
    small
});

impl SmallWords {
    fn entry(&mut self, word: &'static str) -> &mut (Languages, Languages) {
        self.bytes_max = self.bytes_max.max(word.len());
        self.languages.entry(word).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        assert_eq!(is_known(std::iter::once(text)), expected, "{text}");
    }

    #[test]
    fn languages_of_the_phrases_are_known_by_their_small_words() {
        check(
            "The council of the port said that it was to close the pier for the winter and open it in spring.",
            true,
        );
        check(
            "Der Rat der Stadt hat die Brücke und das Ufer für zwei Tage gesperrt, weil der Sturm nicht nachlässt.",
            true,
        );
        check(
            "El president del port va dir dilluns que les onze grues del moll tornaran a funcionar abans de final de setmana, i que una part del trànsit es reprendrà.",
            true,
        );
        check(
            "Пристанището съобщи в понеделник, че всички кранове ще работят отново преди края на седмицата, ако времето на морето позволи.",
            true,
        );
        check(
            "Havnens bestyrelse sagde mandag, at alle elleve kraner skal være i drift igen inden ugens udgang, hvis vejret i nord tillader det.",
            true,
        );
        check(
            "Hamnens styrelse sade på måndagen att alla elva kranar ska vara i drift igen före veckans slut, om vädret tillåter det.",
            true,
        );
        check(
            "Havnestyret sa mandag at alle elleve kraner skal være i drift igjen før uken er over, hvis været på sjøen tillater det.",
            true,
        );
        check(
            "Sataman johto sanoi maanantaina, että kaikki yksitoista nosturia ovat taas käytössä ennen viikon loppua, jos sää sallii, ja että lautat kulkevat.",
            true,
        );
        check(
            "Vedení přístavu v pondělí uvedlo, že všech jedenáct jeřábů bude do konce týdne opět v provozu, pokud to počasí na moři dovolí.",
            true,
        );
        check(
            "Vedenie prístavu v pondelok uviedlo, že všetkých jedenásť žeriavov bude do konca týždňa opäť v prevádzke, ak to počasie na mori dovolí.",
            true,
        );
        check(
            "A kikötő vezetése hétfőn közölte, hogy a hét végéig mind a tizenegy daru ismét üzemelni fog, ha az időjárás a tengeren engedi.",
            true,
        );
        check(
            "Conducerea portului a declarat luni că toate cele unsprezece macarale vor fi din nou în funcțiune până la sfârșitul săptămânii, dacă vremea permite.",
            true,
        );
        check(
            "Керівництво порту повідомило в понеділок, що всі одинадцять кранів запрацюють до кінця тижня, якщо погода на морі не завадить, та що пороми ходитимуть.",
            true,
        );
        check(
            "Uprava luke objavila je u ponedjeljak da će svih jedanaest dizalica ponovno raditi do kraja tjedna, ako to dopusti vrijeme na moru.",
            true,
        );
        check(
            "Управа луке саопштила је у понедељак да ће свих једанаест дизалица поново радити до краја недеље, ако време на мору дозволи.",
            true,
        );
        check(
            "Vodstvo pristanišča je v ponedeljek sporočilo, da bo vseh enajst žerjavov spet delovalo do konca tedna, če bo vreme na morju dopuščalo.",
            true,
        );
        check(
            "Управата на пристаништето во понеделникот соопшти дека сите единаесет кранови ќе работат до крајот на неделата, ако времето на море дозволи.",
            true,
        );
        check(
            "Liman yönetimi pazartesi günü yaptığı açıklamada, on bir vincin tamamının hafta sonuna kadar çalışacağını ve bir bölümünün bu gece açılacağını söyledi.",
            true,
        );
        check(
            "Pengelola pelabuhan mengatakan pada hari Senin bahwa kesebelas derek itu akan beroperasi kembali sebelum akhir pekan dan kapal akan berlayar.",
            true,
        );
        check(
            "Ban quản lý cảng cho biết hôm thứ Hai rằng tất cả mười một cần cẩu sẽ hoạt động trở lại trước cuối tuần nếu thời tiết trên biển cho phép.",
            true,
        );
        check(
            "وقالت إدارة الميناء يوم الاثنين إن جميع الرافعات ستعود إلى العمل قبل نهاية الأسبوع إذا سمح الطقس في البحر، وإن جزءا من الحركة سيستأنف في الليل.",
            true,
        );
        check(
            "مدیریت بندر روز دوشنبه اعلام کرد که همه جرثقیل‌ها تا پایان هفته دوباره به کار می‌افتند، اگر هوا در دریا اجازه دهد و موج از این بلندتر نشود.",
            true,
        );
    }

    #[test]
    fn languages_of_a_script_of_their_own_are_known_by_it() {
        for text in [
            "港口管理局星期一表示，码头将在春天重新开放。",
            "Η διοίκηση του λιμανιού",
            "הנהלת הנמל",
            "การท่าเรือ",
            "বন্দর কর্তৃপক্ষ",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn their_neighbours_are_not() {
        check(
            "Дырэкцыя порта паведаміла ў панядзелак, што ўсе адзінаццаць кранаў зноў запрацуюць да канца тыдня, калі дазволіць надвор'е на моры.",
            false,
        );
        check(
            "Sadama juhtkond teatas esmaspäeval, et kõik üksteist kraanat töötavad taas enne nädala lõppu, kui ilm merel seda lubab, ja praamid sõidavad.",
            false,
        );
        check(
            "Ostas vadība pirmdien paziņoja, ka visi vienpadsmit celtņi atkal darbosies līdz nedēļas beigām, ja to ļaus laikapstākļi jūrā.",
            false,
        );
        check(
            "Uosto vadovybė pirmadienį pranešė, kad visi vienuolika kranų vėl veiks iki savaitės pabaigos, jei leis orai jūroje.",
            false,
        );
        check(
            "Hafnarstjórnin sagði á mánudag að allir ellefu kranarnir yrðu komnir í notkun fyrir lok vikunnar ef veður leyfir á sjónum.",
            false,
        );
        check(
            "Portuko zuzendaritzak astelehenean esan zuenez, hamaika garabiak berriro martxan egongo dira astea amaitu baino lehen, itsasoak uzten badu.",
            false,
        );
        check(
            "O presidente do porto dixo o luns que as once grúas volverán funcionar antes da fin de semana, se o mar o permite, e que unha parte do tráfico non se retomará.",
            false,
        );
        check(
            "Die hawe se bestuur het Maandag gesê dat al elf hyskrane voor die einde van die week weer in gebruik sal wees as die weer op see dit toelaat.",
            false,
        );
        check("The end.", false);
    }
}
