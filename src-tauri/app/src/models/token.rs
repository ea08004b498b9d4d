//! The token that the hub gives out gated models for: where one is found, and where the person's is kept.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use keyring::v1::{Entry, Error as KeyringError};

use crate::app::App;
use crate::error::{Error, Result};
use crate::ops::token::TokenPlace;

/// What the system's keyring knows it by.
const SERVICE: &str = "mirante";
const USER: &str = "huggingface.co";
/// Its file in the home, where the system has no keyring.
const FILE: &str = "hub-token";

/// A token, and where it was found.
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) place: TokenPlace,
}

/// The token to ask the hub with: `HF_TOKEN`, else the person's own in the system's keyring or in the
/// home, else what `hf auth login` left. A keyring that stays locked is none.
pub(crate) fn find(app: &App) -> Option<Found> {
    let found = |text: Option<String>, place| {
        let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())?;
        Some(Found { text, place })
    };
    let locked = |error: &Error| tracing::warn!("the keyring was not read: {error}");
    found(from_env("HF_TOKEN"), TokenPlace::Environment)
        .or_else(|| {
            let kept = in_keyring().inspect_err(locked).unwrap_or_default();
            found(kept, TokenPlace::Keyring)
        })
        .or_else(|| found(fs::read_to_string(file(app)).ok(), TokenPlace::File))
        .or_else(|| found(fs::read_to_string(hub_file()?).ok(), TokenPlace::Hub))
}

/// Keeps the person's token in the system's keyring; where there is none, in a file of the home that only
/// they can read.
///
/// # Errors
/// [`Error::BadOption`] for what cannot be a token, [`Error::Keyring`], [`Error::Unwritable`].
pub(crate) fn keep(app: &App, token: &str) -> Result<()> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        // Whatever it is, it may be half a secret: it is not said again.
        let (value, allowed) = ("…".to_owned(), "hf_…".to_owned());
        return Err(Error::BadOption { option: "token", value, allowed });
    }
    match entry()? {
        Some(entry) => {
            entry.set_password(token).map_err(refused)?;
            remove_file(app)
        }
        None => write_file(app, token),
    }
}

/// Forgets the person's token, wherever it is kept.
///
/// # Errors
/// [`Error::Keyring`], [`Error::Unwritable`].
pub(crate) fn forget(app: &App) -> Result<()> {
    if let Some(entry) = entry()? {
        match entry.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    remove_file(app)
}

/// The keyring's entry; none on a system without a keyring.
fn entry() -> Result<Option<Entry>> {
    match Entry::store_status() {
        Ok(()) => Entry::new(SERVICE, USER).map(Some).map_err(refused),
        Err(_) => Ok(None),
    }
}

fn in_keyring() -> Result<Option<String>> {
    let Some(entry) = entry()? else { return Ok(None) };
    match entry.get_password() {
        Ok(token) => Ok(Some(token)),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

fn refused(error: KeyringError) -> Error {
    Error::Keyring { reason: error.to_string() }
}

/// Where the token lies on a system without a keyring.
pub(crate) fn file(app: &App) -> PathBuf {
    app.home().join(FILE)
}

fn write_file(app: &App, token: &str) -> Result<()> {
    app.folder(&[])?;
    let path = file(app);
    // Made anew, so that it has its rights before it has its content.
    remove_file(app)?;
    private(&path)
        .and_then(|mut file| file.write_all(token.as_bytes()))
        .map_err(|error| Error::writing(&path, error))
}

fn remove_file(app: &App) -> Result<()> {
    let path = file(app);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::writing(&path, error)),
        _ => Ok(()),
    }
}

/// A new file that nobody else can read.
#[cfg(unix)]
fn private(path: &std::path::Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// A new file; the folders of a person are their own here.
#[cfg(not(unix))]
fn private(path: &std::path::Path) -> std::io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

/// Where the hub's own program leaves a token
/// (<https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables>).
fn hub_file() -> Option<PathBuf> {
    let folder = |name: &str| from_env(name).map(PathBuf::from);
    let cache =
        || folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    folder("HF_TOKEN_PATH").or_else(|| {
        let home = folder("HF_HOME").or_else(|| cache().map(|cache| cache.join("huggingface")));
        home.map(|home| home.join("token"))
    })
}

fn from_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
