//! What a short line beside the headline says of when: "Published: 5 March 2024 | Updated 8 March 2024", "By Ada Quill on 5 March 2024".
//!
//! In: a line. Out: the part that is the date of the first version, or of a later one, and what stands beside it. Always: a part is a date
//! alone but for a label; what stands behind a word for a later version is none of the first.
//!
//! To add a label see [`LABELS`]; a word for a later version, [`UPDATES`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::super::work;
use super::byline;
use crate::date;
use crate::decode::names;

/// Words for the publication, in lower case, in front of its date.
const LABELS: &str = "published|date published|publication date|published date|posted|submitted|created|first published|\
    publié|publiée|publié en ligne|mis en ligne|mise en ligne|date de publication|\
    publicado|publicada|fecha de publicación|data de publicação|postado|criado|creado|\
    veröffentlicht|erstellt|veröffentlichungsdatum|pubblicato|pubblicata|data di pubblicazione|data pubblicazione|creato|\
    gepubliceerd|geplaatst|publicatiedatum|opublikowano|opublikowany|data publikacji|data dodania|dodano|utworzono|\
    publikováno|zveřejněno|vytvořeno|zverejnené|publikované|\
    giriş|giriş tarihi|yayınlanma|yayınlanma tarihi|yayın tarihi|yayınlandı|oluşturulma tarihi|eklenme tarihi|\
    опубликовано|опубликована|дата публикации|размещено|добавлено|создано|опубліковано|дата публікації|\
    publicerad|publicerat|publisert|publiceret|offentliggjort|lagt ut|julkaistu|publicat|közzétéve|\
    نشر|نشر في|نُشر في|تاريخ النشر|प्रकाशित|diterbitkan|dipublikasikan|diposting|đăng ngày|ngày đăng|\
    发布时间|发布日期|发表时间|发布于|发表于|发布|發布時間|發佈時間|發布日期|發表於|\
    公開日時|公開日|公開|掲載日|掲載|配信日時|配信|投稿日|作成日|입력|기사입력|등록|등록일|승인|작성|작성일|게시일|발행일";

/// What words for a later version begin with, in lower case.
const UPDATES: [&str; 28] = [
    "updat",
    "modif",
    "aktualis",
    "aktualiz",
    "actualis",
    "actualiz",
    "atualiz",
    "aggiorn",
    "mise à jour",
    "mis à jour",
    "uppdat",
    "oppdat",
    "opdat",
    "güncel",
    "bijgewerkt",
    "gewijzigd",
    "geändert",
    "edited",
    "revised",
    "reviewed",
    "обновл",
    "оновл",
    "更新",
    "업데이트",
    "수정",
    "تحديث",
    "अपडेट",
    "cập nhật",
];

/// What stands in front of these.
const LASTS: [&str; 24] = [
    "last",
    "zuletzt",
    "letzte",
    "dernière",
    "última",
    "último",
    "ultima",
    "ultimo",
    "ostatnia",
    "laatst",
    "laatste",
    "senast",
    "sist",
    "sidst",
    "son",
    "последнее",
    "останнє",
    "آخر",
    "最后",
    "最終",
    "最近",
    "최종",
    "date",
    "and",
];

/// Signs between the parts of a line.
const MARKS: [char; 8] = [',', '|', '·', '•', '-', '–', '—', '('];

/// What another part begins with, in lower case, behind a date.
const PARTS: [&str; 24] = [
    " by ", " von ", " par ", " por ", " di ", " door ", " source", " author", " autor", " auteur", " fonte",
    " quelle", "来源", "來源", "作者", "编辑", "編輯", "责任", "責任", "记者", "記者", "출처", "기자", "阅读",
];

/// A line in lower case, each letter where it was: one that would be shorter or longer stays.
fn lowered(line: &str) -> String {
    let lower = |c: char| {
        let mut all = c.to_lowercase();
        let one = all.next().filter(|one| one.len_utf8() == c.len_utf8());
        one.filter(|_| all.next().is_none()).unwrap_or(c)
    };
    line.chars().map(lower).collect()
}

/// Where what a line says of a later version begins, and where the word ends that says so.
fn update(line: &str) -> Option<(usize, usize)> {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let built = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(UPDATES);
        built.expect("a few words make an automaton")
    });
    let small = lowered(line);
    let found = WORDS.find(&small)?;
    let behind = small.get(found.end()..)?;
    let rest = behind.trim_start_matches(char::is_alphabetic);
    Some((found.start(), line.len() - rest.len()))
}

/// Whether a line, or a part of one, says nothing of a later version.
pub(super) fn tells_no_update(line: &str) -> bool {
    update(line).is_none()
}

/// A line up to what it says of a later version; `None` where it tells of that alone.
pub(super) fn without_update(line: &str) -> Option<&str> {
    let Some((at, _)) = update(line) else {
        return Some(line);
    };
    let before = line.get(..at)?;
    before.contains(char::is_numeric).then(|| without_last(before))
}

/// A text without the marks that it ends with.
pub(super) fn without_mark(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || MARKS.contains(&c) || matches!(c, '/' | ';' | ':' | '['))
        .trim_start()
}

/// The same, and without a "last" between them.
fn without_last(text: &str) -> &str {
    let text = without_mark(text);
    let small = lowered(text);
    let is_apart = |rest: &str| !rest.ends_with(|c: char| c.is_ascii_alphabetic());
    let mut lasts = LASTS.iter().filter_map(|last| small.strip_suffix(last));
    let rest = lasts
        .find(|rest| is_apart(rest))
        .and_then(|rest| text.get(..rest.len()));
    rest.map_or(text, without_mark)
}

/// The date of a later version that a line ends with, behind a word for it: in front stands nothing, the first version's date or a byline.
pub(super) fn updated(line: &str) -> Option<&str> {
    let (at, behind) = update(line)?;
    let before = without_last(line.get(..at)?);
    let is_known = before.is_empty() || byline::begins_with_by(before) || published(before, true).is_some();
    let is_sign = |c: char| c.is_whitespace() || matches!(c, ':' | '：' | '-' | '–');
    let rest = line.get(behind..)?.trim_start_matches(is_sign);
    let rest = rest.split(['|', '·', '•', ')', ']']).next().unwrap_or(rest).trim();
    (is_known && date::parse_alone(rest).is_some()).then_some(rest)
}

/// A date in a line, without its label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dated<'l> {
    pub(super) date: &'l str,
    /// What stands in front of it, and behind.
    pub(super) before: &'l str,
    pub(super) behind: &'l str,
}

/// The part of a line that is the date of its first version: all of it, one with a label, or one that the line begins with; of a byline any
/// behind a mark, or right behind the name.
pub(super) fn published(line: &str, is_byline: bool) -> Option<Dated<'_>> {
    const CUTS_MAX: usize = 24;
    if !may_hold_date(line) {
        return None;
    }
    let Some(line) = without_update(line).map(str::trim) else {
        // The first version may be told behind the later one.
        let (_, last) = line
            .rsplit_once(['|', '·', '•'])
            .filter(|(_, last)| tells_no_update(last))?;
        let (date, _) = alone(last).filter(|(_, is_labelled)| *is_labelled)?;
        return Some(Dated {
            date,
            before: "",
            behind: "",
        });
    };
    let small = lowered(line);
    let marks = || line.match_indices(MARKS).take(CUTS_MAX);
    let blanks = line.match_indices(' ').take(CUTS_MAX).map(|(at, _)| at);
    let parts = PARTS.iter().filter_map(|part| small.find(part));
    let mut starts: Vec<usize> = marks()
        .map(|(at, mark)| at + mark.len())
        .chain(blanks)
        .chain([0])
        .collect();
    let mut ends: Vec<usize> = marks().map(|(at, _)| at).chain(parts).chain([line.len()]).collect();
    starts.sort_unstable();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let is_byline = is_byline || byline::begins_with_by(line);
    starts.into_iter().find_map(|start| {
        ends.iter().filter(|end| **end > start).find_map(|end| {
            let (date, is_labelled) = alone(line.get(start..*end)?)?;
            let (before, behind) = (line.get(..start)?, line.get(*end..)?);
            let is_meant = if start == 0 {
                is_labelled || is_byline || !behind.starts_with([',', '-', '–', '—', '('])
            } else if before.ends_with(MARKS) {
                is_labelled || is_byline
            } else {
                let is_beside = is_byline || is_source(before);
                is_beside && (is_labelled || is_one(before))
            };
            is_meant.then_some(Dated { date, before, behind })
        })
    })
}

/// Whether a line says when, and nothing else.
pub(super) fn is_date(line: &str) -> bool {
    published(line, false).is_some_and(|dated| dated.before.trim().is_empty() && dated.behind.trim().is_empty())
}

/// Whether a line says who and when, and nothing else.
pub(super) fn is_dated_byline(line: &str) -> bool {
    let is_one_or_none = |text: &str| {
        let text = without_mark(text.trim_start_matches(MARKS));
        text.is_empty() || is_one(text)
    };
    published(line, true).is_some_and(|dated| is_one_or_none(dated.before) && is_one_or_none(dated.behind))
}

/// Whether a text begins or ends with a word for the source or the author in a script without blanks: what else is there is a name.
fn is_source(text: &str) -> bool {
    let words = PARTS.iter().filter(|part| !part.is_ascii());
    words
        .into_iter()
        .any(|word| text.starts_with(word) || text.ends_with(word))
}

/// Whether a text names people or a source and no more, but for what bylines begin with.
fn is_one(text: &str) -> bool {
    let name = names::without_by(text.trim());
    names::is_person(name) || names::people(name).is_some() || is_source(text) && !text.trim().contains(' ')
}

/// The date that a text is, and whether a label stands before it.
fn alone(text: &str) -> Option<(&str, bool)> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']'));
    work::note(text.len());
    if !may_hold_date(text) {
        return None;
    }
    let is_date = |text: &&str| date::parse_alone(text).is_some();
    let labelled = || {
        labels(text)
            .iter()
            .filter_map(|label| behind(text, label))
            .find(is_date)
    };
    match Some(text).filter(is_date) {
        Some(date) => Some((date, false)),
        None => labelled().map(|date| (date, true)),
    }
}

/// Whether a text holds as many digits as a year and a day, and where all are of ASCII, a year.
fn may_hold_date(text: &str) -> bool {
    const YEAR: usize = 4;
    let (mut digits, mut run, mut longest) = (0, 0, 0);
    for byte in text.bytes() {
        if !byte.is_ascii() {
            return text.chars().filter(|c| c.is_numeric()).nth(YEAR).is_some();
        }
        let is_digit = byte.is_ascii_digit();
        digits += usize::from(is_digit);
        run = if is_digit { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    digits > YEAR && longest >= YEAR
}

/// The labels that begin as a text does.
fn labels(text: &str) -> &'static [&'static str] {
    static BY_FIRST: LazyLock<BTreeMap<char, Vec<&str>>> = LazyLock::new(|| {
        let mut by_first: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for label in LABELS.split('|') {
            by_first
                .entry(label.chars().next().unwrap_or_default())
                .or_default()
                .push(label);
        }
        by_first
    });
    let first = text.chars().next().and_then(|first| first.to_lowercase().next());
    first
        .and_then(|first| BY_FIRST.get(&first))
        .map_or(&[], |labels| labels)
}

/// What stands behind a label that a text begins with.
fn behind<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    let begins = label
        .chars()
        .all(|c| rest.next().is_some_and(|other| other.to_lowercase().eq([c])));
    let rest = rest.as_str();
    let is_whole = begins && !rest.starts_with(char::is_alphabetic);
    is_whole.then(|| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '-' | '–')))
}

/// The byline that a line ends with behind its date: "Posted on 5 March 2024 by Ada Quill".
pub(super) fn byline(line: &str) -> Option<&str> {
    let dated = published(line, false).filter(|dated| dated.before.trim().is_empty())?;
    let small = lowered(dated.behind);
    let starts = PARTS.iter().flat_map(|part| small.match_indices(part));
    let mut starts: Vec<usize> = starts.map(|(at, _)| at).chain([small.len()]).collect();
    starts.sort_unstable();
    let parts = starts.windows(2).filter_map(|part| dated.behind.get(part[0]..part[1]));
    parts.map(str::trim).find(|part| byline::begins_with_by(part))
}

/// Whether a line ends as a sentence does, and not with what is shortened in a date: "7:30 a.m.", "09:15h.", "5 марта 2024 г."
pub(super) fn ends_sentence(line: &str) -> bool {
    const SHORTENED: [&str; 12] = [
        "a.m.", "p.m.", "m.", "h.", "hrs.", "uhr.", "г.", "р.", "μ.μ.", "π.μ.", "klo.", "r.",
    ];
    let last = line.rsplit([' ', '\u{a0}']).next().unwrap_or_default().to_lowercase();
    let word = last.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '.'));
    line.ends_with(['.', '!', '?']) && !SHORTENED.contains(&word)
}
