//! What is wrong with a certificate, where librdkafka only says that it could not be verified.
//!
//! In: the options of a connection that has failed. Out: the reason in words, if it is found. Always: only looks, after the failure.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::ssl::{Ssl, SslContext, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use parking_lot::Mutex;

use crate::config::Config;

/// Longest wait for a broker.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What is wrong with the client's certificate or that of the first broker, with the remedy; empty where nothing was found.
pub(super) fn diagnosis(config: &Config, reason: &str) -> String {
    let protocol = config.kafka.properties.0.get("security.protocol");
    if !protocol.is_some_and(|protocol| protocol.to_lowercase().ends_with("ssl")) {
        return String::new();
    }
    if let Some(said) = expired_client(config) {
        return said;
    }
    if !reason.contains("certificate verify failed") {
        return String::new();
    }
    let faults = brokers_faults(config).unwrap_or_default();
    if faults.is_empty() {
        return String::new();
    }
    let remedy = if faults.contains("expired") || faults.contains("not yet valid") {
        "renew the brokers' certificate, or set this host's clock"
    } else {
        "`kafka.properties.ssl.ca.location` names the certificate of the authority that signed the brokers'"
    };
    format!("; the broker's certificate: {faults}\nhint: {remedy}")
}

fn expired_client(config: &Config) -> Option<String> {
    let path = config.kafka.properties.0.get("ssl.certificate.location")?;
    let certificate = X509::from_pem(&std::fs::read(path).ok()?).ok()?;
    let now = Asn1Time::days_from_now(0).ok()?;
    (certificate.not_after() < now).then(|| {
        let end = certificate.not_after();
        format!("; the certificate `{path}` expired on {end}\nhint: renew it, and restart the stage")
    })
}

/// What the verification of the first broker's certificate finds; several faults are possible at once.
fn brokers_faults(config: &Config) -> Option<String> {
    let broker = config.kafka.brokers.split(',').next()?.trim();
    let host = broker.rsplit_once(':')?.0.trim_matches(['[', ']']);
    let faults = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&faults);
    let mut context = SslContext::builder(SslMethod::tls_client()).ok()?;
    match config.kafka.properties.0.get("ssl.ca.location") {
        Some(path) if std::path::Path::new(path).is_file() => context.set_ca_file(path).ok()?,
        _ => context.set_default_verify_paths().ok()?,
    }
    context.set_verify_callback(SslVerifyMode::PEER, move |is_good, chain| {
        let fault = chain.error().error_string();
        let mut found = found.lock();
        if !is_good && !found.contains(&fault) {
            found.push(fault);
        }
        true
    });
    let mut ssl = Ssl::new(&context.build()).ok()?;
    ssl.set_hostname(host).ok()?;
    let address = broker.to_socket_addrs().ok()?.next()?;
    let stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    // A broker that wants a certificate of ours ends the handshake after its own was looked at.
    drop(ssl.connect(stream));
    let faults = faults.lock();
    Some(faults.join(", "))
}
