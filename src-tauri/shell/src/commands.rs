//! What the page can ask of its host.

use mirante_app::ops::{self, Reply};
use mirante_app::{Error, Failure};
use serde_json::Value;
use tauri::ipc::Response;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_notification::NotificationExt;

use crate::away::{Away, Words};
use crate::{Startup, app_of};

/// An operation whose answer is JSON; a job answers its status.
#[tauri::command]
pub(crate) async fn call(
    handle: AppHandle,
    operation: String,
    request: Value,
) -> Result<Value, Failure> {
    match reply(handle, operation, request).await? {
        Reply::Json(value) => Ok(value),
        Reply::Started(status) => serde_json::to_value(status).map_err(internal),
        Reply::Bytes(_) => Err(internal("this operation answers bytes")),
    }
}

/// An operation whose answer is bytes.
#[tauri::command]
pub(crate) async fn call_bytes(
    handle: AppHandle,
    operation: String,
    request: Value,
) -> Result<Response, Failure> {
    match reply(handle, operation, request).await? {
        Reply::Bytes(bytes) => Ok(Response::new(bytes)),
        _ => Err(internal("this operation answers no bytes")),
    }
}

async fn reply(handle: AppHandle, operation: String, request: Value) -> Result<Reply, Failure> {
    let app = app_of(&handle);
    tauri::async_runtime::spawn_blocking(move || ops::call(&app, &operation, request))
        .await
        .map_err(internal)?
        .map_err(|error| error.failure())
}

fn internal(reason: impl ToString) -> Failure {
    Error::Internal { reason: reason.to_string() }.failure()
}

/// The system's dialog to choose a table, an archive of documents, or a file of examples.
#[tauri::command]
pub(crate) async fn choose_open(handle: AppHandle, kind: String) -> Option<String> {
    let (name, endings): (_, &[&str]) = match kind.as_str() {
        "zip" => ("ZIP", &["zip"]),
        "examples" => (
            "JSON, JSON Lines, CoNLL, TSV",
            &["json", "jsonl", "ndjson", "conll", "conllu", "bio", "iob", "txt", "tsv"],
        ),
        _ => (
            "CSV, Parquet, JSON Lines, XLSX",
            &["csv", "tsv", "txt", "parquet", "jsonl", "ndjson", "xlsx", "xls", "ods"],
        ),
    };
    let chosen = tauri::async_runtime::spawn_blocking(move || {
        let dialog = handle.dialog().file().add_filter(name, endings);
        // What ends otherwise can be chosen too: a file is known by what is in it.
        #[cfg(not(target_os = "macos"))]
        let dialog = dialog.add_filter("*", &["*"]);
        dialog.blocking_pick_file()
    });
    chosen.await.ok()?.map(|path| path.to_string())
}

/// The system's dialog to choose a folder.
#[tauri::command]
pub(crate) async fn choose_folder(handle: AppHandle) -> Option<String> {
    let chosen =
        tauri::async_runtime::spawn_blocking(move || handle.dialog().file().blocking_pick_folder());
    chosen.await.ok()?.map(|path| path.to_string())
}

/// The system's dialog to choose where to write.
#[tauri::command]
pub(crate) async fn choose_save(handle: AppHandle, name: String) -> Option<String> {
    let chosen = tauri::async_runtime::spawn_blocking(move || {
        handle.dialog().file().set_file_name(name).blocking_save_file()
    });
    chosen.await.ok()?.map(|path| path.to_string())
}

/// A file or nothing that is to be opened; told once.
#[tauri::command]
pub(crate) fn startup(startup: State<'_, Startup>) -> Value {
    let open = startup.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    serde_json::json!({ "open": open })
}

/// A desktop notice.
#[tauri::command]
pub(crate) fn notice(handle: AppHandle, title: String, body: String) {
    let _ = handle.notification().builder().title(title).body(body).show();
}

/// What is said while the window is closed.
#[tauri::command]
pub(crate) fn away_words(away: State<'_, Away>, words: Words) {
    away.say(words);
}

/// Ends the program and what runs.
#[tauri::command]
pub(crate) fn quit(handle: AppHandle) {
    handle.exit(0);
}
