//! What to do about an error of Kafka: retry the call, abort the batch and read it again, or stop.
//!
//! In: an error of the client. Out: an [`Answer`], and the remedy where there is one. Always: a stopped process is safe, since what is published
//! is whole, and a restart goes on from the committed offsets.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::failure::Failure;

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The same call again: nothing has happened yet.
    Retry,
    /// Abort the transaction and read the batch again.
    Abort,
    /// End the process.
    Stop,
}

/// Sort an error of a transactional or consuming call.
pub fn answer(error: &KafkaError) -> Answer {
    if let KafkaError::Transaction(e) = error {
        return match (e.is_fatal(), e.txn_requires_abort(), e.is_retriable()) {
            (true, _, _) => Answer::Stop,
            // It may be aborted, and the next would be refused just so.
            _ if is_denied(e.code()) => Answer::Stop,
            (_, true, _) => Answer::Abort,
            (_, _, true) => Answer::Retry,
            // The group moved on while the offsets were sent: the partitions are read again by whoever owns them.
            _ if is_stale_member(e.code()) => Answer::Abort,
            _ => Answer::Stop,
        };
    }
    match error.rdkafka_error_code() {
        Some(code) if is_fatal(code) => Answer::Stop,
        Some(RDKafkaErrorCode::QueueFull) => Answer::Retry,
        Some(_) => Answer::Abort,
        None => Answer::Stop,
    }
}

fn is_stale_member(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{
        FencedMemberEpoch, IllegalGeneration, RebalanceInProgress, StaleMemberEpoch, UnknownMemberId,
    };
    matches!(
        code,
        IllegalGeneration | UnknownMemberId | RebalanceInProgress | FencedMemberEpoch | StaleMemberEpoch
    )
}

/// Errors that trying again cannot mend.
pub fn is_fatal(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as E;
    matches!(
        code,
        E::Fatal
            | E::Fenced
            | E::FencedInstanceId
            | E::UnreleasedInstanceId
            | E::InvalidProducerEpoch
            | E::ProducerFenced
            | E::TopicAuthorizationFailed
            | E::GroupAuthorizationFailed
            | E::ClusterAuthorizationFailed
            | E::TransactionalIdAuthorizationFailed
            | E::SaslAuthenticationFailed
            | E::Authentication
            | E::UnsupportedSASLMechanism
            | E::UnknownTopicOrPartition
            | E::UnknownTopic
            | E::InvalidSessionTimeout
    )
}

/// A transactional id that somebody else has taken up.
pub fn is_fenced(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as E;
    matches!(code, E::Fenced | E::ProducerFenced | E::InvalidProducerEpoch)
}

/// Errors that say no, whenever they are asked.
pub fn is_denied(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as E;
    matches!(
        code,
        E::TopicAuthorizationFailed
            | E::GroupAuthorizationFailed
            | E::ClusterAuthorizationFailed
            | E::TransactionalIdAuthorizationFailed
            | E::SaslAuthenticationFailed
            | E::Authentication
    )
}

/// What ends the process: the words, the error's remedy, and whether a right is missing.
pub fn failure(what: String, error: &KafkaError) -> Failure {
    Failure {
        message: what + hint(error),
        is_denied: error.rdkafka_error_code().is_some_and(is_denied),
    }
}

/// A remedy for errors that have one.
pub fn hint(error: &KafkaError) -> &'static str {
    use RDKafkaErrorCode as E;
    match error.rdkafka_error_code() {
        Some(E::Fenced | E::ProducerFenced | E::InvalidProducerEpoch) => {
            "\nhint: another process runs under the same `instance` name, or this one slept longer than \
             `kafka.session_timeout_ms`; give each process its own name, or start this one again"
        }
        Some(E::FencedInstanceId) => {
            "\nhint: another process runs with the same `kafka.group_instance_id`; give each process its own, or none"
        }
        Some(E::UnreleasedInstanceId) => {
            "\nhint: another process runs with the same `kafka.group_instance_id`, or one that was killed held it: the brokers keep it until \
             their `group.consumer.session.timeout.ms` (45 s unless set) is over, and a start after that succeeds"
        }
        Some(E::TopicAuthorizationFailed) => {
            "\nhint: the principal needs Read on the topics that are read (for the stage its input and memory), Write on those that \
             are written, Create where topics are missing"
        }
        Some(E::GroupAuthorizationFailed) => {
            "\nhint: the principal needs Read on the group: `kafka.group`, and for a replay or a redrive its own"
        }
        Some(E::TransactionalIdAuthorizationFailed) => {
            "\nhint: the principal needs Write on the transactional ids that begin with `sluice-`"
        }
        Some(E::InvalidSessionTimeout) => {
            "\nhint: the brokers take `kafka.session_timeout_ms` between their `group.min.session.timeout.ms` (6000 unless set) and \
             `group.max.session.timeout.ms`"
        }
        Some(E::SaslAuthenticationFailed | E::Authentication) => {
            "\nhint: check `kafka.properties.sasl.username` and the password"
        }
        Some(E::UnknownTopicOrPartition | E::UnknownTopic) => {
            "\nhint: it was there at the start: was it deleted? `sluice topics create` makes again what is missing"
        }
        _ => "",
    }
}

/// A remedy by the words with which librdkafka tells why there is no connection.
pub fn hint_of_reason(reason: &str) -> &'static str {
    let has = |words: &str| reason.to_lowercase().contains(words);
    if has("oauthbearer") || has("invalid_token") {
        "\nhint: the brokers refuse the token: its issuer, its audience or its time is none that they take"
    } else if has("authentication failed") || has("authentication error") || has("invalid credentials") {
        "\nhint: check `kafka.properties.sasl.username`, the password and `sasl.mechanism`"
    } else if has("expired") {
        "\nhint: renew the certificate, or set this host's clock"
    } else if has("certificate verify failed") || has("issuer certificate") {
        "\nhint: `kafka.properties.ssl.ca.location` names the certificate of the authority that signed the brokers'"
    } else if has("not sending any client certificates") {
        "\nhint: the brokers trust other authorities than the one that signed `kafka.properties.ssl.certificate.location`"
    } else if has("alert") && has("certificate") && !has("required") {
        "\nhint: the brokers refuse the certificate in `kafka.properties.ssl.certificate.location`, or want one and got none: has it \
         expired, and did an authority sign it that they trust?"
    } else if has("alert") && has("certificate") {
        "\nhint: the brokers want a certificate: `kafka.properties.ssl.certificate.location` and `ssl.key.location`"
    } else if has("failed to resolve") && has("/bootstrap") {
        "\nhint: does `kafka.brokers` name the host rightly, and does DNS know it here?"
    } else if has("failed to resolve") {
        "\nhint: brokers tell clients where to come back to: see their `advertised.listeners`"
    } else if has("connection refused") {
        "\nhint: nobody listens there; in a container `localhost` is the container itself"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_for_no_connection_has_its_remedy() {
        for (reason, words) in [
            (
                "SASL authentication error: Authentication failed during authentication due to invalid credentials",
                "password",
            ),
            (
                "SSL handshake failed: certificate verify failed: broker certificate could not be verified",
                "ssl.ca.location",
            ),
            (
                "SSL handshake failed: certificate verify failed: certificate has expired",
                "clock",
            ),
            (
                "SSL handshake failed: tlsv13 alert certificate required",
                "ssl.certificate.location",
            ),
            (
                "Receive failed: ssl/tls alert certificate unknown: SSL alert number 46",
                "expired",
            ),
            (
                "nohost:9/bootstrap: Failed to resolve 'nohost:9': Name or service not known",
                "`kafka.brokers`",
            ),
            (
                "kafka:9092/1: Failed to resolve 'kafka:9092': Name or service not known",
                "advertised.listeners",
            ),
            (
                "Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)",
                "listens",
            ),
        ] {
            assert!(hint_of_reason(reason).contains(words), "{reason}");
        }
        assert_eq!(hint_of_reason("something else"), "");
    }

    #[test]
    fn a_failed_world_has_three_answers() {
        let consumption = |code| answer(&KafkaError::MessageConsumption(code));
        assert_eq!(consumption(RDKafkaErrorCode::TopicAuthorizationFailed), Answer::Stop);
        assert_eq!(consumption(RDKafkaErrorCode::Fenced), Answer::Stop);
        assert_eq!(consumption(RDKafkaErrorCode::InvalidSessionTimeout), Answer::Stop);
        assert_eq!(consumption(RDKafkaErrorCode::BrokerTransportFailure), Answer::Abort);
        assert_eq!(
            answer(&KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)),
            Answer::Retry
        );
        assert_eq!(answer(&KafkaError::Canceled), Answer::Stop);
    }

    #[test]
    fn a_topic_that_is_gone_was_there_at_the_start() {
        let gone = KafkaError::MessageConsumption(RDKafkaErrorCode::UnknownTopicOrPartition);
        assert!(hint(&gone).contains("was it deleted? `sluice topics create`"));
    }

    #[test]
    fn a_fenced_process_is_told_which_name_it_shares() {
        let fenced = KafkaError::MessageConsumptionFatal(RDKafkaErrorCode::FencedInstanceId);
        assert!(hint(&fenced).contains("`kafka.group_instance_id`"));
        let fenced = KafkaError::MessageConsumption(RDKafkaErrorCode::Fenced);
        assert!(hint(&fenced).contains("`instance`"));
    }
}
