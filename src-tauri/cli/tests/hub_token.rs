//! `mirante models token`: where a token is kept, which one is used, and where it never stands.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::hub::{Hub, Mishaps};
use common::server::Server;
use common::{Run, Scratch, repository};
use serde_json::json;

const NAME: &str = "ana/frases";
const TOKEN: &str = "hf_segredo";

/// A hub that gives out nothing without [`TOKEN`].
fn gated() -> Hub {
    let mishaps = Mishaps { token: Some(TOKEN), ..Mishaps::default() };
    Hub::start(&repository("tests/goldens/transformers/xlm-roberta"), mishaps)
}

/// Runs `mirante models token …` with `token` on its input.
fn say(mut command: Command, what: &str, token: &str) -> Run {
    command.args(["models", "token", what]).stdin(Stdio::piped());
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    // One that asks for no token does not wait for it either.
    let _ = child.stdin.take().expect("the program runs").write_all(token.as_bytes());
    Run(child.wait_with_output().expect("the program runs"))
}

fn pull(mut command: Command) -> Run {
    Run(command.args(["models", "pull", NAME, "--json"]).output().expect("the program runs"))
}

#[test]
fn without_a_keyring_a_token_is_kept_in_a_file_of_its_owner() {
    let (scratch, hub) = (Scratch::new(), gated());
    assert!(pull(hub.command(&scratch)).refusal().contains("without permission"));
    let kept = say(hub.command(&scratch), "set", &format!("{TOKEN}\n"));
    kept.succeeded();
    let file = scratch.path("home/hub-token");
    assert!(kept.out().contains(&file.display().to_string()), "{}", kept.out());
    assert!(kept.out().contains("no keyring"), "{}", kept.out());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(pull(hub.command(&scratch)).json()["here"], true);
    assert!(!kept.out().contains(TOKEN));

    let cleared = say(hub.command(&scratch), "clear", "");
    assert!(cleared.out().contains("no token"), "{}", cleared.out());
    assert!(!file.exists());
    assert!(pull(hub.command(&scratch)).refusal().contains("without permission"));
}

#[test]
fn the_environments_token_comes_first_and_the_hubs_own_last() {
    let (scratch, hub) = (Scratch::new(), gated());
    let left = scratch.path("person/.cache/huggingface/token");
    std::fs::create_dir_all(left.parent().unwrap()).unwrap();
    std::fs::write(&left, "hf_outro\n").unwrap();
    let status = |command: Command| say(command, "status", "").out();
    assert!(status(hub.command(&scratch)).contains("hub's own program"));
    assert!(pull(hub.command(&scratch)).refusal().contains("without permission"));

    say(hub.command(&scratch), "set", TOKEN).succeeded();
    pull(hub.command(&scratch)).succeeded();

    let with_other = || {
        let mut command = hub.command(&scratch);
        command.env("HF_TOKEN", "hf_outro");
        command
    };
    assert!(status(with_other()).contains("HF_TOKEN"));
    assert!(pull(with_other()).refusal().contains("without permission"));
}

#[test]
fn what_cannot_be_a_token_is_refused_and_not_said_again() {
    let (scratch, hub) = (Scratch::new(), gated());
    for bad in ["", "\n", "hf_a hf_b", "hf_a\u{7f}"] {
        let said = say(hub.command(&scratch), "set", bad).refusal();
        assert!(!said.contains("hf_a"), "{said}");
    }
    assert!(!scratch.path("home/hub-token").exists());
}

#[test]
fn a_token_is_no_business_of_http() {
    let scratch = Scratch::new();
    let server = Server::start(&scratch);
    for (operation, request) in [
        ("hub_token", json!({})),
        ("set_hub_token", json!({ "token": TOKEN })),
        ("clear_hub_token", json!({})),
    ] {
        let (status, answer) = server.post(operation, &request);
        assert_eq!((status, &answer["code"]), (404, &"unknown_operation".into()), "{operation}");
    }
    assert!(!scratch.path("home/hub-token").exists());
    let described = Server::agent().get(format!("{}/openapi.json", server.base)).call().unwrap();
    assert!(!described.into_body().read_to_string().unwrap().contains("hub_token"));
}

/// A session bus where anyone may say anything
/// (<https://dbus.freedesktop.org/doc/dbus-daemon.1.html>).
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A session bus with a keyring that is open; both end with the test.
struct Keyring {
    bus: Child,
    daemon: Child,
    address: String,
}

impl Keyring {
    /// None on a machine without dbus-daemon or gnome-keyring.
    fn start(scratch: &Scratch) -> Option<Self> {
        // A bus that starts no keyring of its own accord.
        let config = scratch.file("bus.conf", BUS);
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address", "--config-file", &config])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut address = String::new();
        BufReader::new(bus.stdout.take()?).read_line(&mut address).ok()?;
        let address = address.trim().to_owned();
        let daemon = Command::new("gnome-keyring-daemon")
            .args(["--unlock", "--foreground", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env("XDG_DATA_HOME", scratch.path("keyring"))
            .env("XDG_RUNTIME_DIR", scratch.path("keyring"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut daemon) = daemon else {
            let _ = bus.kill();
            let _ = bus.wait();
            return None;
        };
        daemon.stdin.take()?.write_all(b"senha").ok()?;
        Some(Self { bus, daemon, address })
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for process in [&mut self.daemon, &mut self.bus] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[test]
fn the_systems_keyring_keeps_the_token_where_there_is_one() {
    let (scratch, hub) = (Scratch::new(), gated());
    std::fs::create_dir(scratch.path("keyring")).unwrap();
    let Some(keyring) = Keyring::start(&scratch) else {
        println!("skipped: dbus-daemon and gnome-keyring are not installed");
        return;
    };
    let command = || {
        let mut command = hub.command(&scratch);
        command.env("DBUS_SESSION_BUS_ADDRESS", &keyring.address);
        command
    };
    // The keyring takes a moment to take its name on the bus.
    let began = Instant::now();
    while !say(command(), "set", TOKEN).out().contains("keyring is used") {
        assert!(began.elapsed() < Duration::from_secs(20), "no keyring came");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!scratch.path("home/hub-token").exists());
    assert_eq!(pull(command()).json()["here"], true);
    // Without that session nobody has it.
    assert!(pull(hub.command(&scratch)).refusal().contains("without permission"));

    assert!(say(command(), "clear", "").out().contains("no token"));
    assert!(pull(command()).refusal().contains("without permission"));
}
