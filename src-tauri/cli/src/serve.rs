//! The operations over HTTP on this machine, and the same screen as the window in a browser.

mod api;
mod files;
mod guard;
mod ml;
mod openapi;
mod page;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post, put};
use mirante_app::locale::{Language, word};
use mirante_app::{App, Error, Result};
use tokio::net::TcpListener;

use crate::arguments::ServeArguments;
use crate::print;

/// What every route needs.
#[derive(Clone)]
struct Server {
    app: Arc<App>,
    guard: Arc<guard::Guard>,
    limits: ml::Limits,
    /// Folders whose files requests may name.
    folders: Arc<Vec<PathBuf>>,
}

impl Server {
    /// A file that a request names, when it lies in a folder that is allowed.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for a file elsewhere: what lies there is nobody's business.
    fn allowed(&self, path: &Path) -> Result<PathBuf> {
        let absent = || Error::NotFound { path: path.to_owned() };
        let real = path.canonicalize().map_err(|_| absent())?;
        let is_inside = self.folders.iter().any(|folder| real.starts_with(folder));
        if is_inside { Ok(real) } else { Err(absent()) }
    }
}

/// Serves until the person stops it.
pub(crate) fn run(app: &Arc<App>, arguments: ServeArguments, language: Language) -> Result<()> {
    app.begin()?;
    let _log = mirante_app::log::to_file(app)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Error::Internal { reason: error.to_string() })?;
    let folders = arguments
        .allow
        .iter()
        .map(|folder| folder.canonicalize().map_err(|error| Error::reading(folder, error)));
    let folders = folders.collect::<Result<Vec<_>>>()?;
    let token = arguments.token.unwrap_or_else(guard::new_token);
    runtime.block_on(async {
        let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
        let listener = TcpListener::bind(asked).await.map_err(|error| Error::BadOption {
            option: "port",
            value: arguments.port.to_string(),
            allowed: error.to_string(),
        })?;
        let address =
            listener.local_addr().map_err(|error| Error::Internal { reason: error.to_string() })?;
        let link = format!("http://{address}/?token={token}");
        print::line(&format!("{} {link}", word(language, "cli", "open_link")));
        if arguments.open {
            open_in_browser(&link);
        }
        let guard = Arc::new(guard::Guard::new(address, &token));
        let limits = ml::Limits::new(Duration::from_secs(arguments.time_limit.max(1)));
        let server = Server { app: Arc::clone(app), guard, limits, folders: Arc::new(folders) };
        axum::serve(listener, routes(server))
            .with_graceful_shutdown(async {
                let _ = tokio::signal::ctrl_c().await;
            })
            .await
            .map_err(|error| Error::Internal { reason: error.to_string() })
    })
}

fn routes(server: Server) -> Router {
    let api = Router::new()
        .route("/api/events", get(api::events))
        .route("/api/upload", put(files::upload))
        .route("/api/download", get(files::download))
        .route("/api/{operation}", post(api::call))
        .layer(api::body_limit())
        .merge(ml::routes(&server))
        .route_layer(middleware::from_fn_with_state(server.clone(), guard::token));
    Router::new()
        .merge(api)
        .route("/openapi.json", get(openapi::answer))
        .fallback(page::answer)
        .layer(middleware::from_fn_with_state(server.clone(), guard::host_and_origin))
        .with_state(server)
}

/// The system's own way to open a link; where there is none the printed link serves.
fn open_in_browser(link: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = std::process::Command::new(program).arg(link).spawn();
}
