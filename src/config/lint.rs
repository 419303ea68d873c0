//! What is allowed, and still not what somebody wants: the advice of `sluice config check`.
//!
//! In: a configuration that is valid, and facts about the machine. Out: findings. Always: no I/O, and each finding names its option.

use std::net::SocketAddr;

use serde::Serialize;

use super::{Config, Delivery, ENVIRONMENT_PREFIX, Given, OptionOrigin, OptionRow, Policy, Size, is_secret, rows};

/// What a look at the machine gives.
#[derive(Debug, Default)]
pub struct Machine {
    /// Names of all environment variables.
    pub variables: Vec<String>,
    /// Bytes that the process may use: the container's limit, or else the machine's memory.
    pub memory_bytes: Option<u64>,
}

/// One piece of advice.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The option it is about.
    pub option: String,
    /// What is so, and what follows.
    pub what: String,
}

/// All findings, in the order of the rooms they concern.
pub fn lint(config: &Config, given: &Given, machine: &Machine) -> Vec<Advice> {
    let mut found = Findings(Vec::new());
    found.misspelt_variables(&machine.variables);
    found.security(config);
    found.secrets(config, given);
    found.delivery(config);
    found.memory(config, machine.memory_bytes);
    found.0
}

/// A variable that looks like an option and is not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Misspelt {
    /// Its name.
    pub variable: String,
    /// The option that is meant.
    pub option: String,
    /// The variable that would be read.
    pub right: String,
}

/// Which of these variables look like options and are not read.
pub fn misspelt(variables: &[String]) -> Vec<Misspelt> {
    let known = rows();
    let meant = |variable: &String| {
        let plain = variable
            .strip_prefix(ENVIRONMENT_PREFIX)?
            .strip_prefix('_')?
            .to_lowercase();
        let is_meant = |row: &&OptionRow| row.name.contains('.') && row.name.replace('.', "_") == plain;
        let option = known.iter().find(is_meant)?.name.clone();
        let levels = option.to_uppercase().replace('.', "__");
        Some(Misspelt {
            variable: variable.clone(),
            option,
            right: format!("{ENVIRONMENT_PREFIX}_{levels}"),
        })
    };
    variables.iter().filter_map(meant).collect()
}

struct Findings(Vec<Advice>);

impl Findings {
    fn add(&mut self, option: impl Into<String>, what: impl Into<String>) {
        self.0.push(Advice {
            option: option.into(),
            what: what.into(),
        });
    }

    /// `SLUICE_KAFKA_BROKERS` is not read, and nothing says so.
    fn misspelt_variables(&mut self, variables: &[String]) {
        for Misspelt {
            variable,
            option,
            right,
        } in misspelt(variables)
        {
            let what = format!("the variable {variable} is not read: two underscores stand between levels, {right}");
            self.add(option, what);
        }
    }

    fn security(&mut self, config: &Config) {
        let property = |name: &str| config.kafka.properties.0.get(name).map(String::as_str);
        let protocol = property("security.protocol").unwrap_or("plaintext").to_lowercase();
        let mechanism = property("sasl.mechanism");
        if !protocol.starts_with("sasl") && config.kafka.properties.0.keys().any(|n| n.starts_with("sasl.")) {
            self.add(
                "kafka.properties.security.protocol",
                format!(
                    "it is `{protocol}`, so the `sasl.*` properties have no effect; set SASL_SSL or SASL_PLAINTEXT"
                ),
            );
        }
        if !protocol.ends_with("ssl") && config.kafka.properties.0.keys().any(|n| n.starts_with("ssl.")) {
            self.add(
                "kafka.properties.security.protocol",
                format!("it is `{protocol}`, so the `ssl.*` properties have no effect; set SSL or SASL_SSL"),
            );
        }
        if protocol == "sasl_plaintext" && mechanism.is_none_or(|m| !m.starts_with("SCRAM") && m != "GSSAPI") {
            self.add(
                "kafka.properties.security.protocol",
                "the password or token crosses the network unencrypted; set SASL_SSL",
            );
        }
        if property("enable.ssl.certificate.verification") == Some("false") {
            let name = "kafka.properties.enable.ssl.certificate.verification";
            self.add(
                name,
                "anybody can pose as a broker; give the authority's certificate with `ssl.ca.location` instead",
            );
        }
        let listens_everywhere = |a: SocketAddr| !a.ip().is_loopback();
        if config.http.listen.parse().is_ok_and(listens_everywhere) {
            self.add(
                "http.listen",
                format!("`{}` is reached from other hosts, and the endpoint has no authentication: right in a container, to be told to a firewall elsewhere", config.http.listen),
            );
        }
    }

    fn secrets(&mut self, config: &Config, given: &Given) {
        for name in config.kafka.properties.0.keys().filter(|n| is_secret(n)) {
            let option = format!("kafka.properties.{name}");
            let seen_by = match given.origin(&option) {
                OptionOrigin::Set => "who lists the processes sees the secret",
                OptionOrigin::File(_) => "who reads the configuration sees the secret",
                // From the environment is how containers are handed secrets; the default means that it was read from a file.
                OptionOrigin::Environment(_) | OptionOrigin::Default => continue,
            };
            self.add(
                &option,
                format!("{seen_by}; put it into a file of its own, and name that with `{option}_file`"),
            );
        }
    }

    fn delivery(&mut self, config: &Config) {
        if config.delivery == Delivery::AtLeastOnce {
            self.add(
                "delivery",
                "records may come out twice after a crash; readers must stand that",
            );
        }
        if config.dedupe.enabled && config.dedupe.policy == Policy::Drop {
            self.add(
                "dedupe.policy",
                "duplicates are counted and published nowhere: a wrong verdict cannot be seen",
            );
        }
        if config.kafka.create_topics && config.kafka.create_replication == 1 {
            self.add(
                "kafka.create_replication",
                "created topics have one copy: a lost broker loses them",
            );
        }
        if !config.kafka.group_instance_id.is_empty() && config.instance.is_empty() {
            let what = "it is set and `instance` is not: on another host the transactional id is a new one, and the open transaction of \
                        the one before ends only with its time-out; give both the same stable name";
            self.add("kafka.group_instance_id", what);
        }
    }

    fn memory(&mut self, config: &Config, limit: Option<u64>) {
        let Some(limit) = limit else { return };
        let needed = config.memory.budget.process_bytes();
        if needed > limit {
            let megabytes = |bytes: u64| Size(bytes >> 20 << 20);
            let needed = megabytes(needed);
            let limit = megabytes(limit);
            self.add(
                "memory.budget",
                format!("a budget of {} wants about {needed} for the process, and there are {limit}: lower it, or raise the limit", config.memory.budget),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(settings: &[&str], machine: &Machine) -> Vec<Advice> {
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        let (config, given) = Config::load_with_origins(None, [], &settings).unwrap();
        lint(&config, &given, machine)
    }

    fn check(settings: &[&str], option: &str, words: &str) {
        let found = findings(settings, &Machine::default());
        let is_found = found.iter().any(|f| f.option == option && f.what.contains(words));
        assert!(is_found, "{settings:?}: {found:?}");
    }

    #[test]
    fn the_defaults_give_no_advice() {
        assert_eq!(findings(&[], &Machine::default()), []);
    }

    #[test]
    fn what_is_allowed_and_unwise_is_told() {
        let protocol = "kafka.properties.security.protocol";
        check(&["kafka.properties.sasl.username=u"], protocol, "no effect");
        check(&["kafka.properties.ssl.ca.location=/ca.pem"], protocol, "no effect");
        check(
            &["kafka.properties.security.protocol=sasl_plaintext"],
            protocol,
            "unencrypted",
        );
        check(
            &["kafka.properties.enable.ssl.certificate.verification=false"],
            "kafka.properties.enable.ssl.certificate.verification",
            "pose as a broker",
        );
        check(&["http.listen=0.0.0.0:80"], "http.listen", "no authentication");
        check(&["delivery=at-least-once"], "delivery", "twice");
        check(&["dedupe.policy=drop"], "dedupe.policy", "published nowhere");
        check(&["kafka.create_replication=1"], "kafka.create_replication", "one copy");
        check(&["kafka.group_instance_id=a"], "kafka.group_instance_id", "`instance`");
        check(
            &["kafka.properties.sasl.password=x"],
            "kafka.properties.sasl.password",
            "lists the processes",
        );
        let scram = [
            "kafka.properties.security.protocol=SASL_SSL",
            "kafka.properties.sasl.mechanism=SCRAM-SHA-512",
        ];
        assert_eq!(findings(&scram, &Machine::default()), []);
    }

    #[test]
    fn a_variable_with_one_underscore_is_found_and_those_of_kubernetes_are_not() {
        let variables = [
            "SLUICE_KAFKA_BROKERS",
            "SLUICE_PORT",
            "SLUICE_SERVICE_HOST",
            "SLUICE_CONFIG",
            "SLUICE_KAFKA__GROUP",
        ];
        let machine = Machine {
            variables: variables.map(str::to_owned).to_vec(),
            memory_bytes: None,
        };
        let found = findings(&[], &machine);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].what.contains("SLUICE_KAFKA__BROKERS"));
    }

    #[test]
    fn a_budget_that_the_container_cannot_hold_is_told() {
        let machine = |megabytes: u64| Machine {
            memory_bytes: Some(megabytes << 20),
            ..Machine::default()
        };
        assert_eq!(findings(&[], &machine(704)), []);
        assert_eq!(findings(&[], &machine(512))[0].option, "memory.budget");
    }
}
