use proptest::prelude::*;

use super::super::work;
use super::*;

const ASKED: &str = "We are a small newsroom of four people, and all that we print is paid for by those who read it: give what you can today.";
const PAGE: &str = include_str!("sample.html");

fn text_of(page: &str) -> String {
    clean(page, &Hints::default()).text
}

#[test]
fn the_article_stays_and_the_furniture_goes() {
    let text = text_of(PAGE);
    for wanted in [
        "The last ferry of the evening",
        "Harbour master Ines Vala said",
        "repairs would be finished",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    for furniture in [
        "Subscribe to our newsletter",
        "Most read",
        "All rights reserved",
        "Sports",
        "accept cookies",
    ] {
        assert!(!text.contains(furniture), "{furniture} in {text}");
    }
}

#[test]
fn what_is_said_of_all_of_a_page_is_not_said_of_its_paragraphs() {
    let article = format!(
        "<h1>Cranes are back at work</h1>{}",
        format!("<p>{PARAGRAPH}</p>").repeat(4)
    );
    let page = |class: &str| format!("<html><body><div class='{class}'><div>{article}</div></div></body></html>");
    for class in [
        "post commented",
        "with-sidebar",
        "page has-newsletter",
        "related",
        "modal is-open",
    ] {
        assert_eq!(text_of(&page(class)), [PARAGRAPH; 4].join("\n"), "{class}");
    }
}

#[test]
fn a_card_that_opens_over_a_name_is_none_of_the_sentence() {
    let page = |card: &str| {
        let said = format!(
            "Rep. <span><a href='/vala'>Ines Vala</a>{card}</span> said that the harbour would be dredged before the winter."
        );
        text_of(&format!(
            "<html><body><article><h1>Cranes are back</h1>{}<p>{said}</p></article></body></html>",
            format!("<p>{PARAGRAPH}</p>").repeat(3)
        ))
    };
    let links = "<a href='/1'>Harbour bill passes over objections</a> <a href='/2'>More ferries for the north</a>";
    let said = "Rep. Ines Vala said that the harbour would be dredged before the winter.";
    let card = format!("<span><span><a href='/vala'>Ines M. Vala</a>{links}</span></span>");
    assert!(page(&card).ends_with(said), "{}", page(&card));
    let others = format!("<span><a href='/vala'>Ines Vala</a> of {links}</span>");
    assert!(page(&others).contains("of Harbour bill"), "{}", page(&others));
    // Links that are never closed, and blanks that a block ends with.
    assert_eq!(
        text_of("<pre><a href='x'><p> wind <a href='x'><a href='x'><p>"),
        " wind"
    );
}

#[test]
fn a_feeds_note_of_first_appearance_goes() {
    let paragraph =
        "The harbour authority said on Monday that all eleven cranes would be back at work before the week was over.";
    let note = "The post <a href='/c'>Cranes move again</a> appeared first on <a href='/'>The Gull</a>.";
    let text = text_of(&format!("{}<p>{note}</p>", format!("<p>{paragraph}</p>").repeat(4)));
    assert_eq!(text, [paragraph; 4].join("\n"));
}

const PARAGRAPH: &str =
    "The harbour authority said on Monday that all eleven cranes would be back at work before the week was over.";

#[test]
fn an_advertisements_mark_goes_wherever_it_stands() {
    let paragraphs = format!("<p>{PARAGRAPH}</p>").repeat(3);
    for mark in [
        "Advertisement",
        "- Advertisement -",
        "Anzeige",
        "Publicité",
        "Реклама",
        "广告",
    ] {
        let text = text_of(&format!("{paragraphs}<div class='x'>{mark}</div>{paragraphs}"));
        assert_eq!(text, [PARAGRAPH; 6].join("\n"), "{mark}");
    }
}

#[test]
fn a_body_that_stands_there_twice_stands_there_once() {
    let body = [
        "The harbour authority said on Monday that all eleven cranes would be back at work before the week was over, weather permitting.",
        "Two of them had been struck by lightning in the night to Saturday, and the other nine had been stopped to be looked at.",
        "Nobody was hurt, and the ships that had waited outside were unloaded by hand or sent on to Port Amsel, a spokesman said.",
    ];
    let paragraphs = body.map(|paragraph| format!("<p>{paragraph}</p>")).concat();
    let page = format!(
        "<html><body><article>{paragraphs}</article><div id=to-print><h3>Cranes</h3>{paragraphs}</div></body></html>"
    );
    let cleaned = clean(&page, &Hints::default());
    for paragraph in body {
        assert_eq!(cleaned.text.matches(paragraph).count(), 1, "{}", cleaned.text);
    }
    let is_repeat = |removed: &&Removed| removed.reason == "repeated";
    let repeat = cleaned.removed.iter().find(is_repeat).unwrap();
    assert!(repeat.start > page.find("to-print").unwrap());
}

#[test]
fn what_is_meant_to_repeat_stays() {
    let verse = |number: u32| {
        format!(
            "<p>In year {number} of the harbour the boats went out at dawn, and all of them but one came home before the night.</p>"
        )
    };
    let chorus = "<p>And the lamp on the mole is burning still, burning for the one that is out there, burning for the one that we await.</p>";
    let song: String = (1..=3).map(|number| verse(number) + chorus).collect();
    let answer = "<p>Please write to the harbour office at least four weeks before the first day on which the change is to be valid.</p>";
    let answers: String = ["move my berth", "sell my boat", "share my berth"]
        .map(|what| {
            format!(
                "<p>How do I {what}, and whom do I have to tell of it before I may do so in the harbour?</p>{answer}"
            )
        })
        .concat();
    for (body, repeated) in [(song, chorus), (answers, answer)] {
        let text = text_of(&format!(
            "<html><body><article><h1>The lamp</h1>{body}</article></body></html>"
        ));
        let line = repeated.trim_start_matches("<p>").trim_end_matches("</p>");
        assert_eq!(text.matches(line).count(), 3, "{text}");
    }
}

#[test]
fn comments_go_where_no_element_tells_of_them() {
    let article = [
        "Городской совет Порт-Амзеля решил во вторник закрыть старый причал до конца весны, сообщила пресс-служба порта.",
        "По словам начальника порта Инес Валы, две сваи расшатались, и пароходы будут уходить от северной набережной.",
        "Ремонт обойдётся в четыре миллиона крон, половину этой суммы даст область.",
        "Рыбаки, чьи лодки стоят у причала, смогут перевести их в соседнюю гавань бесплатно, добавила она.",
    ];
    let comments = [
        "Анна 3 марта, 12:40",
        "А куда денут лодки, интересно? Там и так места нет, каждый год одно и то же.",
        "Пётр 3 марта, 13:05",
        "Закрыли бы давно, этот причал ещё мой дед строил, ходить страшно!",
    ];
    let body = article.map(|paragraph| format!("<p>{paragraph}</p>")).concat();
    let behind = comments.map(|line| format!("<div>{line}</div>")).concat();
    let text = text_of(&format!(
        "<html><body><div><h1>Причал закрыт</h1>{body}<p>Комментарии</p>{behind}</div></body></html>"
    ));
    for paragraph in article {
        assert!(text.contains(paragraph), "{text}");
    }
    for line in comments {
        assert!(!text.contains(line), "{text}");
    }
}

#[test]
fn a_piece_of_a_page_is_whole() {
    let check = |piece: &str, expected: &str| assert_eq!(text_of(piece), expected, "{piece}");
    check(
        "<p>The port says it will be done by May.</p>",
        "The port says it will be done by May.",
    );
    check("One line<br/>and another", "One line\nand another");
    check(
        "<img src='i.jpg'> Ferries are late <b>again</b>",
        "Ferries are late again",
    );
    assert_eq!(text_of("<html><body><p>Sign in</p></body></html>"), "");
}

#[test]
fn a_brief_of_one_sentence_is_an_article() {
    let brief = "The bridge at Fenwick is closed from Monday.";
    let page = |behind: &str| {
        format!(
            "<html><head><title>Bridge closed</title></head><body><nav><a href=/>Home</a></nav><article><h1>Bridge closed</h1>{behind}</article>\
             <footer><p>The Gull is printed in Port Amsel.</p></footer></body></html>"
        )
    };
    assert_eq!(text_of(&page(&format!("<p>{brief}</p>"))), brief);
    assert_eq!(text_of(&page("<p>Sign in</p>")), "");
}

#[test]
fn what_follows_an_article_on_its_page_is_no_part_of_it() {
    let article = |headline: &str, more: &str| {
        let paragraphs = (0..6).map(|number| format!("<p>{PARAGRAPH} {more} It was the {number}th time.</p>"));
        format!(
            "<article><h1>{headline}</h1>{}</article>",
            paragraphs.collect::<String>()
        )
    };
    check_first_alone(
        &article("The plan", "So it was."),
        &article("A bridge", "So is the bridge."),
    );
}

/// Of two articles on one page the first is the page's own.
fn check_first_alone(own: &str, next: &str) {
    let text = text_of(&format!(
        "<html><head><title>The plan</title></head><body><main>{own}{next}</main></body></html>"
    ));
    assert!(
        text.contains("So it was.") && !text.contains("So is the bridge."),
        "{text}"
    );
}

#[test]
fn what_follows_is_known_whatever_it_is_about() {
    let article = |class: &str, heading: &str, more: &str| {
        let paragraphs = format!("<p>{PARAGRAPH} {more}</p>").repeat(6);
        format!("<article class='post hentry type-post {class}'>{heading}{paragraphs}</article>")
    };
    check_first_alone(
        &article("post-12 category-harbour tag-plan", "<h1>The plan</h1>", "So it was."),
        &article("post-11 category-roads", "<h2>A bridge</h2>", "So is the bridge."),
    );
}

#[test]
fn other_articles_behind_the_pages_own_are_known_by_a_headline_with_its_date() {
    let article = |class: &str, headline: &str, origin: &str, more: &str| {
        let paragraphs = format!("<p>{PARAGRAPH} {more}</p>").repeat(6);
        format!("<div class='{class}'><h1>{headline}</h1>{origin}<div>{paragraphs}</div></div>")
    };
    let own = article("post", "The plan", "<p>By Ada Quill</p>", "So it was.");
    for origin in [
        "<p>By Ben Ink</p>",
        "<div><p>Published</p><span>44 mins ago</span><p>on</p><span>April 19, 2023</span></div><div><p>By</p><a href='/ink'>Ben Ink</a></div>",
    ] {
        check_first_alone(&own, &article("add", "A bridge", origin, "So is the bridge."));
    }
    let text = text_of(&format!(
        "<html><head><title>The plan</title></head><body><main>{own}{}</main></body></html>",
        article("part", "The bridge in it", "", "So is the bridge.")
    ));
    assert!(text.contains("So is the bridge."), "a chapter of the same: {text}");
}

#[test]
fn the_outlets_name_and_a_bar_that_says_the_headline_hide_no_other_articles() {
    let article = |headline: &str, more: &str| {
        let paragraphs = format!("<p>{PARAGRAPH} {more}</p>").repeat(6);
        format!("<div><h1>{headline}</h1><p>By Ada Quill</p><div>{paragraphs}</div></div>")
    };
    let headline = "The plan for the harbour is out";
    let text = text_of(&format!(
        "<html><head><title>{headline} - The Amsel Harbour Gull</title></head><body><h2>The Amsel Harbour Gull</h2><div><h4>{headline}</h4></div>\
         <main>{}{}</main></body></html>",
        article(headline, "So it was."),
        article("A bridge for the other side", "So is the bridge.")
    ));
    assert!(
        text.contains("So it was.") && !text.contains("So is the bridge."),
        "{text}"
    );
}

#[test]
fn a_list_that_calls_itself_related_goes_however_much_its_items_say() {
    let item = |link: &str| format!("<li>{link}<span>{PARAGRAPH}</span></li>");
    let page = |class: &str, link: &str| {
        let items = [link, link, link].map(item).concat();
        let body = format!("<p>{PARAGRAPH} So it was.</p>").repeat(8);
        text_of(&format!(
            "<html><body><article><h1>The plan</h1>{body}<div class='{class}'><ul>{items}</ul></div></article></body></html>"
        ))
    };
    let link = "<a href='/bridge'>A bridge for the other side</a> ";
    assert!(!page("row-recommend", link).contains("A bridge"));
    let said = page("row-recommend", "A bridge for the other side ");
    assert!(said.contains("A bridge"), "no link, no teaser: {said}");
    let said = page("rows", link);
    assert!(said.contains("A bridge"), "nobody calls them teasers: {said}");
}

#[test]
fn who_wrote_it_and_when_is_no_part_of_the_text() {
    let check = |line: &str, stays: bool| {
        let paragraphs = format!("<p>{PARAGRAPH}</p>").repeat(3);
        let page = format!("<html><body><article><h1>The plan</h1><p>{line}</p>{paragraphs}</article></body></html>");
        assert_eq!(text_of(&page).contains(line), stays, "{line}");
    };
    check("By Ada Quill", false);
    check("By Ada Quill and Ben Ink, in Port Amsel", false);
    check("2 March 2026", false);
    check("Published: 2 March 2026 | Updated 3 March 2026", false);
    check(
        "By Ada Quill was the harbour built, and by her it is run, as all the town knows well enough.",
        true,
    );
    check(
        "On 2 March 2026 the harbour was closed for the first time in all of its hundred years.",
        true,
    );
}

#[test]
fn a_headline_that_is_no_heading_is_no_part_of_the_text() {
    let body = format!("<p>{PARAGRAPH}</p>").repeat(4);
    let page = |byline: &str| {
        format!(
            "<html><head><title>Cranes are back at work again - The Gull</title></head><body><table><tr><td><a href='/'>Home</a></td>\
             <td><font size='5'><b>Cranes are back at work again</b></font>{byline}{body}</td></tr></table></body></html>"
        )
    };
    for byline in [
        "<p><i>By Ada Quill</i> <small>2024-03-14</small></p>",
        "<br><font size='1'>2024-03-14, Ada Quill</font>",
        "<p>14 March 2024 | Ada Quill</p>",
    ] {
        assert_eq!(text_of(&page(byline)), [PARAGRAPH; 4].join("\n"), "{byline}");
    }
}

#[test]
fn a_line_that_reserves_rights_goes() {
    let body = format!("<p>{PARAGRAPH}</p>").repeat(4);
    for line in [
        "Copyright 2024 The Gull. All rights reserved. This may not be published, broadcast or rewritten without permission.",
        "© 2024 GFP",
    ] {
        let page = format!("<article><h1>Cranes</h1><div class='entry-content'>{body}<p>{line}</p></div></article>");
        assert_eq!(text_of(&page), [PARAGRAPH; 4].join("\n"), "{line}");
    }
}

#[test]
fn a_mails_footer_goes() {
    let body = format!("<p>{PARAGRAPH}</p>").repeat(4);
    let footer = "<p>You are receiving this email because you signed up at our website.</p>\
                  <p><a href='u'>Unsubscribe</a> | <a href='p'>Update preferences</a></p>";
    let page = format!(
        "<html><body><table><tr><td><h1>The Tide: what we learned</h1></td></tr><tr><td>{body}</td></tr><tr><td>{footer}</td></tr></table></body></html>"
    );
    assert_eq!(text_of(&page), [PARAGRAPH; 4].join("\n"));
}

#[test]
fn items_of_a_list_stay_together() {
    let items = [
        "Four berths",
        "Two new cranes",
        "A shed for nets",
        "Parking for 300 bicycles",
    ];
    let list = items.map(|item| format!("<li><p>{item}</p></li>")).concat();
    let body = format!("<p>{PARAGRAPH}</p>").repeat(4);
    let text = text_of(&format!(
        "<html><body><main><article><h1>Cranes</h1>{body}<ul>{list}</ul></article></main></body></html>"
    ));
    assert!(text.ends_with(&items.join("\n")), "{text}");
}

#[test]
fn words_are_neither_glued_nor_cut() {
    let check = |piece: &str, expected: &str| assert_eq!(text_of(&format!("<p>{piece}</p>")), expected, "{piece}");
    check(
        "The Ab&#8203;teilung will <ins>not</ins> close today.",
        "The Abteilung will not close today.",
    );
    check(
        "Read the report<span class='sr-only'> (opens in a new tab)</span> today.",
        "Read the report today.",
    );
    check(
        "The plan<span class='mw-editsection'>[<a href='/e'>edit</a>]</span>",
        "The plan",
    );
    check("Read the <i hidden>x<p>plan today.", "Read the\nplan today.");
    check("Read it.</br>Now.", "Read it.\nNow.");
    check("Read <span>&#8203;</span>it <b>\u{200b} </b>today.", "Read it today.");
    assert_eq!(
        text_of("<pre>See <a>the plan</a>\nNext line</pre>"),
        "See the plan\nNext line"
    );
}

#[test]
fn what_is_never_closed_does_not_take_the_page_with_it() {
    let check = |open: &str| {
        let html = format!("<main>{open}<article><h2>The plan</h2><p>{PARAGRAPH}</p></article></main>");
        assert_eq!(text_of(&html).lines().last(), Some(PARAGRAPH), "{open}");
    };
    check("<select><option>One<hr><option>Two");
    check("<svg><foreignObject><div>Label</div></foreignObject>");
    check("<i hidden>x");
    check("<video><source src=v>");
    check("<!-- note --!>");
    check("<iframe src='x' /><style/><textarea id=\"t\"/><title/>");
}

#[test]
fn a_slash_ends_a_raw_element_only_where_it_has_no_end_tag_of_its_own() {
    let page = format!(
        "<main><script src='a'/>let ferry = 1;</script><script src='b'/><p>{PARAGRAPH}</p><script>let quay;</script></main>"
    );
    assert_eq!(text_of(&page), PARAGRAPH);
}

#[test]
fn what_names_its_place_is_no_link() {
    for open in [
        "<a name='top'>",
        "<a id=content tabindex=-1>",
        "<a href='#top'>Up<a href='/'>Home</a>",
    ] {
        let page = format!(
            "<html><body><h1>The plan</h1>{open}<div><p>{PARAGRAPH}</p><p>{PARAGRAPH} So it was.</p></div></body></html>"
        );
        assert!(text_of(&page).contains(PARAGRAPH), "{open}");
    }
    let named = format!("<main><h1>The plan</h1><p><a name=p1>{PARAGRAPH}</a></p></main>");
    assert!(text_of(&named).contains(PARAGRAPH));
}

/// Cells of one row share a line, and paragraphs of one cell do not.
#[test]
fn a_cell_s_paragraphs_are_lines_each() {
    let layout = format!(
        "<table><tr><td><b>Harbour</b><br>Weather</td><td><h1>The plan</h1>{PARAGRAPH}<br><br>{PARAGRAPH} So it was.</td></tr></table>"
    );
    let text = text_of(&layout);
    assert!(text.lines().any(|line| line == PARAGRAPH), "{text}");
    let rows = "<tr><td>Quay</td><td>12 ships</td></tr>".repeat(2);
    let data = format!("<main><p>{PARAGRAPH}</p><table>{rows}</table><p>{PARAGRAPH} So it was.</p></main>");
    assert!(
        text_of(&data).lines().any(|line| line == "Quay 12 ships"),
        "{}",
        text_of(&data)
    );
}

#[test]
fn what_a_page_hides_goes_unless_it_is_the_articles_or_a_good_part_of_it() {
    let shown = ["once", "twice", "again", "and again"]
        .map(|times| format!("<p>{PARAGRAPH} It was so {times}.</p>"))
        .concat();
    let page = |more: &str, hides: &str| {
        format!("<main><article><h1>The plan</h1>{shown}{more}</article><div {hides}><p>{ASKED}</p></div></main>")
    };
    let cleaned = clean(&page("", "style='display: none'"), &Hints::default());
    assert!(!cleaned.text.contains(ASKED), "{}", cleaned.text);
    assert!(cleaned.removed.iter().any(|removed| removed.reason == "hidden"));
    for hides in ["hidden", "style=\"color:red;display:none\""] {
        assert!(!text_of(&page("", hides)).contains(ASKED), "{hides}");
    }
    let dialog = page("", "")
        .replace("<div >", "<dialog>")
        .replace("</div>", "</dialog>");
    assert!(!text_of(&dialog).contains(ASKED));
    let rest = format!("<p>{PARAGRAPH} And more.</p><p>{PARAGRAPH} And the rest.</p>");
    let read_more = page(
        &format!("<div style='display:none'>{rest}</div><button>Read more</button>"),
        "hidden",
    );
    assert!(text_of(&read_more).contains("And the rest."));
    let little = page(
        &format!("<div style='display:none'><p>{PARAGRAPH} And no more.</p></div>"),
        "hidden",
    );
    assert!(text_of(&little).contains("And no more.") && !text_of(&little).contains(ASKED));
    let by_script = format!(
        "<main style='display:none'><article><h1>The plan</h1><p>{PARAGRAPH}</p><p>{PARAGRAPH} So it was.</p></article></main>"
    );
    assert!(text_of(&by_script).contains(PARAGRAPH));
}

#[test]
fn what_a_shadow_root_holds_is_shown() {
    let page = format!(
        "<main><x-story><template shadowrootmode=open><article><p>{PARAGRAPH}</p></article></template></x-story></main>"
    );
    assert_eq!(text_of(&page), PARAGRAPH);
    assert_eq!(text_of(&page.replace("shadowrootmode=open", "id=t")), "");
}

#[test]
fn a_short_body_that_comes_by_script_is_read_from_the_linked_data() {
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{PARAGRAPH}\"}}</script>"
    );
    assert_eq!(text_of(&format!("<html><body><div id=root></div>{data}")), PARAGRAPH);
}

#[test]
fn every_removed_span_has_a_reason_and_a_place() {
    let cleaned = clean(PAGE, &Hints::default());
    assert!(!cleaned.removed.is_empty());
    let mut end = 0;
    for span in &cleaned.removed {
        assert!(span.start >= end && span.end > span.start && PAGE.get(span.start..span.end).is_some());
        assert!(!span.reason.is_empty());
        end = span.end;
    }
}

#[test]
fn a_hundred_thousand_nested_elements_are_no_burden() {
    let nested = format!("{}deep{}", "<div><b>".repeat(100_000), "</b></div>".repeat(100_000));
    text_of(&nested);
    text_of(&"<p><a href=\"".repeat(100_000));
    text_of(&"<!-- ".repeat(100_000));
    text_of(&"<svg><li><td>".repeat(50_000));
}

/// The steps that a page takes which is a third title, the rest `piece`s behind `head`.
fn steps(head: &str, piece: &str, bytes: usize) -> usize {
    let title = "The ferry came late. ".repeat(bytes / 60);
    let page = format!("<title>{title}</title>{head}{}", piece.repeat(bytes / piece.len()));
    work::of(|| drop(clean(&page, &Hints::default())))
}

/// Ten times the page, ten times the steps.
#[test]
fn linear_in_its_input() {
    let pieces = [
        "<div><b>",
        "<p>Wind and tide.</p>",
        "<p><a href=\"",
        "<p a='x' b=\"y z>",
        "<!-- ",
        "<!-- x -->",
        "<!a>",
        "</p></b>",
        "<script>",
        "<script></",
        "<title>x",
        "<svg><li><td>",
        "<table><tr><td>x",
        "<pre> ",
        "<a>x<div>",
        "<ul><li>x",
        "&amp;",
        "&#x41",
        "< ",
        "x\n",
        "<b> </b>",
        "<br>",
        "<p =\"   ",
        "<a                '",
        "<time datetime=x>",
        "<meta name=a content=b>",
        "<h1>The ferry came late again</h1>",
        "<meta property='og:title og:title author author' content='The ferry came late again'>",
        "<a rel=author href=/author/x>Ada Quill</a> ",
        "<time>5 March 2024</time>",
        "<style/>",
        "<!-- x --!>",
        "<iframe/><script/>",
        "<a href=x>x",
        "<table><tr><td>x<br>x",
        "<span class=author>Ada Quill</span> ",
        "<span class=author><span class=date>5 March 2024</span>",
        "<div class=author>Ada</div>",
    ];
    for head in [
        "",
        "<div class='article'><p>The ferry came late, and nobody knew why.</p>",
        "<h1>The ferry came late. </h1>",
    ] {
        for piece in pieces {
            let (small, large) = (steps(head, piece, 10_000), steps(head, piece, 100_000));
            assert!(
                large <= 12 * small + 100_000,
                "{piece:?} behind {head:.20}: {small}, then {large} steps"
            );
        }
    }
}

/// People of one article, each of another name.
#[test]
fn linear_in_its_authors() {
    let named = |count: usize| {
        let people: Vec<String> = (0..count).map(|n| format!("{{\"name\":\"Ada Quill {n}\"}}")).collect();
        let data = format!("{{\"@type\":\"Article\",\"author\":[{}]}}", people.join(","));
        let page = format!("<script type='application/ld+json'>{data}</script>");
        work::of(|| assert!(clean(&page, &Hints::default()).page.authors.len() <= 200))
    };
    let (small, large) = (named(1_000), named(10_000));
    assert!(large <= 12 * small + 100_000, "{small}, then {large} steps");
}

/// Elements around the headline and all of the prose, one within another.
#[test]
fn linear_in_the_depth_of_wrappers() {
    let nested = |depth: usize| {
        let (open, close) = ("<div class='commented'>".repeat(depth), "</div>".repeat(depth));
        let page = format!("{open}<h1>Cranes are back at work</h1><p>{PARAGRAPH}</p>{close}");
        work::of(|| drop(clean(&page, &Hints::default())))
    };
    let (small, large) = (nested(1_000), nested(10_000));
    assert!(large <= 12 * small + 100_000, "{small}, then {large} steps");
}

#[test]
fn linear_in_its_input_when_that_is_large() {
    let body = PAGE.split_once("<body").map_or(PAGE, |(_, body)| body);
    let (small, large) = (steps("", body, 300_000), steps("", body, 3_000_000));
    assert!(large <= 10 * small + small / 2, "{small}, then {large} steps");
}

/// What is held for a page is of the size of the page: an element for each start tag, a block for each run of text.
#[test]
fn bounded_by_its_input() {
    for piece in ["<p>", "<p>x", "<div><b>", "<td>x", "x<br>", "<li>", "&lt;"] {
        let page = piece.repeat(20_000);
        let layout = blocks::blocks(&page);
        assert!(layout.nodes.len() <= 1 + page.matches('<').count());
        assert!(layout.blocks.len() <= 1 + page.matches('<').count());
        assert!(layout.text.len() <= page.len());
    }
}

fn visible(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_whitespace())
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(page in "\\PC{0,400}") {
        text_of(&page);
    }

    #[test]
    fn any_soup_of_tags_is_read_and_nothing_is_invented(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "<div class=\"article-body\">", "</div>", "<p>", "</p>", "<li>", "<td>", "<tr>", "<table>", "<a href='x'>", "</a>",
            "<span>", "</span>", "<br>", "<!-- c -->", "<script>1<2</script>", "<pre>", "</pre>", "\n", "&amp;", "&#x41;", "&", "<", "é", "<svg>", "</svg>",
            "The ferry came late, and the crew was tired of waiting for the tide to turn.", " wind ", "<h1>Harbour</h1>", "<title>",
        ]), 0..60),
    ) {
        let page = pieces.concat();
        let cleaned = clean(&page, &Hints::default());
        let decoded = htmlize::unescape(&page).into_owned();
        let mut input = decoded.chars();
        for c in visible(&cleaned.text) {
            prop_assert!(input.any(|i| i == c), "{c} is not in the input, in order");
        }
        let mut end = 0;
        for span in &cleaned.removed {
            prop_assert!(span.start >= end && page.get(span.start..span.end).is_some());
            end = span.end;
        }
        let lines = if cleaned.text.is_empty() { 0 } else { cleaned.text.split('\n').count() };
        prop_assert!(cleaned.places.len() == lines || cleaned.places.is_empty(), "{:?} of {lines} lines", cleaned.places);
        for place in cleaned.places.iter().filter(|place| !place.is_empty()) {
            let is_apart = |span: &Removed| span.end <= place.start || place.end <= span.start || place.start <= span.start && span.end <= place.end;
            prop_assert!(cleaned.removed.iter().all(is_apart));
        }
    }
}
