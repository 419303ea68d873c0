//! What lies in `deploy/` and `docs/`: in step with the code, and accepted by the tools it is for, where they are installed.
//!
//! A tool that is missing is named as skipped; with `SLUICE_REQUIRE_TOOLS=1` that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Run a tool from the top of the repository; `None` after saying that it is missing.
fn tool(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).current_dir(root()).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program} {arguments:?}: {said}");
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) => {
            assert!(
                std::env::var("SLUICE_REQUIRE_TOOLS").is_err(),
                "{program} is required here: {error}"
            );
            // Written past the test's capture, so that it shows.
            let line = format!("skipped: needs {program} ({error})\n");
            std::io::stderr().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

/// A chart can only hold what lies in its folder.
#[test]
fn the_chart_holds_the_same_alerts_and_dashboard() {
    for (original, copy) in [
        ("deploy/observability/alerts.yml", "deploy/helm/sluice/files/alerts.yml"),
        (
            "deploy/observability/grafana/dashboards/sluice.json",
            "deploy/helm/sluice/files/sluice.json",
        ),
    ] {
        let expected = read(original);
        let path = root().join(copy);
        if std::fs::read_to_string(&path).unwrap_or_default() != expected {
            std::fs::write(&path, expected).unwrap();
            panic!("`{copy}` was behind `{original}` and has been rewritten: commit it");
        }
    }
}

#[test]
fn the_chart_renders_and_refuses_what_its_schema_forbids() {
    let chart = "deploy/helm/sluice";
    let full = format!("{chart}/ci/full-values.yaml");
    let render = ["template", "news", chart, "--kube-version", "1.30.0"];
    let Some(plain) = tool("helm", &render) else { return };
    assert!(
        plain.contains("value: 512MB") && plain.contains("memory: \"768Mi\"") | plain.contains("memory: 768Mi"),
        "{plain}"
    );
    let all = tool("helm", &[&render[..], &["-f", &full]].concat()).unwrap();
    for kind in [
        "StatefulSet",
        "Service",
        "ServiceAccount",
        "ConfigMap",
        "PodDisruptionBudget",
        "Job",
        "NetworkPolicy",
        "ScaledObject",
        "ServiceMonitor",
        "PrometheusRule",
    ] {
        assert!(all.contains(&format!("\nkind: {kind}\n")), "no {kind} in {all}");
    }
    assert!(all.contains("SLUICE_KAFKA__PROPERTIES__SASL__PASSWORD_FILE"), "{all}");
    assert!(all.contains("SLUICE_TELEMETRY__OTLP_ENDPOINT"), "{all}");
    let standby = [&render[..], &["--set", "replicas=9,inputPartitions=8"]].concat();
    assert!(tool("helm", &standby).unwrap().contains("\n  replicas: 9\n"));
    for (wrong, words) in [
        ("replica=2", "replica is not allowed"),
        ("otlpEndpoint=collector:4317", "otlpEndpoint"),
    ] {
        let refused = Command::new("helm")
            .args(render)
            .args(["--set", wrong])
            .current_dir(root())
            .output();
        let refused = refused.unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains(words), "{wrong}: {said}");
    }
}

/// The objects of the full chart, rendered for a namespace, with these values; `None` after saying that there is no helm.
fn rendered(set: &str) -> Option<String> {
    let full = "deploy/helm/sluice/ci/full-values.yaml";
    let render = ["template", "news", "deploy/helm/sluice", "--kube-version", "1.30.0"];
    tool(
        "helm",
        &[&render[..], &["-n", "desk", "-f", full, "--set", set]].concat(),
    )
}

/// The objects of a kind, as text.
fn objects<'a>(rendered: &'a str, kind: &str) -> Vec<&'a str> {
    let is_kind = |object: &&str| object.contains(&format!("\nkind: {kind}\n"));
    rendered.split("\n---\n").filter(is_kind).collect()
}

#[test]
fn the_chart_watches_its_own_release_alone() {
    let Some(all) = rendered("replicas=2") else { return };
    let rules = objects(&all, "PrometheusRule");
    let own = "job=\"news-sluice\",namespace=\"desk\"";
    let mut series = 0;
    for expression in rules[0].lines().filter(|line| line.trim_start().starts_with("expr: ")) {
        for rest in expression
            .split("sluice_")
            .skip(1)
            .chain(expression.split("process_").skip(1))
        {
            let name = rest
                .find(|c: char| !c.is_ascii_lowercase() && c != '_')
                .unwrap_or(rest.len());
            assert!(rest[name..].starts_with(&format!("{{{own}")), "{expression}");
            series += 1;
        }
    }
    assert!(series > 20, "{}", rules[0]);
    assert!(
        rules[0].contains("summary: \"{{ $labels.instance }} has started"),
        "{}",
        rules[0]
    );
}

#[test]
fn the_chart_makes_another_job_for_topics_of_whatever_changes() {
    let job = |set: &str| {
        let all = rendered(set)?;
        let job = objects(&all, "Job")[0].to_owned();
        let name = job
            .lines()
            .find(|line| line.starts_with("  name: "))
            .unwrap()
            .to_owned();
        Some((name, job))
    };
    let Some((first, placed)) = job("nodeSelector.disk=fast,podLabels.team=news,podAnnotations.a=b") else {
        return;
    };
    for words in [
        "nodeSelector:\n        disk: fast",
        "        team: news",
        "        a: b",
    ] {
        assert!(placed.contains(words), "{words}: {placed}");
    }
    let (again, _) = job("nodeSelector.disk=fast,podLabels.team=news,podAnnotations.a=b").unwrap();
    let (other, _) = job("image.tag=next").unwrap();
    assert!(first == again && first != other, "{first} {again} {other}");
}

#[test]
fn probes_wait_for_a_busy_node() {
    let template = read("deploy/helm/sluice/templates/statefulset.yaml");
    let probes: Vec<&str> = template.split("Probe:\n").skip(1).collect();
    assert_eq!(probes.len(), 3);
    for probe in probes {
        let lines = probe.lines().take_while(|line| line.starts_with("            "));
        assert!(
            lines.into_iter().any(|line| line.trim() == "timeoutSeconds: 5"),
            "{probe}"
        );
    }
}

/// By its default, systemd starts nothing anew that was started five times within ten seconds.
#[test]
fn the_unit_is_started_again_however_often_a_start_fails() {
    let unit = read("deploy/sluice.service");
    let (head, _) = unit.split_once("\n[Service]\n").unwrap();
    assert!(head.lines().any(|line| line == "StartLimitIntervalSec=0"), "{head}");
}

#[test]
fn compose_reads_the_files() {
    let version = Command::new("docker").args(["compose", "version"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        std::io::stderr().write_all(b"skipped: needs docker compose\n").unwrap();
        return;
    }
    tool("docker", &["compose", "--profile", "*", "config", "-q"]);
    tool(
        "docker",
        &[
            "compose",
            "-f",
            "deploy/examples/compose/docker-compose.yml",
            "config",
            "-q",
        ],
    );
}

#[test]
fn a_team_adds_the_stage_to_its_compose_file_in_fifteen_lines() {
    let text = read("deploy/examples/compose/docker-compose.yml");
    let (_, rest) = text.split_once("  # -- sluice\n").unwrap();
    let (added, _) = rest.split_once("  # -- end\n").unwrap();
    assert!((1..=15).contains(&added.lines().count()), "{added}");
}

/// The lines in ```sh blocks of a page.
fn shell_lines(text: &str) -> Vec<&str> {
    let mut is_shell = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(kind) => is_shell = kind == "sh",
            None if is_shell => lines.push(line),
            None => {}
        }
    }
    lines
}

/// Every `sluice …` of the documentation is a command that the program takes: with `--help` behind it, it explains itself.
#[test]
fn the_commands_of_the_documentation_exist() {
    let pages = std::fs::read_dir(root().join("docs")).unwrap();
    let pages = pages
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"));
    let mut tried = 0;
    for page in pages.chain([root().join("README.md")]) {
        let text = std::fs::read_to_string(&page).unwrap();
        for line in shell_lines(&text)
            .into_iter()
            .filter(|line| line.starts_with("sluice "))
        {
            let words = line.split_whitespace().skip(1);
            let arguments = words.take_while(|word| !word.starts_with(['#', '>', '<', '|', ';', '&', '\\', '…']));
            let output = Command::new(env!("CARGO_BIN_EXE_sluice"))
                .args(arguments.map(|word| word.trim_matches(['"', '\''])))
                .arg("--help")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: `{line}`: {said}", page.display());
            tried += 1;
        }
    }
    assert!(tried > 5, "only {tried} commands were found");
}

/// The links between the pages lead somewhere.
#[test]
fn the_links_of_the_documentation_lead_somewhere() {
    let pages = std::fs::read_dir(root().join("docs")).unwrap();
    for page in pages
        .map(|entry| entry.unwrap().path())
        .chain([root().join("README.md")])
    {
        let text = std::fs::read_to_string(&page).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|t| !t.contains("://") && !t.starts_with('#')) {
            let file = target.split('#').next().unwrap();
            let path = page.parent().unwrap_or(Path::new(".")).join(file);
            assert!(path.exists(), "{}: `{target}` leads nowhere", page.display());
        }
    }
}
