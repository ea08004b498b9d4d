//! The screen: the same files that the window shows.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Server;

/// The built front end, inside the program.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Screen;

/// As the window's: nothing but the page's own files and this server.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; \
    object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Answers a file of the screen. The opening link's token becomes a cookie and leaves the address.
pub(super) async fn answer(State(server): State<Server>, request: Request) -> Response {
    let uri = request.uri();
    let token =
        uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    if let Some(token) = token.filter(|token| server.guard.is_token(token)) {
        tracing::debug!("the opening link was followed ({} letters)", token.len());
        return ([(header::SET_COOKIE, server.guard.cookie())], Redirect::to(uri.path()))
            .into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let Some(file) = Screen::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Vite puts a hash into every name but the page's own, so those may be kept for ever.
    let keep = if path.starts_with("assets/") { "max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, content_type(path)),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, file.data).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
