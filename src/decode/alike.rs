//! Names of fields that are like those that are known: `Title`, `publish-time`, `newsUrl`, `metadata.author`.
//!
//! In: an object's fields. Out: for each role the paths whose names mean it, the best first. Always: case and what joins words do not
//! count; names that could mean something else are left out; one look at each name of the object and of what it holds about itself.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fields::Fields;
use super::preset::{Paths, item};

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Url,
    Title,
    Body,
    Published,
    Modified,
    Fetched,
    Language,
    Site,
    Authors,
}

/// Names beyond those of [`item`], without what joins their words.
const MORE: &[(Role, &str)] = &[
    (
        Role::Url,
        "newsurl newslink articlelink articlehref posturl storyurl storylink contenturl fullurl pageurl canonicallink \
         requestedurl respondedurl targeturl requesturl responseurl finalurl weblink webpageurl originalurl shareurl externalurl \
         sourcelink linkurl resolvedurl resolvedpageurl scrapedurl crawledurl",
    ),
    (
        Role::Title,
        "newstitle newsheadline posttitle articleheadline storytitle titleraw fulltitle maintitle mainheadline headlines ogtitle \
         titulo titre titel titolo",
    ),
    (
        Role::Body,
        "newscontent newsbody newstext rawcontent contentraw htmlcontent contents bodycontent postcontent posttext postbody \
         articlecontent articlefulltext storytext storybody storycontent maincontent mainarticle fullarticle fullcontent cleanedtext \
         cleancontent cleanedcontent contentclean extractedtext extractedcontent pagecontent pagetext rawtext bodyraw texts \
         texto contenido conteudo texte inhalt testo",
    ),
    (
        Role::Published,
        "publishtimestamp publishedtimestamp publishedon posttime posteddate postedon dateposted newsdate newstime releasetime \
         timepublished publicationtime issued dateissued pubdatetime publishedatutc publishedutc firstpublishedat firstpublished \
         firstpublishedtime firstpublisheddate displaydate articletime storydate uploaddate estimateddate pageage isodate \
         ctime createtime createdtime createddate datecreated fecha fechapublicacion publishingdate \
         parselypubdate sailthrudate dcdateissued dcdatecreated dctermscreated dctermsissued dctermsdate dcdate articlepublished \
         ogarticlepublishedtime ogpublishedtime",
    ),
    (
        Role::Modified,
        "updatetime updateddate updatedon dateupdated lastupdated lastupdate lastupdatedat modifiedtime modifieddate \
         articlemodifiedtime editedat changedat",
    ),
    (
        Role::Fetched,
        "crawltime crawledtime fetchtime fetchdate scrapetime scrapedtime scrapetimestamp crawltimestamp datecrawled datescraped \
         extractedat dateextracted ingestedat insertedat accessedat capturedat downloadtime",
    ),
    (
        Role::Language,
        "langcode detectedlanguage detectedlang languageiso humanlanguage contentlanguage metalang metalanguage oglocale \
         articlelanguage languages htmllang languagename idioma sprache langue",
    ),
    (
        Role::Site,
        "ogsitename publishername mediaoutlet newssource newssite sourcetitle sourcesite feedtitle feedname websitename \
         newspapername outletname publicationname provider providername cleanurl domainurl applicationname",
    ),
    (
        Role::Authors,
        "authornames articleauthor articleauthors newsauthor postauthor authorlist authorslist bylines contributors contributor \
         reporter reporters writtenby postedby publishedby writers journalists creators autor autores auteur auteurs autore autori \
         storyauthors articleauthorname parselyauthor sailthruauthor byl dccreator dctermscreator ogarticleauthor",
    ),
];

/// Names of [`item`] that mean a role only where they are written so, or at the top.
const EXACT: &[&str] = &[
    "id",
    "guid",
    "name",
    "by",
    "time",
    "h1",
    "loc",
    "host",
    "alternate",
    "timestamp",
];

/// Objects that hold what is said of an article beside its text.
const BESIDE: &[&str] = &["metadata", "meta", "extra_info"];

/// Each name with its roles, and how good it is for it.
static ROLES: LazyLock<HashMap<String, (Role, usize)>> = LazyLock::new(|| {
    let own = &item::PRESET;
    let of_item: [(Role, Paths); 8] = [
        (Role::Url, own.url),
        (Role::Title, own.title),
        (Role::Published, own.published_at),
        (Role::Modified, own.modified_at),
        (Role::Fetched, own.fetched_at),
        (Role::Language, own.language),
        (Role::Site, own.site),
        (Role::Authors, own.authors),
    ];
    let bodies = own.body.iter().map(|(path, _)| (Role::Body, *path));
    let first = of_item
        .iter()
        .flat_map(|(role, paths)| paths.iter().map(move |path| (*role, *path)));
    let more = MORE
        .iter()
        .flat_map(|(role, names)| names.split_whitespace().map(move |name| (*role, name)));
    let mut roles = HashMap::new();
    for (rank, (role, path)) in first.chain(bodies).chain(more).enumerate() {
        let name = folded(path);
        if !path.contains('.') && !EXACT.contains(&name.as_str()) {
            roles.entry(name).or_insert((role, rank));
        }
    }
    roles
});

/// Longest name that can mean a role.
const NAME_BYTES_MAX: usize = 32;

/// A name in lower case, without what joins its words.
fn folded(name: &str) -> String {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|b| char::from(b.to_ascii_lowercase())).collect()
}

/// The paths of an object that are alike, by role.
#[derive(Debug)]
pub(super) struct Alike {
    found: Vec<(Role, usize, String)>,
}

impl Alike {
    pub(super) fn of(fields: &Fields) -> Self {
        let mut found = Vec::new();
        let mut add = |name: &str, within: &str| {
            if name.len() > NAME_BYTES_MAX {
                return;
            }
            if let Some(&(role, rank)) = ROLES.get(&folded(name)) {
                // What stands beside the text is tried last, and holds none.
                let (path, rank) = match within {
                    "" => (name.to_owned(), rank),
                    // `source` may be the page's address there.
                    _ if name == "source" => (format!("{within}.{name}"), usize::MAX),
                    _ => (format!("{within}.{name}"), rank + ROLES.len()),
                };
                if within.is_empty() || role != Role::Body {
                    found.push((role, rank, path));
                }
            }
        };
        for name in fields.object.keys() {
            add(name, "");
        }
        for within in BESIDE {
            if let Some(inner) = fields.get(within).and_then(|value| value.as_object()) {
                for name in inner.keys() {
                    add(name, within);
                }
            }
        }
        found.sort_by_key(|(_, rank, _)| *rank);
        Self { found }
    }

    /// The paths of a role, the best first.
    pub(super) fn paths(&self, role: Role) -> Vec<String> {
        let of_role = self.found.iter().filter(|(one, ..)| *one == role);
        of_role.map(|(.., path)| path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_best_name_comes_first_and_what_could_mean_another_thing_is_left_out() {
        let object = json!({
            "CreateTime": 1, "Publish-Date": 1, "newsTitle": 1, "Id": 1, "Name": 1, "metadata": {"Title": 1, "text": 1, "og:site_name": 1, "DC.creator": 1},
        });
        let alike = Alike::of(&Fields::new(object.as_object().expect("an object").clone()));
        assert_eq!(alike.paths(Role::Published), ["Publish-Date", "CreateTime"]);
        assert_eq!(alike.paths(Role::Title), ["newsTitle", "metadata.Title"]);
        assert_eq!(alike.paths(Role::Site), ["metadata.og:site_name"]);
        assert_eq!(alike.paths(Role::Authors), ["metadata.DC.creator"]);
        assert!(alike.paths(Role::Body).is_empty());
        assert!(alike.paths(Role::Url).is_empty());
    }
}
