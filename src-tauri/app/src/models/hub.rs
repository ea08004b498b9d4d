//! The Hugging Face hub, or a mirror of it: what a repository holds, and the bytes of its files.

use std::io::Read;
use std::time::Duration;

use serde::Deserialize;
use ureq::tls::{RootCerts, TlsConfig};

use super::cache::is_within;
use super::token;
use crate::app::App;
use crate::error::{Error, Result};

/// Unless `HF_ENDPOINT` names another.
const ENDPOINT: &str = "https://huggingface.co";
/// A description of a repository is never longer.
const MOST_DESCRIPTION: u64 = 32 << 20;

/// The hub.
pub(super) struct Hub {
    agent: ureq::Agent,
    endpoint: String,
    token: Option<String>,
}

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubFile {
    pub(super) name: String,
    pub(super) size: u64,
    /// SHA-256 of its bytes for large files, else git's own hash of them.
    pub(super) hash: Hash,
}

/// A hash as the hub names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256(String),
    Git(String),
}

impl Hash {
    /// Its hexadecimal digits.
    pub(super) fn digits(&self) -> &str {
        match self {
            Self::Sha256(digits) | Self::Git(digits) => digits,
        }
    }
}

/// What a repository holds at a revision.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) revision: String,
    pub(super) files: Vec<HubFile>,
}

#[derive(Deserialize)]
struct Described {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Large>,
}

#[derive(Deserialize)]
struct Large {
    sha256: String,
    size: u64,
}

impl Hub {
    /// The hub that the environment names: `HF_ENDPOINT`, a proxy in `HTTPS_PROXY` and the like; asked
    /// with the person's token where there is one.
    pub(super) fn new(app: &App) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            // The system's certificates: behind many a company's proxy only those are right.
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .user_agent(concat!("mirante/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let said = std::env::var("HF_ENDPOINT").ok().filter(|said| !said.is_empty());
        let endpoint = said.unwrap_or_else(|| ENDPOINT.to_owned());
        Self {
            agent,
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token: token::find(app).map(|found| found.text),
        }
    }

    /// What a repository holds.
    pub(super) fn holding(&self, repository: &str, revision: &str) -> Result<Holding> {
        let url =
            format!("{}/api/models/{repository}/revision/{revision}?blobs=true", self.endpoint);
        let mut answer = self.get(&url, repository, None)?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(MOST_DESCRIPTION)
            .read_to_vec()
            .map_err(|error| self.unreachable(&error))?;
        let described: Described = serde_json::from_slice(&body)
            .map_err(|error| Error::HubAnswer { reason: error.to_string() })?;
        let mut files = Vec::new();
        for sibling in described.siblings {
            let hash = match (&sibling.lfs, sibling.blob_id) {
                (Some(large), _) => Hash::Sha256(large.sha256.clone()),
                (None, Some(id)) => Hash::Git(id),
                (None, None) => continue,
            };
            let size = sibling.lfs.map(|large| large.size).or(sibling.size);
            if let Some(size) = size.filter(|_| is_within(&sibling.rfilename)) {
                files.push(HubFile { name: sibling.rfilename, size, hash });
            }
        }
        Ok(Holding { revision: described.sha, files })
    }

    /// The bytes of a file from `from` on, and where they really begin.
    pub(super) fn open(
        &self,
        repository: &str,
        revision: &str,
        file: &HubFile,
        from: u64,
    ) -> Result<(impl Read + Send + 'static, u64)> {
        let url = format!("{}/{repository}/resolve/{revision}/{}", self.endpoint, file.name);
        let answer = self.get(&url, repository, (from > 0).then_some(from))?;
        let begins = if answer.status().as_u16() == 206 { from } else { 0 };
        Ok((answer.into_body().into_reader(), begins))
    }

    fn get(
        &self,
        url: &str,
        repository: &str,
        from: Option<u64>,
    ) -> Result<ureq::http::Response<ureq::Body>> {
        let mut request = self.agent.get(url);
        if let Some(token) = &self.token {
            // Not sent on to where the hub redirects: that is the agent's way.
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(from) = from {
            request = request.header("range", format!("bytes={from}-"));
        }
        let answer = request.call().map_err(|error| self.unreachable(&error))?;
        let id = || repository.to_owned();
        match answer.status().as_u16() {
            200 | 206 => Ok(answer),
            401 | 403 => Err(Error::HubRefused { id: id() }),
            404 => Err(Error::HubLacks { id: id() }),
            429 => {
                let wait = answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok());
                let seconds = wait.and_then(|wait| wait.parse().ok());
                Err(Error::HubFull { seconds: seconds.unwrap_or(30) })
            }
            status => Err(Error::HubAnswer { reason: format!("HTTP {status}") }),
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Error {
        Error::HubUnreachable { endpoint: self.endpoint.clone(), reason: error.to_string() }
    }
}
