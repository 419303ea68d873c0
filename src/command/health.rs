//! `sluice health`: ask a running stage how it is, for images that have no curl.
//!
//! In: the address from `http.listen`, or a URL. Out: the answer's words; an error where the status is not 200. Always: ends
//! within seconds.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::CommandError;
use crate::failure::Failure;

/// How long connecting, and then each read, may take. Shorter than the time that container engines give a check.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of an answer that are taken. `/health` and `/ready` say a line, and `/metrics` some 100 kB; what goes on for ever is no answer.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// Where to ask: the host and port, and the path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    address: String,
    path: String,
}

/// What is asked.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// Ask whether it is ready, not only whether it is alive.
    #[arg(long)]
    pub ready: bool,
    /// Ask this address instead of that of `http.listen`.
    #[arg(long, value_name = "URL", conflicts_with = "ready")]
    pub url: Option<String>,
}

/// Ask the stage that listens there, or the URL that was given.
pub fn health(listen: &str, asked: &Arguments) -> Result<String, CommandError> {
    let target = match &asked.url {
        Some(url) => parse_url(url)?,
        None => own(listen, if asked.ready { "/ready" } else { "/health" })?,
    };
    let answer = ask(&target)
        .map_err(|e| Failure::new(format!("could not ask `http://{}{}`: {e}", target.address, target.path)))?;
    let (status, body) = parse_answer(&answer).ok_or_else(|| {
        Failure::new(format!(
            "`http://{}{}` did not answer in HTTP",
            target.address, target.path
        ))
    })?;
    if status == 200 {
        return Ok(body.to_owned());
    }
    let said = body.trim_end();
    Err(Failure::new(format!(
        "`http://{}{}` answered {status}: {said}",
        target.address, target.path
    ))
    .into())
}

/// The endpoint of the stage that was started with the same options.
fn own(listen: &str, path: &str) -> Result<Target, CommandError> {
    if listen.is_empty() {
        let message = "`http.listen` is empty, so there is no endpoint to ask\nhint: set it, or name one with `--url`";
        return Err(CommandError::Usage(message.into()));
    }
    Ok(Target {
        address: reachable(listen),
        path: path.into(),
    })
}

/// An address that means "every address of this host" can be listened on, but not connected to everywhere: take the loopback.
fn reachable(listen: &str) -> String {
    match listen.parse::<SocketAddr>() {
        Ok(mut address) if address.ip().is_unspecified() => {
            let loopback = match address.ip() {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            };
            address.set_ip(loopback);
            address.to_string()
        }
        _ => listen.to_owned(),
    }
}

/// `http://host[:port][/path]`.
fn parse_url(url: &str) -> Result<Target, CommandError> {
    let refuse = || CommandError::Usage(format!("`--url {url}` is not of the form http://HOST:PORT/PATH"));
    let rest = url.strip_prefix("http://").ok_or_else(refuse)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // A line break would smuggle a second header in.
    if host.is_empty() || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refuse());
    }
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Ok(Target {
        address: if has_port { host.into() } else { format!("{host}:80") },
        path: if path.is_empty() { "/health".into() } else { path.into() },
    })
}

/// One request and the whole answer.
fn ask(target: &Target) -> std::io::Result<String> {
    let mut last = std::io::Error::other("the name has no address");
    for address in target.address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => return exchange(stream, target),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn exchange(mut stream: TcpStream, target: &Target) -> std::io::Result<String> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        target.path, target.address
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut answer)?;
    if answer.len() as u64 > ANSWER_BYTES_MAX {
        let words = format!("the answer is larger than {} MB", ANSWER_BYTES_MAX >> 20);
        return Err(std::io::Error::other(words));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Status and body of an HTTP answer.
fn parse_answer(answer: &str) -> Option<(u16, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_all_becomes_the_loopback() {
        let check = |listen: &str, expected: &str| assert_eq!(reachable(listen), expected);
        check("0.0.0.0:8080", "127.0.0.1:8080");
        check("[::]:8080", "[::1]:8080");
        check("10.0.0.7:9", "10.0.0.7:9");
        check("localhost:8080", "localhost:8080");
    }

    #[test]
    fn a_url_gives_an_address_and_a_path_or_is_refused() {
        let check = |url: &str, expected: Option<(&str, &str)>| {
            let found = parse_url(url).ok();
            let found = found.as_ref().map(|t| (t.address.as_str(), t.path.as_str()));
            assert_eq!(found, expected, "{url}");
        };
        check("http://a:1/ready", Some(("a:1", "/ready")));
        check("http://a:1", Some(("a:1", "/health")));
        check("http://a", Some(("a:80", "/health")));
        check("http://[::1]:8080/x", Some(("[::1]:8080", "/x")));
        check("https://a:1/ready", None);
        check("http:///ready", None);
        check("http://a/\r\nx: y", None);
    }

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let check = |answer: &str, expected: Option<(u16, &str)>| assert_eq!(parse_answer(answer), expected);
        check("HTTP/1.1 200 OK\r\na: b\r\n\r\nok\n", Some((200, "ok\n")));
        check("HTTP/1.0 503 Service Unavailable\r\n\r\n", Some((503, "")));
        check("SSH-2.0-x\r\n\r\n", None);
        check("", None);
    }

    /// The URL of a server that answers one request with so many bytes.
    fn answering(bytes: usize) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/metrics", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 512]).unwrap() > 0);
            // Whoever has had enough hangs up.
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
            drop(stream.write_all(&vec![b'x'; bytes]));
        });
        url
    }

    #[test]
    fn an_answer_is_given_whole_or_not_at_all() {
        let ask = |bytes| {
            let url = Some(answering(bytes));
            health("", &Arguments { ready: false, url })
        };
        let answer = ask(200_000).unwrap();
        assert_eq!(answer.len(), 200_000);
        let endless = ask(ANSWER_BYTES_MAX as usize + 1);
        let refused = endless.unwrap_err().to_string();
        assert!(refused.ends_with("the answer is larger than 64 MB"), "{refused}");
    }

    #[test]
    fn a_stage_that_is_not_there_or_not_ready_is_an_error_that_names_the_address() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let read = stream.read(&mut request).unwrap();
            stream
                .write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10\r\n\r\nnot ready\n")
                .unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        let ask = |listen: &str, ready| health(listen, &Arguments { ready, url: None });
        let refused = ask(&address, true).unwrap_err().to_string();
        assert_eq!(refused, format!("`http://{address}/ready` answered 503: not ready"));
        assert!(server.join().unwrap().starts_with("GET /ready HTTP/1.1\r\nHost: "));
        let gone = ask(&address, false).unwrap_err();
        assert!(
            gone.to_string()
                .starts_with(&format!("could not ask `http://{address}/health`: "))
        );
        assert_eq!(gone.exit_status(), 1);
        assert_eq!(ask("", false).unwrap_err().exit_status(), 2);
    }
}
