//! Whose a picture is → known by the form of the line, wherever it stands.
//!
//! In: a line. Out: whether it is nothing but a label with a name ("Photo: Ada Quill"), a name with an agency ("Ada Quill / Reuters"), a name with
//! a word for such a picture ("Ada Quill Submitted photo"), or a picture's number among others ("3 of 8"). Always: such a line is short and no
//! sentence; linear in the line.

/// No credit is longer, in bytes; and no name in one, in words.
const LINE_BYTES_MAX: usize = 100;
const NAME_WORDS_MAX: usize = 8;

/// What stands before a colon and a name.
const LABELS: [&str; 41] = [
    "Credit",
    "Credits",
    "Photo",
    "Photos",
    "Photo credit",
    "Photo credits",
    "Photo Credit",
    "Photo Credits",
    "Photograph",
    "Photographs",
    "Image",
    "Images",
    "Image credit",
    "Image credits",
    "Image Credit",
    "Image Credits",
    "Picture",
    "Pictures",
    "Illustration",
    "Foto",
    "Fotos",
    "Bild",
    "Bilder",
    "Bildquelle",
    "Bildrechte",
    "Fotocredit",
    "Crédit",
    "Crédits",
    "Crédit photo",
    "Crédits photo",
    "Crédito",
    "Créditos",
    "Imagen",
    "Imagem",
    "Fot.",
    "Fotó",
    "Фото",
    "图片来源",
    "圖片來源",
    "图源",
    "写真",
];

/// What stands right before a name.
const BEFORE_NAMES: [&str; 8] = [
    "Photo by ",
    "Photos by ",
    "Image by ",
    "Images by ",
    "Illustration by ",
    "Photo courtesy of ",
    "Image courtesy of ",
    "Courtesy of ",
];

/// What stands behind a name and a mark.
const AGENCIES: [&str; 18] = [
    "AP",
    "AFP",
    "AAP",
    "ANSA",
    "DPA",
    "dpa",
    "EFE",
    "EPA",
    "TASS",
    "Reuters",
    "REUTERS",
    "Xinhua",
    "Bloomberg",
    "Associated Press",
    "Getty Images",
    "Getty",
    "Shutterstock",
    "Alamy",
];

/// What stands behind a name alone.
const KINDS: [&str; 6] = [
    " Submitted photo",
    " Provided photo",
    " Contributed photo",
    " Courtesy photo",
    " File photo",
    " Handout photo",
];

/// Whether the line says only whose a picture is, or which of how many.
pub(super) fn is_picture_credit(line: &str) -> bool {
    if line.len() > LINE_BYTES_MAX || line.ends_with(['.', '!', '?', '。']) {
        return false;
    }
    is_labelled(line) || is_of_agency(line) || is_of_kind(line) || is_number(line)
}

fn is_labelled(line: &str) -> bool {
    let may_be = line.starts_with(|c: char| matches!(c, 'B' | 'C' | 'F' | 'I' | 'P') || !c.is_ascii());
    let names = || {
        let labelled = LABELS
            .iter()
            .filter_map(|label| line.strip_prefix(label)?.trim_start().strip_prefix([':', '：']));
        labelled.chain(BEFORE_NAMES.iter().filter_map(|before| line.strip_prefix(before)))
    };
    may_be && names().any(is_name)
}

/// Whether a few words may be whose a picture is: they begin as a name does or have a stroke between two, and lead nowhere.
fn is_name(words: &str) -> bool {
    let words = words.trim();
    (words.starts_with(|c: char| !c.is_lowercase()) || words.contains('/'))
        && has_few_words(words)
        && !words.contains("://")
        && !words.ends_with([':', '：', '…'])
}

fn has_few_words(name: &str) -> bool {
    let count = name.split_whitespace().take(NAME_WORDS_MAX + 1).count();
    (1..=NAME_WORDS_MAX).contains(&count)
}

/// Whether a name stands before an agency's, in brackets or not: "Ada Quill / Reuters", "(Ada Quill, AP)", "quill8 | Getty Images".
fn is_of_agency(line: &str) -> bool {
    let within = line.strip_prefix('(').and_then(|line| line.strip_suffix(')'));
    let line = within.unwrap_or(line);
    let names = AGENCIES
        .iter()
        .filter_map(|agency| line.strip_suffix(agency).map(str::trim_end));
    names.into_iter().any(|name| {
        let user = name.strip_suffix(['/', '|']);
        let person = name.strip_suffix(',').filter(|person| is_name(person));
        user.or(person)
            .is_some_and(|name| has_few_words(name) && !name.contains([':', ',']))
    })
}

fn is_of_kind(line: &str) -> bool {
    KINDS.iter().any(|kind| line.strip_suffix(kind).is_some_and(is_name))
}

/// "3 of 8".
fn is_number(line: &str) -> bool {
    let number = |text: &str| text.parse::<u16>().ok();
    let pair = line
        .split_once(" of ")
        .and_then(|(one, all)| number(one).zip(number(all)));
    pair.is_some_and(|(one, all)| one <= all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_picture_is_is_known_by_form() {
        for line in [
            "Photo: Ada Quill",
            "Credit: The Harbour Eats",
            "Bildrechte: imago images/YAY Images",
            "Crédit photo : Ada Quill",
            "图片来源：视觉港口",
            "Image by Author",
            "Courtesy of Ada Quill",
            "Ada Quill / Reuters",
            "Ada Quill, AP",
            "(Ada Quill / AP)",
            "quill8 | Getty Images",
            "Ada B. Quill Submitted photo",
            "1 of 8",
        ] {
            assert!(is_picture_credit(line), "{line}");
        }
    }

    #[test]
    fn other_lines_stay() {
        for line in [
            "Photo: a man walks along the pier",
            "Photo courtesy of the port",
            "Photos: See how the crews of three ferries spent the night on the quay",
            "Credit: https://example.org/pier",
            "Credit:",
            "Credit where it is due",
            "Courtesy of the crew, the ferry sailed again.",
            "The report names the harbour, the pier, Reuters",
            "Reuters",
            "The ferry took a photo",
            "8 of 1",
            "One of 8",
            "5 of them",
        ] {
            assert!(!is_picture_credit(line), "{line}");
        }
    }
}
