use std::io::Write;

use super::*;

fn read<'a>(name: &str, bytes: impl Read + Send + 'a, bytes_max: u64) -> Vec<(i64, String)> {
    let mut config = Config::default();
    config.input.value_bytes_max.0 = bytes_max;
    let mut records = Records::new(&config, Path::new(name), bytes).unwrap();
    let record = |record: Record| {
        let value = String::from_utf8_lossy(&record.value.unwrap()).into_owned();
        (record.origin.offset, value)
    };
    std::iter::from_fn(|| records.next_record().unwrap())
        .map(record)
        .collect()
}

fn count(name: &str, text: &str) -> usize {
    read(name, text.as_bytes(), 1 << 20).len()
}

#[test]
fn a_page_and_a_json_value_over_several_lines_are_one_record() {
    for (name, text, expected) in [
        ("a.html", "<p>One</p>\n<p>Two</p>\n", 1),
        ("a.HTM", "<p>One</p>\n\n<p>Two</p>", 1),
        ("a.html", "", 0),
        ("a.html", "\n \n", 0),
        ("a.json", "[\n{\"text\": \"One\"},\n{\"text\": \"Two\"}\n]", 1),
        ("a.json", "{\n  \"text\": \"One\"\n}", 1),
        ("a.json", "{\"text\": \"One\"}\n{\"text\": \"Two\"}\n", 2),
        ("a.json", "{\"text\": One}\n{\"text\": \"Two\"}\n", 2),
        ("a.json", "{\"text\": \"One\"},\n{\"text\": \"Two\"}\n", 2),
        ("a.json", "\u{feff}[\"One\"]\n[\"Two\"]\n", 2),
        ("a.json", "[{\"text\": \"One\"}\n,{\"text\": \"Two\"}]\n", 1),
        ("a.json", "{\"text\": \"One\"}", 1),
        ("a.json", "{\"text\": \"On\n{\"text\": \"Two\"}\n", 2),
        ("-", "<p>One</p>\n<p>Two</p>\n", 2),
    ] {
        assert_eq!(count(name, text), expected, "{name}: {text}");
    }
}

#[test]
fn what_an_input_is_tells_itself_whatever_it_is_called() {
    for (text, expected) in [
        // Pages.
        ("<html><head>\n<title>One</title>\n</head></html>\n", 1),
        ("\u{feff}\n  <!DOCTYPE html>\n<html>\n<p>One</p>\n</html>", 1),
        (
            "<?xml version=\"1.0\"?>\n<?xml-stylesheet href=\"a\"?>\n<rss>\n</rss>",
            1,
        ),
        ("<html><p>One</p></html>\n<!-- seen -->\n", 1),
        // A page a line.
        ("<html><p>One</p></html>\n<html><p>Two</p></html>\n", 2),
        ("<?xml version=\"1.0\"?><rss/>\n<?xml version=\"1.0\"?><rss/>\n", 2),
        // JSON over lines.
        ("[\n{\"text\": \"One\"},\n{\"text\": \"Two\"}\n]\n", 1),
        ("[\n{\"text\": \"One\"}\n]\n", 1),
        ("\u{feff}\n[\n  {\n\"text\": \"One ]}\\\" {\"\n}\n]", 1),
        ("{\n\"text\": \"One\"\n}\n{\n\"text\": \"Two\"\n}\n", 2),
        ("{\n\"text\": \"One\"\n},\n{\n\"text\": \"Two\"\n}", 2),
        ("{\"list\": [1,\n{\"text\": \"One\"}\n]}\n", 1),
        ("{\"text\":\n{\"text\": \"One\"}\n}\n", 1),
        ("{\"text\": \"One\nand more.\"}\n{\"text\": \"Two\nand more.\"}\n", 2),
        // JSON Lines of which the first is cut.
        ("{\"text\": \"On\n{\"text\": \"Two\"}\n{\"text\": \"Three\"}\n", 3),
        ("{\"text\": 1\n{\"text\": \"Two\"}\n", 2),
        // Lines of text.
        ("[Reuters] One\nTwo\n", 2),
        ("[Reuters, on\nTwo\n", 2),
        ("<htmlish\nTwo\n", 2),
        ("[1 May 2024, the port\nTwo\n", 2),
        ("{Reuters) The port\nTwo\n", 2),
        // Pages, each on a line, which end without their last tag, and one behind its declaration.
        ("<!doctype html><p>One\n<!DOCTYPE html><p>Two\n", 2),
        ("<html><p>One\n<html><p>Two\n", 2),
        ("<!doctype html>\n<html><p>One\n</html>\n", 1),
        ("", 0),
    ] {
        for name in ["-", "a", "a.jsonl", "a.json", "a.txt"] {
            assert_eq!(count(name, text), expected, "{name}: {text}");
        }
    }
}

#[test]
fn a_record_s_offset_is_the_line_on_which_it_begins_and_of_one_alone() {
    let offsets = |text: &str| -> Vec<i64> { read("-", text.as_bytes(), 1 << 20).iter().map(|(at, _)| *at).collect() };
    assert_eq!(offsets("{}\n\n{}\n"), [0, 2]);
    assert_eq!(offsets("\n{\n}\n\n{\n}\n{\n}"), [1, 4, 6]);
    assert_eq!(offsets("{\n} {\n} {}\n{}"), [0, 1, 2, 3]);
    assert_eq!(offsets("{\n}\nno JSON }\n{\n}"), [0, 2, 3]);
}

#[test]
fn a_packed_input_is_read_as_what_it_unpacks_to() {
    let gzip = |bytes: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let lines = b"{\"text\": \"One\"}\n{\"text\": \"Two\"}\n";
    // Several members or frames are one input.
    let (members, frames) = ([gzip(lines), gzip(lines)].concat(), [zstd(lines), zstd(lines)].concat());
    for (name, bytes, expected) in [
        ("-", gzip(lines), 2),
        ("-", zstd(lines), 2),
        ("a.jsonl.gz", members, 4),
        ("a.jsonl.zst", frames, 4),
        ("a", gzip(b"<html>\n<p>One</p>\n</html>"), 1),
        ("a.html.gz", gzip(b"<p>One</p>\n<p>Two</p>"), 1),
        ("a.gz", gzip(b""), 0),
    ] {
        assert_eq!(read(name, &*bytes, 1 << 20).len(), expected, "{name}");
    }
    let cut = gzip(lines);
    let mut records = Records::new(&Config::default(), Path::new("-"), &cut[..cut.len() - 9]);
    let is_told = match &mut records {
        Err(_) => true,
        Ok(records) => std::iter::repeat_with(|| records.next_record()).any(|next| next.is_err()),
    };
    assert!(is_told);
}

/// Gives one byte at a time, and fails once it is asked for more than it has.
struct Pipe<'a>(&'a [u8]);

impl Read for Pipe<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (first, rest) = self.0.split_first().ok_or_else(|| io::Error::other("asked for more"))?;
        self.0 = rest;
        into[0] = *first;
        Ok(1)
    }
}

#[test]
fn bounded_lines_of_a_pipe_go_on_as_they_come() {
    for text in ["{\"a\": 1}\n{\"a\": 2}\n", "Words.\nOthers.\n", "{\n}{\n\"a\": 2}"] {
        let mut records = Records::new(&Config::default(), Path::new("-"), Pipe(text.as_bytes())).unwrap();
        assert!(records.next_record().unwrap().is_some(), "{text}");
        assert!(records.next_record().unwrap().is_some(), "{text}");
        assert!(records.next_record().is_err(), "{text}");
    }
}

#[test]
fn bounded_of_a_value_too_large_the_beginning_is_kept_and_the_next_is_read() {
    let long = "x".repeat(2000);
    for (text, expected) in [
        (
            format!("{{\"a\": \"{long}\"}}\n{{\"a\": 2}}\n"),
            vec![(0, 1002), (1, 8)],
        ),
        (
            format!("{{\n\"a\": \"{long}\"}}\n{{\n\"a\": 2}}\n"),
            vec![(0, 1002), (2, 9)],
        ),
        (
            format!("{{\"a\": 1}}\n{long}\n{{\"a\": 2}}\n"),
            vec![(0, 8), (1, 1002), (2, 8)],
        ),
        (format!("<html>\n{long}\n</html>\n"), vec![(0, 1002)]),
        (format!("[\n{}", "[".repeat(5000)), vec![(0, 1002)]),
    ] {
        let found = read("-", text.as_bytes(), 1000);
        let found: Vec<(i64, usize)> = found.iter().map(|(at, value)| (*at, value.len())).collect();
        assert_eq!(found, expected, "{text}");
    }
}
