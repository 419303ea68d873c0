//! Tokens for SASL OAUTHBEARER: from a file, or from an identity provider's token endpoint.
//!
//! In: the options that say where a token is. Out: the token, who it is for and how long it holds. Always: a token is asked for anew each time
//! that librdkafka wants one, so that a file which is replaced beforehand is followed; a secret stands in no error.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::Deserialize;

use crate::clock;
use crate::config::Config;

/// Longest wait for the identity provider. The thread that polls waits for it, which holds up no more than a slow broker does.
const ENDPOINT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a token holds that says nothing of it. librdkafka asks for the next one after four fifths of that.
const LIFETIME_UNKNOWN: Duration = Duration::from_mins(5);

/// librdkafka's names for what its build with curl would do itself.
const METHOD: &str = "sasl.oauthbearer.method";
const URL: &str = "sasl.oauthbearer.token.endpoint.url";
const ID: &str = "sasl.oauthbearer.client.id";
const SECRET: &str = "sasl.oauthbearer.client.secret";
const SCOPE: &str = "sasl.oauthbearer.scope";
const CA: &str = "https.ca.location";
const GRANT: &str = "sasl.oauthbearer.grant.type";
const NAMES: [&str; 7] = [METHOD, URL, ID, SECRET, SCOPE, GRANT, CA];

/// Where tokens come from; empty where librdkafka needs none of ours.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Option<Arc<Provider>>);

#[derive(Debug)]
struct Provider {
    way: Way,
    /// A first token was handed over.
    is_served: AtomicBool,
}

enum Way {
    File(String),
    Endpoint(Endpoint),
}

struct Endpoint {
    url: String,
    id: String,
    secret: String,
    scope: String,
    /// The file of the authority that signed the endpoint's certificate; empty: those of the system.
    authority: String,
    agent: OnceLock<ureq::Agent>,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({path})"),
            Self::Endpoint(endpoint) => write!(f, "Endpoint({})", endpoint.url),
        }
    }
}

/// Whether a property is for us and not for librdkafka, which refuses it or would do the same a second time.
pub(super) fn is_ours(config: &Config, name: &str) -> bool {
    is_oidc(config) && NAMES.contains(&name)
}

fn is_oidc(config: &Config) -> bool {
    config
        .kafka
        .properties
        .0
        .get(METHOD)
        .is_some_and(|method| method.eq_ignore_ascii_case("oidc"))
}

impl Tokens {
    /// Where the options say that tokens are. Each client has its own.
    pub fn of(config: &Config) -> Self {
        let property = |name: &str| config.kafka.properties.0.get(name).cloned().unwrap_or_default();
        let way = if !config.kafka.oauth_token_file.is_empty() {
            Way::File(config.kafka.oauth_token_file.clone())
        } else if is_oidc(config) {
            Way::Endpoint(Endpoint {
                url: property(URL),
                id: property(ID),
                secret: property(SECRET),
                scope: property(SCOPE),
                authority: property(CA),
                agent: OnceLock::new(),
            })
        } else {
            return Self(None);
        };
        let is_served = AtomicBool::new(false);
        Self(Some(Arc::new(Provider { way, is_served })))
    }

    /// Whether tokens are ours to give.
    pub fn are_ours(&self) -> bool {
        self.0.is_some()
    }

    /// Whether a client still waits for its first token.
    pub(super) fn are_awaited(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|provider| !provider.is_served.load(Ordering::SeqCst))
    }

    /// A token that holds now.
    pub fn token(&self) -> Result<OAuthToken, String> {
        let Some(provider) = &self.0 else {
            return Err("no token was asked for".into());
        };
        provider.way.token()
    }

    /// The same as librdkafka asks for it.
    pub(super) fn serve(&self) -> Result<OAuthToken, Box<dyn Error>> {
        let token = self.token();
        if let Some(provider) = &self.0 {
            provider.is_served.store(true, Ordering::SeqCst);
        }
        if let Err(why) = &token {
            tracing::warn!(why, "there is no token for the brokers");
        }
        Ok(token?)
    }
}

/// What a token endpoint answers (RFC 6749, 5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<f64>,
}

/// The claims of a token that count here (RFC 7519, 4.1).
#[derive(Debug, Default, Deserialize)]
struct TokenClaims {
    sub: Option<String>,
    exp: Option<f64>,
}

impl Way {
    fn token(&self) -> Result<OAuthToken, String> {
        let now_ms = clock::unix_ms();
        let (text, holds) = match self {
            Self::File(path) => {
                let read = std::fs::read_to_string(path);
                let hint = "hint: `kafka.oauth_token_file` holds the token alone, and the user of the process must be able to read it";
                let text = read.map_err(|e| format!("could not read the token in `{path}`: {e}\n{hint}"))?;
                (text.trim().to_owned(), None)
            }
            Self::Endpoint(endpoint) => {
                let answer = endpoint.ask()?;
                (answer.access_token, answer.expires_in)
            }
        };
        let place = match self {
            Self::File(path) => path,
            Self::Endpoint(endpoint) => &endpoint.url,
        };
        // A token goes into one header line.
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(format!(
                "what stands at `{place}` is no token: it is empty, or has characters that no token has"
            ));
        }
        let claims = claims(&text);
        let told_ms = claims.exp.map(|seconds| (seconds * 1000.0) as i64);
        let lifetime_ms =
            told_ms.unwrap_or(now_ms + holds.map_or(LIFETIME_UNKNOWN.as_millis() as i64, |s| (s * 1000.0) as i64));
        if lifetime_ms <= now_ms {
            let since = (now_ms - lifetime_ms) / 1000;
            return Err(format!(
                "the token at `{place}` has expired {since} s ago\nhint: whoever writes it must replace it before; or set this host's clock"
            ));
        }
        Ok(OAuthToken {
            token: text,
            principal_name: claims
                .sub
                .filter(|sub| !sub.contains('\0'))
                .unwrap_or_else(|| "sluice".into()),
            lifetime_ms,
        })
    }
}

impl Endpoint {
    /// The grant of client credentials (RFC 6749, 4.4).
    fn ask(&self) -> Result<TokenAnswer, String> {
        let url = &self.url;
        let failed = |why: String| format!("could not get a token from `{url}`: {why}");
        let agent = match self.agent.get() {
            Some(agent) => agent,
            None => {
                let agent = self.agent().map_err(failed)?;
                self.agent.get_or_init(|| agent)
            }
        };
        let mut form = BTreeMap::from([("grant_type", "client_credentials")]);
        if !self.scope.is_empty() {
            form.insert("scope", &self.scope);
        }
        let login = format!("{}:{}", form_encoded(&self.id), form_encoded(&self.secret));
        let login = base64::engine::general_purpose::STANDARD.encode(login);
        let request = agent
            .post(url)
            .header("Authorization", format!("Basic {login}"))
            .header("Accept", "application/json");
        let mut answer = request.send_form(form).map_err(|e| failed(e.to_string()))?;
        let status = answer.status();
        let body = answer
            .body_mut()
            .with_config()
            .limit(1 << 20)
            .read_to_string()
            .map_err(|e| failed(e.to_string()))?;
        if !status.is_success() {
            let hint = format!("hint: `kafka.properties.{ID}`, `{SECRET}` and `{SCOPE}` are what it goes by");
            let said: String = body.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(failed(format!("it answered {status}: {said}\n{hint}")));
        }
        serde_json::from_str(&body).map_err(|_| failed("its answer has no `access_token`".into()))
    }

    fn agent(&self) -> Result<ureq::Agent, String> {
        let roots = if self.authority.is_empty() {
            ureq::tls::RootCerts::PlatformVerifier
        } else {
            let failed = |why: String| format!("`kafka.properties.{CA}` is `{}`: {why}", self.authority);
            let pem = std::fs::read(&self.authority).map_err(|e| failed(e.to_string()))?;
            let all = ureq::tls::parse_pem(&pem).filter_map(|item| match item {
                Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(Ok(certificate)),
                Ok(_) => None,
                Err(e) => Some(Err(failed(e.to_string()))),
            });
            ureq::tls::RootCerts::Specific(Arc::new(all.collect::<Result<Vec<_>, _>>()?))
        };
        let tls = ureq::tls::TlsConfig::builder()
            .provider(ureq::tls::TlsProvider::NativeTls)
            .root_certs(roots)
            .build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ENDPOINT_TIMEOUT))
            .http_status_as_error(false)
            .tls_config(tls)
            .build();
        Ok(config.into())
    }
}

/// A name or a secret as the login holds it (RFC 6749, 2.3.1).
fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// What a token says of itself; nothing where it is no JWT, but a word that only its issuer understands.
fn claims(token: &str) -> TokenClaims {
    let middle = token.split('.').nth(1).unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(middle.trim_end_matches('=')).unwrap_or_default();
    serde_json::from_slice(&json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    fn unsigned(claims: &str) -> String {
        format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            URL_SAFE_NO_PAD.encode(claims)
        )
    }

    fn tokens(settings: &[String]) -> Tokens {
        Tokens::of(&Config::load(None, [], settings).unwrap())
    }

    const MECHANISM: &str = "kafka.properties.sasl.mechanism=OAUTHBEARER";

    #[test]
    fn a_file_is_read_each_time_and_what_is_wrong_with_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let file = tokens(&[MECHANISM.into(), format!("kafka.oauth_token_file={}", path.display())]);
        let said = file.token().err().unwrap();
        assert!(said.contains("could not read") && said.contains("token`"), "{said}");
        for (subject, expires) in [("ada", 4_000_000_000_i64), ("ben", 4_000_000_001)] {
            std::fs::write(
                &path,
                unsigned(&format!(r#"{{"sub":"{subject}","exp":{expires}}}"#)) + "\n",
            )
            .unwrap();
            let token = file.token().unwrap_or_else(|said| panic!("{said}"));
            assert_eq!((&*token.principal_name, token.lifetime_ms), (subject, expires * 1000));
        }
        std::fs::write(&path, unsigned(r#"{"sub":"ada","exp":1700000000}"#)).unwrap();
        assert!(file.token().err().unwrap().contains("has expired"));
        std::fs::write(&path, "opaque-word").unwrap();
        let token = file.token().unwrap_or_else(|said| panic!("{said}"));
        assert!(
            token.lifetime_ms > clock::unix_ms(),
            "a token that says nothing of its time holds for some minutes"
        );
        for text in ["", "two words"] {
            std::fs::write(&path, text).unwrap();
            assert!(file.token().err().unwrap().contains("is no token"), "{text}");
        }
    }

    /// Answers one request, and gives back what it said.
    fn provider(status: &str, body: &str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut said, mut part) = (String::new(), [0; 4096]);
            while !said.contains("grant_type") {
                let count = stream.read(&mut part).unwrap();
                said.push_str(std::str::from_utf8(&part[..count]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
            said
        });
        (url, serving)
    }

    fn endpoint(url: &str) -> Tokens {
        tokens(&[
            MECHANISM.into(),
            format!("kafka.properties.{METHOD}=oidc"),
            format!("kafka.properties.{URL}={url}"),
            format!("kafka.properties.{ID}=sluice"),
            format!("kafka.properties.{SECRET}=open the gate"),
            format!("kafka.properties.{SCOPE}=kafka"),
        ])
    }

    #[test]
    fn an_endpoint_gives_a_token_for_client_credentials() {
        let (url, serving) = provider(
            "200 OK",
            r#"{"access_token":"word","token_type":"Bearer","expires_in":300}"#,
        );
        let token = endpoint(&url).token().unwrap_or_else(|said| panic!("{said}"));
        assert_eq!((&*token.token, &*token.principal_name), ("word", "sluice"));
        let left = token.lifetime_ms - clock::unix_ms();
        assert!((290_000..=300_000).contains(&left), "{left}");
        let said = serving.join().unwrap();
        let login = base64::engine::general_purpose::STANDARD.encode("sluice:open+the+gate");
        assert!(said.contains(&format!("Basic {login}")), "{said}");
        assert!(said.contains("grant_type=client_credentials&scope=kafka"), "{said}");
    }

    #[test]
    fn an_endpoint_that_refuses_or_is_not_there_is_named_and_no_secret_is() {
        let (url, serving) = provider("401 Unauthorized", r#"{"error":"invalid_client"}"#);
        let said = endpoint(&url).token().err().unwrap();
        serving.join().unwrap();
        assert!(
            said.contains(&url) && said.contains("401") && said.contains("invalid_client"),
            "{said}"
        );
        assert!(said.contains(SECRET) && !said.contains("open the gate"), "{said}");
        let (url, serving) = provider("200 OK", "<html>");
        assert!(endpoint(&url).token().err().unwrap().contains("has no `access_token`"));
        serving.join().unwrap();
        let said = endpoint("http://127.0.0.1:9/token").token().err().unwrap();
        assert!(said.contains("127.0.0.1:9") && said.contains("refused"), "{said}");
    }

    #[test]
    fn without_these_options_librdkafka_is_left_to_itself() {
        assert!(!tokens(&[]).are_ours());
        assert!(
            !tokens(&[
                MECHANISM.into(),
                "kafka.properties.enable.sasl.oauthbearer.unsecure.jwt=true".into()
            ])
            .are_ours()
        );
    }
}
