//! Zones → minutes east of UTC.

/// No zone is further from UTC than this.
const HOURS_MAX: i32 = 14;

/// What a sign, hours and minutes tell, where there can be such a zone.
pub(super) fn offset(is_west: bool, hours: i32, minutes: i32) -> Option<i32> {
    let total = hours * 60 + minutes;
    (hours <= HOURS_MAX && minutes <= 59).then_some(if is_west { -total } else { total })
}

/// Zones that mean one offset alone, in the reading of RFC 2822 and of European and East Asian news. `IST` and the like are
/// left out: they mean several.
pub(super) fn named(name: &str) -> Option<i32> {
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
