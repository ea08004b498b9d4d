//! Fetching a model: what is wanted of a repository, resumed where it was cut, checked by its hash.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use mirante_data::progress::Progress;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::cache::Repository;
use super::hub::{Hash, Hub, HubFile};
use super::wanted::{quantisation, wanted};
use super::{Located, card};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;

/// Bytes that are handed over at once.
const CHUNK: usize = 1 << 18;
/// Chunks that may wait: what a paused job holds of a file.
const WAITING: usize = 8;
/// Cuts without a byte between them after which one gives up.
const CUTS: u32 = 5;
/// The longest that one waits for a hub that is full.
const LONGEST_WAIT: u64 = 120;
/// Room that is left on the disk.
const SPARE: u64 = 256 << 20;

/// Fetches a model into Mirante's own folder. Steps: `ask`, `pull` (bytes).
pub(crate) fn pull(app: &App, job: &Job, model: &str, revision: &str) -> Result<Located> {
    let (name, kind) = quantisation(model);
    let name = card::card(name).map_or(name, |card| &card.repository);
    let unknown = || Error::Unknown { what: "model", id: model.to_owned() };
    let cache = app.folder(&["models"])?;
    let repository = Repository::new(&cache, name).ok_or_else(unknown)?;
    if app.offline()?.is_some() {
        return Err(Error::Offline);
    }
    job.step("ask", None);
    let hub = Hub::new(app);
    let holding = patiently(job, || hub.holding(name, revision))?;
    let files = wanted(name, kind, holding.files)?;
    std::fs::create_dir_all(repository.root().join("blobs"))
        .map_err(|error| Error::writing(repository.root(), error))?;
    let lock = repository.root().join(".mirante-lock");
    let lock_file = File::create(&lock).map_err(|error| Error::writing(&lock, error))?;
    if lock_file.try_lock().is_err() {
        return Err(Error::ModelBusy { id: name.to_owned() });
    }
    let mut fetch = Fetch { job, hub: &hub, name, revision: &holding.revision, done: 0 };
    let total = files.iter().map(|file| file.size).sum();
    make_sure_of_room(&repository, &files)?;
    job.step("pull", Some(total));
    for file in &files {
        let hash = file.hash.digits();
        let bad = || Error::HubAnswer { reason: hash.to_owned() };
        let blob = repository.blob(hash).ok_or_else(bad)?;
        if blob.metadata().is_ok_and(|found| found.len() == file.size) {
            fetch.advance(file.size);
        } else {
            fetch.file(file, &blob)?;
        }
        repository.link(&holding.revision, &file.name, hash)?;
    }
    // One quantisation is the model: another one that was fetched before makes room for it.
    repository.drop_other_weights(&holding.revision, &files)?;
    // Only now is it the model that is used: a fetch that was cut off leaves the one before.
    repository.set_current(&holding.revision)?;
    repository.current().ok_or_else(unknown)
}

fn make_sure_of_room(repository: &Repository, files: &[HubFile]) -> Result<()> {
    let missing = files
        .iter()
        .filter(|file| !repository.blob(file.hash.digits()).is_some_and(|blob| blob.exists()));
    let needs = missing.map(|file| file.size).sum::<u64>() + SPARE;
    let free = fs4::available_space(repository.root()).unwrap_or(u64::MAX);
    if needs > free {
        return Err(Error::NoRoom { path: repository.root().to_owned(), needs, free });
    }
    Ok(())
}

/// Asks again after as long as a hub that is full says.
fn patiently<T>(job: &Job, mut ask: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 0..3 {
        match ask() {
            Err(Error::HubFull { seconds }) if seconds <= LONGEST_WAIT => {
                wait(job, Duration::from_secs(seconds))?;
            }
            other => return other,
        }
    }
    ask()
}

fn wait(job: &Job, long: Duration) -> Result<()> {
    let until = Instant::now() + long;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        job.checkpoint()?;
        std::thread::sleep(left.min(Duration::from_millis(100)));
    }
    job.checkpoint()
}

/// A fetch under way.
struct Fetch<'a> {
    job: &'a Job,
    hub: &'a Hub,
    name: &'a str,
    revision: &'a str,
    done: u64,
}

/// What a hash is made of as bytes come in.
enum Hasher {
    Sha256(Sha256),
    Git(Sha1),
}

impl Hasher {
    fn new(file: &HubFile) -> Self {
        match file.hash {
            Hash::Sha256(_) => Self::Sha256(Sha256::new()),
            Hash::Git(_) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("blob {}\0", file.size));
                Self::Git(hasher)
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Git(hasher) => hasher.update(bytes),
        }
    }

    fn digits(self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Git(hasher) => hex(&hasher.finalize()),
        }
    }
}

impl Fetch<'_> {
    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        self.job.at(self.done);
    }

    /// Fetches a file to `blob`, going on where an earlier fetch was cut off.
    fn file(&mut self, file: &HubFile, blob: &Path) -> Result<()> {
        let path = blob.with_extension("incomplete");
        let failed = |error| Error::writing(&path, error);
        let mut out = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let mut hasher = Hasher::new(file);
        let mut have = self.take_again(&mut out, &mut hasher, file).map_err(failed)?;
        self.job.checkpoint()?;
        self.advance(have);
        let mut cuts = 0;
        while have < file.size {
            let before = have;
            let opened =
                patiently(self.job, || self.hub.open(self.name, self.revision, file, have));
            let cut = match opened {
                Ok((bytes, begins)) => {
                    if begins != have {
                        // It was not willing to begin in the middle.
                        self.done -= have;
                        have = 0;
                        hasher = Hasher::new(file);
                        out.set_len(0).and_then(|()| out.rewind()).map_err(failed)?;
                    }
                    self.receive(bytes, file, &mut have, &mut out, &mut hasher, &path)?
                }
                Err(Error::HubUnreachable { reason, .. }) => Some(reason),
                Err(other) => return Err(other),
            };
            cuts = if have > before { 0 } else { cuts + 1 };
            if let Some(reason) = cut {
                if cuts > CUTS {
                    return Err(Error::HubCut { file: file.name.clone(), reason });
                }
                self.job.say(format!("{}: {reason}", file.name));
                wait(self.job, Duration::from_millis(200 << cuts))?;
            }
        }
        out.sync_all().map_err(failed)?;
        drop(out);
        if have != file.size || hasher.digits() != file.hash.digits() {
            let _ = std::fs::remove_file(&path);
            return Err(Error::HubChecksum { file: file.name.clone() });
        }
        std::fs::rename(&path, blob).map_err(failed)
    }

    /// Hashes what an earlier fetch left, and stands behind it.
    fn take_again(
        &self,
        out: &mut File,
        hasher: &mut Hasher,
        file: &HubFile,
    ) -> std::io::Result<u64> {
        let mut have = 0;
        let mut bytes = vec![0; CHUNK];
        loop {
            let read = out.read(&mut bytes)?;
            if read == 0 || self.job.is_cancelled() {
                break;
            }
            hasher.take(&bytes[..read]);
            have += read as u64;
        }
        if have > file.size {
            out.set_len(0)?;
            *hasher = Hasher::new(file);
            have = 0;
        }
        out.seek(SeekFrom::Start(have))?;
        Ok(have)
    }

    /// Takes in bytes until they end; says why when they ended too soon. They are read by a thread of
    /// their own, so that a connection that hangs does not keep the job from being cancelled.
    fn receive(
        &mut self,
        mut bytes: impl Read + Send + 'static,
        file: &HubFile,
        have: &mut u64,
        out: &mut File,
        hasher: &mut Hasher,
        path: &Path,
    ) -> Result<Option<String>> {
        let (send, receive) = mpsc::sync_channel(WAITING);
        std::thread::spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = bytes.read(&mut chunk);
                let ended = !matches!(read, Ok(read) if read > 0);
                let chunk = read.map(|read| {
                    chunk.truncate(read);
                    chunk
                });
                if send.send(chunk).is_err() || ended {
                    break;
                }
            }
        });
        loop {
            self.job.checkpoint()?;
            match receive.recv_timeout(Duration::from_millis(100)) {
                Ok(Ok(chunk)) if chunk.is_empty() => {
                    return Ok((*have < file.size).then(|| "the connection ended".to_owned()));
                }
                Ok(Ok(chunk)) => {
                    // More than was said cannot be the file.
                    let chunk = &chunk[..chunk.len().min((file.size - *have) as usize)];
                    out.write_all(chunk).map_err(|error| Error::writing(path, error))?;
                    hasher.take(chunk);
                    *have += chunk.len() as u64;
                    self.advance(chunk.len() as u64);
                    if *have == file.size {
                        return Ok(None);
                    }
                }
                Ok(Err(error)) => return Ok(Some(error.to_string())),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Ok(Some("the connection ended".to_owned()));
                }
            }
        }
    }
}

/// Whether the bytes of a file are those that its name promises. A blob is named by its hash: one of
/// 64 digits is SHA-256, one of 40 is git's.
pub(super) fn is_sound(path: &Path, job: &Job) -> Result<bool> {
    let failed = |error| Error::reading(path, error);
    let real = path.canonicalize().map_err(failed)?;
    let hash = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut file = File::open(&real).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let hash = match hash.len() {
        64 => Hash::Sha256(hash),
        40 => Hash::Git(hash),
        // Not fetched by its hash: there is nothing to compare with.
        _ => return Ok(true),
    };
    let file_of = HubFile { name: String::new(), size, hash };
    let mut hasher = Hasher::new(&file_of);
    let mut bytes = vec![0; CHUNK];
    loop {
        job.checkpoint()?;
        let read = file.read(&mut bytes).map_err(failed)?;
        if read == 0 {
            return Ok(hasher.digits() == file_of.hash.digits());
        }
        hasher.take(&bytes[..read]);
    }
}
