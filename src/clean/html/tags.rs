//! What each element means for the layout of a page.
//!
//! In: an element's name. Out: its [`Tag`]. Always: an unknown name is an inline element.

/// Elements that the cleaning tells apart. All others are inline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(super) enum Tag {
    #[default]
    Inline,
    Link,
    Break,
    /// Void elements that say nothing of the text.
    Void,
    Image,
    Meta,
    /// Elements whose content is no text of the page.
    Skipped,
    Html,
    Body,
    Head,
    Div,
    Paragraph,
    Section,
    Article,
    Main,
    Aside,
    Nav,
    Header,
    Footer,
    Figure,
    Caption,
    Heading1,
    Heading2,
    Heading3,
    HeadingLow,
    List,
    Item,
    Definition,
    Table,
    RowGroup,
    Row,
    Cell,
    Quote,
    Preformatted,
    Form,
    Button,
    Address,
    Details,
}

impl Tag {
    /// Whether the element stands as a block of its own.
    pub(super) fn is_block(self) -> bool {
        self as u8 > Tag::Skipped as u8
    }

    pub(super) fn is_section(self) -> bool {
        matches!(
            self,
            Tag::Section | Tag::Article | Tag::Main | Tag::Aside | Tag::Nav | Tag::Header | Tag::Footer
        )
    }

    pub(super) fn is_heading(self) -> bool {
        matches!(self, Tag::Heading1 | Tag::Heading2 | Tag::Heading3 | Tag::HeadingLow)
    }

    /// Whether an open `self` ends where `next` starts, as siblings that need no end tag do.
    pub(super) fn ends_before(self, next: Tag) -> bool {
        match self {
            Tag::Paragraph => next.is_block(),
            Tag::Item => next == Tag::Item,
            Tag::Definition => next == Tag::Definition,
            Tag::Cell => matches!(next, Tag::Cell | Tag::Row | Tag::RowGroup),
            Tag::Row => matches!(next, Tag::Row | Tag::RowGroup),
            Tag::RowGroup => next == Tag::RowGroup,
            _ => false,
        }
    }
}

/// The tag of a name, whatever its case.
pub(super) fn tag(name: &str) -> Tag {
    let mut lower = [0u8; 12];
    let Some(target) = lower.get_mut(..name.len()) else {
        return Tag::Inline;
    };
    target.copy_from_slice(name.as_bytes());
    target.make_ascii_lowercase();
    match &*target {
        b"a" => Tag::Link,
        b"br" => Tag::Break,
        b"input" | b"wbr" | b"source" | b"track" | b"embed" | b"area" | b"base" | b"col" | b"param" => Tag::Void,
        b"img" => Tag::Image,
        b"meta" | b"link" => Tag::Meta,
        b"svg" | b"template" | b"select" | b"canvas" | b"video" | b"audio" | b"object" | b"math" | b"datalist" => {
            Tag::Skipped
        }
        b"html" => Tag::Html,
        b"body" => Tag::Body,
        b"head" => Tag::Head,
        b"div" | b"center" | b"fieldset" | b"hr" | b"dialog" | b"legend" | b"amp-sidebar" => Tag::Div,
        b"p" => Tag::Paragraph,
        b"section" | b"hgroup" => Tag::Section,
        b"article" => Tag::Article,
        b"main" => Tag::Main,
        b"aside" => Tag::Aside,
        b"nav" | b"menu" => Tag::Nav,
        b"header" => Tag::Header,
        b"footer" => Tag::Footer,
        b"figure" => Tag::Figure,
        b"figcaption" => Tag::Caption,
        b"h1" => Tag::Heading1,
        b"h2" => Tag::Heading2,
        b"h3" => Tag::Heading3,
        b"h4" | b"h5" | b"h6" => Tag::HeadingLow,
        b"ul" | b"ol" | b"dl" => Tag::List,
        b"li" => Tag::Item,
        b"dt" | b"dd" => Tag::Definition,
        b"table" => Tag::Table,
        b"tbody" | b"thead" | b"tfoot" | b"caption" => Tag::RowGroup,
        b"tr" => Tag::Row,
        b"td" | b"th" => Tag::Cell,
        b"blockquote" => Tag::Quote,
        b"pre" | b"listing" => Tag::Preformatted,
        b"form" => Tag::Form,
        b"button" | b"option" => Tag::Button,
        b"address" => Tag::Address,
        b"details" | b"summary" => Tag::Details,
        _ => Tag::Inline,
    }
}
