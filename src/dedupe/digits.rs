//! Digits of every script, and what stands between them in a number.
//!
//! In: a character. Out: what ASCII has for it. Always: pure. ٣٫٥, ३.५ and ３．５ are 3.5.

/// The zeros of all decimal digits in Unicode 16, ascending: each is followed by its one to nine.
const ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x1_04A0, 0x1_0D30, 0x1_0D40, 0x1_1066,
    0x1_10F0, 0x1_1136, 0x1_11D0, 0x1_12F0, 0x1_1450, 0x1_14D0, 0x1_1650, 0x1_16C0, 0x1_16D0, 0x1_16DA, 0x1_1730,
    0x1_18E0, 0x1_1950, 0x1_1BF0, 0x1_1C50, 0x1_1D50, 0x1_1DA0, 0x1_1F50, 0x1_6130, 0x1_6A60, 0x1_6AC0, 0x1_6B50,
    0x1_6D70, 0x1_CCF0, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2, 0x1_D7EC, 0x1_D7F6, 0x1_E140, 0x1_E2F0, 0x1_E4F0, 0x1_E5F1,
    0x1_E950, 0x1_FBF0,
];

/// What a decimal digit of any script counts.
pub(super) fn value(c: char) -> Option<u8> {
    let code = u32::from(c);
    let zero = ZEROS.get(ZEROS.partition_point(|&zero| zero <= code).checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|&value| value < 10)
}

/// Whether a text goes on with a digit.
#[inline]
pub(super) fn follow(text: Option<&str>) -> bool {
    let next = text.and_then(|text| text.chars().next());
    next.is_some_and(|c| c.is_ascii_digit() || !c.is_ascii() && value(c).is_some())
}

/// What ASCII has for a point or a comma of other scripts that may stand within a number.
#[inline]
pub(super) fn separator(c: char) -> Option<u8> {
    match c {
        '．' | '٫' => Some(b'.'),
        '，' | '٬' => Some(b','),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_count() {
        for digits in [
            "0123456789",
            "٠١٢٣٤٥٦٧٨٩",
            "०१२३४५६७८९",
            "๐๑๒๓๔๕๖๗๘๙",
            "０１２３４５６７８９",
        ] {
            let values: Vec<_> = digits.chars().filter_map(value).collect();
            assert_eq!(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "{digits}");
        }
        for other in ['/', ':', 'a', '½', '②', '五', 'ل', '\u{10FFFF}'] {
            assert_eq!(value(other), None, "{other}");
        }
        assert!(ZEROS.is_sorted());
    }
}
