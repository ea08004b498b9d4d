//! Who may call: only this machine, only by the name the server was opened under, only with the token.
//!
//! A server on loopback can be reached by every page in the person's browser. Checking Host stops a
//! name that was rebound to 127.0.0.1, checking Origin stops another site's page, and the token
//! stops every other program.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use mirante_app::Failure;
use rand::Rng;

use super::Server;

/// Letters of a token; each carries five bits.
const TOKEN_LETTERS: usize = 32;

/// What a request must show.
pub(super) struct Guard {
    hosts: [String; 2],
    token: String,
    cookie: String,
}

/// A token nobody can guess.
pub(super) fn new_token() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
    let mut random = rand::rng();
    (0..TOKEN_LETTERS).map(|_| char::from(LETTERS[random.random_range(0..32)])).collect()
}

impl Guard {
    pub(super) fn new(address: SocketAddr, token: &str) -> Self {
        let port = address.port();
        Self {
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
            token: token.to_owned(),
            // Cookies do not tell ports apart: two servers on one machine need two names.
            cookie: format!("mirante-{port}"),
        }
    }

    /// The cookie that carries the token once the opening link was followed.
    pub(super) fn cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, self.token)
    }

    /// Whether a token is the right one, in a time that does not tell how much of it was.
    pub(super) fn is_token(&self, given: &str) -> bool {
        given.len() == self.token.len()
            && given.bytes().zip(self.token.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
    }

    fn allows_host(&self, headers: &HeaderMap) -> bool {
        text(headers, &HOST).is_some_and(|host| self.hosts.iter().any(|known| known == host))
    }

    fn allows_origin(&self, headers: &HeaderMap) -> bool {
        text(headers, &ORIGIN).is_none_or(|origin| {
            origin
                .strip_prefix("http://")
                .is_some_and(|host| self.hosts.iter().any(|known| known == host))
        })
    }

    fn allows_token(&self, headers: &HeaderMap) -> bool {
        let bearer = text(headers, &AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let cookie = text(headers, &COOKIE).and_then(|cookies| {
            cookies
                .split(';')
                .filter_map(|cookie| cookie.trim().split_once('='))
                .find(|(name, _)| *name == self.cookie)
                .map(|(_, value)| value)
        });
        bearer.or(cookie).is_some_and(|given| self.is_token(given))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Lets through what names this server and comes from no other page.
pub(super) async fn host_and_origin(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if server.guard.allows_host(headers) && server.guard.allows_origin(headers) {
        next.run(request).await
    } else {
        refused(StatusCode::FORBIDDEN, "foreign_origin")
    }
}

/// Lets through what shows the token.
pub(super) async fn token(State(server): State<Server>, request: Request, next: Next) -> Response {
    if server.guard.allows_token(request.headers()) {
        next.run(request).await
    } else {
        refused(StatusCode::UNAUTHORIZED, "no_token")
    }
}

fn refused(status: StatusCode, code: &str) -> Response {
    let failure = Failure { code: code.to_owned(), fields: std::collections::BTreeMap::new() };
    (status, axum::Json(failure)).into_response()
}
